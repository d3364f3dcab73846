"""What happens next? The verbs of the service; each gives something to be recorded, or a refusal that says why."""

from opentaper.care.adapt import after_gap, ask_to_resume, hold, remake, resume, revised, slow, step_back
from opentaper.care.again import bare, plan_of
from opentaper.care.by import ACTS, By, Recorded, Refusal
from opentaper.care.by_plan import ByPlan, by_plan
from opentaper.care.decide import MEANING, check, decide, decline, start, stop, version_of
from opentaper.care.due import Due, Why, due
from opentaper.care.edit import edit
from opentaper.care.follow import Offered, ask, change_case, correct, observe, offer, open_case, reply, unsure
from opentaper.care.hand_over import allow, amount_of, dispense, found_again, lose
from opentaper.care.home import at_home, fetched_early, lasts_until, rounded_up, said, uncounted, without_supply
from opentaper.care.replay import Replay, replay
from opentaper.care.supply import NextSupply, about_to_start, dispensable, next_supply

__all__ = [
    "ACTS",
    "MEANING",
    "By",
    "ByPlan",
    "Due",
    "NextSupply",
    "Offered",
    "Recorded",
    "Refusal",
    "Replay",
    "Why",
    "about_to_start",
    "after_gap",
    "allow",
    "amount_of",
    "ask",
    "ask_to_resume",
    "at_home",
    "bare",
    "by_plan",
    "change_case",
    "check",
    "correct",
    "decide",
    "decline",
    "dispensable",
    "dispense",
    "due",
    "edit",
    "fetched_early",
    "found_again",
    "hold",
    "lasts_until",
    "lose",
    "next_supply",
    "observe",
    "offer",
    "open_case",
    "plan_of",
    "remake",
    "replay",
    "reply",
    "resume",
    "revised",
    "rounded_up",
    "said",
    "slow",
    "start",
    "step_back",
    "stop",
    "uncounted",
    "unsure",
    "version_of",
    "without_supply",
]
