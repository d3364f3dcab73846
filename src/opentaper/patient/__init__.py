"""Who it is, what they take, and where they want to get to."""

from opentaper.patient.case import WEEKDAYS, Case, Goal, Hold, Supply, Taking, diazepam_equivalent
from opentaper.patient.person import UNKNOWN, Patient
from opentaper.patient.read import CaseError, case_from, read_case, read_regimen
from opentaper.patient.regimen import TIMES, Intake, Portion, Regimen, Step, printed_so_far
from opentaper.patient.risk import WithdrawalRisk, withdrawal_risk

__all__ = [
    "TIMES",
    "UNKNOWN",
    "WEEKDAYS",
    "Case",
    "CaseError",
    "Goal",
    "Hold",
    "Intake",
    "Patient",
    "Portion",
    "Regimen",
    "Step",
    "Supply",
    "Taking",
    "WithdrawalRisk",
    "case_from",
    "diazepam_equivalent",
    "printed_so_far",
    "read_case",
    "read_regimen",
    "withdrawal_risk",
]
