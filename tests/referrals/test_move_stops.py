"""Each hard stop of a school move, and every way round it that somebody might try: page, action, import, stale link, another's hand."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from children import stops
from children.actions import care, schools
from children.actions.care import PlacementFacts
from children.enums import EducationAnswer
from children.imports.report import Report
from children.imports.roll import import_roll
from children.imports.source import SourceFile
from children.models import Child, Enrolment
from referrals.actions import emergencies
from referrals.actions import follow_moves as follow
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.actions.move_decisions import Conditions
from referrals.actions.moves import KeepFacts, MoveFacts
from referrals.checks.moves import without_case
from referrals.enums import AwardingBody, Destination, MoveState, MoveView, StopKey
from referrals.models import Consultation, MoveDecision, NominatedOfficer, SchoolMove, SenMatter
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import SchoolFactory, SchoolJudgementFactory
from tests.factories.courses import ChildCourseFactory, SchoolCourseFactory
from tests.factories.moves import NominatedOfficerFactory
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.kernel.workflow import NotNow

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = 14 * DAY
SATISFIED = Conditions(wishes="Wants it", provision="Fits the PEP", teacher="Agrees", officer="Agrees")
KEEP = KeepFacts(possible=False, miles=None, minutes=90, payer="unknown", words="Too far")


@pytest.fixture
def people():
    cast = personas.cast()
    cast.amy.enrolments.get().school.__class__.objects.filter(pk=cast.school.pk).update(high_age=18)
    return cast


def in_year(child, year):
    child.date_of_birth = date(2022 - year, 3, 1)
    child.save(update_fields=["date_of_birth"])
    return child


def opened(people, *, destination=Destination.SCHOOL, care_too=False, by=None, school=None, year_group=None, on=None):
    facts = MoveFacts(
        destination=destination, wanted_on=on or today() + START, reason="It cannot go on", changes_care=care_too
    )
    by = by or people.socialworker
    move = actions.open_move(child=people.amy, facts=facts, by=by)
    actions.answer_keep(move=move, keep=KEEP, by=by)
    if destination == Destination.SCHOOL:
        actions.add_school(move=move, school=school or people.other_school, by=by, year_group=year_group)
    return move


def proposed(people, **how):
    move = opened(people, **how)
    by = how.get("by") or people.socialworker
    actions.propose(move=move, by=by)
    for view in move.consultations.all():
        deciding.record_view(view=view, said=MoveView.FOR, words="Yes", who="They", by=people.ala)
    move.refresh_from_db()
    return move


def enrolled(people):
    return Enrolment.objects.filter(child=people.amy, school=people.other_school).exists()


def every_way_onto_the_roll(client, people, school, year_group=None):
    """What each way answered: the action, the page, and the council's file with a start to come."""
    start = today() + START
    got = []
    try:
        schools.enrol(child=people.amy, school=school, start=start, by=people.coordinator, year_group=year_group)
        got.append("in")
    except Refused as refused:
        got.append(refused.verdict.source)
    client.force_login(people.coordinator)
    sent = {"school": school.urn, "kind": "single", "year_group": "" if year_group is None else year_group}
    sent |= {"start-day": start.day, "start-month": start.month, "start-year": start.year}
    got.append(client.post(reverse("children:enrol", args=[people.amy.uuid]), sent).status_code)
    row = f"child_id,last_name,school_urn,school_start\n{people.amy.child_id},{people.amy.last_name},{school.urn},{start:%d/%m/%Y}\n"
    report = Report()
    import_roll([SourceFile("roll.csv", row.encode())], report=report, options={})
    got.append(any("set aside" in remark.reason for remark in report.flagged))
    return got


