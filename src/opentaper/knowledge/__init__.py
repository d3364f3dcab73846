"""What is known, who says so, since when, and who checked."""

from opentaper.knowledge.adaptation import Adaptation, Constant, Dependence, Process
from opentaper.knowledge.advice import Advice, Phone
from opentaper.knowledge.effects import EffectModel, EffectParameter, Estimate, Potency
from opentaper.knowledge.equivalence import Equivalence, EquivalenceRow
from opentaper.knowledge.facts import Claim, Condition, Drug, Identifier, Medicine, Question, Trait
from opentaper.knowledge.interactions import Interaction
from opentaper.knowledge.kinetics import PARAMETER_UNITS, KineticModel, Metabolite, Older, Parameter
from opentaper.knowledge.known import Knowledge
from opentaper.knowledge.lay import lay, lay_again, read_layer
from opentaper.knowledge.layer import SOURCE as LAYER
from opentaper.knowledge.layer import Layer, Stricter, layer_text
from opentaper.knowledge.limits import MEASURES, Ask, Convention, Limit
from opentaper.knowledge.load import DATA, load, parse_toml, read_toml
from opentaper.knowledge.products import CURRENCIES, FORMS, Price, Product
from opentaper.knowledge.protocols import Protocol, ProtocolIntake
from opentaper.knowledge.risk import BANDS, RISK_CLASSES, RiskRow, RiskTable
from opentaper.knowledge.signoff import ReviewState, Signoff, digest
from opentaper.knowledge.sources import Source, verified
from opentaper.knowledge.table import FileError, KnowledgeError, Table, nearest
from opentaper.knowledge.validation import Observation

__all__ = [
    "BANDS",
    "CURRENCIES",
    "DATA",
    "FORMS",
    "LAYER",
    "MEASURES",
    "PARAMETER_UNITS",
    "RISK_CLASSES",
    "Adaptation",
    "Advice",
    "Ask",
    "Claim",
    "Condition",
    "Constant",
    "Convention",
    "Dependence",
    "Drug",
    "EffectModel",
    "EffectParameter",
    "Equivalence",
    "EquivalenceRow",
    "Estimate",
    "FileError",
    "Identifier",
    "Interaction",
    "KineticModel",
    "Knowledge",
    "KnowledgeError",
    "Layer",
    "Limit",
    "Medicine",
    "Metabolite",
    "Observation",
    "Older",
    "Parameter",
    "Phone",
    "Potency",
    "Price",
    "Process",
    "Product",
    "Protocol",
    "ProtocolIntake",
    "Question",
    "ReviewState",
    "RiskRow",
    "RiskTable",
    "Signoff",
    "Source",
    "Stricter",
    "Table",
    "Trait",
    "digest",
    "lay",
    "lay_again",
    "layer_text",
    "load",
    "nearest",
    "parse_toml",
    "read_layer",
    "read_toml",
    "verified",
]
