"""What a school owes after a suspension or permanent exclusion, as clocks: education meanwhile, the governors, time for a review."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from attendance.enums import ExclusionKind, ExclusionState
from attendance.exclusions import days as exclusion_days
from attendance.exclusions.days import REQUEST_ABOVE, TERM_LIMIT
from attendance.models import Exclusion
from attendance.models.exclusions import MATTER
from attendance.workflow import BEFORE_GOVERNORS, STANDING, TAKEN_BACK
from children import clocks
from children.enums import ClockState
from children.models import Clock
from children.querysets import ClockQuerySet
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars

PROVISION, IN_CARE = "attendance.suspension.provision", "attendance.suspension.provision_in_care"
GOVERNORS, ON_REQUEST = "attendance.suspension.governors", "attendance.suspension.governors_on_request"
REVIEW = "attendance.suspension.review_request"
OPEN = (ExclusionState.PROPOSED, *BEFORE_GOVERNORS)
CLOSED = (*TAKEN_BACK, ExclusionState.STRUCK, ExclusionState.FINAL)
ABOUT = {
    PROVISION: "Full-time education from the sixth day",
    IN_CARE: "Full-time education from the first day",
    GOVERNORS: "Governors meet",
    ON_REQUEST: "Governors meet, as was asked",
    REVIEW: "Last day to ask for an independent review",
}
ONE_DAY = timedelta(days=1)
UUID_LENGTH = 36


def clocks_of(exclusion: Exclusion) -> ClockQuerySet:
    """All its clocks, running or stopped. One that a correction began anew has a number after its matter."""
    found: ClockQuerySet = Clock.objects.filter(matter__startswith=exclusion.matter).select_related("rule")
    return found


def follow(one: Exclusion, *, by: User | None) -> None:
    """Start what is owed now, and cancel what is owed no longer: after it was recorded, given or corrected."""
    wanted = _wanted(one)
    for clock in clocks_of(one).running():
        if clock.rule.key in (PROVISION, IN_CARE, GOVERNORS) and wanted.get(clock.rule.key) != clock.started_on:
            clocks.cancel_clock(clock, today(), "The record was corrected", by=by)
    for key, started_on in wanted.items():
        _start(one, key, started_on, by)
    if one.provision_from:
        provided(one, by=by)


def provided(one: Exclusion, *, by: User | None) -> None:
    """Where the child is taught is named."""
    _meet(one, (PROVISION, IN_CARE), today(), by)


def after(one: Exclusion, event: str, on: date, *, by: User | None) -> None:
    """What a step does to the clocks."""
    if event == "give":
        follow(one, by=by)
    elif event == "to_governors" and GOVERNORS not in _wanted(one):
        _start(one, ON_REQUEST, on, by)
    elif event == "uphold":
        _meet(one, (GOVERNORS, ON_REQUEST), on, by)
        if one.is_permanent:
            _start(one, REVIEW, on, by)
    elif event == "ask_review":
        _meet(one, (REVIEW,), on, by)
    if one.state in CLOSED:
        _close(one, event, on, by)


@transaction.atomic
def stop_over(on: date) -> int:
    """A suspension is over on the day and nobody named where the child was taught: nothing more can be done about it.

    Returns:
        how many clocks stopped.
    """
    running = Clock.objects.running().filter(matter__startswith=MATTER, rule__key__in=[PROVISION, IN_CARE])
    about = {clock: clock.matter.removeprefix(MATTER)[:UUID_LENGTH] for clock in running}
    over = Exclusion.objects.filter(end__lte=on, uuid__in=set(about.values())).values_list("uuid", flat=True)
    ended = {str(one) for one in over}
    stopped = [clock for clock, one in about.items() if one in ended]
    for clock in stopped:
        clocks.cancel_clock(clock, on, "The suspension is over, and no education was named")
    return len(stopped)


@transaction.atomic
def stop_for_leaver(child_id: int, on: date) -> int:
    """The child left care: these are no longer the Virtual School's to follow."""
    running = Clock.objects.running().filter(child=child_id, rule__key__in=list(ABOUT))
    for clock in running:
        clocks.cancel_clock(clock, on, "The child left care")
    return len(running)


def _close(one: Exclusion, event: str, on: date, by: User | None) -> None:
    if event == "reinstate":
        _meet(one, (GOVERNORS, ON_REQUEST), on, by)
    for clock in clocks_of(one).running():
        clocks.cancel_clock(clock, on, one.get_state_display().capitalize(), by=by)


