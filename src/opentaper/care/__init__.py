"""What happens next? The verbs of the service; each gives something to be recorded, or a refusal that says why."""

from opentaper.care.adapt import ask_to_resume, hold, remake, resume, revised, slow, step_back
from opentaper.care.again import bare, plan_of
from opentaper.care.by import ACTS, By, Recorded, Refusal
from opentaper.care.decide import MEANING, check, decide, decline, start, stop, version_of
from opentaper.care.due import Due, Why, due
from opentaper.care.edit import edit
from opentaper.care.follow import Offered, ask, change_case, correct, dispense, observe, offer, open_case, reply, unsure
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
    "bare",
    "change_case",
    "check",
    "correct",
    "decide",
    "decline",
    "dispense",
    "due",
    "edit",
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
    "unsure",
    "version_of",
]
