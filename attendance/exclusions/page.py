"""What the page of one suspension or permanent exclusion draws, cut to what its reader may know and do."""

from collections import Counter
from typing import Any

from django.urls import reverse

from attendance.actions import exclusion_clocks as duties
from attendance.actions.exclusions import PAST, REASONS
from attendance.enums import ExclusionKind, ExclusionState
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import evidence as exclusion_evidence
from attendance.exclusions import marks as exclusion_marks
from attendance.exclusions import words as exclusion_words
from attendance.exclusions.marks import Marks
from attendance.models import AttendanceDay, Exclusion
from attendance.policies import exclusions as policies
from children.clocks import standing
from children.models import Clock, ReferenceCode
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.tables import Column, Table, table
from virtualschool.rulebook.schoolyear import words

FIRST = {"record": "Recorded", PAST: "Read from a file, when it was over"}
Row = dict[str, Any]


def context_of(exclusion: Exclusion, user: User) -> Row:
    """Gather the page; the number of queries does not depend on the record."""
    meanings = dict(ReferenceCode.objects.filter(field=REASONS).values_list("code", "meaning"))
    marks = _marks(exclusion)
    return {
        "exclusion": exclusion,
        "heading": exclusion_evidence.title(exclusion),
        "tag": exclusion_words.tag(exclusion),
        "rows": exclusion_words.facts(exclusion, meanings, reads_voice=user.reads(FieldGroup.VOICE)),
        "clocks": [_drawn(clock) for clock in duties.clocks_of(exclusion).order_by("due_on", "pk") if clock.due_on],
        "asks": _asks(exclusion),
        "differences": _differences(exclusion, marks),
        "agrees": _agrees(exclusion, marks),
        "steps": _steps(exclusion),
        **_next(exclusion, user),
    }


def _asks(exclusion: Exclusion) -> str:
    """That a parent's or carer's wish binds the governors, with the rule's source; empty when it does not, or is past."""
    if exclusion.state != ExclusionState.GIVEN or exclusion.is_permanent or not duties.may_ask_governors(exclusion):
        return ""
    rule = exclusion_days.pack(exclusion.start).get(exclusion_days.REQUEST_ABOVE)
    words = f"More than {rule.value} days of suspension in the term: the governors must meet if a parent or carer asks."
    return f"{words} Source: {rule.source}."


def _marks(exclusion: Exclusion) -> dict[Any, Marks]:
    days = AttendanceDay.objects.filter(child=exclusion.child, date__gte=exclusion.start, date__lte=today())
    if exclusion.end:
        days = days.filter(date__lt=exclusion.end)
    return {day: (am, pm) for day, am, pm in days.values_list("date", "am", "pm")}


def _differences(exclusion: Exclusion, marks: dict[Any, Marks]) -> Table:
    drawn = [
        [f"{words(one.on)}, {one.session.label}", one.words] for one in exclusion_marks.differences(exclusion, marks)
    ]
    return table("Marked otherwise by the school", [Column("Session"), Column("The register says")], drawn)


def _agrees(exclusion: Exclusion, marks: dict[Any, Marks]) -> str:
    """How many sessions the register has as suspended."""
    if exclusion.kind == ExclusionKind.LUNCHTIME:
        return ""
    letters = Counter(letter for pair in marks.values() for letter in pair if letter)
    marked = letters[exclusion_marks.LETTER]
    return f"The register has {marked} {'session' if marked == 1 else 'sessions'} of code E on these days."


def _drawn(clock: Clock) -> Row:
    drawn = {"due_on": clock.due_on, "kind": clock.rule.kind, "state": standing(clock), "words": clock.rule.words}
    stopped = f" ({clock.get_state_display()})" if clock.state == "cancelled" else ""
    return {"clock": {**drawn, "href": clock.get_absolute_url()}, "label": f"{clock.about}{stopped}"}


def _steps(exclusion: Exclusion) -> list[Row]:
    """The newest first."""
    found = []
    for one in exclusion.steps.select_related("by"):
        known = exclusion_words.STEPS.get(one.event)
        title = known.button if known else FIRST.get(one.event, "Recorded")
        by = one.by.name if one.by else ""
        found.append({"when": one.at, "title": title, "by": by, "text": one.words, "lines": [f"On {words(one.on)}"]})
    return found[::-1]


def _next(exclusion: Exclusion, user: User) -> Row:
    """What may be done next, and why not, from the same table and policy as the actions."""
    allowed = policies.can_change(user, exclusion)
    events = exclusion.table.events(exclusion.state)
    if not allowed:
        refused = [{"text": "Record what became of it", "reason": allowed.reason, "source": allowed.source}]
        return {"actions": [], "refused": refused if events else [], "more": []}
    closed = exclusion.state in duties.CLOSED
    lunch = exclusion.kind == ExclusionKind.LUNCHTIME
    offered = (
        [_offer("Say where the child is taught", "exclusion_provision", exclusion)] if not closed and not lunch else []
    )
    graver = [event for event in events if exclusion_words.STEPS[event].grave]
    offered += [_step(event, exclusion) for event in events if event not in graver]
    more = [] if closed else [_offer("Correct what is recorded", "exclusion_correct", exclusion)]
    return {"actions": offered, "refused": [], "more": [*more, *(_step(event, exclusion) for event in graver)]}


def _offer(text: str, name: str, exclusion: Exclusion) -> Row:
    return {"text": text, "href": reverse(f"attendance:{name}", args=[exclusion.uuid]), "kind": "secondary"}


def _step(event: str, exclusion: Exclusion) -> Row:
    href = reverse("attendance:exclusion_step", args=[exclusion.uuid, event])
    return {"text": exclusion_words.STEPS[event].button, "href": href, "kind": "secondary"}
