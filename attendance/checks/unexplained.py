"""The night's view of absence that nobody has explained: each day asked about at once, several in a row, and reasons that are overdue."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from attendance import silence
from attendance.checks.counting import GROUP, ONE_DAY, counted, href
from attendance.codes import BY_LETTER, CODES, UNEXPLAINED_LETTERS
from attendance.enums import Session
from attendance.models import AttendanceDay, AttendanceYear
from attendance.yearbits import Window, day_at, place_of, year_of
from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.clocks import words

ASKED = "attendance.unexplained_day"
REASON, IN_A_ROW = "attendance.unexplained", "attendance.unexplained.in_a_row"
LOOK_BACK = timedelta(days=60)
NOT_YET = CODES["N"].stored
ASK = "Ask the carer and the school today why"


@check(ASKED, words="Absent, and nobody has said why", rule=REASON, group=GROUP)
def unexplained_day(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Each of the last school days with a mark N or O, for as long as the school has to find the reason; one alert a day."""
    rule = rules.get(REASON, on=on)
    first = _days_back(on, rule.value)
    letters = list(UNEXPLAINED_LETTERS)
    rows = AttendanceDay.objects.between(first, on).filter(
        Q(am__in=letters) | Q(pm__in=letters), child__in=children.counted(on)
    )
    for pk, uuid, day, am, pm in rows.order_by("child_id", "date").values_list(
        "child_id", "child__uuid", "date", "am", "pm"
    ):
        told = f"{_marked(am, pm)} on {words(day)}. {ASK}"
        link = fact(day, "The day", reverse("attendance:child", args=[uuid]))
        yield Finding(pk, f"{pk}:{day.isoformat()}", evidence(told, link))


@check(IN_A_ROW, words="Unexplained sessions in a row", rule=IN_A_ROW, group=GROUP)
def in_a_row(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """The child's latest possible sessions, so many or more, are all unexplained: a child who came back is not told of."""
    rule = rules.find(IN_A_ROW, on=on)
    if rule is None:
        return
    window = Window(on - LOOK_BACK, on)
    few = counted(children.counted(on), {"now": window}, ("unexplained",)).filter(now_unexplained__gte=rule.value)
    those = {row["child_id"]: href(row) for row in few}
    bits = AttendanceYear.objects.filter(child__in=list(those), year__in=list(window.years()))
    strings: dict[int, dict[int, tuple[str, str]]] = {}
    for pk, year, possible, unexplained in bits.values_list("child_id", "year", "possible", "unexplained"):
        strings.setdefault(pk, {})[year] = (possible, unexplained)
    for pk, link in those.items():
        number, since = latest_run(strings[pk], on)
        if since and number >= rule.value:
            told = f"{number} unexplained sessions in a row since {words(since)}"
            yield Finding(pk, f"{pk}:{since.isoformat()}", evidence(told, fact(since, "The first of them", link)))


def latest_run(years: dict[int, tuple[str, str]], on: date) -> tuple[int, date | None]:
    """How many of the latest possible sessions up to a day are unexplained without a break, and the day of the first of them.

    Args:
        years: strings of possible and of unexplained sessions by the year of bits.
    """
    number, since = 0, None
    for year, place in _places_back(years, on):
        possible, unexplained = years[year]
        if possible[place] == "1":
            if unexplained[place] != "1":
                break
            number, since = number + 1, day_at(year, place)
    return number, since


def _places_back(years: dict[int, tuple[str, str]], on: date) -> Iterator[tuple[int, int]]:
    """Every session that is kept up to the day, the latest first."""
    for year in sorted((one for one in years if one <= year_of(on)), reverse=True):
        last = place_of(on) + 1 if year == year_of(on) else len(years[year][0]) - 1
        yield from ((year, place) for place in range(last, -1, -1))


@check(REASON, words="The reason for an absence is overdue", rule=REASON, group=GROUP)
def reason_overdue(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Marked N in this term, and still so after the school days in which the school finds the reason. By the council's days."""
    rule, known = rules.get(REASON, on=on), calendars.load()
    last = known.school_days().latest_start(rule.value, due_before=on)
    if last is None:
        return
    window = Window(known.term_of(on).start, last)
    few = counted(children.counted(on), {"term": window}, ("unexplained",)).filter(term_unexplained__gt=0)
    those = {row["child_id"]: href(row) for row in few}
    days = AttendanceDay.objects.between(window.first, window.last).filter(child__in=list(those))
    held: dict[int, list[tuple[date, int]]] = {}
    for pk, day, *pair in (
        days.filter(Q(am=NOT_YET) | Q(pm=NOT_YET))
        .order_by("child_id", "date")
        .values_list("child_id", "date", "am", "pm")
    ):
        held.setdefault(pk, []).append((day, pair.count(NOT_YET)))
    for pk, found in held.items():
        number, first = sum(n for _, n in found), found[0][0]
        told = (
            f"{_sessions(number)} still marked N, the first on {words(first)}: the school has {rule.value} school days"
        )
        yield Finding(pk, f"{pk}:{window.first.isoformat()}", evidence(told, fact(first, "The first", those[pk])))


def _days_back(on: date, days: int) -> date:
    """The first of the last school days up to a day; where no terms are loaded, so many weekdays."""
    found = silence.last_school_days(calendars.load(), "", on, days)
    return found[0] if found else on - days * ONE_DAY * 7 // 5


def _sessions(number: int) -> str:
    return f"{number} {'session' if number == 1 else 'sessions'}"


def _marked(am: str | None, pm: str | None) -> str:
    said = [
        f"{BY_LETTER[letter].code} in the {session.label}"
        for session, letter in zip(Session, (am, pm), strict=True)
        if letter and BY_LETTER[letter].unexplained
    ]
    return f"Marked {' and '.join(said)}"
