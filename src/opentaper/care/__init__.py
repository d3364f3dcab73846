"""What happens next? The verbs of the service; each gives something to be recorded, or a refusal that says why."""

from opentaper.care.adapt import ask_to_resume, hold, remake, resume, revised, slow, step_back
from opentaper.care.again import plan_of
from opentaper.care.by import ACTS, By, Recorded, Refusal
from opentaper.care.decide import MEANING, check, decide, decline, start, stop, version_of
from opentaper.care.due import Due, Why, due
from opentaper.care.follow import Offered, ask, change_case, correct, dispense, observe, offer, open_case, reply
from opentaper.care.replay import Replay, replay

__all__ = [
    "ACTS",
    "MEANING",
    "By",
    "Due",
    "Offered",
    "Recorded",
    "Refusal",
    "Replay",
    "Why",
    "ask",
    "ask_to_resume",
    "change_case",
    "check",
    "correct",
    "decide",
    "decline",
    "dispense",
    "due",
    "hold",
    "observe",
    "offer",
    "open_case",
    "plan_of",
    "remake",
    "replay",
    "reply",
    "resume",
    "revised",
    "slow",
    "start",
    "step_back",
    "stop",
    "version_of",
]
