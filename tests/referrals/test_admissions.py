"""An application for a school place: who applies by the council's rule, what each answer does, and what a direction waits for."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from children.actions import schools
from children.checks.registry import CHECKS
from children.models import AccessGrant, Child, Clock, Enrolment
from referrals.actions import admissions as actions
from referrals.actions.admissions import StepFacts
from referrals.admissions_days import days_out
from referrals.enums import ApplicationEvent as E
from referrals.enums import Destination, MoveState
from referrals.models import Application, ApplicationStep, ProposedSchool, SchoolMove
from referrals.policies import admissions as policies
from referrals.timeline import admissions as timeline
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.admissions import ApplicationFactory
from tests.factories.children import AccessGrantFactory, ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.rulebook import RuleFactory, set_rule
from virtualschool.jobs import events
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook.models import Rule

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MAINTAINED, ACADEMY = "Local authority maintained schools", "Academies"
APPLY = {"vsh", "ala", "coordinator"}


@pytest.fixture
def people():
    """Amy has no school since last week."""
    cast = personas.cast()
    AccessGrant.objects.all().delete()
    Enrolment.objects.filter(child=cast.amy).update(end=today() - 7 * DAY)
    return cast


@pytest.fixture
def school():
    return SchoolFactory(type_group=MAINTAINED)


def applied(people, school, by=None, **more):
    return actions.apply(child=people.amy, school=school, by=by or people.coordinator, key=uuid4(), **more)


def step(one, event, by, words="They said so", ground="", on=None):
    return actions.step(application=one, event=event, facts=StepFacts(on or today(), words, ground), by=by)


def on_day(day, name="on"):
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def running(one):
    return set(Clock.objects.running().filter(matter=one.matter).values_list("rule__key", flat=True))


class TestApplying:
    @pytest.mark.parametrize(
        ("rule", "who"),
        [("virtual_school_with_social_worker", APPLY), ("social_worker", {"socialworker", "manager"})],
    )
    def test_by_whom_is_the_councils_rule(self, people, rule, who):
        Rule.objects.filter(key=policies.WHO_APPLIES).update(effective_to=today())
        RuleFactory(key=policies.WHO_APPLIES, value=rule, effective_from=today())
        for role, user in people.people.items():
            assert bool(policies.can_apply_for(user, people.amy)) is (role in who), role
        assert not policies.can_apply_for(people.outsiders["socialworker"], people.amy)

    def test_it_opens_the_child_to_the_admissions_team_with_its_clocks_and_mails(self, people, school):
        officer = people.admissions
        assert not Child.objects.visible_to(officer).exists()
        one = applied(people, school)
        assert list(Child.objects.visible_to(officer)) == [people.amy]
        assert running(one) == {"admissions.in_year.aim", "admissions.in_year.limit"}
        assert one.with_worker == people.socialworker
        mails = Message.objects.filter(kind="admissions.applied")
        assert {mail.to_id for mail in mails} == {officer.pk, people.outsiders["admissions"].pk}
        assert all(mail.urgent and "Amy" not in mail.key for mail in mails)

    def test_twice_under_one_key_is_one_and_another_of_the_school_is_refused(self, people, school):
        key = uuid4()
        given = {"child": people.amy, "school": school, "by": people.ala, "key": key}
        assert actions.apply(**given) == actions.apply(**given)
        with pytest.raises(ValidationError, match="applied for already"):
            applied(people, school)
        with pytest.raises(Conflict):
            actions.apply(**{**given, "child": people.bob})
        assert Application.objects.count() == 1

    def test_not_for_a_child_with_a_school_and_not_to_a_closed_one(self, people, school):
        with pytest.raises(Refused, match="has a school"):
            actions.apply(child=people.bob, school=school, by=people.ala, key=uuid4())
        with pytest.raises(ValidationError, match="is closed"):
            applied(people, SchoolFactory(closed=True))

    @pytest.mark.parametrize(
        ("state", "emergency", "proposed", "allowed"),
        [
            (MoveState.DRAFT, False, True, False),
            (MoveState.PROPOSED, False, True, False),
            (MoveState.APPROVED, False, True, True),
            (MoveState.APPROVED, False, False, False),
            (MoveState.ACTED, True, False, True),
            (MoveState.WITHDRAWN, False, True, False),
        ],
    )
    def test_of_a_move_once_it_is_approved_and_to_its_schools(
        self, people, school, state, emergency, proposed, allowed
    ):
        move = self.move(people, state, emergency)
        if proposed:
            ProposedSchool.objects.create(move=move, school=school)
        if allowed:
            one = applied(people, school, move=move)
            assert (one.emergency, SchoolMove.objects.get().state) == (emergency, MoveState.APPLIED)
            step(one, E.OFFER, people.admissions)
            assert SchoolMove.objects.get().state == MoveState.OFFERED
        else:
            with pytest.raises(Refused):
                applied(people, school, move=move)

    def test_an_open_move_is_not_gone_round_and_another_childs_is_no_help(self, people, school):
        move = self.move(people, MoveState.PROPOSED)
        with pytest.raises(Refused, match="open school move"):
            applied(people, school)
        with pytest.raises(Conflict):
            actions.apply(child=people.bob, school=school, by=people.ala, key=uuid4(), move=move)

    def move(self, people, state, emergency=False):
        decided = {"decided_by": people.vsh, "decided_on": today()} if state == MoveState.APPROVED else {}
        acted = {"acted_on": today(), "acted_why": "It could not wait"} if emergency else {}
        return SchoolMove.objects.create(
            child=people.amy,
            state=state,
            since=today(),
            destination=Destination.SCHOOL,
            wanted_on=today(),
            reason="No place",
            opened_on=today(),
            proposed_by=people.socialworker,
            emergency=emergency,
            **decided,
            **acted,
        )


class TestAnswers:
    @pytest.mark.parametrize(
        ("event", "state", "left"),
        [
            (E.OFFER, "offered", set()),
            (E.WAIT, "waiting_list", set()),
            (E.REFUSE, "refused", set()),
            (E.FAIR_ACCESS, "fair_access", {"admissions.fair_access"}),
        ],
    )
    def test_each_stops_its_clocks_and_tells_whoever_applied(self, people, school, event, state, left):
        one = applied(people, school)
        ground = "full" if event in actions.GROUNDED else ""
        assert step(one, event, people.admissions, ground=ground).state == state
        assert running(one) == left
        told = Message.objects.filter(kind="admissions.answered", urgent=True).values_list("to", flat=True)
        assert set(told) == {people.coordinator.pk, people.socialworker.pk}

    def test_whoever_works_with_the_child_today_is_told_and_named(self, client, people, school):
        one = applied(people, school)
        new = UserFactory(role="socialworker", name="Nora Newworker")
        people.amy.relationships.filter(kind="social_worker").update(user=new)
        step(one, E.REFUSE, people.admissions, ground="full")
        told = Message.objects.filter(kind="admissions.answered").values_list("to", flat=True)
        assert set(told) == {people.coordinator.pk, new.pk}
        client.force_login(people.admissions)
        shown = client.get(one.get_absolute_url()).content.decode()
        assert (new.name in shown, people.socialworker.name in shown) == (True, False)

    def test_behaviour_is_recorded_as_said_and_flagged(self, people, school):
        one = step(applied(people, school), E.REFUSE, people.admissions, ground="behaviour")
        assert (one.challenge, one.steps.last().ground) == (True, "behaviour")
        other = step(applied(people, SchoolFactory()), E.REFUSE, people.admissions, ground="full")
        assert other.challenge is False

    @pytest.mark.parametrize(
        ("words", "ground", "days"),
        [("", "full", 0), ("No", "", 0), ("No", "because", 0), ("No", "full", 1), ("No", "full", -1)],
    )
    def test_what_does_not_fit(self, people, school, words, ground, days):
        one = applied(people, school)
        with pytest.raises(ValidationError):
            step(one, E.REFUSE, people.admissions, words, ground, on=today() + days * DAY)

    def test_a_double_click_is_one_step_and_two_people_are_told_apart(self, people, school):
        one = applied(people, school)
        step(one, E.OFFER, people.admissions)
        step(one, E.OFFER, people.admissions)
        assert one.steps.count() == 2
        with pytest.raises(Conflict):
            step(one, E.REFUSE, people.outsiders["admissions"], ground="full")

    def test_accepting_ends_it_and_the_officers_reach(self, people, school):
        one = step(applied(people, school), E.OFFER, people.admissions)
        with pytest.raises(Refused):
            step(one, E.ACCEPT, people.admissions)
        step(one, E.ACCEPT, people.ala)
        assert not Child.objects.visible_to(people.admissions).exists()
        assert not Application.objects.visible_to(people.admissions).exists()
        with pytest.raises(Refused):
            step(one, E.WITHDRAW, people.admissions)
        with pytest.raises(Conflict):
            step(one, E.WITHDRAW, people.ala)

    def test_the_head_ends_it_whoever_applies_by_the_councils_rule(self, people, school):
        one = step(applied(people, school), E.OFFER, people.admissions)
        set_rule(policies.WHO_APPLIES, "social_worker")
        for who in ("vsh", "ala", "socialworker"):
            assert policies.can_step(people[who], one, E.ACCEPT), who
        assert not policies.can_step(people.coordinator, one, E.ACCEPT)
        assert step(one, E.WITHDRAW, people.vsh).state == "withdrawn"

    def test_nobody_else_answers(self, people, school):
        one = applied(people, school)
        for role in ("socialworker", "manager", "iro", "teacher", "sen", "data", "support", "dpo"):
            with pytest.raises(Refused):
                step(one, E.OFFER, people[role])


class TestDirection:
    @pytest.fixture
    def refused(self, people, school):
        return step(applied(people, school), E.REFUSE, people.admissions, ground="full")

    def test_seven_days_and_seven_days_for_a_maintained_school(self, people, refused):
        step(refused, E.CONSULT, people.vsh)
        assert running(refused) == {policies.REPRESENTATIONS}
        with pytest.raises(Refused, match="days are not over"):
            step(refused, E.NOTIFY, people.vsh)
        with time_machine.travel(today() + 8 * DAY):
            step(refused, E.NOTIFY, people.vsh)
            assert running(refused) == {policies.WAIT}
            with pytest.raises(Refused, match="days are not over"):
                step(refused, E.DIRECT, people.vsh)
        with time_machine.travel(today() + 16 * DAY):
            assert step(refused, E.DIRECT, people.vsh).state == "directed"
            assert running(refused) == set()

    def test_never_a_school_that_excluded_the_child(self, people, refused):
        place = Enrolment.objects.get(child=people.amy)
        Enrolment.objects.filter(pk=place.pk).update(school=refused.school, end_reason="Permanently excluded")
        with pytest.raises(Refused, match="permanently excluded the child"):
            step(refused, E.CONSULT, people.vsh)

    def test_an_academy_by_the_secretary_of_state_alone_and_no_clock(self, people, refused):
        with pytest.raises(Refused, match="Secretary of State"):
            step(refused, E.ASK, people.vsh)
        refused.school.type_group = ACADEMY
        refused.school.save()
        with pytest.raises(Refused, match="cannot direct an academy"):
            step(refused, E.CONSULT, people.vsh)
        step(refused, E.ASK, people.vsh)
        assert running(refused) == set()
        step(refused, E.DECLINE, people.vsh)
        step(refused, E.ASK, people.vsh, words="Once more")
        assert step(refused, E.DIRECT, people.vsh).state == "directed"

    @pytest.mark.parametrize(
        ("group", "name", "kind"),
        [
            (MAINTAINED, "Community school", "maintained"),
            ("", "Voluntary aided school", "maintained"),
            ("", "Foundation school", "maintained"),
            (ACADEMY, "Academy converter", "academy"),
            ("Free Schools", "Free schools", "academy"),
            ("", "University technical college", "academy"),
            ("Independent schools", "Other independent school", ""),
            ("", "", ""),
        ],
    )
    def test_who_may_direct_a_school(self, group, name, kind):
        assert policies.kind_of(SchoolFactory.build(type_group=group, type_name=name)) == kind

    def test_a_school_of_which_nothing_is_known_is_not_directed(self, people):
        one = step(applied(people, SchoolFactory()), E.REFUSE, people.admissions, ground="full")
        with pytest.raises(Refused, match="not known"):
            step(one, E.CONSULT, people.vsh)


class TestReach:
    def test_only_applications_that_are_open_to_the_officer(self, people, school):
        ours = applied(people, school)
        ended = ApplicationFactory(child=people.amy)
        elsewhere = ApplicationFactory(child=people.bob)
        assert list(Application.objects.visible_to(people.admissions)) == [ours]
        AccessGrantFactory(child=people.bob, user=people.admissions, kind="admission", matter="referrals.Other:1")
        assert elsewhere not in Application.objects.visible_to(people.admissions)
        assert ended not in Application.objects.visible_to(people.admissions)
        for role in ("teacher", "sen", "support", "dpo"):
            assert not Application.objects.visible_to(people[role]).exists(), role

    def test_a_grant_that_ended_opens_nothing(self, people, school):
        one = applied(people, school)
        AccessGrant.objects.update(closes_at="2020-01-01T00:00Z", opened_at="2019-01-01T00:00Z")
        with pytest.raises(Refused):
            step(one, E.OFFER, people.admissions)


class TestElsewhere:
    def test_a_place_on_a_roll_takes_up_one_and_withdraws_the_others(self, people, school):
        offered = step(applied(people, school), E.OFFER, people.admissions)
        other = applied(people, SchoolFactory())
        schools.enrol(child=people.amy, school=school, start=today(), by=None)
        events.deliver_pending()
        states = dict(Application.objects.values_list("pk", "state"))
        assert states == {offered.pk: "accepted", other.pk: "withdrawn"}
        assert not Child.objects.visible_to(people.admissions).exists()

    def test_a_leaver_applies_for_nothing(self, people, school):
        one = applied(people, school)
        assert actions.end_for_child(child_id=people.amy.pk, on=today(), why="The child left care.") == 1
        assert running(one) == set()
        assert Application.objects.get().state == "withdrawn"

    def test_the_night_finds_each_date_that_ran_out(self, people, school):
        one = applied(people, school)
        find = CHECKS["admissions.answer_overdue"].find
        late = Clock.objects.get(matter=one.matter, rule__key="admissions.in_year.limit").due_on + DAY
        assert list(find(on=today(), children=Child.objects.all())) == []
        found = list(find(on=late, children=Child.objects.all()))
        assert [finding.child_id for finding in found] == [people.amy.pk] * 2
        assert len({finding.evidence["sentence"] for finding in found}) == 2
        step(one, E.OFFER, people.admissions)
        assert list(find(on=late, children=Child.objects.all())) == []

    def test_the_timeline_tells_it_to_those_who_read_it(self, people, school):
        applied(people, school)
        assert [moment.title for moment in timeline.moments(people.amy, user=people.iro)] == [
            f"Applied for the place at {school.name}"
        ]
        assert timeline.moments(people.amy, user=people.sen) == []


class TestPages:
    def test_from_applying_to_a_refusal_that_is_challenged(self, client, people, school):
        client.force_login(people.coordinator)
        where = reverse("admissions:apply", args=[people.amy.uuid])
        sent = {
            "school": school.urn,
            "facts": "Plays the cornet",
            "emergency": "on",
            "key": str(uuid4()),
            **on_day(today()),
        }
        client.post(where, sent)
        client.post(where, sent)
        one = Application.objects.get()
        client.force_login(people.admissions)
        listed = client.get(reverse("admissions:list")).content.decode()
        assert ("Emergency" in listed, school.name in listed) == (True, True)
        shown = client.get(one.get_absolute_url()).content.decode()
        assert [words in shown for words in ("Plays the cornet", "A child in care", people.socialworker.name)] == [
            True
        ] * 3
        page = reverse("admissions:step", args=[one.uuid, "refuse"])
        assert "is not refused, or passed to the fair access panel" in client.get(page).content.decode()
        answer = client.post(page, {**on_day(today()), "ground": "behaviour", "words": "Too difficult"}, follow=True)
        assert "Challenging behaviour is no ground for a child in care" in answer.content.decode()
        assert "To be challenged" in client.get(one.get_absolute_url()).content.decode()

    def test_of_an_approved_move_one_of_its_schools_is_applied_for(self, client, people, school):
        move = TestApplying().move(people, MoveState.APPROVED)
        ProposedSchool.objects.create(move=move, school=school)
        where = reverse("admissions:apply_for_move", args=[move.uuid])
        client.force_login(people.coordinator)
        assert where in client.get(move.get_absolute_url()).content.decode()
        other = client.post(where, {"school": str(people.other_school.uuid)})
        assert (other.status_code, Application.objects.count()) == (200, 0)
        client.post(where, {"school": str(school.uuid), "facts": "", "key": str(uuid4()), **on_day(today())})
        assert (Application.objects.get().move, SchoolMove.objects.get().state) == (move, MoveState.APPLIED)
        client.force_login(people.socialworker)
        assert client.get(where).status_code == 403

    def test_a_stale_page_and_a_step_that_there_is_not(self, client, people, school):
        one = step(applied(people, school), E.OFFER, people.admissions)
        client.force_login(people.admissions)
        assert client.get(reverse("admissions:step", args=[one.uuid, "wait"])).status_code == 409
        assert client.get(reverse("admissions:step", args=[one.uuid, "sent"])).status_code == 404
        assert client.get(reverse("admissions:step", args=[one.uuid, "x" * 300])).status_code == 404
        assert client.get(reverse("admissions:step", args=[one.uuid, "accept"])).status_code == 403

    def test_the_home_of_an_officer_begins_with_it(self, client, people, school):
        applied(people, school, emergency=True)
        client.force_login(people.admissions)
        shown = client.get(reverse("overview:home")).content.decode()
        assert ("Applications for school places" in shown, "emergency, school day" in shown) == (True, True)

    def test_an_ended_child_is_no_longer_there(self, client, people, school):
        one = applied(people, school)
        client.force_login(people.admissions)
        assert client.get(one.get_absolute_url()).status_code == 200
        actions.end_for_child(child_id=people.amy.pk, on=today(), why="The child left care.")
        assert client.get(one.get_absolute_url()).status_code == 404


def test_children_out_of_school_are_counted_in_school_days(people, django_assert_max_num_queries):
    other = ChildFactory(in_care=True)
    UserFactory()
    with django_assert_max_num_queries(6):
        found = days_out([people.amy.pk, people.bob.pk, other.pk], today())
    assert people.bob.pk not in found
    assert ApplicationStep.objects.count() == 0
    assert set(found) == {people.amy.pk, other.pk}


def test_a_guest_place_that_ended_is_no_school_that_was_left():
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, start=today() - 300 * DAY, end=today() - 30 * DAY)
    alone = days_out([child.pk], today())[child.pk]
    EnrolmentFactory(child=child, kind="guest", start=today() - 20 * DAY, end=today() - DAY)
    assert days_out([child.pk], today()) == {child.pk: alone}
    assert alone.days > 10
    assert alone.dates[0] >= today() - 30 * DAY


def test_kinds_of_school_that_nobody_directs():
    school = SchoolFactory(type_group="Special schools", type_name="Non-maintained special school")
    assert policies.kind_of(school) == ""
