"""The child moves to another school after the meeting: the new school finishes the PEP, sends it in, and gets the money."""

import pytest

from children.actions import schools
from children.models import School
from pupil_premium.models import Release
from tests.journeys.travelling import PAID, Journey, sets_out
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


def test_another_school_after_the_meeting():
    journey = sets_out(year=4)
    journey.opened_at_night()
    journey.prepares()
    journey.holds()
    journey.sets_a_target()
    school = School.objects.get(name="Birch School")
    the_child_moves(journey, school)
    the_new_school_sees_what_was_asked_for(journey)
    journey.everybody_writes()
    journey.is_answered_and_read()
    assert journey.released() == PAID
    assert Release.objects.get(pep=journey.pep).school == school


def the_child_moves(journey: Journey, school: School) -> None:
    """The first school's teacher finds nothing of it from that day, and the other one writes on."""
    schools.enrol(child=journey.child, school=school, start=today(), by=None)
    deliver_pending()
    first = journey["teacher"]
    assert {first.finds(view, journey.pep) for view in ("detail", "targets", "submit")} == {404}
    journey.stands_up()
    journey.people["teacher"] = journey.people["other_teacher"]
    assert journey.again().school == school


def the_new_school_sees_what_was_asked_for(journey: Journey) -> None:
    """So nobody asks for it a second time."""
    assert "Reading tuition" in journey["teacher"].opens("targets", journey.pep).content.decode()
