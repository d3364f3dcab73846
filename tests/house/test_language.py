"""Each catalogue is whole: every sentence, with every place for a value, and nothing that nobody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import opentaper.exchange
from opentaper import Knowledge
from opentaper.exchange import LANGUAGES, language, words
from opentaper.exchange.faces import label, note
from opentaper.exchange.faces.leaflet import SHORT_TIMES
from opentaper.exchange.language import CATALOGUES
from opentaper.knowledge import FORMS

CODE = Path(opentaper.exchange.__file__).parent
Key = tuple[str | None, str]

FROM_TABLES: list[Key] = [
    *((None, text) for text in (words.LIQUID, words.LIQUID_DROPS, words.INTAKE, words.AS_NOW, words.DAY, words.NONE)),
    *((None, text) for text in (words.JOINER, label.BETWEEN, label.HEAD, label.PART, note.SPAN, note.ONWARD)),
    *(("count", text) for text in words.COUNTS),
    *(("time", text) for text in words.TIME_NAMES.values()),
    *(("short time", text) for text in SHORT_TIMES.values()),
    *(("one", text) for text in FORMS.values()),
    *(("many", f"{text}s") for text in FORMS.values()),
    *(("gender", text) for text in FORMS.values()),
    *(
        (f"pieces {gender}", text)
        for gender in words.GENDERS
        for text in (*words.PARTS.values(), *words.MANY.values())
    ),
    (None, "Knowledge {digest}: reviewed, all {total} files are signed."),
    (None, "Knowledge {digest}: pending review, {signed} of {total} files are signed."),
]  # fmt: skip


def catalogue(name: str) -> Catalog:
    with (CATALOGUES / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name)


def text_of(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def said_in_code() -> Iterator[Key]:
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            texts = [text_of(argument) for argument in node.args]
            if (node.func.attr == "say" and texts[0]) or (
                node.func.attr == "count" and len(texts) > 1 and texts[0] and texts[1]
            ):
                yield None, texts[0]
            elif node.func.attr == "say_as" and len(texts) > 1 and texts[0] and texts[1]:
                yield texts[0], texts[1]
            elif node.func.attr == "template" and texts[0]:
                yield (texts[1] if len(texts) > 1 else None), texts[0]


def wanted(known: Knowledge) -> set[Key]:
    drugs: list[Key] = [("drug", key) for key in known.drugs if known.tapered_drug(key)]
    advice: list[Key] = [(None, each.says) for each in known.advice.values()]
    return {*said_in_code(), *FROM_TABLES, *drugs, *advice}


CATALOGUE_NAMES = sorted({tag.split("-")[0] for tag in LANGUAGES} - {"en"})


@pytest.mark.parametrize("name", CATALOGUE_NAMES)
def test_a_catalogue_has_every_sentence_and_no_other(name: str, known: Knowledge) -> None:
    has = {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in catalogue(name)
        if message.id
    }
    assert len(has) > 150
    assert not wanted(known) - has, "missing"
    assert not has - wanted(known), "nobody says this"


@pytest.mark.parametrize("name", CATALOGUE_NAMES)
def test_a_translation_keeps_every_place_for_a_value_and_every_number(name: str) -> None:
    for message in catalogue(name):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        targets = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for target in targets:
            assert target.strip(), message.id
            places = set(re.findall(r"\{\w+\}", target))
            if (message.context or "").startswith("pieces"):
                assert places - {"{piece}", "{pieces}"} == set(re.findall(r"\{\w+\}", sources[0])) - {
                    "{piece}",
                    "{pieces}",
                }
                assert len(places & {"{piece}", "{pieces}"}) == 1
            else:
                assert places in [set(re.findall(r"\{\w+\}", source)) for source in sources], message.id
            if message.context != "date":
                assert re.findall(r"[0-9]+", target) == re.findall(r"[0-9]+", sources[0]), message.id
        assert not message.fuzzy


def test_a_sentence_without_a_translation_is_refused_and_not_shown_in_english() -> None:
    with pytest.raises(LookupError, match="no translation"):
        language("es").say("A sentence that nobody has translated.")
    with pytest.raises(KeyError):
        language("fr")


def test_every_word_of_a_language_that_a_reader_tells_apart_is_different() -> None:
    for tag in LANGUAGES:
        lang = language(tag)
        for names in (
            [words.time_name(time, lang) for time in words.TIME_NAMES],
            [lang.say_as("count", text) for text in words.COUNTS],
            [words.form_name(form, lang) for form in FORMS],
            [
                lang.template(text, f"pieces {words.GENDERS[0]}")
                for text in (*words.PARTS.values(), *words.MANY.values())
            ],
        ):
            assert len(set(names)) == len(names)
