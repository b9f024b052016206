"""Emergencies, what is asked anew when another move is proposed, and places that were to begin and never did."""

from datetime import timedelta

import pytest

from children.actions import care, schools
from children.actions.care import PlacementFacts
from children.enums import EducationAnswer
from children.models import Clock, PeriodOfCare
from peps.enums import PepState
from referrals.actions import emergencies
from referrals.actions import follow_moves as follow
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.actions.moves import MoveFacts
from referrals.checks import moves as checks
from referrals.consumers import close_moves
from referrals.enums import Destination, MoveState, MoveView, StopKey
from referrals.models import SchoolMove, SenMatter
from referrals.moving.gathering import outlook_of
from tests.factories.accounts import UserFactory
from tests.factories.children import SchoolFactory
from tests.factories.moves import NominatedOfficerFactory
from tests.factories.peps import PepFactory
from tests.referrals.test_move_stops import DAY, KEEP, START, in_year, opened, people, proposed
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

__all__ = ["people"]
pytestmark = pytest.mark.django_db
ACCOUNT, EDUCATION = actions.ACCOUNT, actions.EDUCATION


def again(move):
    return SchoolMove.objects.get(pk=move.pk)


def clocks_of(move):
    return {clock.rule.key: clock for clock in Clock.objects.filter(matter=move.matter).select_related("rule")}


def with_plan(child):
    child.sen_records.create(status="E", start=today() - 90 * DAY, plan_on=today() - 90 * DAY)


def acted(people, **how):
    move = opened(people, **how)
    return emergencies.act_now(move=move, why="Tonight", by=people.socialworker)


def taken_back(move, people):
    actions.revise(move=move, why="It can wait after all", by=people.socialworker)
    return again(move)


class TestNoWayPastTheOfficer:
    """In Years 10 and 11 (regulation 10)."""

    def test_what_was_taken_back_from_an_emergency_is_proposed_as_anything_else(self, people):
        in_year(people.amy, 11)
        move = taken_back(acted(people), people)
        actions.propose(move=move, by=people.socialworker)
        ahead = outlook_of(again(move))
        assert {StopKey.NOMINATED, StopKey.HEAD, StopKey.TWO} <= {stop.key for stop in ahead.stops}
        with pytest.raises(Refused, match="only the nominated officer"):
            deciding.decide(move=again(move), approved=True, words="Yes", by=people.ala)

    def test_what_the_officer_refused_its_proposer_does_not_carry_out_as_an_emergency(self, people):
        in_year(people.amy, 11)
        NominatedOfficerFactory(user=people.vsh)
        move = proposed(people)
        deciding.decide(move=move, approved=False, words="Not in Year 11", by=people.vsh)
        move = taken_back(move, people)
        for who in (people.socialworker, people.manager):
            with pytest.raises(Refused, match="was refused"):
                emergencies.act_now(move=move, why="It cannot wait", by=who)
        emergencies.act_now(move=move, why="The carer left tonight", by=people.ala)
        assert Message.objects.filter(to=people.vsh, kind="move.emergency", urgent=True).exists()

    def test_the_officer_hears_of_every_emergency_in_these_years(self, people):
        officer = UserFactory(role="ala")
        NominatedOfficerFactory(user=officer)
        in_year(people.amy, 10)
        acted(people)
        assert Message.objects.filter(to=officer, kind="move.emergency").count() == 1

    @pytest.mark.parametrize("state", [MoveState.PROPOSED, MoveState.APPROVED, MoveState.OFFERED])
    def test_an_emergency_at_home_is_told_and_accounted_for_and_lets_nobody_onto_a_roll(self, people, state):
        in_year(people.amy, 11)
        move = proposed(people)
        SchoolMove.objects.filter(pk=move.pk).update(state=state, decided_by=people.vsh, decided_on=today())
        placed(people, EducationAnswer.EMERGENCY, today() - 3 * DAY)
        move = again(move)
        assert (move.state, move.emergency, move.owes_account) == (state, False, True)
        assert {key: clock.started_on for key, clock in clocks_of(move).items()} == dict.fromkeys(
            (ACCOUNT, EDUCATION), today() - 3 * DAY
        )
        assert Message.objects.filter(to=people.vsh, kind="move.emergency").exists()
        with pytest.raises(Refused):
            schools.enrol(child=people.amy, school=people.other_school, start=today(), by=people.coordinator)

    def test_a_second_move_while_the_first_waits_for_its_pep_is_a_case_of_its_own(self, people):
        move = on_roll(people)
        follow.open_for_placement(child_id=people.amy.pk, education="moves", on=today().isoformat())
        assert again(move).state == MoveState.ON_ROLL  # the placement of this move, told after the roll
        for _ in range(2):
            follow.open_for_placement(child_id=people.amy.pk, education="emergency", on=(today() + DAY).isoformat())
        second = SchoolMove.objects.open().get(child=people.amy)
        assert (again(move).state, second.state, second.emergency) == (MoveState.COMPLETE, MoveState.ACTED, True)

    def test_home_education_is_not_reached_through_a_placement(self, people):
        in_year(people.amy, 8)
        move = opened(people, destination=Destination.HOME)
        follow.open_for_placement(child_id=people.amy.pk, education="emergency", on=today().isoformat())
        assert (again(move).state, again(move).owes_account) == (MoveState.DRAFT, True)


