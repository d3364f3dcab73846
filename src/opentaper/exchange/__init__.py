"""How we say it elsewhere: words, documents, lists of facts and articles."""

from opentaper.exchange.article import Article, article
from opentaper.exchange.document import (
    knowledge_note,
    plan_document,
    regimen_file,
    review_document,
)
from opentaper.exchange.facts import FACTS_SCHEMA, Fact, facts, keys, kinds
from opentaper.exchange.page import article_files
from opentaper.exchange.typeset import pdf
from opentaper.exchange.words import WordsError, read_step, step_in_words

__all__ = [
    "FACTS_SCHEMA",
    "Article",
    "Fact",
    "WordsError",
    "article",
    "article_files",
    "facts",
    "keys",
    "kinds",
    "knowledge_note",
    "pdf",
    "plan_document",
    "read_step",
    "regimen_file",
    "review_document",
    "step_in_words",
]
