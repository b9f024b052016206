"""The night's view of suspensions: who is away, too many days, no education named, governors late, and marks that nobody explained."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.text import capfirst

from attendance.actions.exclusion_clocks import GOVERNORS, IN_CARE, ON_REQUEST, PROVISION
from attendance.actions.exclusions import PAST
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import marks as exclusion_marks
from attendance.exclusions import repeated
from attendance.exclusions.days import WARN
from attendance.exclusions.evidence import DAYS, GROUP, SUSPENDED, days_key, told, too_many
from attendance.models import AttendanceDay, Exclusion, ExclusionStep
from attendance.models.marks import SUSPENDED as MARKED_SUSPENDED
from children.checks.registry import Finding, check
from children.checks.signals import signal
from children.evidence import evidence, fact
from children.models import Clock
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.clocks import words

A_DAY = 2  # sessions
MOST_TOLD = 6
TOLD_DAYS = "attendance.suspension.told_days"


@check(SUSPENDED, words="Suspended or permanently excluded", group=GROUP)
def suspended(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Away from school by it on the day, or proposed; and for some days after it was recorded, so that nobody misses a short one."""
    lately = on - timedelta(days=rules.value(TOLD_DAYS, on=on))
    rows = Exclusion.objects.filter(child__in=children, recorded_on__lte=on).select_related("school")
    past = ExclusionStep.objects.filter(event=PAST).values("exclusion")
    there = rows.holding(on) | rows.given().filter(recorded_on__gt=lately).exclude(pk__in=past) | rows.proposed()
    for one in there.distinct().order_by("pk"):
        yield Finding(one.child_id, one.matter, told(one))


@check(DAYS, words="Days of suspension near or over a limit", rule=WARN, group=GROUP)
def too_many_days(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Near 45 days in the academic year, over it, or over 15 in the term, across schools: with what the law says then."""
    known, pack = calendars.load(), exclusion_days.pack(on)
    given = _given(children).in_year(on)
    told = given.order_by().values("child").annotate(told=Sum("sessions"))
    many = told.filter(told__gte=exclusion_days.fewest(pack)).values("child")
    for child_id, rows in _by_child(given.filter(child__in=many)).items():
        found = too_many(rows, on, known, pack)
        if found:
            yield Finding(child_id, days_key(child_id, on), found[0], rule_id=found[1].pk)


@check("attendance.suspension_provision", words="Suspended, and no education is named", rule=PROVISION, group=GROUP)
def no_provision(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Nobody has said where the child is taught from the sixth day; by the Virtual School's own wish, from the first."""
    waiting = _clocks(children, on, PROVISION, IN_CARE).filter(Q(rule__key=PROVISION) | Q(due_on__lt=on))
    by_law = {clock.matter for clock in waiting if clock.rule.key == PROVISION}
    for clock in waiting:
        if clock.rule.key == IN_CARE and clock.matter in by_law:
            continue
        sentence = (
            f"No education is named; it is owed from {words(clock.due_on)}" if clock.due_on else "No education is named"
        )
        yield Finding(clock.child_id, f"clock:{clock.pk}", _of_clock(sentence, clock), rule_id=clock.rule_id)


@check("attendance.governors_late", words="Governors have not met in time", rule=GOVERNORS, group=GROUP)
def governors_late(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """What they made of a suspension or permanent exclusion is not recorded, and their time is over."""
    for clock in _clocks(children, on, GOVERNORS, ON_REQUEST).filter(due_on__lt=on):
        sentence = f"The governors were to meet by {words(clock.due_on)}, and no decision is recorded"
        yield Finding(clock.child_id, f"clock:{clock.pk}", _of_clock(sentence, clock), rule_id=clock.rule_id)


@check("attendance.suspended_unrecorded", words="Marked as suspended, and nothing recorded", group=GROUP)
def marked_and_not_recorded(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """A day or more of code E in the academic year for which there is no suspension on record. An index holds only such days."""
    first = date(schoolyear.academic_year(on), 9, 1)
    days = AttendanceDay.objects.filter(MARKED_SUSPENDED, child__in=children, date__range=(first, on))
    marks = days.order_by("child_id", "date").values_list("child_id", "date", "am", "pm")
    recorded = _by_child(_given(children).in_year(on))
    for child_id, rows in groupby(marks, key=lambda row: row[0]):
        found = exclusion_marks.unrecorded(recorded.get(child_id, []), {day: (am, pm) for _, day, am, pm in rows})
        if len(found) < A_DAY:
            continue
        sentence = f"Marked E for {exclusion_days.days(len(found))}, and no suspension is recorded"
        facts = [fact(day, f"Marked E in the {session.label}") for day, session in found[:MOST_TOLD]]
        yield Finding(child_id, f"{child_id}:{found[0][0]}:unrecorded", evidence(sentence, *facts))


@check(repeated.CHECK, words=repeated.WORDS, rule=repeated.RULE, group=repeated.GROUP)
def early_pep(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Suspended again and again, and no PEP meeting soon after: who plans PEPs decides."""
    since = on - timedelta(days=repeated.rule(on).value["days"])
    for one in repeated.asked(list(_given(children).filter(start__gt=since, start__lte=on)), on):
        yield Finding(one.child_id, one.key, one.evidence)


@signal("suspensions", group=GROUP)
def suspensions(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """So many in the last days, by whichever schools: a sign that a place is shaky."""
    lately = _given(children).filter(start__gt=on - timedelta(days=value["days"]), start__lte=on)
    for child_id, rows in _by_child(lately).items():
        if len(rows) >= value["at_least"]:
            facts = [fact(one.start, told(one)["sentence"], one.get_absolute_url()) for one in rows]
            sentence = f"{len(rows)} suspensions in {value['days']} days"
            yield Finding(child_id, f"{child_id}:{rows[-1].pk}", evidence(sentence, *facts))


def _given(children: QuerySet[Any]) -> Any:
    return Exclusion.objects.given().filter(child__in=children).select_related("school")


def _by_child(rows: Iterable[Exclusion]) -> dict[int, list[Exclusion]]:
    """By child, the first one first."""
    found = defaultdict(list)
    for one in sorted(rows, key=lambda one: (one.child_id, one.start, one.pk)):
        found[one.child_id].append(one)
    return found


def _clocks(children: QuerySet[Any], on: date, *keys: str) -> Any:
    running = Clock.objects.running().filter(child__in=children, rule__key__in=keys, started_on__lte=on)
    return running.select_related("rule").order_by("pk")


def _of_clock(sentence: str, clock: Clock) -> dict[str, Any]:
    return evidence(sentence, fact(clock.started_on, capfirst(clock.started_by), clock.get_absolute_url()))
