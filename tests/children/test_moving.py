"""Which start at a school is a move away from another, and what stops one that has not been settled."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import stops
from children.actions import schools
from children.models import Enrolment, School
from children.moving import EXCLUDED, move_from
from tests import personas
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, SchoolLinkFactory, born_for_year
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Refused, refuse

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
    "the place was ended first, six weeks before": (9, START, {}, START - 41 * DAY, True),
    "no place for longer than the summer": (9, START, {}, START - 42 * DAY, False),
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
