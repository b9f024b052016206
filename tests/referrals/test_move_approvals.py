"""What an approval covers, and for how long: the school that is left, the year, the day, one care placement, what was excepted."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from children import stops
from children.actions import care, education, schools
from children.actions.care import PlacementFacts
from children.enums import EducationAnswer
from children.stops import SchoolStep
from referrals.actions import emergencies
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.actions.moves import MoveFacts
from referrals.enums import Destination, MoveState, StopKey
from referrals.models import SchoolMove
from referrals.moving.gathering import outlook_of
from tests.factories.children import EnrolmentFactory, SchoolFactory, SchoolJudgementFactory
from tests.factories.moves import NominatedOfficerFactory
from tests.referrals.test_move_stops import KEEP, SATISFIED, START, in_year, opened, people, proposed
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

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


def placed(people, answer=EducationAnswer.DISTURBED, on=None):
    return care.record_placement(
        child=people.amy,
        on=on or today(),
        placement=PlacementFacts(placement_type="U1", provider="PR1"),
        same_carer=False,
        reason="CARPL",
        education=answer,
        by=people.coordinator,
    )


def may_be_placed(people, on=None):
    step = stops.PlacementStep(people.amy, on or today(), EducationAnswer.DISTURBED, people.coordinator)
    return bool(stops.before_placement(step))


class TestOneCarePlacement:
    """The nominated officer approves one change of care placement, before it happens."""

    @pytest.fixture
    def move(self, people):
        in_year(people.amy, 10)
        NominatedOfficerFactory(user=people.vsh)
        return approved(people, people.vsh, destination=Destination.SAME, care_too=True)

    def test_none_that_is_dated_before_it_was_given(self, people, move):
        assert (may_be_placed(people, today() - DAY), may_be_placed(people)) == (False, True)

    def test_no_other_whatever_is_answered_of_the_first_later(self, people, move):
        place = placed(people)
        assert not may_be_placed(people, today() + DAY)
        told = {"placement": place, "by": people.socialworker}
        education.answer_education(education="stays", was="disturbed", **told)
        assert not may_be_placed(people, today() + DAY)
        education.answer_education(education="disturbed", was="stays", **told)
        assert SchoolMove.objects.get(pk=move.pk).placement == place

    def test_one_that_is_recorded_after_the_case_was_closed(self, people, move):
        deciding.complete(move=move, words="They moved", by=people.vsh)
        assert placed(people) == SchoolMove.objects.get(pk=move.pk).placement

    def test_none_once_it_was_withdrawn(self, people, move):
        actions.withdraw(move=move, words="Not needed", by=people.socialworker)
        assert not may_be_placed(people)

    def test_none_of_another_year_or_long_after(self, people, move):
        assert may_be_placed(people, move.wanted_on + 90 * DAY)
        assert not may_be_placed(people, move.wanted_on + 91 * DAY)
        assert not may_be_placed(people, date(2027, 9, 6))

    def test_an_answer_put_right_is_held_up_by_no_placement_but_its_own(self, people, move):
        """From “disturbed” to “moves” of one placement, under a case that covers both."""
        SchoolMove.objects.filter(pk=move.pk).update(destination=Destination.SCHOOL)
        place = placed(people)
        education.answer_education(placement=place, education="moves", was="disturbed", by=people.socialworker)
        assert SchoolMove.objects.get(pk=move.pk).placement == place


@pytest.mark.parametrize(
    ("after", "told"),
    [(14 * DAY, ""), (89 * DAY, ""), (91 * DAY, "holds for 90 days"), (500 * DAY, "approved for Year 8")],
)
def test_an_approval_holds_for_its_year_and_not_for_ever(people, after, told):
    in_year(people.amy, 8)
    move = approved(people)
    step = SchoolStep(people.amy, people.other_school, move.wanted_on + after, None, people.data)
    assert told in stops.before_enrolment(step).reason
    assert bool(stops.before_enrolment(step)) is (told == "")


class TestWhatWasExcepted:
    """The head excepts what stood there. What comes later is another question."""

    def line(self, school, on):
        SchoolJudgementFactory(school=school, kind="grade", outcome={"overall": "Inadequate"}, on=on)

    def test_another_judgement_is_not_excepted(self, people):
        in_year(people.amy, 8)
        self.line(people.other_school, date(2024, 3, 1))
        move = proposed(people)
        made = {"move": move, "stop": StopKey.LINE, "school": people.other_school, "by": people.vsh}
        deciding.make_exception(reason="Near", **made)
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        step = SchoolStep(people.amy, people.other_school, today() + START, None, people.data)
        assert stops.before_enrolment(step)
        self.line(people.other_school, date(2024, 6, 3))
        assert "below the line" in stops.before_enrolment(step).reason
        actions.revise(move=move, why="Another inspection", by=people.socialworker)
        deciding.make_exception(reason="Still near", **made)
        assert not [stop for stop in outlook_of(move).open if stop.key == StopKey.LINE]

    def test_another_year_is_not_excepted_and_can_be(self, people):
        in_year(people.amy, 8)
        move = opened(people, year_group=7)
        made = {"move": move, "stop": StopKey.OUT_OF_YEAR, "school": people.other_school, "by": people.vsh}
        deciding.make_exception(reason="New here", **made)
        with pytest.raises(Conflict):
            deciding.make_exception(reason="New here", **made)
        actions.change_facts(move=move, facts=facts(date(2027, 9, 6)), by=people.socialworker)
        move.refresh_from_db()
        assert [stop.settled for stop in outlook_of(move).stops if stop.key == StopKey.OUT_OF_YEAR] == [False]
        deciding.make_exception(reason="Two years down, after all", **made)
        both = ["Year 7 instead of Year 8", "Year 7 instead of Year 9"]
        assert [one.excepted for one in move.exceptions.all()] == both

    def test_one_from_home_education_ends_when_the_case_leads_elsewhere(self, people):
        in_year(people.amy, 8)
        move = opened(people, destination=Destination.HOME)
        deciding.make_exception(move=move, stop=StopKey.HOME, reason="Gravely ill", by=people.vsh)
        for where in (Destination.SCHOOL, Destination.HOME):
            actions.change_facts(move=move, facts=facts(where=where), by=people.socialworker)
        move.refresh_from_db()
        assert [stop.settled for stop in outlook_of(move).stops if stop.key == StopKey.HOME] == [False]
