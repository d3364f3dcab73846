"""What is known, who says so, since when, and who checked."""

from opentaper.knowledge.advice import Advice, Phone
from opentaper.knowledge.equivalence import Equivalence, EquivalenceRow
from opentaper.knowledge.facts import Claim, Condition, Drug, Identifier, Medicine, Question, Trait
from opentaper.knowledge.interactions import Interaction
from opentaper.knowledge.limits import MEASURES, Ask, Convention, Limit
from opentaper.knowledge.load import Knowledge, load, read_toml
from opentaper.knowledge.products import FORMS, Product
from opentaper.knowledge.protocols import Protocol, ProtocolIntake
from opentaper.knowledge.risk import BANDS, RISK_CLASSES, RiskRow, RiskTable
from opentaper.knowledge.signoff import ReviewState, digest
from opentaper.knowledge.sources import Source, verified
from opentaper.knowledge.table import FileError, KnowledgeError, Table, nearest

__all__ = [
    "BANDS",
    "FORMS",
    "MEASURES",
    "RISK_CLASSES",
    "Advice",
    "Ask",
    "Claim",
    "Condition",
    "Convention",
    "Drug",
    "Equivalence",
    "EquivalenceRow",
    "FileError",
    "Identifier",
    "Interaction",
    "Knowledge",
    "KnowledgeError",
    "Limit",
    "Medicine",
    "Phone",
    "Product",
    "Protocol",
    "ProtocolIntake",
    "Question",
    "ReviewState",
    "RiskRow",
    "RiskTable",
    "Source",
    "Table",
    "Trait",
    "digest",
    "load",
    "nearest",
    "read_toml",
    "verified",
]