class TestWithoutACase:
    def test_nobody_is_put_on_another_roll(self, client, people):
        source, page, aside = every_way_onto_the_roll(client, people, people.other_school)
        assert ("Devon" in source, page, aside, enrolled(people)) == (True, 403, True, False)

    def test_a_draft_a_proposal_and_a_refusal_let_nobody_in(self, client, people):
        in_year(people.amy, 8)
        move = opened(people)
        assert every_way_onto_the_roll(client, people, people.other_school)[1:] == [403, True]
        actions.propose(move=move, by=people.socialworker)
        assert every_way_onto_the_roll(client, people, people.other_school)[1:] == [403, True]
        deciding.decide(move=move, approved=False, words="No", by=people.ala)
        assert every_way_onto_the_roll(client, people, people.other_school)[1:] == [403, True]
        assert not enrolled(people)

    def test_an_approval_is_for_the_schools_that_were_proposed(self, client, people):
        in_year(people.amy, 8)
        move = proposed(people)
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        another = SchoolFactory()
        assert every_way_onto_the_roll(client, people, another)[1:] == [403, True]
        with pytest.raises(Refused):
            schools.enrol(
                child=people.amy, school=people.other_school, start=today() + START, by=people.data, year_group=7
            )
        deciding.put_on_roll(move=move, school=people.other_school, start=today() + START, by=people.coordinator)
        assert enrolled(people)

    def test_what_the_council_says_has_happened_is_kept_and_told(self, people):
        row = f"child_id,last_name,school_urn,school_start\n{people.amy.child_id},{people.amy.last_name},{people.other_school.urn},{today():%d/%m/%Y}\n"
        import_roll([SourceFile("roll.csv", row.encode())], report=Report(), options={})
        assert enrolled(people)
        found = list(without_case(on=today(), children=Child.objects.all()))
        assert [one.child_id for one in found] == [people.amy.pk]
        assert people.other_school.name in found[0].evidence["sentence"]


