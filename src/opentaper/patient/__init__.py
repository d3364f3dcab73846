"""Who it is, what they take, and where they want to get to."""

from opentaper.patient.case import WEEKDAYS, Case, Goal, Hold, Supply, Switch, Taking, Then, diazepam_equivalent
from opentaper.patient.equivalent import DailyEquivalent, daily_equivalents
from opentaper.patient.jump import Jump, jumps
from opentaper.patient.person import UNKNOWN, Patient
from opentaper.patient.read import CaseError, absurd, case_from, case_of, read_case, read_regimen, regimen_of
from opentaper.patient.regimen import TIMES, Intake, Portion, Regimen, Step, portions, printed_so_far
from opentaper.patient.risk import WithdrawalRisk, withdrawal_risk
from opentaper.patient.write import case_file, regimen_file

__all__ = [
    "TIMES",
    "UNKNOWN",
    "WEEKDAYS",
    "Case",
    "CaseError",
    "DailyEquivalent",
    "Goal",
    "Hold",
    "Intake",
    "Jump",
    "Patient",
    "Portion",
    "Regimen",
    "Step",
    "Supply",
    "Switch",
    "Taking",
    "Then",
    "WithdrawalRisk",
    "absurd",
    "case_file",
    "case_from",
    "case_of",
    "daily_equivalents",
    "diazepam_equivalent",
    "jumps",
    "portions",
    "printed_so_far",
    "read_case",
    "read_regimen",
    "regimen_file",
    "regimen_of",
    "withdrawal_risk",
]
