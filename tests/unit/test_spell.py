"""A dose spelled out is one dose, in English and in Spanish."""

from __future__ import annotations

from fractions import Fraction

import pytest

from opentaper.exchange import language, spelled
from opentaper.quantity import Dose

SPANISH = {
    "0": "cero miligramos", "1": "un miligramo", "2": "dos miligramos", "16": "dieciséis miligramos",
    "21": "veintiún miligramos", "22": "veintidós miligramos", "31": "treinta y un miligramos",
    "40": "cuarenta miligramos", "99": "noventa y nueve miligramos", "100": "cien miligramos",
    "101": "ciento un miligramos", "115": "ciento quince miligramos", "500": "quinientos miligramos",
    "721": "setecientos veintiún miligramos", "1000": "mil miligramos", "1001": "mil un miligramos",
    "1100": "mil cien miligramos", "2021": "dos mil veintiún miligramos", "21000": "veintiún mil miligramos",
    "0.5": "cero punto cinco miligramos", "0.125": "cero punto uno dos cinco miligramos",
    "1.05": "uno punto cero cinco miligramos", "21.5": "veintiuno punto cinco miligramos",
}  # fmt: skip


@pytest.mark.parametrize("number", SPANISH)
def test_a_dose_is_spelled_in_spanish_as_people_say_it(number: str) -> None:
    assert spelled(Dose(Fraction(number)), language("es-US")) == SPANISH[number]
    assert spelled(Dose(Fraction(number)), language("es")) == SPANISH[number].replace(" punto ", " coma ")


@pytest.mark.parametrize("tag", ["en", "es", "es-US"])
def test_no_two_doses_are_spelled_alike(tag: str) -> None:
    doses = [Dose(Fraction(number, 8)) for number in range(20_000)] + [
        Dose(Fraction(number)) for number in range(2_500, 9_999)
    ]
    assert len({spelled(dose, language(tag)) for dose in doses}) == len(doses)