class TestWhoDecides:
    def test_who_proposed_or_opened_it_never_approves(self, client, people):
        in_year(people.amy, 8)
        move = proposed(people, by=people.ala)
        with pytest.raises(Refused, match="You proposed"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        client.force_login(people.ala)
        assert client.get(reverse("moves:decide", args=[move.uuid])).status_code == 403
        # opened by one and proposed by another: neither decides
        actions.revise(move=move, why="again", by=people.vsh)
        actions.propose(move=move, by=people.vsh)
        for one in (people.ala, people.vsh):
            with pytest.raises(Refused):
                deciding.decide(move=move, approved=True, words="Yes", by=one)
        deciding.decide(move=move, approved=True, words="Yes", by=UserFactory(role="ala"))

    def test_year_6_goes_to_the_head(self, people):
        in_year(people.amy, 6)
        move = proposed(people)
        with pytest.raises(Refused, match="Virtual School Head"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        assert Message.objects.filter(to=people.vsh, kind="move.to_decide", urgent=True).exists()
        assert deciding.decide(move=move, approved=True, words="Yes", by=people.vsh).state == MoveState.APPROVED

    def test_two_at_once_decide_once(self, people):
        in_year(people.amy, 8)
        move = proposed(people)
        seen = SchoolMove.objects.get(pk=move.pk)
        deciding.decide(move=move, approved=False, words="No", by=people.vsh)
        with pytest.raises((Refused, NotNow)):
            deciding.decide(move=seen, approved=True, words="Yes", by=people.ala)
        assert MoveDecision.objects.filter(move=move).count() == 1

    def test_the_database_holds_to_it(self, people):
        move = proposed(people)
        with pytest.raises(IntegrityError), transaction.atomic():
            SchoolMove.objects.filter(pk=move.pk).update(
                state="approved", decided_by=move.proposed_by, decided_on=today()
            )

    def test_nothing_is_approved_before_everybody_was_asked(self, people):
        in_year(people.amy, 8)
        move = opened(people)
        actions.propose(move=move, by=people.socialworker)
        with pytest.raises(Refused, match="Still to be asked"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)

    def test_nothing_is_proposed_before_the_school_could_be_kept_was_asked(self, people):
        facts = MoveFacts(destination=Destination.SCHOOL, wanted_on=today() + START, reason="It cannot go on")
        move = actions.open_move(child=people.amy, facts=facts, by=people.socialworker)
        actions.add_school(move=move, school=people.other_school, by=people.socialworker)
        with pytest.raises(Refused, match="how far"):
            actions.propose(move=move, by=people.socialworker)


class TestNominatedOfficer:
    @pytest.fixture
    def move(self, people):
        in_year(people.amy, 11)
        return proposed(people)

    def test_the_head_without_a_nomination_does_not_decide(self, people, move):
        for one in (people.vsh, people.ala):
            with pytest.raises(Refused, match="nomination"):
                deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=one)

    def test_nor_one_whose_nomination_ended_yesterday_or_begins_tomorrow(self, people, move):
        NominatedOfficerFactory(user=people.vsh, start=today() - 30 * DAY, end=today())
        NominatedOfficerFactory(user=people.ala, start=today() + DAY)
        for one in (people.vsh, people.ala):
            with pytest.raises(Refused, match="nomination"):
                deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=one)

    def test_nor_before_the_courses_have_a_match_or_a_plan(self, people, move):
        NominatedOfficerFactory(user=people.vsh)
        with pytest.raises(Refused) as refused:
            deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=people.vsh)
        assert "match or a plan" in refused.value.verdict.reason

    def test_each_of_the_four_conditions_is_recorded(self, people, move, settled_courses):
        NominatedOfficerFactory(user=people.vsh)
        settled_courses(move)
        for missing in ("wishes", "provision", "teacher", "officer"):
            partly = Conditions(**{**SATISFIED.__dict__, missing: "  "})
            with pytest.raises(Exception, match=missing):
                deciding.decide(move=move, approved=True, words="Yes", conditions=partly, by=people.vsh)
        done = deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=people.vsh)
        assert (done.state, MoveDecision.objects.get().nomination.user) == (MoveState.APPROVED, people.vsh)

    def test_the_child_the_teacher_and_the_reviewing_officer_cannot_be_called_unasked(self, people, move):
        for who in ("child", "teacher_now", "iro"):
            view = move.consultations.get(consultee=who)
            with pytest.raises(Exception, match="the law has this person consulted"):
                deciding.record_view(view=view, said=MoveView.UNASKED, words="No time", who="", by=people.ala)

    def test_an_approval_of_year_9_does_not_carry_into_year_10(self, client, people):
        in_year(people.amy, 9)
        move = proposed(people)
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        with pytest.raises(Refused, match="nominated officer"):
            deciding.put_on_roll(move=move, school=people.other_school, start=date(2027, 9, 6), by=people.coordinator)
        assert not enrolled(people)

    @pytest.mark.parametrize("answer", [EducationAnswer.DISTURBED, EducationAnswer.MOVES])
    def test_a_care_placement_that_disrupts_waits_for_the_approval(self, client, people, answer):
        in_year(people.amy, 10)
        before = people.amy.care_placements.count()
        with pytest.raises(Refused) as refused:
            self.placed(people, answer)
        assert "regulation 10" in refused.value.verdict.source
        client.force_login(people.coordinator)
        on = today()
        sent = {"on-day": on.day, "on-month": on.month, "on-year": on.year, "same_carer": "no", "reason": "CARPL"}
        sent |= {"placement_type": "U1", "education": answer.value}
        assert client.post(reverse("children:placement", args=[people.amy.uuid]), sent).status_code == 403
        assert people.amy.care_placements.count() == before

    def test_in_an_emergency_it_does_not_wait_and_a_case_is_open_with_its_clocks(self, people):
        in_year(people.amy, 10)
        self.placed(people, EducationAnswer.EMERGENCY)
        deliver_pending()
        move = SchoolMove.objects.get(child=people.amy)
        due = {clock.rule.key for clock in actions.clocks_of(move)}
        assert (move.state, move.emergency, due) == (
            MoveState.ACTED,
            True,
            {"move.account_after_emergency", "education.emergency"},
        )

    def placed(self, people, answer):
        return care.record_placement(
            child=people.amy,
            on=today(),
            placement=PlacementFacts(placement_type="U1", provider="PR1"),
            same_carer=False,
            reason="CARPL",
            education=answer,
            by=people.coordinator,
        )


