"""What goes into a record and a letter: the same rows as everywhere, with what was asked, achieved and found."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import heading
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import WordsError, read_step, step_in_words
from opentaper.patient import Step
from opentaper.plan import Row
from opentaper.quantity import Dose
from opentaper.review import Verdict

ASKED = "asked-pace"
"""What binds a row that follows what was asked: nothing that a reader has to be told."""

SPAN = "{first} to {last} ({days}): {words}"
ONWARD = "{first} onward: {words}"


def row_text(step: Step, lang: Language = ENGLISH) -> str:
    """Say a step with its first and last day."""
    words = step_in_words(step, lang)
    if step.until is None:
        return lang.say(ONWARD, first=step.from_, words=words)
    last, days = step.until - dt.timedelta(1), lang.count("{number} day", "{number} days", step.days or 0)
    return lang.say(SPAN, first=step.from_, last=last, days=days, words=words)


def read_row(text: str, lang: Language = ENGLISH) -> tuple[dt.date, dt.date | None, dict[str, Dose]]:
    """Read a row back: its first day, its last day (None when its end is open), and the dose at each time.

    Raises:
        WordsError: it is no row.
    """
    for template in (SPAN, ONWARD):
        pattern = re.escape(lang.template(template)).replace(r"\{first\}", r"(?P<first>[0-9-]{10})")
        pattern = pattern.replace(r"\{last\}", r"(?P<last>[0-9-]{10})").replace(r"\{days\}", r"[^)]+")
        if match := re.fullmatch(pattern.replace(r"\{words\}", r"(?P<words>.+)"), text):
            last = match.groupdict().get("last")
            doses = read_step(match["words"], lang)
            return dt.date.fromisoformat(match["first"]), dt.date.fromisoformat(last) if last else None, doses
    raise WordsError(f"{text!r} is no row")


def shares_text(row: Row, lang: Language = ENGLISH) -> str:
    """Say what a row asked for, what it takes, and which limit decided."""
    if row.achieved.of <= 0:
        return lang.say("no reduction: begins, rises or stays")
    text = lang.say("asked {asked}, taken {taken}", asked=lang.share(row.requested), taken=lang.share(row.achieved))
    if row.binding is None or row.binding.by.limit == ASKED:
        return text
    bound = lang.say("bound by {limit} ({source})", limit=row.binding.by.limit, source=row.binding.by.source)
    if row.binding.exceeded_by is None:
        return f"{text}; {bound}"
    held = row.binding.held.days if row.binding.held else 0
    longer = lang.say(
        "beyond it after {days} on the dose before", days=lang.count("{number} day", "{number} days", held)
    )
    return f"{text}; {bound}; {longer}"


def finding_lines(edition: Edition) -> Iterator[str]:
    """Yield what review found, gravest first, as the base says it."""
    telling = [each for each in edition.reviewed.findings if each.verdict is not Verdict.PASS]
    for each in sorted(telling, key=lambda finding: -finding.verdict.rank):
        who = f" {each.who}:" if each.who else ""
        yield (
            f"{each.verdict.value}:{who} {each.rule} – {each.where}: {each.observed.rstrip('.')}. {each.says} "
            f"[{each.source}, {each.at}]"
        )


def record_note(edition: Edition, lang: Language = ENGLISH) -> str:
    """Write the note for an electronic record: plain text, one row a line, every row readable back."""
    plan = edition.plan
    lines = [*heading(edition, lang), ""]
    if lang == ENGLISH:
        lines += [f"{plan.title}. {plan.objective}", ""]
    if plan.baseline:
        lines.append(row_text(plan.baseline, lang))
    for row in plan.rows:
        lines += [row_text(row.step, lang), f"    {shares_text(row, lang)}"]
    notes = [*plan.notes, *((plan.repair.says,) if plan.repair else ())]
    findings = list(finding_lines(edition))
    lines += [
        "",
        lang.say("Review of {on}: {verdict}.", on=edition.reviewed.on, verdict=edition.reviewed.verdict.value),
    ]
    if findings:
        lines += [lang.say("Findings and notes (in English, as the base says them):")]
        lines += [f"  - {line}" for line in (*findings, *notes)]
    return "\n".join(lines) + "\n"
