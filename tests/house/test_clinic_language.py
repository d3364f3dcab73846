"""The clinic's catalogue is whole: every word that a page says, with every place for a value, and nothing that no page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

import opentaper.clinic
from opentaper import Knowledge
from opentaper.care import MEANING
from opentaper.clinic.library import own
from opentaper.clinic.people.roles import known_roles
from opentaper.exchange.article import SECTIONS
from opentaper.knowledge import ReviewState
from opentaper.patient import TIMES, WEEKDAYS

CODE = Path(opentaper.clinic.__file__).parent
PO = CODE / "locale" / "es" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
Key = tuple[str | None, str]
COMMENT = re.compile(r"\{% comment.*?%\}.*?\{% endcomment %\}", re.DOTALL)

OF_OTHERS = ("Passwordless", "Use authenticator app or code", "Be patient, you are sending too many requests.")
"""What Django or allauth says on our pages, and their own catalogues lack or say otherwise than ours."""

PLANS = ("Fastest allowed", "Usual", "Gentle: half the pace", "fastest", "usual", "gentle")
BOUNDS = ("at most", "at least", "high", "medium", "low")


def keys(found: object) -> Iterator[Key]:
    for _line, message, _comments, context in found:  # type: ignore[attr-defined]
        first = message[0] if isinstance(message, tuple) else message
        if isinstance(message, tuple) and context:
            first = message[1] if message[0] == context else message[0]
        yield context, first


def said_in_code() -> Iterator[tuple[Key, str]]:
    """This function will yield every message of templates and code, with the file that says it."""
    for path in sorted([*CODE.rglob("*.py"), *CODE.rglob("*.html"), *CODE.rglob("*.txt")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # What is left of a template is no program: no line of it may be indented, and a comment would hide what follows.
            text = templatize(COMMENT.sub("", text), origin=str(path))
            text = "\n".join(line.strip() for line in text.splitlines())
        for key in keys(extract("python", BytesIO(text.encode()), KEYWORDS)):
            yield key, path.relative_to(CODE).as_posix()


def said_by_the_base(known: Knowledge) -> Iterator[str]:
    """This function will yield what pages say as the base, the roles or another room have it, where it is translated."""
    roles = known_roles()
    for role in roles.roles.values():
        yield from (role.key, role.name, role.says)
    yield from roles.acts.values()
    for question in known.questions.values():
        yield from (question.asks, question.because)
    yield from (each.name for each in (*known.conditions.values(), *known.medicines.values()))
    yield from (state.says for state in ReviewState)
    yield from (title for _anchor, title, _topics in SECTIONS)
    yield from (*TIMES, *WEEKDAYS, *PLANS, *BOUNDS, *OF_OTHERS, MEANING, own.MEANING)


def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="es")


def wanted(known: Knowledge) -> dict[Key, str]:
    return {**{(None, text): "the base" for text in said_by_the_base(known)}, **dict(said_in_code())}


def test_the_catalogue_has_everything_that_pages_say_and_nothing_else(known: Knowledge) -> None:
    has = {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in catalogue()
        if message.id
    }
    asked = wanted(known)
    assert len(asked) > 400
    missing = [f"{where}: {key[1]!r}" for key, where in asked.items() if key not in has]
    nowhere = [key[1] for key in has - set(asked)]
    assert not missing, f"{len(missing)} missing in {PO.name}:\n" + "\n".join(sorted(missing))
    assert not nowhere, "no page says:\n" + "\n".join(sorted(nowhere))


PLACES = re.compile(r"%\(\w+\)[sd]|%%|(?<!%)%[sd](?!\w)|\{\w+\}")


def test_a_translation_keeps_every_place_for_a_value_every_number_and_its_edges() -> None:
    for message in catalogue():
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        targets = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert not message.fuzzy
        assert len(targets) == len(sources), message.id
        for target in targets:
            assert target.strip(), message.id
            assert sorted(PLACES.findall(target)) in [sorted(PLACES.findall(source)) for source in sources], message.id
            bare = PLACES.sub("", target)
            assert re.findall(r"[0-9]+", bare) == re.findall(r"[0-9]+", PLACES.sub("", sources[0])), message.id
            assert (target[-1] in ":?") == (sources[0][-1] in ":?"), message.id


def test_nobody_is_called_by_the_first_name_and_no_number_has_a_comma() -> None:
    for message in catalogue():
        targets = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for target in targets if message.id else ():
            assert not re.search(r"\b(tú|tu|tus|puedes|tienes|vosotros|vuestro)\b", target.lower()), target
            assert not re.search(r"[0-9],[0-9]", target), target


def test_django_finds_the_catalogue_compiled_where_the_settings_say() -> None:
    [place] = settings.LOCALE_PATHS
    assert (Path(place) / "es" / "LC_MESSAGES" / "django.mo").is_file()
    with translation.override("es"):
        assert translation.gettext("Worklist") != "Worklist"


@pytest.mark.parametrize("text", ["Log in", "Second factor"])
def test_the_catalogue_is_found_from_a_new_folder_too(text: str, tmp_path: Path) -> None:
    import gettext

    from opentaper.clinic.settings.catalogue import compiled

    place = compiled(CODE / "locale", tmp_path)
    assert gettext.translation("django", place, ["es"]).gettext(text) != text
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*.mo"))
    assert compiled(CODE / "locale", tmp_path) == place
    assert before == sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*.mo"))