class TestWhereTo:
    def test_home_education_is_refused_but_by_the_heads_exception(self, people):
        in_year(people.amy, 8)
        move = proposed(people, destination=Destination.HOME)
        with pytest.raises(Refused, match="not educated at home"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        with pytest.raises(Refused):
            deciding.make_exception(move=move, stop=StopKey.HOME, reason="Why not", by=people.ala)
        deciding.make_exception(move=move, stop=StopKey.HOME, reason="Gravely ill", by=people.vsh)
        assert deciding.decide(move=move, approved=True, words="Yes", by=people.ala).state == MoveState.APPROVED

    def test_another_year_group_is_refused_but_by_the_heads_exception(self, client, people):
        in_year(people.amy, 8)
        move = proposed(people, year_group=7)
        with pytest.raises(Refused, match="out of the year group"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        assert every_way_onto_the_roll(client, people, people.other_school, year_group=7)[:2][1] == 403
        deciding.make_exception(
            move=move, stop=StopKey.OUT_OF_YEAR, school=people.other_school, reason="New here", by=people.vsh
        )
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        deciding.put_on_roll(move=move, school=people.other_school, start=today() + START, by=people.coordinator)
        assert Enrolment.objects.get(child=people.amy, school=people.other_school).year_group == 7

    def test_a_school_below_the_line_is_refused_also_to_a_child_without_a_school(self, client, people):
        people.amy.enrolments.update(end=today() - 90 * DAY)
        below = SchoolFactory()
        SchoolJudgementFactory(school=below, kind="grade", outcome={"overall": "Inadequate"}, on=date(2024, 3, 1))
        source, page, aside = every_way_onto_the_roll(client, people, below)
        assert (page, aside, "guidance" in source or "Promoting" in source) == (403, True, True)

    def test_a_judgement_after_the_approval_closes_the_way_again(self, people):
        in_year(people.amy, 8)
        move = proposed(people)
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        SchoolJudgementFactory(
            school=people.other_school, kind="grade", outcome={"overall": "Inadequate"}, on=date(2024, 3, 1)
        )
        with pytest.raises(Refused, match="below the line"):
            deciding.put_on_roll(move=move, school=people.other_school, start=today() + START, by=people.coordinator)

    def test_an_emergency_does_not_lift_them(self, people):
        in_year(people.amy, 8)
        move = opened(people, year_group=7)
        emergencies.act_now(move=move, why="At once", by=people.socialworker)
        with pytest.raises(Refused, match="out of the year group"):
            deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.coordinator)

    def test_an_exception_ends_with_what_it_was_made_for(self, people):
        in_year(people.amy, 8)
        move = proposed(people, destination=Destination.HOME)
        deciding.make_exception(move=move, stop=StopKey.HOME, reason="Gravely ill", by=people.vsh)
        actions.revise(move=move, why="Changed", by=people.socialworker)
        assert move.exceptions.count() == 0

    def test_no_exception_where_there_is_no_such_stop(self, people):
        in_year(people.amy, 8)
        move = proposed(people)
        with pytest.raises(Conflict):
            deciding.make_exception(move=move, stop=StopKey.HOME, reason="Why", by=people.vsh)


class TestWaysThatWereOpen:
    """What somebody who tried found once."""

    def below(self):
        school = SchoolFactory()
        SchoolJudgementFactory(school=school, kind="grade", outcome={"overall": "Inadequate"}, on=date(2024, 3, 1))
        return school

    def test_schools_go_when_the_case_leads_nowhere_else(self, people):
        in_year(people.amy, 8)
        move = opened(people, school=self.below())
        home = MoveFacts(destination=Destination.SAME, changes_care=True, wanted_on=today() + START, reason="x")
        actions.change_facts(move=move, facts=home, by=people.socialworker)
        assert move.schools.count() == 0

    def test_home_education_is_no_emergency(self, people):
        in_year(people.amy, 8)
        move = opened(people, destination=Destination.HOME)
        with pytest.raises(Refused, match="not educated at home"):
            emergencies.act_now(move=move, why="Now", by=people.socialworker)
        other = MoveFacts(destination=Destination.SCHOOL, wanted_on=today(), reason="x")
        actions.change_facts(move=move, facts=other, by=people.socialworker)
        emergencies.act_now(move=move, why="Now", by=people.socialworker)
        home = MoveFacts(destination=Destination.HOME, wanted_on=today(), reason="x")
        with pytest.raises(Refused, match="not educated at home"):
            actions.change_facts(move=move, facts=home, by=people.socialworker)

    def test_an_emergency_covers_no_start_that_can_be_planned(self, people):
        in_year(people.amy, 11)
        move = opened(people)
        emergencies.act_now(move=move, why="Now", by=people.socialworker)
        with pytest.raises(Refused, match="without delay"):
            deciding.put_on_roll(move=move, school=people.other_school, start=today() + 90 * DAY, by=people.data)
        deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data)

    def test_an_emergency_placement_does_not_take_a_proposal_past_the_officer(self, people):
        in_year(people.amy, 11)
        move = proposed(people)
        follow.open_for_placement(child_id=people.amy.pk, education="emergency", on=today().isoformat())
        assert SchoolMove.objects.get(pk=move.pk).state == MoveState.PROPOSED

    def test_a_second_place_is_no_way_in(self, people):
        in_year(people.amy, 8)
        enrol = {"child": people.amy, "start": today(), "by": people.data, "kind": "subsidiary"}
        with pytest.raises(Refused, match="below the line"):
            schools.enrol(school=self.below(), **enrol)
        schools.enrol(school=people.other_school, **enrol)
        main = people.amy.enrolments.get(kind="single")
        with pytest.raises(Refused, match="change of school"):
            schools.end_enrolment(enrolment=main, end=today() + DAY, reason="Moved", by=people.data)

    def test_an_exception_is_for_one_school_and_not_for_its_namesake(self, people):
        in_year(people.amy, 8)
        one, two = self.below(), self.below()
        type(one).objects.filter(pk__in=[one.pk, two.pk]).update(name="St Mary's School")
        move = opened(people, school=one)
        actions.add_school(move=move, school=two, by=people.socialworker)
        deciding.make_exception(move=move, stop=StopKey.LINE, school=one, reason="Near", by=people.vsh)
        actions.propose(move=move, by=people.socialworker)
        for view in move.consultations.all():
            deciding.record_view(view=view, said=MoveView.FOR, words="Yes", who="They", by=people.ala)
        with pytest.raises(Refused, match="below the line"):
            deciding.decide(move=move, approved=True, words="Yes", by=people.ala)

    def test_who_acted_makes_no_exception(self, people):
        in_year(people.amy, 8)
        move = opened(people, year_group=7)
        emergencies.act_now(move=move, why="Now", by=people.vsh)
        with pytest.raises(Refused, match="You proposed"):
            deciding.make_exception(
                move=move, stop=StopKey.OUT_OF_YEAR, school=people.other_school, reason="x", by=people.vsh
            )

    def test_nobody_answers_for_the_sen_officers(self, people):
        in_year(people.amy, 8)
        people.amy.sen_records.create(status="E", start=today() - 90 * DAY, plan_on=today() - 90 * DAY)
        move = opened(people)
        actions.propose(move=move, by=people.socialworker)
        view = move.consultations.get(consultee="sen")
        with pytest.raises(Refused, match="their own matter"):
            deciding.record_view(view=view, said=MoveView.UNASKED, words="Too slow", who="", by=people.socialworker)

    def test_a_refused_move_closes_the_sen_notice_and_a_new_proposal_tells_anew(self, people):
        in_year(people.amy, 8)
        people.amy.sen_records.create(status="E", start=today() - 90 * DAY, plan_on=today() - 90 * DAY)
        move = opened(people)
        actions.propose(move=move, by=people.socialworker)
        deciding.decide(move=move, approved=False, words="No", by=people.ala)
        assert [matter.open for matter in SenMatter.objects.all()] == [False]
        actions.revise(move=move, why="Better now", by=people.socialworker)
        actions.propose(move=move, by=people.socialworker)
        assert sorted(matter.open for matter in SenMatter.objects.all()) == [False, True]

    def test_a_child_whom_the_roll_has_there_already_is_taken_up(self, people):
        in_year(people.amy, 8)
        move = proposed(people)
        here = schools.enrol(child=people.amy, school=people.other_school, start=today(), by=None)
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)
        assert deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data) == here
        assert SchoolMove.objects.get(pk=move.pk).new_place == here

    def test_a_case_after_the_fact_accounts_for_the_move(self, people):
        in_year(people.amy, 11)
        here = schools.enrol(child=people.amy, school=people.other_school, start=today() - 3 * DAY, by=None)
        move = opened(people, on=here.start)
        assert move.from_place.school == people.school
        emergencies.act_now(move=move, why="It was done over the weekend", by=people.socialworker)
        assert deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.data) == here
        assert list(without_case(on=today(), children=Child.objects.all())) == []

    def test_an_approval_covers_one_placement(self, people):
        in_year(people.amy, 10)
        NominatedOfficerFactory(user=people.vsh)
        move = proposed(people, destination=Destination.SAME, care_too=True)
        deciding.decide(move=move, approved=True, words="Yes", conditions=SATISFIED, by=people.vsh)
        TestNominatedOfficer().placed(people, EducationAnswer.DISTURBED)
        again = stops.PlacementStep(people.amy, today() + DAY, EducationAnswer.DISTURBED, people.coordinator)
        assert "does not take effect" in stops.before_placement(again).reason

    def test_what_was_said_is_read_by_those_who_read_such_words(self, client, people):
        in_year(people.amy, 8)
        move = proposed(people)
        move.consultations.filter(consultee="parents").update(words="Zqparentswords")
        move.consultations.filter(consultee="child").update(words="Zqchildswords")
        reads = {}
        for role in ("vsh", "socialworker", "iro", "coordinator", "data"):
            client.force_login(people[role])
            shown = client.get(move.get_absolute_url()).content.decode()
            reads[role] = ("Zqparentswords" in shown, "Zqchildswords" in shown)
        both, none = (True, True), (False, False)
        assert reads == {"vsh": both, "socialworker": both, "iro": (False, True), "coordinator": none, "data": none}