class TestClocks:
    def test_they_count_from_the_day_of_the_move_not_of_the_typing(self, people):
        in_year(people.amy, 8)
        day = today() - 6 * DAY
        placed(people, EducationAnswer.EMERGENCY, day)
        move = SchoolMove.objects.get(child=people.amy)
        assert {clock.started_on for clock in clocks_of(move).values()} == {day}
        assert move.acted_on == day

    @pytest.mark.parametrize("days", [-1, 400])
    def test_a_day_to_come_or_long_ago_is_refused(self, people, days):
        in_year(people.amy, 8)
        with pytest.raises(Exception, match="the day on which the child had to move"):
            emergencies.act_now(move=opened(people), why="x", by=people.socialworker, on=today() - timedelta(days=days))

    def test_acting_again_starts_them_anew_and_owes_another_account(self, people):
        in_year(people.amy, 8)
        move = acted(people)
        emergencies.account_for(move=move, words="All told", by=people.socialworker)
        move = taken_back(move, people)
        emergencies.act_now(move=move, why="And again", by=people.socialworker)
        move = again(move)
        assert move.owes_account
        assert {clock.state for clock in clocks_of(move).values()} == {"running"}

    def test_the_account_stays_due_when_the_case_ends_or_is_taken_back(self, people):
        in_year(people.amy, 8)
        move = taken_back(acted(people), people)
        assert move.owes_account
        actions.withdraw(move=move, words="Not needed", by=people.socialworker)
        assert {key: clock.state for key, clock in clocks_of(move).items()} == {
            ACCOUNT: "running",
            EDUCATION: "cancelled",
        }
        emergencies.account_for(move=again(move), words="All told", by=people.socialworker)
        assert clocks_of(move)[ACCOUNT].state == "met"

    def test_the_account_answers_whether_the_school_could_be_kept(self, people):
        in_year(people.amy, 8)
        facts = MoveFacts(destination=Destination.SCHOOL, wanted_on=today(), reason="At once")
        move = actions.open_move(child=people.amy, facts=facts, by=people.socialworker)
        emergencies.act_now(move=move, why="Tonight", by=people.socialworker)
        with pytest.raises(Refused, match="could be kept"):
            emergencies.account_for(move=move, words="All told", by=people.socialworker)
        SchoolMove.objects.filter(pk=move.pk).update(state=MoveState.OFFERED)
        actions.answer_keep(move=again(move), keep=KEEP, by=people.socialworker)
        emergencies.account_for(move=again(move), words="All told", by=people.socialworker)

    def test_a_place_that_comes_late_is_taken_all_the_same_and_one_to_come_is_planned(self, people):
        in_year(people.amy, 8)
        move = emergencies.act_now(move=opened(people), why="x", by=people.socialworker, on=today() - 60 * DAY)
        assert clocks_of(move)[EDUCATION].due_on < today()
        with pytest.raises(Refused, match="without delay"):
            deciding.put_on_roll(move=move, school=people.other_school, start=today() + DAY, by=people.data)
        deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data)

    def test_another_destination_after_acting_starts_what_it_owes(self, people):
        in_year(people.amy, 8)
        with_plan(people.amy)
        move = acted(people, destination=Destination.SAME, care_too=True)
        assert set(clocks_of(move)) == {ACCOUNT}
        facts = MoveFacts(destination=Destination.SCHOOL, changes_care=True, wanted_on=today(), reason="Too far")
        actions.change_facts(move=again(move), facts=facts, by=people.socialworker)
        actions.add_school(move=again(move), school=people.other_school, by=people.socialworker)
        assert set(clocks_of(move)) == {ACCOUNT, EDUCATION}
        assert {"teacher_new", "admissions", "sen"} <= set(move.consultations.values_list("consultee", flat=True))


class TestAskedAnew:
    def asked(self, people):
        in_year(people.amy, 8)
        with_plan(people.amy)
        move = proposed_with_plan(people)
        return taken_back(move, people)

    def test_another_school_is_another_move(self, people):
        move = self.asked(people)
        actions.drop_school(move=move, school=people.other_school, by=people.socialworker)
        actions.add_school(move=again(move), school=SchoolFactory(), by=people.socialworker)
        actions.propose(move=again(move), by=people.socialworker)
        with pytest.raises(Refused, match="Still to be asked: the child"):
            deciding.decide(move=again(move), approved=True, words="Yes", by=people.ala)
        assert [one.words for one in move.consultations.filter(consultee="child")] == ["Yes"]
        assert sorted(one.open for one in SenMatter.objects.filter(about=move.matter)) == [False, True]
        view = move.consultations.get(consultee="child")
        deciding.record_view(view=view, said=MoveView.AGAINST, words="Not there", who="Amy", by=people.ala)
        assert "child" in outlook_of(again(move)).facts.heard

    def test_the_same_move_proposed_again_keeps_what_was_said(self, people):
        move = self.asked(people)
        facts = MoveFacts(destination=Destination.SCHOOL, wanted_on=move.wanted_on + DAY, reason="Said better")
        actions.change_facts(move=move, facts=facts, by=people.socialworker)
        actions.propose(move=again(move), by=people.socialworker)
        assert "child" in outlook_of(again(move)).facts.heard

    def test_the_page_says_of_which_proposal_they_spoke(self, client, people):
        move = self.asked(people)
        actions.add_school(move=move, school=SchoolFactory(), by=people.socialworker)
        client.force_login(people.ala)
        page = client.get(move.get_absolute_url()).content.decode()
        assert "of what was proposed before" in page


