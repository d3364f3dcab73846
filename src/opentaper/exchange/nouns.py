"""Everything that this room hands out, and where it comes from."""

from opentaper.exchange.article import Article, article
from opentaper.exchange.article.fact import Fact
from opentaper.exchange.article.facts import FACTS_SCHEMA, facts, keys, kinds
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
from opentaper.exchange.comparison.ease import Ease, assumption, ease, ease_chart, ease_document, felt, told
from opentaper.exchange.document import (
    knowledge_note,
    plan_document,
    review_document,
)
from opentaper.exchange.faces import FACES, Wish, face, faces
from opentaper.exchange.faces.changes import changes, quantities
from opentaper.exchange.faces.charts import dose_over_time
from opentaper.exchange.faces.document import edition_document
from opentaper.exchange.faces.edition import Edition, Signature, UnfitError
from opentaper.exchange.faces.label import Label, LabelError, item_in_words, labels
from opentaper.exchange.faces.prepared import Prepared, prepared
from opentaper.exchange.followed import followed_chart
from opentaper.exchange.language import LANGUAGES, Language, language
from opentaper.exchange.simulation.charts import simulation_charts
from opentaper.exchange.simulation.document import SIMULATE_SCHEMA, simulate_document
from opentaper.exchange.simulation.forecast import Forecast, forecast
from opentaper.exchange.simulation.sheet import simulation_sheet
from opentaper.exchange.simulation.words import Modelled, sentences
from opentaper.exchange.spell import spelled
from opentaper.exchange.typeset import pdf
from opentaper.exchange.words import (
    WordsError,
    drug_name,
    intake_in_words,
    product_name,
    read_step,
    step_in_words,
)

__all__ = [
    "COMPARE_SCHEMA",
    "FACES",
    "FACTS_SCHEMA",
    "LANGUAGES",
    "SIMULATE_SCHEMA",
    "Article",
    "Chart",
    "Comparison",
    "Ease",
    "Edition",
    "Fact",
    "Forecast",
    "Label",
    "LabelError",
    "Language",
    "Modelled",
    "Prepared",
    "Signature",
    "UnfitError",
    "Wish",
    "WordsError",
    "about",
    "article",
    "article_files",
    "assumption",
    "changes",
    "compare",
    "compare_document",
    "course_chart",
    "dose_over_time",
    "drug_name",
    "ease",
    "ease_chart",
    "ease_document",
    "edition_document",
    "exact_text",
    "face",
    "faces",
    "facts",
    "felt",
    "followed_chart",
    "forecast",
    "intake_in_words",
    "item_in_words",
    "keys",
    "kinds",
    "knowledge_note",
    "labels",
    "language",
    "one_sentence",
    "pdf",
    "plan_document",
    "prepared",
    "product_name",
    "quantities",
    "read_step",
    "review_document",
    "sentences",
    "simulate_document",
    "simulation_charts",
    "simulation_sheet",
    "spelled",
    "step_in_words",
    "told",
]