class TestPages:
    """Stale links, another's hands and double clicks answer 403, 404 or 409, and change nothing."""

    def test_deeds_of_a_decided_case(self, client, people):
        in_year(people.amy, 8)
        move = proposed(people)
        deciding.decide(move=move, approved=False, words="No", by=people.ala)
        client.force_login(people.socialworker)
        got = {
            name: client.post(reverse(f"moves:{name}", args=[move.uuid]), {"words": "x", "why": "x"}).status_code
            for name in ("edit", "keep", "school", "propose", "act", "account", "withdraw")
        }
        assert set(got.values()) == {403}
        assert client.get(reverse("moves:exception", args=[move.uuid, "nothing"])).status_code in (403, 404)

    def test_every_page_of_a_draft_opens(self, client, people):
        move = opened(people)
        client.force_login(people.socialworker)
        names = ("detail", "edit", "keep", "school", "propose", "act", "withdraw")
        got = {name: client.get(reverse(f"moves:{name}", args=[move.uuid])).status_code for name in names}
        assert got == dict.fromkeys(names, 200)
        drop = {"drop": people.other_school.urn}
        assert [client.post(reverse("moves:school", args=[move.uuid]), drop).status_code for _ in range(2)] == [
            302,
            409,
        ]

    def test_a_stranger_finds_nothing(self, client, people):
        move = proposed(people)
        view = move.consultations.first()
        for one in (people.outsiders["socialworker"], people.outsiders["iro"], people.teacher, people.support):
            client.force_login(one)
            assert client.get(move.get_absolute_url()).status_code == 404
        client.force_login(people.outsiders["teacher"])
        assert client.get(view.get_absolute_url()).status_code == 404

    def test_the_present_teacher_answers_for_the_school_and_reads_no_circumstances(self, client, people):
        in_year(people.amy, 8)
        move = opened(people)
        SchoolMove.objects.filter(pk=move.pk).update(circumstances="Zqcircumstances of the home")
        actions.propose(move=move, by=people.socialworker)
        view = Consultation.objects.get(move=move, consultee="teacher_now")
        client.force_login(people.teacher)
        page = client.get(view.get_absolute_url())
        assert (page.status_code, "Zqcircumstances" in page.content.decode()) == (200, False)
        assert client.post(view.get_absolute_url(), {"said": "against", "words": "Keep her here"}).status_code == 302
        view.refresh_from_db()
        assert (view.view, view.answered_by) == ("against", people.teacher)
        other = Consultation.objects.get(move=move, consultee="iro")
        assert client.get(other.get_absolute_url()).status_code == 404

    def test_a_double_click_proposes_once_and_nominates_once(self, client, people):
        in_year(people.amy, 8)
        move = opened(people)
        client.force_login(people.socialworker)
        url = reverse("moves:propose", args=[move.uuid])
        assert [client.post(url).status_code for _ in range(2)] == [302, 403]
        client.force_login(people.vsh)
        officer = str(people.ala.uuid)
        sent = {"user": officer, "start-day": "11", "start-month": "11", "start-year": "2026", "authority": "Letter"}
        assert [client.post(reverse("moves:officers"), sent).status_code for _ in range(2)] == [302, 200]
        assert NominatedOfficer.objects.filter(user=people.ala).count() == 1

    def test_a_second_case_is_refused(self, client, people):
        move = opened(people)
        client.force_login(people.ala)
        sent = {
            "kind": "school",
            "wanted_on-day": "1",
            "wanted_on-month": "12",
            "wanted_on-year": "2026",
            "reason": "x",
        }
        assert client.post(reverse("moves:open", args=[people.amy.uuid]), sent).status_code == 409
        assert list(SchoolMove.objects.all()) == [move]


