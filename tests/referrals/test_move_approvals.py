"""What an approval covers, and for how long: the school that is left, the year, the day, one care placement, what was excepted."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from children import stops
from children.actions import schools
from children.enums import EducationAnswer
from children.stops import SchoolStep
from referrals.actions import emergencies
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.actions.moves import MoveFacts
from referrals.enums import Destination, MoveState
from referrals.models import SchoolMove
from referrals.moving.gathering import outlook_of
from tests.factories.children import EnrolmentFactory, SchoolFactory
from tests.factories.moves import NominatedOfficerFactory
from tests.referrals.test_move_stops import KEEP, SATISFIED, START, in_year, opened, people, proposed
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

__all__ = ["people"]  # the fixture

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def approved(people, by=None, **how):
    move = proposed(people, **how)
    return deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=by or people.ala)


def ended(people, on):
    return schools.end_enrolment(enrolment=people.amy.enrolments.get(), end=on, reason="Left", by=people.data)


def facts(on=None, where=Destination.SCHOOL):
    return MoveFacts(destination=where, wanted_on=on or today() + START, reason="It cannot go on")


class TestTheSchoolThatIsLeft:
    """To end the school before the case is opened, or to begin one after it, takes nobody's question away."""

    @pytest.mark.parametrize("on", [DAY * 0, DAY * -20, DAY * 3])
    def test_a_school_that_somebody_ended_lately_is_still_asked(self, people, on):
        in_year(people.amy, 11)
        ended(people, today() + on)
        move = actions.open_move(child=people.amy, facts=facts(), by=people.socialworker)
        actions.add_school(move=move, school=people.other_school, by=people.socialworker)
        with pytest.raises(Refused, match="how far"):
            actions.propose(move=move, by=people.socialworker)
        actions.answer_keep(move=move, keep=KEEP, by=people.socialworker)
        actions.propose(move=move, by=people.socialworker)
        assert move.consultations.filter(consultee="teacher_now").exists()

    def test_a_school_that_began_while_the_case_was_open_is_asked(self, people):
        in_year(people.amy, 8)
        people.amy.enrolments.update(end=today() - 100 * DAY)
        move = actions.open_move(child=people.amy, facts=facts(), by=people.socialworker)
        assert move.from_place is None
        actions.add_school(move=move, school=people.other_school, by=people.socialworker)
        here = EnrolmentFactory(child=people.amy, school=SchoolFactory(high_age=18), start=today() - DAY)
        with pytest.raises(Refused, match="how far"):
            actions.propose(move=move, by=people.socialworker)
        actions.answer_keep(move=move, keep=KEEP, by=people.socialworker)
        assert SchoolMove.objects.get(pk=move.pk).from_place == here

    def test_one_that_began_after_the_proposal_keeps_it_from_being_decided(self, people):
        in_year(people.amy, 8)
        people.amy.enrolments.update(end=today() - 100 * DAY)
        move = proposed(people)
        EnrolmentFactory(child=people.amy, school=SchoolFactory(high_age=18), start=today() - DAY)
        with pytest.raises(Refused, match="designated teacher"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)

    def test_what_the_teacher_of_another_school_said_is_not_the_word_of_this_one(self, people):
        in_year(people.amy, 8)
        move = proposed(people)
        people.amy.enrolments.update(end=today() - DAY)
        EnrolmentFactory(child=people.amy, school=SchoolFactory(high_age=18), start=today() - DAY)
        with pytest.raises(Refused, match="designated teacher"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)

    def test_one_that_began_after_the_approval_is_not_left_by_it(self, people):
        in_year(people.amy, 8)
        people.amy.enrolments.update(end=today() - 100 * DAY)
        move = approved(people)
        step = SchoolStep(people.amy, people.other_school, today() + START, None, people.data)
        assert stops.before_enrolment(step)
        EnrolmentFactory(child=people.amy, school=SchoolFactory(high_age=18), start=today() - DAY)
        assert "was decided for a child at no school" in stops.before_enrolment(step).reason
        assert move.state == MoveState.APPROVED

    def test_the_present_school_is_asked_and_not_the_one_before(self, people):
        in_year(people.amy, 8)
        people.amy.enrolments.update(end=today() - 60 * DAY)
        here = EnrolmentFactory(child=people.amy, school=people.other_school, start=today() - 60 * DAY)
        move = actions.open_move(child=people.amy, facts=facts(), by=people.socialworker)
        assert move.from_place == here
        with pytest.raises(ValidationError, match="Nothing would move"):
            actions.add_school(move=move, school=people.other_school, by=people.socialworker)
        # wanted from the day of the move that happened, the case accounts for that one
        actions.change_facts(move=move, facts=facts(here.start), by=people.socialworker)
        assert SchoolMove.objects.get(pk=move.pk).from_place.school == people.school
        actions.add_school(move=move, school=people.other_school, by=people.socialworker)

    def test_the_page_of_a_draft_asks_of_the_school_as_the_roll_has_it(self, client, people):
        people.amy.enrolments.update(end=today() - 100 * DAY)
        move = opened(people, school=SchoolFactory())
        EnrolmentFactory(child=people.amy, school=people.other_school, start=today() - DAY)
        client.force_login(people.socialworker)
        shown = client.get(move.get_absolute_url()).content.decode()
        assert (f"/{move.uuid}/keep/" in shown, outlook_of(move).facts.on_roll) == (True, True)


def test_an_approval_that_was_taken_back_covers_no_care_placement(people):
    """Neither while it is a draft, nor once the case is acted on as an emergency."""
    in_year(people.amy, 10)
    NominatedOfficerFactory(user=people.vsh)
    move = approved(people, people.vsh, destination=Destination.SAME, care_too=True)
    step = stops.PlacementStep(people.amy, today(), EducationAnswer.DISTURBED, people.coordinator)
    assert stops.before_placement(step)
    actions.revise(move=move, why="Not after all", by=people.socialworker)
    assert not stops.before_placement(step)
    emergencies.act_now(move=move, why="At once", by=people.socialworker)
    assert not stops.before_placement(step)
