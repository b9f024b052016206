"""No school: the interim PEP of a child of school age, and the termly one of a young person in no education after sixteen."""

from datetime import timedelta

import pytest

from children.actions import schools
from children.models import Alert
from peps.enums import Owner, PepKind, PepState, Seat
from peps.models import Pep
from pupil_premium.models import Release
from tests.factories.children import EnrolmentFactory, SchoolFactory
from tests.factories.moves import let_move
from tests.journeys.travelling import WAITS, Journey, joins, night, sets_out, told_by_night
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

NO_SCHOOL = "education.no_school"
WHY = "Moved here in October. No place yet; a tutor for ten hours. The social worker applies by Friday."


def test_not_on_roll():
    """Written by the social worker with the Virtual School; a school, once there is one, has a PEP of its own by rule."""
    journey = sets_out(year=8, at_school=False)
    EnrolmentFactory(child=journey.child, start=today() - timedelta(days=300), end=today() - timedelta(days=20))
    it_is_opened_by_hand(journey)
    the_night_tells_of_the_gap_and_opens_no_second(journey)
    the_social_worker_and_the_virtual_school_write(journey)
    journey.is_met_and_written("socialworker")
    journey.is_answered_and_read("socialworker")
    the_money_waits_for_a_school(journey)
    a_school_has_its_own(journey)


def it_is_opened_by_hand(journey: Journey) -> None:
    given = {"kind": PepKind.NOT_ON_ROLL, "why": "No school since the move", "due_on": today() + timedelta(days=10)}
    journey["coordinator"].fills("open", journey.child, **given)
    pep = journey.finds()
    assert (pep.kind, pep.school, pep.phase) == (PepKind.NOT_ON_ROLL, None, "S")
    assert Owner.DESIGNATED_TEACHER not in set(pep.sections.values_list("owner", flat=True))


def the_night_tells_of_the_gap_and_opens_no_second(journey: Journey) -> None:
    night()
    assert told_by_night(journey.child, NO_SCHOOL) == {NO_SCHOOL}
    assert list(Pep.objects.filter(child=journey.child)) == [journey.pep]


def the_social_worker_and_the_virtual_school_write(journey: Journey) -> None:
    """Why, since when, what there is meanwhile and who acts by when; nobody sits on a school's seat."""
    journey.plans()
    assert set(journey.invited()) == {Seat.SOCIAL_WORKER, Seat.CARER}
    journey.answers("socialworker", Seat.SOCIAL_WORKER)
    journey.writes("no_school", without_school=WHY, who_is_looking="The social worker")
    journey.writes("attendance", by="coordinator")
    journey.everybody_writes()
    gap = {"without_school_since", "without_school", "interim_provision", "interim_hours", "who_is_looking", "start_by"}
    assert gap == journey.asked["no_school"]
    assert journey.section("attendance").completed_by == journey.people["coordinator"]


def the_money_waits_for_a_school(journey: Journey) -> None:
    assert journey.released() == WAITS
    page = journey["ala"].opens("pupil_premium:release", Release.objects.get(pep=journey.pep)).content.decode()
    assert "This PEP has no school that the money could go to." in page


def a_school_has_its_own(journey: Journey) -> None:
    """The rule pep.new_school; the alert is resolved, and the school's designated teacher finds both PEPs."""
    school = SchoolFactory(name="Cedar School")
    let_move(journey.child, school)
    schools.enrol(child=journey.child, school=school, start=today(), by=journey.people["data"])
    deliver_pending()
    journey.people["teacher"] = journey.people["other_teacher"]
    joins(journey.people["teacher"], school)
    interim, new = journey.again(), Pep.objects.open().get(child=journey.child)
    assert (interim.state, new.kind, new.school, new.previous) == (
        PepState.COMPLETE,
        PepKind.NEW_SCHOOL,
        school,
        interim,
    )
    assert new.clock.rule.key == "pep.new_school"
    assert [journey["teacher"].finds("detail", pep) for pep in (interim, new)] == [200, 200]
    night()
    assert Alert.objects.get(child=journey.child, check_name=NO_SCHOOL).resolved_on == today()


def test_post_16_in_no_education():
    """The duty goes on until eighteen (rule pep.end); it asks for the course that is looked for, and nobody alerts for a school."""
    journey = sets_out(year=12, at_school=False)
    pep = journey.opened_at_night()
    assert (pep.school, pep.phase, told_by_night(journey.child, NO_SCHOOL)) == (None, "16", set())
    journey.plans(by="support")
    assert set(journey.invited()) == {Seat.SOCIAL_WORKER, Seat.CARER}
    journey.answers("socialworker", Seat.SOCIAL_WORKER)
    journey.writes("my_views", by="support")
    none_yet = "In no course. Looks for bricklaying at a college; an open day on 24 November."
    journey.writes("education_now", course_and_provider=none_yet)
    journey.writes("no_school", without_school=WHY)
    journey.everybody_writes()
    journey.holds(by="support")
    journey.sets_a_target("socialworker", costed=False, area="aspiration", goal="70 words a minute")
    journey.everybody_writes()
    assert {
        "course_and_provider",
        "course_progress",
        "no_place_risk",
        "without_school",
        "next_contact",
    } <= journey.asks()
    journey.is_answered_and_read("coordinator")
    assert journey.released() == []
    assert none_yet in journey["iro"].opens("read", journey.pep).content.decode()
