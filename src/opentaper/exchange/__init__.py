"""How we say it elsewhere: words, documents, charts and lists of facts."""

from opentaper.exchange.charts import Chart
from opentaper.exchange.compare import (
    COMPARE_SCHEMA,
    Comparison,
    about,
    compare,
    compare_document,
    one_sentence,
)
from opentaper.exchange.cost import exact_text
from opentaper.exchange.course import course_chart
from opentaper.exchange.document import (
    knowledge_note,
    plan_document,
    regimen_file,
    review_document,
)
from opentaper.exchange.facts import FACTS_SCHEMA, Fact, facts, keys, kinds
from opentaper.exchange.words import WordsError, read_step, step_in_words

__all__ = [
    "COMPARE_SCHEMA",
    "FACTS_SCHEMA",
    "Chart",
    "Comparison",
    "Fact",
    "WordsError",
    "about",
    "compare",
    "compare_document",
    "course_chart",
    "exact_text",
    "facts",
    "keys",
    "kinds",
    "knowledge_note",
    "one_sentence",
    "plan_document",
    "read_step",
    "regimen_file",
    "review_document",
    "step_in_words",
]
