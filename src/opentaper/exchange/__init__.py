"""How we say it elsewhere: words, documents, leaflet, calendar, charts and the other faces of one plan."""

from opentaper.exchange.article import Article, article
from opentaper.exchange.document import (
    edition_document,
    knowledge_note,
    plan_document,
    regimen_file,
    review_document,
)
from opentaper.exchange.edition import Edition, Signature, UnfitError
from opentaper.exchange.faces import faces
from opentaper.exchange.facts import FACTS_SCHEMA, Fact, facts, keys, kinds
from opentaper.exchange.label import SIG_LENGTH, LabelError
from opentaper.exchange.language import LANGUAGES, Language, language
from opentaper.exchange.page import article_files
from opentaper.exchange.typeset import pdf
from opentaper.exchange.words import WordsError, read_step, step_in_words

__all__ = [
    "FACTS_SCHEMA",
    "LANGUAGES",
    "SIG_LENGTH",
    "Article",
    "Edition",
    "Fact",
    "LabelError",
    "Language",
    "Signature",
    "UnfitError",
    "WordsError",
    "article",
    "article_files",
    "edition_document",
    "faces",
    "facts",
    "keys",
    "kinds",
    "knowledge_note",
    "language",
    "pdf",
    "plan_document",
    "read_step",
    "regimen_file",
    "review_document",
    "step_in_words",
]
