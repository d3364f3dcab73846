"""How we say it elsewhere: words, documents and lists of facts."""

from opentaper.exchange.document import (
    knowledge_note,
    plan_document,
    regimen_file,
    review_document,
)
from opentaper.exchange.facts import FACTS_SCHEMA, Fact, facts, keys, kinds
from opentaper.exchange.words import WordsError, read_step, step_in_words

__all__ = [
    "FACTS_SCHEMA",
    "Fact",
    "WordsError",
    "facts",
    "keys",
    "kinds",
    "knowledge_note",
    "plan_document",
    "read_step",
    "regimen_file",
    "review_document",
    "step_in_words",
]
