"""How many days of suspension a child has had: in a term, in an academic year, at every school; and what follows from it.

The law counts days in the term (15) and in the school year (45), lunchtimes as half days (DfE, Suspension and permanent exclusion,
2023). Sessions that the school told are kept; where a suspension runs over a border they are laid on the school's own days, first
days first, so that the parts always make the whole. Days spent away before a suspension was taken back count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from attendance.enums import ExclusionKind
from attendance.models import Exclusion
from attendance.workflow import GIVEN, TAKEN_BACK
from virtualschool.rulebook import rules, schoolyear
from virtualschool.rulebook.calendars import Calendars, SchoolDays
from virtualschool.rulebook.rules import InForce, Pack

ONE_DAY = timedelta(days=1)
PREFIX = "attendance.suspension."
LIMIT, WARN = "attendance.suspension.limit", "attendance.suspension.warn"
TERM_LIMIT, REQUEST_ABOVE = "attendance.suspension.term_limit", "attendance.suspension.request_above"


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included, with their words."""

    key: str
    words: str
    first: date
    last: date


@dataclass(frozen=True)
class Totals:
    """Sessions of suspension in a term and in an academic year; ``elsewhere`` are those of the year at other schools."""

    term: Span
    year: Span
    in_term: int = 0
    in_year: int = 0
    elsewhere: int = 0


@dataclass(frozen=True)
class Follows:
    """What follows from a number of days, and the rule that says so."""

    words: str
    rule: InForce
    unlawful: bool = False


def days(sessions: int) -> str:
    """Sessions as days, in words: "4.5 days"."""
    return f"{sessions / 2:g} {'day' if sessions == 2 else 'days'}"


def spans(on: date, known: Calendars) -> dict[str, Span]:
    """The term and the academic year of the day."""
    term, year = known.term_of(on), schoolyear.academic_year(on)
    whole = Span("year", f"the academic year {schoolyear.year_words(year)}", date(year, 9, 1), date(year + 1, 8, 31))
    name = str(term)
    return {"term": Span("term", f"the {name[0].lower()}{name[1:]}", term.start, term.end - ONE_DAY), "year": whole}


def planned(kind: str, start: date, end: date, halves: tuple[bool, bool], school_days: SchoolDays) -> dict[date, int]:
    """The sessions of each school day of it. A day that no calendar knows counts when it is a weekday.

    Args:
        halves: whether it begins at noon of the first day, and ends at noon of the last.
    """
    found = {}
    for n in range((end - start).days):
        on = start + n * ONE_DAY
        counts = school_days.counts(on)
        if counts or (counts is None and on.weekday() < 5):
            found[on] = 1 if kind == ExclusionKind.LUNCHTIME else 2
    if kind != ExclusionKind.LUNCHTIME:
        for half, on in zip(halves, (start, end - ONE_DAY), strict=True):
            if half and on in found:
                found[on] -= 1
    return {on: sessions for on, sessions in found.items() if sessions}


def of(one: Exclusion, known: Calendars) -> dict[date, int]:
    """The sessions of each day of a suspension as they count: no more than the school told, and none after it was taken back."""
    if one.end is None or one.sessions is None or one.state not in GIVEN:
        return {}
    laid = planned(one.kind, one.start, one.end, (one.from_noon, one.until_noon), known.school_days(one.school.urn))
    found, left = {}, one.sessions
    for on in sorted(laid):
        found[on] = min(left, laid[on])
        left -= found[on]
    last = max(laid, default=one.start)
    found[last] = found.get(last, 0) + left  # what the school told beyond its calendar
    back = one.decided_on if one.state in TAKEN_BACK else None
    return {on: sessions for on, sessions in found.items() if sessions and (back is None or on < back)}


def within(one: Exclusion, span: Span, known: Calendars) -> int:
    """How many sessions of it lie in the span."""
    return sum(sessions for on, sessions in of(one, known).items() if span.first <= on <= span.last)


def totals(rows: Iterable[Exclusion], on: date, known: Calendars, *, school_id: int | None = None) -> Totals:
    """The running totals of one child on a day, across schools.

    Args:
        rows: the child's, each with its school.
        school_id: counts ``elsewhere`` as seen from this school.
    """
    found = spans(on, known)
    rows = list(rows)
    year = {one.pk: within(one, found["year"], known) for one in rows}
    return Totals(
        **found,
        in_term=sum(within(one, found["term"], known) for one in rows),
        in_year=sum(year.values()),
        elsewhere=sum(year[one.pk] for one in rows if school_id and one.school_id != school_id),
    )


def follows(told: Totals, pack: Pack) -> list[Follows]:
    """What the law and the council's rules say of these totals, the gravest first."""
    found = []
    limit, warn, term, request = (pack.get(key) for key in (LIMIT, WARN, TERM_LIMIT, REQUEST_ABOVE))
    in_year, in_term = (
        f"{days(n)} in {span.words}" for n, span in ((told.in_year, told.year), (told.in_term, told.term))
    )
    if told.in_year > 2 * limit.value:
        found.append(Follows(f"{in_year}: no child may be suspended for more than {limit.value}", limit, unlawful=True))
    elif told.in_year >= 2 * warn.value:
        found.append(Follows(f"{in_year}: the limit of {limit.value} is near", warn))
    if told.in_term > 2 * term.value:
        found.append(Follows(f"{in_term}: more than {term.value}, so the governors must meet", term))
    elif told.in_term > 2 * request.value:
        words = f"{in_term}: more than {request.value}, so the governors meet if a parent or carer asks"
        found.append(Follows(words, request))
    return found


def fewest(pack: Pack) -> int:
    """With fewer sessions than these there is nothing grave to say: what counts is never more than what the schools told."""
    return 2 * min(pack.value(key) for key in (LIMIT, WARN, TERM_LIMIT))


def pack(on: date) -> Pack:
    return rules.pack(on, PREFIX)
