"""How we say it elsewhere: words, documents, leaflet, calendar, charts and the other faces of one plan."""

from opentaper.exchange.article import Article, article
from opentaper.exchange.article.facts import FACTS_SCHEMA, Fact, facts, keys, kinds
from opentaper.exchange.article.page import article_files
from opentaper.exchange.charts import Chart
from opentaper.exchange.comparison import (
    COMPARE_SCHEMA,
    Comparison,
    about,
    compare,
    compare_document,
    one_sentence,
)
from opentaper.exchange.comparison.cost import exact_text
from opentaper.exchange.comparison.course import course_chart
from opentaper.exchange.document import (
    knowledge_note,
    plan_document,
    regimen_file,
    review_document,
)
from opentaper.exchange.faces import faces
from opentaper.exchange.faces.changes import changes, quantities
from opentaper.exchange.faces.document import edition_document
from opentaper.exchange.faces.edition import Edition, Signature, UnfitError, edition_digest
from opentaper.exchange.faces.label import LabelError
from opentaper.exchange.language import LANGUAGES, Language, language
from opentaper.exchange.typeset import pdf
from opentaper.exchange.words import WordsError, read_step, step_in_words

__all__ = [
    "COMPARE_SCHEMA",
    "FACTS_SCHEMA",
    "LANGUAGES",
    "Article",
    "Chart",
    "Comparison",
    "Edition",
    "Fact",
    "LabelError",
    "Language",
    "Signature",
    "UnfitError",
    "WordsError",
    "about",
    "article",
    "article_files",
    "changes",
    "compare",
    "compare_document",
    "course_chart",
    "edition_digest",
    "edition_document",
    "exact_text",
    "faces",
    "facts",
    "keys",
    "kinds",
    "knowledge_note",
    "language",
    "one_sentence",
    "pdf",
    "plan_document",
    "quantities",
    "read_step",
    "regimen_file",
    "review_document",
    "step_in_words",
]