def test_the_whole_way_of_a_year_8_move(people):
    in_year(people.amy, 8)
    move = proposed(people)
    deciding.decide(move=move, approved=True, words="It serves her", by=people.ala)
    deciding.offered(move=move, school=people.other_school, by=people.ala)
    deciding.put_on_roll(move=move, school=people.other_school, start=today(), by=people.coordinator)
    move.refresh_from_db()
    assert (move.state, move.new_place.school) == (MoveState.ON_ROLL, people.other_school)
    with pytest.raises(Refused):
        actions.withdraw(move=move, words="x", by=people.socialworker)
    deciding.complete(move=move, words="Settled", by=people.ala)
    assert SchoolMove.objects.get().state == MoveState.COMPLETE


def test_leaving_care_closes_the_case(people):
    move = opened(people)
    care.leave_care(child=people.amy, on=today(), reason="E4A", by=people.data)
    deliver_pending()
    move.refresh_from_db()
    assert (move.state, move.ended_words) == (MoveState.WITHDRAWN, "The child left care.")


@pytest.fixture
def settled_courses(people):
    """Records one course that the proposed school teaches under the same code."""

    def settle(move):
        same = {"subject": "Mathematics", "specification_code": "8300", "awarding_body": AwardingBody.AQA}
        ChildCourseFactory(child=people.amy, **same)
        SchoolCourseFactory(school=people.other_school, **same)

    return settle
