"""Which start at a school is a move away from another, and what stops one that has not been settled."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import stops
from children.actions import schools
from children.models import Enrolment, School
from children.moving import EXCLUDED, gap_after, move_from
from tests import personas
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, SchoolLinkFactory, born_for_year
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Conflict, Refused, refuse

pytestmark = pytest.mark.django_db
START = date(2026, 11, 2)
SEPTEMBER = date(2026, 9, 1)
DAY = timedelta(days=1)
Status = School.Status

# year on the day, the day, what the old school is, the old place's end, whether it is a move
MOVES = {
    "mid-year, in the middle of a phase": (9, START, {"high_age": 16}, None, True),
    "the register's ages are not known, mid-year": (9, START, {}, None, True),
    "mid-year in Year 7, ages not known": (7, START, {}, None, True),
    "Year 7 in September, ages not known": (7, SEPTEMBER, {}, None, False),
    "Year 7 at the end of August, ages not known": (7, date(2026, 8, 31), {}, None, False),
    "Year 8 in September, ages not known": (8, SEPTEMBER, {}, None, True),
    "Year 7 in September, old school ends with Year 6": (7, SEPTEMBER, {"high_age": 11}, None, False),
    "Year 7 in January, old school ends with Year 6": (7, date(2027, 1, 4), {"high_age": 11}, None, False),
    "Year 6, old school ends with Year 6": (6, START, {"high_age": 11}, None, True),
    "Year 3, an infant school": (3, SEPTEMBER, {"high_age": 7}, None, False),
    "Year 7 in September, an all-through school": (7, SEPTEMBER, {"high_age": 18}, None, True),
    "Year 11, a school to 16": (11, START, {"high_age": 16}, None, True),
    "Year 12 in September, a school to 18": (12, SEPTEMBER, {"high_age": 18}, None, False),
    "Year 12 in November, a school to 18": (12, START, {"high_age": 18}, None, True),
    "Year 12 in November, a school to 16": (12, START, {"high_age": 16}, None, False),
    "Reception in September, a nursery class": (0, SEPTEMBER, {"high_age": 11}, None, False),
    "Reception in November": (0, START, {"high_age": 11}, None, True),
    "closed that day": (9, START, {"status": Status.CLOSED, "closed_on": START}, None, False),
    "closed, nobody knows when": (9, START, {"status": Status.CLOSED}, None, False),
    "closes the day after": (9, START, {"status": Status.CLOSING, "closed_on": START + DAY}, None, True),
    "closes that day": (9, START, {"status": Status.CLOSING, "closed_on": START}, None, False),
    "an old day of closing at an open school": (9, START, {"closed_on": START - DAY}, None, True),
    "the place ends later": (9, START, {}, START + 90 * DAY, True),
    "the place ended that day": (9, START, {}, START, True),
    "the place was ended first, a summer before": (9, START, {}, START - 61 * DAY, True),
    "an ordinary summer": (9, date(2026, 9, 3), {"high_age": 16}, date(2026, 7, 22), True),
    "no place for longer than the summer": (9, START, {}, START - 62 * DAY, False),
}


@pytest.mark.parametrize("case", MOVES)
def test_which_start_is_a_move(case):
    year, start, old, end, moves = MOVES[case]
    child = ChildFactory(date_of_birth=born_for_year(year, start))
    place = EnrolmentFactory(child=child, school__high_age=None, start=date(2024, 9, 2), end=end)
    School.objects.filter(pk=place.school_id).update(**old)
    assert move_from(child, SchoolFactory(), start) == (place if moves else None)


def test_a_start_is_no_move_without_another_main_school():
    child, school = ChildFactory(year=9), SchoolFactory()
    assert move_from(child, school, START) is None, "no school before"
    EnrolmentFactory(child=child, kind="guest", start=START - 9 * DAY)
    assert move_from(child, school, START) is None, "a guest somewhere"
    old = EnrolmentFactory(child=child, start=START)
    assert move_from(child, school, START) is None, "nothing before that day"
    assert move_from(child, old.school, START + DAY) is None, "the same school"
    assert move_from(child, school, START + DAY) == old


def test_a_place_that_never_began_was_not_left():
    child = ChildFactory(year=9)
    before = EnrolmentFactory(child=child, start=date(2024, 9, 2), end=START - 3 * DAY)
    EnrolmentFactory(child=child, start=START - 3 * DAY, end=START - 3 * DAY)
    assert move_from(child, before.school, START) is None
    assert move_from(child, SchoolFactory(), START) == before


def test_a_place_that_a_permanent_exclusion_ended_was_not_left_for_another():
    place = EnrolmentFactory(child=ChildFactory(year=9), start=date(2024, 9, 2), end=START, end_reason="Moved away")
    assert move_from(place.child, SchoolFactory(), START) == place
    Enrolment.objects.update(end_reason=EXCLUDED)
    assert move_from(place.child, SchoolFactory(), START) is None
    Enrolment.objects.update(end=START + DAY)
    assert move_from(place.child, SchoolFactory(), START) == place


def test_the_school_that_carries_on_is_no_move_and_the_one_before_it_is():
    link = SchoolLinkFactory(predecessor=SchoolFactory())
    child = ChildFactory(year=9)
    place = EnrolmentFactory(child=child, school=link.predecessor, start=START - 99 * DAY)
    assert move_from(child, link.successor, START) is None
    Enrolment.objects.update(school=link.successor)
    assert move_from(child, link.predecessor, START) == place


HISTORY = {  # days since the child was known here, and since the place before ended (None: it is held), whether a start before is a move
    "set up now, the place before is not ended yet": (10, None, False),
    "known for long, the place before ended before that": (400, 401, False),
    "known for long, and the place before is held today": (400, None, True),
    "known for long, and the place before held on that day": (400, 399, True),
}


@pytest.mark.parametrize("case", HISTORY)
def test_a_start_before_the_child_was_known_here_is_history(case):
    known, ended, moves = HISTORY[case]
    child = ChildFactory(year=9, known_from=today() - known * DAY)
    start = child.known_from - 30 * DAY
    place = EnrolmentFactory(
        child=child, school__high_age=18, start=start - 90 * DAY, end=ended and today() - ended * DAY
    )
    assert move_from(child, SchoolFactory(), start) == (place if moves else None)
    assert move_from(child, SchoolFactory(), child.known_from) == place


GAPS = {  # main places as (first day, last), the second one's days, the first day without a main one
    "none": ([], (0, None), 0),
    "goes on": ([(0, None)], (5, None), None),
    "begins later": ([(5, None)], (0, None), 0),
    "ends first": ([(0, 9)], (5, None), 9),
    "ends first, and so does the second": ([(0, 9)], (5, 9), None),
    "the next begins on that day": ([(0, 9), (9, None)], (5, None), None),
    "the next begins a day later": ([(0, 9), (10, None)], (5, 99), 9),
    "had ended": ([(0, 5)], (5, 9), 5),
}


@pytest.mark.parametrize("case", GAPS)
def test_the_first_day_on_which_no_main_place_holds(case):
    mains, (start, end), gap = GAPS[case]

    def day(number):
        return None if number is None else START + number * DAY

    held = [Enrolment(kind="single", start=day(begins), end=day(ends)) for begins, ends in mains]
    held.append(Enrolment(kind="guest", start=START))
    assert gap_after(held[::-1], day(start), day(end)) == day(gap)


# ---------------------------------------------------------------- stops


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def stopped(monkeypatch):
    """What the stop was asked; it refuses."""
    asked: list[stops.SchoolStep] = []
    looks = [lambda step: ALLOW, lambda step: asked.append(step) or refuse("Settle it first.", "A rule"), fails]
    monkeypatch.setattr(stops, "ENROLMENT_LOOKS", looks)
    return asked


def fails(step):
    raise AssertionError("A look after the first refusal is not asked.")


def test_registered_looks_are_asked_in_turn(monkeypatch):
    monkeypatch.setattr(stops, "ENROLMENT_LOOKS", [])
    monkeypatch.setattr(stops, "PLACEMENT_LOOKS", [])
    step = stops.SchoolStep(None, None, START, None, None)
    place = stops.PlacementStep(None, START, "stays", None)
    assert (stops.before_enrolment(step), stops.before_placement(place)) == (ALLOW, ALLOW)
    no, later = refuse("No.", "A rule"), refuse("Never.")
    for register in (stops.stops_enrolment, stops.stops_placement):
        for answer in (ALLOW, no, later):
            register(lambda asked, answer=answer: answer)
    assert (stops.before_enrolment(step), stops.before_placement(place)) == (no, no)


def test_a_stop_holds_up_the_action_and_leaves_everything(cast, stopped):
    before = list(cast.amy.enrolments.values())
    with pytest.raises(Refused) as refused:
        schools.enrol(child=cast.amy, school=cast.other_school, start=today(), year_group=4, by=cast.data)
    assert (refused.value.verdict.reason, refused.value.verdict.source) == ("Settle it first.", "A rule")
    assert stopped == [stops.SchoolStep(cast.amy, cast.other_school, today(), 4, cast.data)]
    assert list(cast.amy.enrolments.values()) == before
    assert not AuditEvent.objects.filter(verb__startswith="enrolment").exists()
    assert not Event.objects.filter(kind__startswith="enrolment").exists()


def test_a_stop_holds_up_the_page_with_its_reason_and_source(client, cast, stopped):
    client.force_login(cast.data)
    day = today()
    sent = {f"start-{part}": getattr(day, part) for part in ("day", "month", "year")} | {
        "school": cast.other_school.urn
    }
    answer = client.post(reverse("children:enrol", args=[cast.amy.uuid]), sent | {"kind": "single"})
    assert answer.status_code == 403
    assert "Settle it first." in answer.content.decode()
    assert len(stopped) == cast.amy.enrolments.count() == 1


def test_the_service_is_not_asked_and_a_place_beside_the_main_school_is_asked_as_such(cast, stopped):
    schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=None)
    assert stopped == []
    with pytest.raises(Refused):
        schools.enrol(child=cast.amy, school=SchoolFactory(), start=today(), kind="guest", by=cast.data)
    assert [step.main for step in stopped] == [False]


def test_a_guest_place_is_asked_of_where_there_is_no_main_school(cast, stopped):
    place = cast.amy.enrolments.get()
    schools.end_enrolment(enrolment=place, end=today(), reason="Moved away", by=cast.data)
    for kind in ("guest", "subsidiary"):
        with pytest.raises(Refused):
            schools.enrol(child=cast.amy, school=cast.other_school, start=today(), kind=kind, by=cast.data)
    assert len(stopped) == 2


def test_nobody_types_that_an_exclusion_ended_a_place(cast):
    with pytest.raises(ValidationError) as refused:
        schools.end_enrolment(
            enrolment=cast.amy.enrolments.get(), end=today(), reason=" permanently Excluded", by=cast.data
        )
    assert list(refused.value.message_dict) == ["reason"]


def test_who_may_not_keep_the_roll_is_told_that_first(cast, stopped):
    with pytest.raises(Refused) as refused:
        schools.enrol(child=cast.amy, school=cast.other_school, start=today(), by=cast.ala)
    assert refused.value.verdict.reason != "Settle it first."
    assert stopped == []


def test_a_second_place_that_outlasts_the_planned_end_of_the_main_one_is_asked_of_as_the_school(cast, stopped):
    place = cast.amy.enrolments.get()
    schools.end_enrolment(enrolment=place, end=today() + 2 * DAY, reason="Moves", by=cast.data)
    stopped_before = list(stopped)
    with pytest.raises(Refused):
        schools.enrol(child=cast.amy, school=cast.other_school, start=today() + DAY, kind="subsidiary", by=cast.data)
    assert (stopped_before, [(step.main, step.start) for step in stopped]) == ([], [(False, today() + DAY)])
    stops.ENROLMENT_LOOKS[1:] = [lambda step: refuse("Alone.") if step.main else ALLOW]
    with pytest.raises(Refused, match="Alone"):
        schools.enrol(child=cast.amy, school=cast.other_school, start=today() + DAY, kind="subsidiary", by=cast.data)
    schools.enrol(
        child=cast.amy, school=cast.other_school, start=today(), end=today() + DAY, kind="guest", by=cast.data
    )


def test_an_end_to_come_can_be_changed_and_one_that_has_come_cannot(client, cast):
    place = cast.amy.enrolments.get()
    client.force_login(cast.data)
    ends = [today() + 60 * DAY, today() + 9 * DAY, today() + 90 * DAY, today()]
    for end in ends:
        schools.end_enrolment(enrolment=place, end=end, reason="Leaves", by=cast.data)
        place.refresh_from_db()
        assert place.end == end
        if end > today():
            page = client.get(reverse("children:enrol", args=[cast.amy.uuid])).content.decode()
            assert reverse("children:end_enrolment", args=[place.uuid]) in page
    with pytest.raises(Conflict):
        schools.end_enrolment(enrolment=place, end=today() + DAY, reason="Leaves", by=cast.data)


def test_a_new_school_shortens_an_end_to_come_and_leaves_what_has_ended(cast):
    place = cast.amy.enrolments.get()
    schools.end_enrolment(enrolment=place, end=today() + 60 * DAY, reason="Leaves", by=None)
    schools.enrol(child=cast.amy, school=cast.other_school, start=today() + 9 * DAY, by=None)
    place.refresh_from_db()
    assert place.end == today() + 9 * DAY
    cast.bob.enrolments.update(end=today() - 30 * DAY)
    with pytest.raises(ValidationError):
        schools.enrol(child=cast.bob, school=cast.school, start=today() - 60 * DAY, by=None)


def test_a_sooner_end_asks_of_the_second_place_that_is_left(cast, stopped):
    place = cast.amy.enrolments.get()
    EnrolmentFactory(child=cast.amy, kind="subsidiary", school=cast.other_school, start=today())
    Enrolment.objects.filter(pk=place.pk).update(end=today() + 60 * DAY, end_reason="Leaves")
    with pytest.raises(Refused):
        schools.end_enrolment(enrolment=place, end=today() + 9 * DAY, reason="Leaves", by=cast.data)
    assert [(step.main, step.start) for step in stopped] == [(True, today() + 9 * DAY)]


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1950, 9, 1), date(2199, 9, 1)])
def test_a_first_day_that_cannot_be_is_said_on_the_page(client, cast, day):
    client.force_login(cast.data)
    sent = {"school": cast.other_school.urn, "kind": "single", "year_group": ""}
    sent |= {"start-day": day.day, "start-month": day.month, "start-year": day.year}
    answer = client.post(reverse("children:enrol", args=[cast.amy.uuid]), sent)
    told = "was born on" if day < today() else "Check the year"
    assert (answer.status_code, told in answer.content.decode()) == (200, True)
    assert cast.amy.enrolments.count() == 1
