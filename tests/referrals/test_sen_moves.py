"""The SEN team is told of a move at once, reaches the child while it is open, answers in time, and reaches nobody after."""

from datetime import date

import pytest

from children.models import AccessGrant, Child, Clock
from referrals.actions import sen as actions
from referrals.actions.sen_steps import StepFacts, take_step
from referrals.models import SenMatter, SenStep
from referrals.notifications import sen as notifications
from referrals.sen_matters import of_move
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import SchoolFactory, SenRecordFactory
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import events
from virtualschool.jobs.models import Delivery, Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
MOVE = "referrals.SchoolMove:0f0f0f0f-0000-4000-8000-000000000001"


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def officer() -> User:
    """An SEN officer who reaches no child but by a matter."""
    return UserFactory(role="sen", name="Olu Officer")


def tell(people, child=None, matter=MOVE) -> SenMatter:
    child = child or people.amy
    return actions.tell_of_move(
        child=child, matter=matter, reason="A move of school is proposed", by=people.socialworker
    )


def answer(notice: SenMatter, by: User, **facts) -> SenMatter:
    facts = {"on": today(), "words": "Name a special school", "can_meet": "no"} | facts
    return take_step(matter=notice, event="answer", facts=StepFacts(**facts), by=by)


class TestTold:
    def test_opens_a_notice_with_its_date_and_reach_and_mails(self, people, officer):
        SenRecordFactory(child=people.amy, status="E", maintained_by="878")
        notice = tell(people)
        assert (notice.kind, notice.state, notice.council, notice.about) == ("move", "waiting", "878", MOVE)
        clock = Clock.objects.get(matter=notice.key)
        assert (clock.rule.key, clock.started_on, clock.due_on) == ("sen.move_answer", today(), date(2026, 11, 17))
        grant = AccessGrant.objects.get(matter=notice.key)
        assert (grant.role, grant.kind, grant.closes_at) == ("sen", "sen", None)
        assert set(Child.objects.visible_to(officer)) == {people.amy}
        told = Message.objects.filter(kind=notifications.OPENED)
        assert {(one.to, one.urgent) for one in told} == {
            (user, True) for user in User.objects.filter(role="sen", is_active=True)
        }
        assert "Amy" not in str(told.values_list("key", "kind"))
        assert AuditEvent.objects.get(verb="sen.opened").by == str(people.socialworker.pk)

    def test_twice_is_one(self, people):
        assert tell(people) == tell(people)
        assert (SenMatter.objects.count(), SenStep.objects.count(), Clock.objects.count()) == (1, 1, 1)

    def test_is_found_by_the_move_and_by_no_other(self, people):
        notice = tell(people)
        assert (of_move(MOVE), of_move(MOVE[:-1] + "2")) == (notice, None)

    def test_is_no_matter_of_an_admissions_officer(self, people):
        tell(people)
        assert SenMatter.objects.visible_to(people.admissions).count() == 0


class TestAnswered:
    def test_says_whether_and_when_and_tells_whoever_opened_it(self, people, officer):
        notice = answer(tell(people), officer)
        assert (notice.state, notice.answered_on, notice.can_meet) == ("answered", today(), "no")
        assert Clock.objects.get().state == "met"
        assert Message.objects.get(kind=notifications.ANSWERED).to == people.socialworker
        assert of_move(MOVE).answered_on == today()

    def test_again_keeps_the_first_day_and_both_words(self, people, officer):
        notice = answer(tell(people), officer)
        answer(notice, officer, words="We found a place", can_meet="yes")
        assert list(notice.steps.values_list("event", "words")) == [
            ("opened", "A move of school is proposed"),
            ("answer", "Name a special school"),
            ("answer", "We found a place"),
        ]

    def test_sent_twice_is_one_step(self, people, officer):
        notice = tell(people)
        answer(notice, officer)
        answer(notice, officer)
        assert notice.steps.count() == 2

    @pytest.mark.parametrize("role", ["socialworker", "ala", "coordinator", "iro", "teacher", "admissions"])
    def test_is_refused_for_whoever_is_no_sen_officer(self, people, role):
        with pytest.raises(Refused, match="SEN team’s to record"):
            answer(tell(people), people[role])


class TestClosed:
    def test_ends_the_reach_the_date_and_the_schools_being_asked(self, people, officer):
        notice = tell(people)
        asked = actions.consult(beside=notice, school=SchoolFactory(), reason="Its unit", on=today(), by=officer)
        closed = actions.close_of_move(matter=MOVE, by=people.vsh, why="The move was dropped")
        assert (closed.state, closed.closed_on, closed.closed_by) == ("closed", today(), people.vsh)
        asked.refresh_from_db()
        assert asked.state == "closed"
        assert set(Clock.objects.values_list("state", flat=True)) == {"cancelled"}
        assert Child.objects.visible_to(officer).count() == 0
        assert SenMatter.objects.visible_to(officer).count() == 0

    def test_twice_is_one_and_of_no_move_is_none(self, people):
        notice = tell(people)
        for _ in range(2):
            actions.close_of_move(matter=MOVE, by=people.vsh, why="Done")
        assert notice.steps.count() == 2
        assert actions.close_of_move(matter="referrals.SchoolMove:no", by=people.vsh, why="Done") is None

    def test_leaves_another_open_matter_of_the_child_its_reach(self, people, officer):
        tell(people)
        second = tell(people, matter=MOVE[:-1] + "2")
        actions.close_of_move(matter=MOVE, by=people.vsh, why="Done")
        assert set(SenMatter.objects.visible_to(officer).open()) == {second}

    def test_is_answered_by_nobody_any_more(self, people, officer):
        notice = tell(people)
        actions.close_of_move(matter=MOVE, by=people.vsh, why="Done")
        with pytest.raises(Refused, match="not open to you"):
            answer(notice, officer)
        with pytest.raises(Conflict):
            answer(notice, people.vsh)

    def test_with_the_child_s_leaving_care(self, people):
        notice = tell(people)
        people.amy.periods_of_care.update(end=today())
        data = {"child": people.amy.pk, "end": today().isoformat()}
        events.emit("care.ended", key="care.ended:sen", data=data)
        events.deliver_pending()
        assert Delivery.objects.get(consumer="referrals.close_sen_for_leaver").state == "done"
        notice.refresh_from_db()
        assert (notice.state, notice.closed_by) == ("closed", None)
