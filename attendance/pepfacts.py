"""What a PEP's front pages tell of attendance, from the marks: shown beside the school's own figures, never asked."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from attendance import arrangements
from attendance.enums import Party
from attendance.figures import percent
from attendance.models import AlternativeProvision, ReducedTimetable, TimetableAgreement
from attendance.provision import standings as provisionchecks
from attendance.rates import Sessions, by_child
from attendance.yearbits import Window
from children.models import Child
from peps.record import Record, Words, source, start
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.numbers import plain
from virtualschool.rulebook import schoolyear


@source("attendance_year")
def this_year(record: Record) -> Words:
    return _told(record, "year")


@source("attendance_term")
def this_term(record: Record) -> Words:
    return _told(record, "term")


@source("attendance_last_year")
def last_year(record: Record) -> Words:
    return _told(record, "before")


@start("attendance_percent")
def percent_this_year(record: Record) -> float | None:
    return _share(_sessions(record, "year"))


@start("term_percent")
def percent_this_term(record: Record) -> float | None:
    return _share(_sessions(record, "term"))


@start("last_year_percent")
def percent_last_year(record: Record) -> float | None:
    return _share(_sessions(record, "before"))


@start("sessions_possible")
def possible_this_year(record: Record) -> int | None:
    return _sessions(record, "year").possible or None


@start("sessions_authorised")
def authorised_this_year(record: Record) -> int | None:
    sessions = _sessions(record, "year")
    return sessions.authorised if sessions.possible else None


@start("sessions_unauthorised")
def unauthorised_this_year(record: Record) -> int | None:
    sessions = _sessions(record, "year")
    return sessions.unauthorised if sessions.possible else None


def _share(sessions: Sessions) -> float | None:
    """In per cent to a tenth, as the fact beside it says; nothing while there are no marks."""
    return round(100 * sessions.attended / sessions.possible, 1) if sessions.possible else None


def _sessions(record: Record, window: str) -> Sessions:
    found: dict[str, Sessions] = record.once("attendance", lambda: _counted(record))
    return found.get(window, Sessions())


@source("reduced_timetable_recorded")
def reduced_timetable(record: Record) -> Words:
    """Running, or to come: the hours, how long, who agreed, when it is reviewed, the way back."""
    parties = arrangements.parties(record.on)
    running = ReducedTimetable.objects.running().with_agreement(record.on).filter(child=record.child)
    lines: list[str] = []
    for one in running.order_by("start", "pk"):
        agreed = [party.label for party in parties if getattr(one, f"agrees_{party.value}")]
        steps = "; ".join(f"{plain(step.hours)} hours from {long_date(step.on)}" for step in one.steps)
        lines += [
            f"{one.hours_words}, {long_date(one.start)} to {long_date(one.end)}",
            f"Agreed by: {', '.join(agreed) or 'nobody yet'}",
            f"Review on {long_date(one.review_on)}",
            f"Way back: {steps}",
        ]
    return lines or "None recorded"


@source("alternative_provision_recorded")
def alternative_provision(record: Record) -> Words:
    """Running, or to come: the provider, hours, what is learnt, when it is reviewed, checks that are overdue."""
    asked = provisionchecks.rule(record.on).value
    rows = AlternativeProvision.objects.running().with_checks(record.on).filter(child=record.child)
    lines: list[str] = []
    for one in rows.select_related("school").order_by("start", "pk"):
        kind = f"registered school, URN {one.school.urn}" if one.school else "not registered as a school"
        late = [standing.kind.label for standing in provisionchecks.overdue(one, asked, record.on)]
        lines += [
            f"{one.provider}, {kind}, {plain(one.hours)} hours a week from {long_date(one.start)}",
            f"Learns: {one.studies}",
            f"Review on {long_date(one.review_on)}",
            f"Checks overdue: {', '.join(late)}" if late else "",
        ]
    return lines or "None recorded"


@start("reduced_hours")
def hours_of_timetable(record: Record) -> Decimal | None:
    one = _timetable(record)
    return one.hours if one else None


@start("reduced_from")
def start_of_timetable(record: Record) -> date | None:
    one = _timetable(record)
    return one.start if one else None


@start("reduced_review")
def review_of_timetable(record: Record) -> date | None:
    one = _timetable(record)
    return one.review_on if one else None


@start("reduced_agreed_by")
def agreed_by(record: Record) -> str | None:
    """Of those who agreed, with the day of each."""
    told = [f"{word.get_party_display()}, {long_date(word.on)}" for word in _agreements(record).values()]
    return "; ".join(told)[:300] or None


@start("reduced_in_writing")
def agreed_in_writing(record: Record) -> date | None:
    word = _agreements(record).get(Party.VIRTUAL_SCHOOL)
    return word.on if word else None


@start("reduced_plan")
def way_back(record: Record) -> str | None:
    one = _timetable(record)
    if one is None:
        return None
    return "; ".join(f"{plain(step.hours)} hours a week from {long_date(step.on)}" for step in one.steps)


@start("providers")
def providers(record: Record) -> list[dict[str, Any]] | None:
    """A row for each provider that the child is taught by."""
    rows = AlternativeProvision.objects.running().filter(child=record.child).select_related("school")
    told = []
    for one in rows.order_by("start", "pk"):
        row = {
            "provider": one.provider,
            "registered": "Yes" if one.registered else "No",
            "checks": f"URN {one.school.urn}" if one.school else "",
            "hours": one.hours,
            "subjects": one.studies[:300],
            "start": one.start,
            "end": one.end,
        }
        told.append({name: value for name, value in row.items() if value})
    return told or None


def _timetable(record: Record) -> ReducedTimetable | None:
    rows = ReducedTimetable.objects.running().filter(child=record.child).order_by("start", "pk")
    found: ReducedTimetable | None = record.once("timetable", rows.first)
    return found


def _agreements(record: Record) -> dict[str, TimetableAgreement]:
    """The last word of each party in this round, where it is a yes."""
    one = _timetable(record)
    if one is None:
        return {}
    said: list[TimetableAgreement] = record.once("agreements", lambda: list(one.agreements.filter(round=one.round)))
    return {party: word for party, word in {word.party: word for word in said}.items() if word.agrees}


def _year_start(on: date, back: int) -> date:
    return date(schoolyear.academic_year(on) - back, 9, 1)


def _counted(record: Record) -> dict[str, Sessions]:
    """The sessions of the three times, in one query."""
    start, term = _year_start(record.on, 0), record.calendars.term_of(record.on)
    windows = {
        "year": Window(start, record.on),
        "term": Window(term.start, record.on),
        "before": Window(_year_start(record.on, 1), start - timedelta(days=1)),
    }
    return by_child(Child.objects.filter(pk=record.child.pk), windows).get(record.child.pk, {})


def _told(record: Record, window: str) -> Words:
    """The rate with what it is made of; nothing while there are no marks."""
    sessions = _sessions(record, window)
    if not sessions.possible:
        return ""
    missed = (
        f"{sessions.authorised} authorised and {sessions.unauthorised} unauthorised of {sessions.possible} sessions"
    )
    return [percent(sessions.attended, sessions.possible), f"Missed: {missed}"]
