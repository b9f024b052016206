"""A suspension or permanent exclusion in words: rows of its page, the steps that may come next, and what the law says of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst

from attendance.enums import ExclusionKind, ExclusionState
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import evidence as exclusion_evidence
from attendance.models import Exclusion
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date

COLOURS = {
    ExclusionState.PROPOSED: "orange",
    ExclusionState.GIVEN: "red",
    ExclusionState.GOVERNORS: "yellow",
    ExclusionState.UPHELD: "red",
    ExclusionState.REVIEW: "yellow",
    ExclusionState.FINAL: "red",
    ExclusionState.REINSTATED: "green",
    ExclusionState.WITHDRAWN: "green",
    ExclusionState.CANCELLED: "green",
    ExclusionState.STRUCK: "grey",
}


@dataclass(frozen=True)
class Step:
    """What an event is called on its button and its page, and what its page says first."""

    event: str
    button: str
    says: str
    asks_meeting: bool = False
    grave: bool = False


STEPS = {
    step.event: step
    for step in (
        Step("give", "The head has decided", "The permanent exclusion is given. The governors must meet."),
        Step(
            "to_governors",
            "It goes to the governors",
            "The Virtual School Head and the social worker are invited to the meeting.",
            asks_meeting=True,
        ),
        Step("uphold", "The governors upheld it", "The governors looked at it and let it stand."),
        Step(
            "reinstate", "The child is reinstated", "The child may be at school from the day that you give.", grave=True
        ),
        Step("cancel", "The head cancelled it", "Days already spent away still count.", grave=True),
        Step("ask_review", "A review was asked for", "An independent panel looks at the governors’ decision."),
        Step("reconsider", "The panel sent it back", "The governors look at it again.", asks_meeting=True),
        Step(
            "confirm",
            "It is final",
            "Nobody asked for a review in time, or the panel let it stand. The child comes off the school’s roll on the day that you give.",
            grave=True,
        ),
        Step("withdraw", "The school withdrew it", "The child stays at the school.", grave=True),
        Step(
            "strike",
            "It was entered by mistake",
            "It counts nowhere any more. What was entered stays in the history.",
            grave=True,
        ),
    )
}


def tag(one: Exclusion) -> dict[str, str]:
    """Its state; a suspension that is simply over says so."""
    if one.state == ExclusionState.GIVEN and one.end is not None:
        on = today()
        if one.end <= on:
            return {"text": "Over", "colour": "grey"}
        return {"text": "Away now" if one.start <= on else "To come", "colour": "red"}
    return {"text": capfirst(one.get_state_display()), "colour": COLOURS[ExclusionState(one.state)]}


def reasons(one: Exclusion, meanings: dict[str, str]) -> list[str]:
    return [f"{meanings.get(code, 'Not in the list')} ({code})" for code in one.reasons]


def facts(one: Exclusion, meanings: dict[str, str], *, reads_voice: bool) -> list[dict[str, Any]]:
    """What is known of it, as rows."""
    main, *others = reasons(one, meanings)
    rows: list[dict[str, Any]] = [
        {"key": "School", "value": one.school.name},
        {"key": "Days", "value": days_of(one), "lines": halves(one)},
        {"key": "Reasons", "value": main, "lines": others},
        {"key": "Notice given", "value": _day(one.given_on), "missing": "Not given yet"},
        {"key": "Tried before", "value": one.alternatives, "missing": "Nobody has said what was tried instead"},
        {"key": "Work for the first five days", "value": one.work_set, "missing": "None named"},
        {"key": "Taught meanwhile", "value": one.provision, "missing": "Nobody has said where", "lines": _since(one)},
    ]
    if one.kind == ExclusionKind.LUNCHTIME:
        del rows[-2:]
    if one.exam_missed:
        rows.append({"key": "Examination", "value": "Misses a public exam or a national test"})
    if reads_voice:
        rows.append({"key": "The child says", "value": one.child_says, "missing": "Nobody has written it down"})
    return [*rows, *_told(one), *_decided(one)]


def days_of(one: Exclusion) -> str:
    when = exclusion_evidence.when(one)
    number = f"{exclusion_days.days(one.sessions)}, " if one.sessions else ""
    return capfirst(f"{number}{when}")


def halves(one: Exclusion) -> list[str]:
    lines = ["Only from the afternoon of the first day"] if one.from_noon else []
    return [*lines, "Only the morning of the last day"] if one.until_noon else lines


def _since(one: Exclusion) -> list[str]:
    return [f"from {long_date(one.provision_from)}"] if one.provision_from else []


def _told(one: Exclusion) -> list[dict[str, Any]]:
    """Who the school told; what this service told is in its own words."""
    return [
        {"key": "Carer told", "value": _day(one.told_carer_on), "missing": "Not recorded"},
        {
            "key": "Social worker told",
            "value": _day(one.told_social_worker_on),
            "missing": "Not recorded",
            "lines": _here(one),
        },
        {
            "key": "Virtual School told",
            "value": _day(one.told_virtual_school_on),
            "missing": "Not recorded",
            "lines": _here(one),
        },
    ]


def _here(one: Exclusion) -> list[str]:
    return [f"Told by this service on {long_date(one.recorded_on)}"]


def _decided(one: Exclusion) -> list[dict[str, Any]]:
    rows = []
    if one.governors_on:
        rows.append({"key": "Governors meet", "value": long_date(one.governors_on)})
    if one.decided_on:
        rows.append(
            {"key": "Decided", "value": long_date(one.decided_on), "lines": [one.get_state_display().capitalize()]}
        )
    return rows


def _day(on: date | None) -> str:
    return long_date(on) if on else ""
