"""The ledger of lost education reckoned without a database: against a few lines that know nothing of it, and at its borders."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from attendance.codes import CODES
from attendance.enums import Session
from attendance.lost import reckoning, words
from attendance.lost.reasons import LOST, OWNERS, Reason
from attendance.lost.reckoning import Amount, Facts, Ledger, Place, Provision, Rules, Span, Timetable
from tests.attendance import oracle
from virtualschool.rulebook import schoolyear

BORN = date(2014, 11, 3)
MONDAY, FRIDAY = date(2026, 11, 2), date(2026, 11, 6)
CARE = (Span(date(2020, 1, 1), None),)
ROLL = (Place(date(2025, 9, 1), None, "1", "School"),)
TEN_MORNINGS = "1010101010"
FOUR = "1111000000"
ALL_IN = ("/", "\\")


def rules(hours=25, closed=()):
    return Rules(lambda year, on: Fraction(hours), lambda urn, on: on.weekday() < 5 and on not in closed)


def child(**known):
    return Facts(**{"born": BORN, "care": CARE, "places": ROLL, **known})


def week(marks=ALL_IN, first=MONDAY, days=5):
    return {first + timedelta(n): marks for n in range(days)}


def of(facts, first=MONDAY, last=FRIDAY, by=None):
    return reckoning.ledger(reckoning.days(facts, first, last, by or rules()))


def hours(found: Ledger):
    sums = (found.expected, found.offered, found.attended, found.unknown)
    return [float(one.hours) for one in sums], {reason: float(one.hours) for reason, one in found.lost.items()}


# ---------------------------------------------------------------- what was never offered


def test_ten_of_twenty_five_hours_are_lost_though_the_register_is_full():
    timetable = Timetable(date(2026, 10, 1), None, ((date(2026, 10, 1), Fraction(10)),), FOUR)
    found = of(child(timetables=(timetable,), marks=week()))
    assert hours(found) == ([25, 10, 10, 0], {Reason.REDUCED: 15})
    assert (found.whole, found.lost[Reason.REDUCED].days) == (Amount(Fraction(15), Fraction(3)), 3)
    assert oracle.rates([(1, "/")] * 10)["attended"] == 10


@pytest.mark.parametrize(
    ("told", "pattern", "offered"),
    [
        (10, FOUR, 10),  # two and a half hours in each of four half days
        (10, TEN_MORNINGS, 10),  # two hours each morning
        (12, FOUR, 12),  # more than four half days hold: the rest lies outside them
        (1, "1000000000", 1),
        (0, "0000000000", 0),
        (24, "1" * 10, 24),
    ],
)
def test_a_whole_week_has_the_hours_of_its_timetable(told, pattern, offered):
    timetable = Timetable(date(2026, 10, 1), None, ((date(2026, 10, 1), Fraction(told)),), pattern)
    part_time = {
        MONDAY + timedelta(n): tuple("/" if one == "1" else "p" for one in pattern[2 * n : 2 * n + 2]) for n in range(5)
    }
    found = of(child(timetables=(timetable,), marks=part_time))
    assert hours(found) == ([25, offered, offered, 0], {Reason.REDUCED: 25 - offered})


def test_hours_that_were_raised_count_from_the_day_of_the_review():
    steps = ((date(2026, 10, 1), Fraction(5)), (date(2026, 11, 9), Fraction(15)))
    timetable = Timetable(date(2026, 10, 1), date(2026, 11, 16), steps, "1111110000", date(2026, 11, 9))
    facts = child(timetables=(timetable,), marks=week(("/", "p"), days=19))
    offered = [hours(of(facts, MONDAY + timedelta(7 * n), FRIDAY + timedelta(7 * n)))[0][1] for n in range(3)]
    assert offered == [5, 15, 25]


def test_an_enrolment_of_fewer_hours_is_a_reduced_timetable_that_nobody_recorded():
    half = (Place(date(2025, 9, 1), None, "1", "School", None, Fraction("12.5")),)
    assert hours(of(child(places=half, marks=week()))) == ([25, 12.5, 12.5, 0], {Reason.REDUCED: 12.5})
    more = (Place(date(2025, 9, 1), None, "1", "School", None, Fraction(27)),)
    assert hours(of(child(places=more, marks=week()))) == ([25, 25, 25, 0], {})


def test_provision_below_hours_and_the_school_on_the_other_days():
    mondays = Provision(MONDAY, None, Fraction(3), "1100000000")
    assert hours(of(child(provisions=(mondays,), marks=week()))) == ([25, 23, 23, 0], {Reason.PROVISION: 2})
    full = Provision(MONDAY, None, Fraction(6), "1100000000")
    assert hours(of(child(provisions=(full,), marks=week()))) == ([25, 25, 25, 0], {})


def test_provision_without_a_school_leaves_the_rest_without_a_place():
    mondays = Provision(MONDAY, None, Fraction(5), "1100000000")
    assert hours(of(child(places=(), provisions=(mondays,), marks={MONDAY: ("B", "B")}))) == (
        [25, 5, 5, 0],
        {Reason.NO_PLACE: 20},
    )


def test_without_a_place_the_first_day_is_lost_already_and_a_register_says_otherwise():
    ended = (Place(date(2025, 9, 1), MONDAY, "1", "School"), Place(MONDAY + timedelta(2), None, "2", "Other"))
    found = of(child(places=ended, marks=week()))
    assert hours(found) == ([25, 25, 25, 0], {})  # marked at a school all the same
    found = of(child(places=ended, marks=week(first=MONDAY + timedelta(2), days=3)))
    assert hours(found) == ([25, 15, 15, 0], {Reason.NO_PLACE: 10})


# ---------------------------------------------------------------- what was missed


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("I", Reason.ILLNESS),
        ("M", Reason.ILLNESS),
        ("N", Reason.UNEXPLAINED),
        ("O", Reason.UNEXPLAINED),
        ("E", Reason.SUSPENSION),
        ("C2", Reason.REDUCED),
        ("Q", Reason.TRAVEL),
        ("Y1", Reason.TRAVEL),
        ("Y4", Reason.CLOSED),
        ("G", Reason.OTHER),
        ("U", Reason.OTHER),
        ("Z", Reason.NO_PLACE),
    ],
)
def test_every_mark_that_is_no_attendance_has_a_reason(code, reason):
    found = of(child(marks={MONDAY: (CODES[code].stored, "\\")}), MONDAY, MONDAY)
    assert hours(found) == ([5, 5, 2.5, 0], {reason: 2.5})


def test_no_mark_is_not_known_and_never_taken_for_attendance_or_loss():
    assert hours(of(child(marks={MONDAY: ("/", None)}), MONDAY, MONDAY)) == ([5, 5, 2.5, 2.5], {})
    assert hours(of(child(marks={MONDAY: ("D", "D")}), MONDAY, MONDAY)) == ([5, 5, 0, 5], {})


def test_what_is_not_expected_is_in_no_sum():
    assert hours(of(child(marks={MONDAY: ("X", "#")}), MONDAY, MONDAY)) == ([0, 0, 0, 0], {})
    assert of(child(), closed_week := date(2026, 11, 7), closed_week) == Ledger()


def test_a_register_of_a_day_that_the_calendar_has_closed_counts():
    by = rules(closed={MONDAY})
    assert hours(of(child(marks={MONDAY: ALL_IN}), MONDAY, MONDAY, by))[0] == [5, 5, 5, 0]
    assert hours(of(child(), MONDAY, MONDAY, by))[0] == [0, 0, 0, 0]


@pytest.mark.parametrize("mark", ["E", "N", None])
@pytest.mark.parametrize("reason", [Reason.SUSPENSION, Reason.PERMANENT])
def test_an_exclusion_on_record_explains_what_the_register_leaves_open(mark, reason):
    def away(on, session):
        return reason if session == Session.PM else None

    found = of(child(marks={MONDAY: ("/", mark)}, away=away), MONDAY, MONDAY)
    assert hours(found) == ([5, 5, 2.5, 0], {reason: 2.5})


def test_taught_elsewhere_while_suspended_and_ill_while_suspended_are_what_the_register_says():
    facts = child(marks={MONDAY: ("K", "I")}, away=lambda on, session: Reason.SUSPENSION)
    assert hours(of(facts, MONDAY, MONDAY)) == ([5, 5, 2.5, 0], {Reason.ILLNESS: 2.5})


# ---------------------------------------------------------------- which days


def test_only_days_in_care_and_known_here():
    assert hours(of(child(care=(Span(date(2026, 11, 4), date(2026, 11, 6)),), marks=week())))[0] == [10, 10, 10, 0]


@pytest.mark.parametrize("seed", range(20))
def test_school_age_is_that_of_the_check_for_children_without_a_school(seed):
    rng = random.Random(seed)
    for _ in range(200):
        born = date(2008, 1, 1) + timedelta(rng.randrange(6000))
        first, last = schoolyear.school_age(born)
        for on in (first - timedelta(1), first, last, last + timedelta(1), first + timedelta(rng.randrange(4000))):
            oldest, youngest = schoolyear.births_of_school_age(on)
            assert (oldest <= born <= youngest) == (first <= on <= last), (born, on)


def test_born_on_the_leap_day():
    assert schoolyear.school_age(date(2016, 2, 29)) == (date(2020, 9, 1), date(2032, 6, 25))


# ---------------------------------------------------------------- against the oracle


@pytest.mark.parametrize("seed", range(8))
def test_hours_are_those_of_the_oracle_over_random_codes(seed):
    """On a roll full time: each possible session is a tenth of the week; leap day and both changes of the clock among the days."""
    rng = random.Random(seed)
    first, last = date(2024, 2, 26), date(2024, 4, 5)
    codes = [code for code in CODES if code not in ("D", "X", "#", "Z")]
    days = [first + timedelta(n) for n in range((last - first).days + 1) if (first + timedelta(n)).weekday() < 5]
    assert date(2024, 2, 29) in days
    marks = {day: tuple(rng.choice([*codes, *"//////", None]) for _ in range(2)) for day in days}
    told = [code for pair in marks.values() for code in pair if code]
    expected = oracle.rates([(1, code) for code in told])
    stored = {day: tuple(CODES[code].stored if code else None for code in pair) for day, pair in marks.items()}
    found = of(
        child(care=(Span(date(2020, 1, 1), None),), places=(Place(date(2020, 1, 1), None),), marks=stored), first, last
    )
    session = Fraction(25, 10)
    assert found.attended.hours == session * expected["attended"]
    assert found.unknown.hours == session * (2 * len(days) - len(told))
    missed = expected["authorised"] + expected["unauthorised"]
    beyond = sum(code in {"Q", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"} for code in told)
    assert found.whole.hours == session * (missed + beyond)


def anything(rng):
    """A child of whom everything goes wrong at once."""
    day = lambda: MONDAY + timedelta(rng.randrange(-30, 30))  # noqa: E731
    pattern = lambda: "".join(rng.choice("01") for _ in range(9)) + "1"  # noqa: E731
    start = day()
    places = (
        ()
        if rng.random() < 0.2
        else (Place(start, start + timedelta(rng.randrange(40)), hours=Fraction(rng.randrange(5, 30))),)
    )
    begun = day()
    timetables = (Timetable(begun, None, ((begun, Fraction(rng.randrange(24))),), pattern(), day()),)
    provisions = (Provision(day(), None, Fraction(rng.randrange(1, 30)), pattern()),)
    letters = [code.stored for code in CODES.values()]
    marks = {MONDAY + timedelta(n): (rng.choice([*letters, None]), rng.choice([*letters, None])) for n in range(20)}
    sent = {day(): rng.choice([Reason.SUSPENSION, Reason.PERMANENT]) for _ in range(6)}
    return child(
        places=places, timetables=timetables, provisions=provisions, marks=marks, away=lambda on, s: sent.get(on)
    )


@pytest.mark.parametrize("seed", range(40))
def test_every_hour_is_told_once(seed):
    facts = anything(random.Random(seed))
    days = list(reckoning.days(facts, MONDAY, MONDAY + timedelta(25), rules()))
    found = reckoning.ledger(days)
    for part in ("hours", "days"):
        sums = [getattr(getattr(found, name), part) for name in ("expected", "attended", "unknown", "whole")]
        assert sums[0] == sum(sums[1:])
    assert 0 <= found.attended.hours <= found.offered.hours <= found.expected.hours
    assert min((one.hours for one in found.lost.values()), default=0) >= 0
    halves = sum((reckoning.ledger([day]) for day in days), Ledger())
    assert halves == found
    by_gap = {reason: Amount() for reason in found.by_reason}
    for gap in reckoning.gaps(days):
        by_gap[gap.reason] += gap.amount
    assert by_gap == found.by_reason


# ---------------------------------------------------------------- gaps and words


def test_gaps_are_days_in_a_row_of_one_reason_over_weekends_and_holidays():
    marks = week() | {FRIDAY: ("I", "I")} | week(("I", "I"), MONDAY + timedelta(7), 1)
    facts = child(marks=marks | {MONDAY + timedelta(8): ALL_IN, MONDAY + timedelta(9): ("N", "I")})
    found = reckoning.gaps(reckoning.days(facts, MONDAY, MONDAY + timedelta(9), rules()))
    assert [(one.first.day, one.last.day, one.reason, float(one.amount.days)) for one in found] == [
        (11, 11, Reason.ILLNESS, 0.5),
        (11, 11, Reason.UNEXPLAINED, 0.5),
        (6, 9, Reason.ILLNESS, 2),
    ]


def test_a_timetable_is_one_gap_though_some_of_its_days_are_full():
    timetable = Timetable(MONDAY, None, ((MONDAY, Fraction(20)),), "1111111100")
    found = reckoning.gaps(
        reckoning.days(child(timetables=(timetable,), marks=week(days=12)), MONDAY, MONDAY + timedelta(11), rules())
    )
    assert [(one.first, one.last, one.reason, one.amount.hours) for one in found] == [
        (FRIDAY, MONDAY + timedelta(11), Reason.REDUCED, 10)
    ]


def test_every_reason_is_somebodys():
    assert set(OWNERS) == set(Reason)
    assert all(OWNERS.values())
    assert set(Reason) - set(LOST) == {Reason.NO_MARK}


@pytest.mark.parametrize(
    ("value", "said"), [("0", "0"), ("12.5", "12.5"), ("0.25", "0.3"), ("1250.04", "1,250"), ("1/3", "0.3"), ("2", "2")]
)
def test_numbers_are_told_to_a_tenth(value, said):
    assert words.number(Fraction(value)) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (MONDAY, MONDAY, "2 November 2026"),
        (MONDAY, FRIDAY, "2 to 6 November 2026"),
        (date(2026, 10, 23), FRIDAY, "23 October to 6 November 2026"),
        (date(2026, 12, 18), date(2027, 1, 4), "18 December 2026 to 4 January 2027"),
    ],
)
def test_days_are_told_without_saying_a_month_twice(first, last, said):
    assert words.when(first, last) == said
