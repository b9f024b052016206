"""What the roll does to a planned start that a school move case let in."""

from datetime import date, timedelta

import pytest

from children import stops
from children.models import Enrolment
from referrals.enums import MoveState
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, born_for_year
from tests.factories.moves import ProposedSchoolFactory, SchoolMoveFactory
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_another_day_for_an_approved_start_is_covered_as_long_as_the_approval_is():
    child = ChildFactory(in_care=True, date_of_birth=born_for_year(9))
    old, new, start = SchoolFactory(high_age=18), SchoolFactory(), today() + 14 * DAY
    held = EnrolmentFactory(child=child, school=old, start=today() - 300 * DAY, end=start)
    place = EnrolmentFactory(child=child, school=new, start=start)
    move = SchoolMoveFactory(child=child, approved=True, from_place=held)
    ProposedSchoolFactory(move=move, school=new)
    type(move).objects.filter(pk=move.pk).update(state=MoveState.ON_ROLL, new_place=place)

    def answer(on, school=new, planned: Enrolment | None = place):
        return stops.before_enrolment(stops.SchoolStep(child, school, on, None, None, True, planned))

    assert answer(start + 2 * DAY)
    assert "nominated officer" in answer(date(2027, 9, 6)).reason
    assert "change of school" in answer(start + 2 * DAY, SchoolFactory()).reason, "another school than the case has"
    type(move).objects.filter(pk=move.pk).update(new_place=None)
    assert "change of school" in answer(start + 2 * DAY).reason, "a place that no case let in"
