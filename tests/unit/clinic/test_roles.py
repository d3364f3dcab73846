"""Roles are data: who may start, who may only hold, and what a wrong file says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from opentaper.clinic.people.allowed import allowed
from opentaper.clinic.people.roles import FILE, RoleError, known_roles, may, read_roles

FASTER_OR_FOR_GOOD = {"decide", "stop"}
CASE_ACTS = {
    "see-cases", "open-case", "propose", "decide", "hold", "slow", "step-back", "resume", "change-products", "stop",
    "dispense", "observe", "correct", "read-story",
}  # fmt: skip


@dataclass
class Asker:
    role: str
    is_active: bool = True
    is_authenticated: bool = True


def holders(act: str) -> set[str]:
    return {role.key for role in known_roles().roles.values() if act in role.may}


def test_only_a_prescriber_may_start_stop_or_change_a_plan() -> None:
    for act in (*FASTER_OR_FOR_GOOD, "slow", "step-back", "resume", "change-products", "propose", "correct"):
        assert holders(act) == {"prescriber"}


def test_whoever_sees_somebody_weekly_may_hold_and_not_sign() -> None:
    assert holders("hold") == {"prescriber", "therapist", "coordinator"}


def test_a_pharmacist_sees_cases_and_hands_out_and_nothing_else_of_a_case() -> None:
    of_the_library = {"read-library", "contribute", "change-layer"}
    assert known_roles().roles["pharmacist"].may - of_the_library == {"see-cases", "dispense", "ask"}


def test_an_administrator_sees_no_case_and_only_they_manage_people() -> None:
    assert not known_roles().roles["administrator"].may & CASE_ACTS
    assert holders("manage-people") == {"administrator"}


def test_a_reviewer_signs_knowledge_and_sees_no_case() -> None:
    assert not known_roles().roles["reviewer"].may & CASE_ACTS
    assert holders("sign-knowledge") == {"reviewer"}


def test_everybody_reads_what_is_known_and_only_a_prescriber_signs_a_clinics_own_limits() -> None:
    assert holders("read-library") == {role.key for role in known_roles().given()}
    assert holders("change-layer") == {"prescriber", "pharmacist"}
    assert holders("sign-layer") == {"prescriber"}


def test_patient_and_supporter_are_reserved_and_may_nothing() -> None:
    reserved = {role.key for role in known_roles().roles.values() if role.reserved}
    assert reserved == {"patient", "supporter"}
    assert not reserved & {role.key for role in known_roles().given()}
    for key in reserved:
        assert not any(may(Asker(key), act) for act in known_roles().acts)


def test_every_act_is_somebodys_and_every_sentence_is_one() -> None:
    for act, says in known_roles().acts.items():
        assert holders(act), act
        assert says and not says.endswith(".")
    for role in known_roles().roles.values():
        assert role.says.endswith(".")


@pytest.mark.parametrize(
    "asker",
    [Asker("prescriber", is_active=False), Asker("prescriber", is_authenticated=False), Asker("surgeon"), Asker("")],
)
def test_nobody_disabled_or_unknown_may_anything(asker: Asker) -> None:
    assert not any(may(asker, act) for act in known_roles().acts)


def test_an_act_that_no_file_declares_is_refused_when_the_program_is_loaded() -> None:
    with pytest.raises(ValueError, match='did you mean "decide"'):
        may(Asker("prescriber"), "decid")
    with pytest.raises(ValueError, match="there is no act"):
        allowed("fly")


WHOLE = '[[act]]\nkey = "a"\nsays = "do it"\n[[role]]\nkey = "r"\nname = "R"\nsays = "Does it."\nmay = ["a"]\n'


@pytest.mark.parametrize(
    "wrong, says",
    [
        (WHOLE.replace('may = ["a"]', 'may = ["b"]'), "no act"),
        (WHOLE + "super = true\n", "not known here"),
        (WHOLE.replace('says = "Does it."\n', ""), "missing"),
        (WHOLE + "reserved = true\n", "allows nothing"),
        (WHOLE + WHOLE.split("[[role]]", maxsplit=1)[0].replace("[[act]]", "[[act]]"), "two acts"),
        (WHOLE + "[[role]]" + WHOLE.split("[[role]]")[1], "two roles"),
    ],
)
def test_a_wrong_file_of_roles_is_refused_in_one_sentence(wrong: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "roles.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(RoleError, match=says):
        read_roles(path)


def test_the_file_is_read() -> None:
    assert read_roles(FILE) == known_roles()