class TestSenOfficers:
    def test_hear_of_a_case_that_a_placement_opened(self, people):
        in_year(people.amy, 8)
        with_plan(people.amy)
        follow.open_for_placement(child_id=people.amy.pk, education="moves", on=today().isoformat())
        assert SenMatter.objects.open().filter(child=people.amy).count() == 1
        assert Message.objects.filter(to=people.socialworker, kind="move.opened").count() == 1

    def test_hear_when_a_plan_is_recorded_while_a_case_is_under_way(self, people):
        in_year(people.amy, 8)
        move = opened(people)
        actions.propose(move=move, by=people.socialworker)
        with_plan(people.amy)
        follow.plan_recorded(child_id=people.amy.pk)
        assert move.consultations.filter(consultee="sen").count() == 1
        assert SenMatter.objects.open().filter(about=move.matter).count() == 1


class TestAfterTheRoll:
    def test_a_place_that_never_began_leaves_what_was_permitted(self, people):
        move = on_roll(people, start=today() + START)
        place = again(move).new_place
        schools.end_enrolment(enrolment=place, end=place.start, reason="Withdrawn", by=people.data)
        for _ in range(2):
            follow.left_by_roll(enrolment_id=place.pk)
        assert (again(move).state, again(move).new_place) == (MoveState.APPROVED, None)
        assert Message.objects.filter(to=people.socialworker, kind="move.fell_through").count() == 1

    def test_a_place_that_began_and_ended_closes_the_case(self, people):
        move = on_roll(people)
        place, left = again(move).new_place, again(move).from_place
        type(place).objects.filter(pk=left.pk).update(end=today() - DAY)
        type(place).objects.filter(pk=place.pk).update(start=today() - DAY, end=today())
        follow.left_by_roll(enrolment_id=place.pk)
        assert again(move).state == MoveState.COMPLETE

    def test_an_emergency_is_owed_education_again(self, people):
        in_year(people.amy, 8)
        move = acted(people)
        deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data)
        assert clocks_of(move)[EDUCATION].state == "met"
        place = again(move).new_place
        type(place).objects.filter(pk=place.pk).update(end=today())
        follow.left_by_roll(enrolment_id=place.pk)
        assert (again(move).state, clocks_of(move)[EDUCATION].state) == (MoveState.ACTED, "running")

    def test_education_that_begins_after_it_was_due_is_told(self, people):
        in_year(people.amy, 8)
        move = acted(people)
        place = deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data)
        due = clocks_of(move)[EDUCATION].due_on
        type(place).objects.filter(pk=place.pk).update(start=due + 9 * DAY)
        found = checks.no_education(on=due + DAY, children=type(people.amy).objects.all())
        assert [finding.child_id for finding in found] == [people.amy.pk]

    def test_an_account_after_the_pep_completes_it(self, people):
        in_year(people.amy, 8)
        move = acted(people)
        place = deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data)
        done = PepFactory(
            child=people.amy,
            period=PeriodOfCare.objects.get(child=people.amy),
            school=place.school,
            state=PepState.COMPLETE,
            completed_on=today(),
            grade="green",
        )
        follow.complete_by_pep(pep_id=done.pk)
        assert again(move).state == MoveState.ON_ROLL
        emergencies.account_for(move=again(move), words="All told", by=people.socialworker)
        assert again(move).state == MoveState.COMPLETE

    def test_news_of_an_old_end_of_care_closes_nothing_of_the_next_time(self, people):
        move = opened(people)
        late = type("Event", (), {"data": {"child": people.amy.pk, "end": (today() - 900 * DAY).isoformat()}})
        close_moves(late)
        assert again(move).state == MoveState.DRAFT


def placed(people, answer, on):
    care.record_placement(
        child=people.amy,
        on=on,
        placement=PlacementFacts(placement_type="U1", provider="PR1"),
        same_carer=False,
        reason="CARPL",
        education=answer,
        by=people.coordinator,
    )
    deliver_pending()


def proposed_with_plan(people):
    move = opened(people)
    actions.propose(move=move, by=people.socialworker)
    for view in move.consultations.exclude(consultee="sen"):
        deciding.record_view(view=view, said=MoveView.FOR, words="Yes", who="They", by=people.ala)
    return again(move)


def on_roll(people, start=None):
    in_year(people.amy, 8)
    move = proposed(people)
    deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
    deciding.put_on_roll(move=again(move), school=people.other_school, start=start or today(), by=people.data)
    return move