def _wanted(one: Exclusion) -> dict[str, date]:
    """What is owed by its own facts and the term's days, with the day on which each clock starts.

    The governors' time is over with their decision; education goes on being owed for as long as nobody has taken it back.
    Education from the sixth day of it: the day before the first is day 0, so that the first school day is day 1.
    """
    if one.given_on is None or one.state not in STANDING:
        return {}
    undecided = one.state in BEFORE_GOVERNORS
    wanted = {GOVERNORS: one.given_on} if undecided and governors_must_meet(one) else {}
    if one.kind == ExclusionKind.LUNCHTIME:
        return wanted
    wanted[IN_CARE] = one.start - ONE_DAY
    began = _sixth_day_from(one)
    if began is not None:
        wanted[PROVISION] = began - ONE_DAY
    return wanted


def governors_must_meet(one: Exclusion) -> bool:
    """A permanent exclusion, an examination missed, or more days in the term than the law leaves to the school."""
    if one.is_permanent or one.exam_missed:
        return True
    return in_term(one) > 2 * exclusion_days.pack(one.start).value(TERM_LIMIT)


def may_ask_governors(one: Exclusion) -> bool:
    """Enough days in the term for a parent's or carer's wish to bind the governors."""
    return not governors_must_meet(one) and in_term(one) > 2 * exclusion_days.pack(one.start).value(REQUEST_ABOVE)


def in_term(one: Exclusion) -> int:
    """Sessions of suspension in the term in which it begins, up to this one: what came after it is for the governors of that."""
    before = Q(start__lt=one.start) | Q(start=one.start, pk__lte=one.pk)
    rows = Exclusion.objects.given().filter(before, child=one.child_id).select_related("school")
    return exclusion_days.totals(rows, one.start, calendars.load()).in_term


def follow_later(one: Exclusion, *, past: str, by: User | None) -> None:
    """Those that begin after it in its term: it may have moved their totals, or be the first of days that run on.

    Args:
        past: the first step of what is kept for the record alone.
    """
    until = calendars.load().term_of(one.start).end
    later = Exclusion.objects.filter(child=one.child_id, state__in=BEFORE_GOVERNORS)
    later = later.filter(start__gt=one.start, start__lt=until).exclude(steps__event=past)
    for other in later.select_related("child", "school").order_by("start", "pk"):
        follow(other, by=by)


def _sixth_day_from(one: Exclusion) -> date | None:
    """The first day of those that are counted to the sixth; None when they are fewer.

    Suspensions that run on without a school day between are one time away, whoever decided how often (statutory guidance, 2023). A
    permanent exclusion is counted from its own first day.
    """
    if one.is_permanent:
        return one.start
    known = calendars.load()
    run = _run_up_to(one, known)
    days = {on for each in run for on in exclusion_days.of(each, known)}
    return run[0].start if len(days) >= exclusion_days.pack(one.start).value(PROVISION) else None


def _run_up_to(one: Exclusion, known: calendars.Calendars) -> list[Exclusion]:
    """It, after those that ran on into it without a school day between; the first one first."""
    rows = Exclusion.objects.given().filter(child=one.child_id, kind=ExclusionKind.SUSPENSION, start__lt=one.start)
    run, days = [one], known.school_days(one.school.urn)
    for before in rows.select_related("school").order_by("-start", "-pk"):
        if before.end is None or before.state in TAKEN_BACK or _school_day_between(before.end, run[0].start, days):
            break
        run.insert(0, before)
    return run


def _school_day_between(first: date, until: date, days: calendars.SchoolDays) -> bool:
    """Whether the child could have been at school in between. A day that no calendar knows counts when it is a weekday."""
    between = (first + n * ONE_DAY for n in range((until - first).days))
    return any(days.counts(on) or (days.counts(on) is None and on.weekday() < 5) for on in between)


def _start(one: Exclusion, key: str, started_on: date, by: User | None) -> None:
    before = clocks_of(one).filter(rule__key=key)
    same = before.filter(started_on=started_on)
    if same.exclude(state=ClockState.CANCELLED).exists() or (_stopped_for_good(one, key) and same.exists()):
        return
    number = before.count()
    clocks.start_clock(
        child=one.child,
        rule_key=key,
        about=ABOUT[key],
        matter=f"{one.matter}:{number}" if number else one.matter,
        started_on=started_on,
        started_by=f"{one.get_kind_display()} by {one.school}"[:120],
        school_urn=one.school.urn,
        by=by,
        group=FieldGroup.ATTENDANCE,
    )


def _stopped_for_good(one: Exclusion, key: str) -> bool:
    """Education meanwhile: it stopped with the suspension, and no correction begins it anew."""
    return key in (PROVISION, IN_CARE) and one.end is not None and one.end <= today()


def _meet(one: Exclusion, keys: Iterable[str], on: date, by: User | None) -> None:
    for clock in clocks_of(one).running().filter(rule__key__in=list(keys)):
        clocks.meet_clock(clock, on, by=by)
