"""Repeated suspension: the Virtual School is asked for an early PEP meeting, by the council's rule.

The meeting of this term's PEP is brought forward, or another PEP is opened by hand; who plans PEPs decides which.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from attendance.exclusions.evidence import told
from attendance.models import Exclusion
from children.evidence import evidence, fact
from peps.enums import MeetingState
from peps.models import PepMeeting
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.schoolyear import words

CHECK, RULE = "attendance.early_pep", "attendance.suspension.early_pep"
GROUP = FieldGroup.PEP  # it tells of meetings; whoever reads PEPs reads attendance
WORDS = "Suspended again: an early PEP meeting"


@dataclass(frozen=True)
class Asked:
    """That a meeting is asked for: the alert's key, what it says, and by when the meeting would have been early."""

    child_id: int
    key: str
    evidence: dict[str, Any]


def rule(on: date) -> InForce:
    return rules.get(RULE, on=on)


def asked(rows: Sequence[Exclusion], on: date) -> list[Asked]:
    """Of suspensions and exclusions of any number of children, each with its school. One query for their meetings."""
    value = rule(on).value
    lately = _lately(rows, on, value) if value["on"] else {}
    meetings = _meetings(lately)
    found = []
    for child_id, given in lately.items():
        newest, until = given[-1], given[-1].start + timedelta(days=value["within"])
        if not any(_answers(state, day, newest.start, until) for state, day in meetings.get(child_id, ())):
            found.append(Asked(child_id, f"{child_id}:{newest.pk}:pep", _evidence(given, value["days"], until)))
    return found


def _lately(rows: Iterable[Exclusion], on: date, value: Mapping[str, Any]) -> dict[int, list[Exclusion]]:
    """By child, the first one first: those of the days that the rule looks at, where they are enough."""
    found: dict[int, list[Exclusion]] = {}
    for one in sorted(rows, key=lambda one: (one.start, one.pk)):
        if on - timedelta(days=value["days"]) < one.start <= on:
            found.setdefault(one.child_id, []).append(one)
    return {child_id: given for child_id, given in found.items() if len(given) >= value["at_least"]}


def _meetings(children: Iterable[int]) -> dict[int, list[tuple[str, date]]]:
    """The meetings of their PEPs that were held or are planned."""
    wanted = list(children)
    states = (MeetingState.PLANNED, MeetingState.HELD)
    rows = PepMeeting.objects.filter(pep__child__in=wanted, state__in=states) if wanted else []
    found: dict[int, list[tuple[str, date]]] = {}
    for child_id, state, at in rows.values_list("pep__child", "state", "starts_at") if wanted else ():
        found.setdefault(child_id, []).append((state, at.astimezone(LONDON).date()))
    return found


def _answers(state: str, day: date, newest: date, until: date) -> bool:
    """Held since the newest suspension, or planned soon after it."""
    return newest <= day and (state == MeetingState.HELD or day <= until)


def _evidence(given: Sequence[Exclusion], days: int, until: date) -> dict[str, Any]:
    sentence = (
        f"{len(given)} suspensions in {days} days, and no PEP meeting since the last or planned by {words(until)}: "
        "bring the next one forward, or open another PEP"
    )
    return evidence(sentence, *(fact(one.start, told(one)["sentence"], one.get_absolute_url()) for one in given))


def of_child(rows: Sequence[Exclusion], on: date) -> Iterator[str]:
    """What a child's page says of it."""
    for one in asked(rows, on):
        yield str(one.evidence["sentence"])
