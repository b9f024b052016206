"""A reviewing officer's concern: who raises, answers and settles it, its clock, and that no step is lost, doubled or changed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from children.checks import engine
from children.checks.registry import CHECKS
from children.enums import ClockState, RelationKind
from children.models import Alert, Child
from peps import timeline
from peps.actions import concerns
from peps.actions.concerns import ConcernFacts
from peps.enums import ConcernState
from peps.models import Concern, ConcernStep
from tests import personas
from tests.factories.accounts import CoverFactory, UserFactory
from tests.factories.children import ChildFactory, RelationshipFactory
from tests.factories.peps import PepFactory, PepSectionFactory
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.overview.homes import concerns as panels

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = "The targets say nothing of reading"


@pytest.fixture
def people():
    return personas.cast()


def facts(**changes):
    return ConcernFacts(**{"kind": "concern", "area": "targets", "words": WORDS} | changes)


def raised(people, **changes):
    key = changes.pop("key", None) or uuid4()
    return concerns.raise_concern(child=people.amy, facts=facts(**changes), by=people.iro, key=key)


def answered(people, concern=None):
    concern = concern or raised(people)
    return concerns.answer_concern(
        concern=concern, round_seen=concern.round, words="A reading target is set", by=people.ala
    )


def events(concern):
    return [(step.event, step.round, step.by) for step in concern.steps.all()]


def mails():
    return sorted(Message.objects.values_list("kind", "to__role"))


class TestRaising:
    def test_it_is_a_task_with_a_clock_of_ten_working_days(self, people):
        concern = raised(people)
        assert (concern.state, concern.clock.due_on, concern.clock.rule.key) == (
            ConcernState.RAISED,
            date(2026, 11, 24),
            "pep.iro_concern.answer",
        )
        assert events(concern) == [("raised", 1, people.iro)]
        assert AuditEvent.objects.filter(verb="concern.raised", by=str(people.iro.pk)).count() == 1
        assert mails() == [("concern.raised", "ala")]

    def test_twice_under_one_key_is_one_concern(self, people):
        key = uuid4()
        assert raised(people, key=key) == raised(people, key=key)
        assert (Concern.objects.count(), ConcernStep.objects.count(), len(mails())) == (1, 1, 1)

    def test_the_key_of_another_childs_is_a_conflict(self, people):
        key = uuid4()
        raised(people, key=key)
        with pytest.raises(Conflict):
            concerns.raise_concern(child=people.bob, facts=facts(), by=people.outsiders["iro"], key=key)

    @pytest.mark.parametrize("role", sorted(set(personas.NAMES) - {"iro"}))
    def test_by_nobody_but_a_reviewing_officer(self, people, role):
        with pytest.raises(Refused, match="Independent Reviewing Officer"):
            concerns.raise_concern(child=people.amy, facts=facts(), by=people[role], key=uuid4())

    def test_not_by_another_one_nor_by_yesterdays(self, people):
        people.amy.relationships.filter(kind="iro").update(end=today())
        for user in (people.iro, people.outsiders["iro"]):
            with pytest.raises(Refused, match="You do not work with this child now"):
                concerns.raise_concern(child=people.amy, facts=facts(), by=user, key=uuid4())

    def test_a_cover_raises_for_the_colleague(self, people):
        CoverFactory(user=people.iro, covered_by=people.outsiders["iro"])
        made = concerns.raise_concern(child=people.amy, facts=facts(), by=people.outsiders["iro"], key=uuid4())
        assert made.raised_by == people.outsiders["iro"]

    def test_only_about_the_childs_own_pep_and_a_section_of_it(self, people):
        own = PepFactory(child=people.amy, period=people.amy.periods_of_care.get())
        PepSectionFactory(pep=own, key="attendance")
        other = PepFactory(child=people.bob, period=people.bob.periods_of_care.get())
        wrong = ({"pep": other}, {"pep": own, "section": "targets"}, {"section": "attendance"}, {"words": "  "})
        for changes in (*wrong, {"wanted_by": today() - DAY}):
            with pytest.raises(ValidationError):
                raised(people, **changes)
        made = raised(people, pep=own, section="attendance")
        assert (made.pep, made.section) == (own, "attendance")

    def test_without_an_advocate_it_goes_to_the_head(self, people):
        people.amy.relationships.filter(kind=RelationKind.ADVOCATE).update(end=today())
        concern = raised(people)
        assert mails() == [("concern.raised", "vsh")]
        assert list(Concern.objects.to_answer(people.vsh)) == [concern]
        assert list(Concern.objects.to_answer(people.ala)) == []


class TestAnswering:
    def test_the_childs_advocate_answers_and_the_clock_is_met(self, people):
        concern = answered(people)
        concern.clock.refresh_from_db()
        assert (concern.state, concern.clock.state, concern.clock.stopped_on) == (
            ConcernState.ANSWERED,
            ClockState.MET,
            today(),
        )
        assert events(concern) == [("raised", 1, people.iro), ("answered", 1, people.ala)]
        assert mails() == [("concern.answered", "iro"), ("concern.raised", "ala")]

    @pytest.mark.parametrize("role", sorted(set(personas.NAMES) - {"ala", "vsh"}))
    def test_nobody_else_does(self, people, role):
        concern = raised(people)
        with pytest.raises(Refused, match="own Area Learning Advocate"):
            concerns.answer_concern(concern=concern, round_seen=1, words="Done", by=people[role])

    def test_another_advocate_is_refused_one_who_covers_and_the_head_are_not(self, people):
        colleague = UserFactory(role="ala")
        concern = raised(people)
        with pytest.raises(Refused, match="own Area Learning Advocate"):
            concerns.answer_concern(concern=concern, round_seen=1, words="Done", by=colleague)
        CoverFactory(user=people.ala, covered_by=colleague)
        concerns.answer_concern(concern=concern, round_seen=1, words="Done", by=colleague)
        concerns.answer_concern(concern=raised(people), round_seen=1, words="Done", by=people.vsh)
        assert Concern.objects.filter(state=ConcernState.ANSWERED).count() == 2

    def test_the_same_words_twice_are_one_answer_and_other_words_a_conflict(self, people):
        concern = answered(people)
        answered(people, concern)
        assert len(events(concern)) == 2
        with pytest.raises(Conflict):
            concerns.answer_concern(concern=concern, round_seen=1, words="Something else", by=people.vsh)

    def test_a_page_of_the_round_before_answers_nothing(self, people):
        concern = concerns.raise_again(concern=answered(people), round_seen=1, words="Not enough", by=people.iro)
        with pytest.raises(Conflict, match="raised again"):
            concerns.answer_concern(concern=concern, round_seen=1, words="Done", by=people.ala)


class TestSettling:
    def test_accepted_it_is_over_once(self, people):
        concern = answered(people)
        for _ in range(2):
            concern = concerns.accept_answer(concern=concern, round_seen=1, by=people.iro)
        assert concern.state == ConcernState.ACCEPTED
        assert [event for event, *_ in events(concern)] == ["raised", "answered", "accepted"]
        with pytest.raises(Conflict):
            concerns.raise_again(concern=concern, round_seen=1, words="After all", by=people.iro)

    def test_raised_again_it_has_another_clock_and_both_rounds_stay(self, people):
        first = answered(people).clock
        concern = concerns.raise_again(concern=Concern.objects.get(), round_seen=1, words="Not enough", by=people.iro)
        again = concerns.raise_again(concern=concern, round_seen=1, words="Not enough", by=people.iro)
        assert (again.state, again.round, again.clock.state) == (ConcernState.RAISED_AGAIN, 2, ClockState.RUNNING)
        assert again.clock != first
        assert [event for event, *_ in events(concern)] == ["raised", "answered", "raised_again"]
        assert [kind for kind, _ in mails()].count("concern.raised") == 2

    def test_before_an_answer_there_is_nothing_to_settle(self, people):
        concern = raised(people)
        with pytest.raises(Conflict):
            concerns.accept_answer(concern=concern, round_seen=1, by=people.iro)

    def test_the_reviewing_officer_of_today_settles_and_the_former_one_does_not(self, people):
        concern = answered(people)
        people.amy.relationships.filter(kind="iro").update(end=today())
        successor = UserFactory(role="iro")
        RelationshipFactory(child=people.amy, kind="iro", user=successor, start=today())
        with pytest.raises(Refused, match="You do not work with this child now"):
            concerns.accept_answer(concern=concern, round_seen=1, by=people.iro)
        assert concerns.accept_answer(concern=concern, round_seen=1, by=successor).state == ConcernState.ACCEPTED

    @pytest.mark.parametrize("role", ["ala", "vsh", "socialworker", "coordinator", "teacher"])
    def test_nobody_else_accepts(self, people, role):
        with pytest.raises(Refused):
            concerns.accept_answer(concern=answered(people), round_seen=1, by=people[role])

    def test_a_step_is_never_changed_in_the_database(self, people):
        step = raised(people).steps.get()
        with pytest.raises(DatabaseError), transaction.atomic():
            ConcernStep.objects.filter(pk=step.pk).update(words="Something kinder")
        with pytest.raises(DatabaseError), transaction.atomic():
            step.delete()


class TestTheNight:
    NAME = "pep.concern_unanswered"
    DUE = date(2026, 11, 24)

    def find(self, on):
        return list(CHECKS[self.NAME].find(on=on, children=Child.objects.on_roll(on)))

    def test_unanswered_it_goes_to_the_head_once_and_the_answer_may_still_come(self, people):
        concern = raised(people)
        assert [concerns.escalate_overdue(self.DUE + days * DAY) for days in (0, 1, 1)] == [0, 1, 0]
        concern.refresh_from_db()
        assert concern.state == ConcernState.ESCALATED
        assert ("concern.escalated", "vsh") in mails()
        assert list(Concern.objects.to_answer(people.vsh)) == [concern]
        assert answered(people, concern).state == ConcernState.ANSWERED

    def test_an_alert_from_the_day_after_with_its_evidence_and_without_the_words(self, people):
        concern = raised(people)
        assert self.find(self.DUE) == []
        (finding,) = self.find(self.DUE + DAY)
        assert finding.natural_key == f"concern:{concern.pk}:1"
        assert finding.evidence["sentence"] == "The reviewing officer’s concern was to be answered by 24 November 2026"
        assert WORDS not in str(finding.evidence)

    def test_it_resolves_with_the_answer(self, people):
        concern = raised(people)
        check = CHECKS[self.NAME]
        assert engine.run_check(check, self.DUE + DAY).as_dict()["opened"] == 1
        answered(people, concern)
        assert engine.run_check(check, self.DUE + 2 * DAY).as_dict()["resolved"] == 1
        assert Alert.objects.get().state == "resolved"

    def test_when_care_ends_it_is_closed_with_its_clock(self, people):
        concern = raised(people)
        concerns.close_concerns_of(people.amy.periods_of_care.get(), on=today())
        concern.refresh_from_db()
        concern.clock.refresh_from_db()
        assert (concern.state, concern.clock.state) == (ConcernState.CLOSED, ClockState.CANCELLED)
        assert events(concern)[-1] == ("closed", 1, None)


class TestPages:
    def at(self, name, *args):
        return reverse(f"peps:{name}", args=args)

    def test_readers_of_the_pep_read_it_and_strangers_find_nothing(self, client, people):
        concern = raised(people)
        readers = {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher"}
        found = {}
        for role, user in people.people.items():
            client.force_login(user)
            found[role] = client.get(concern.get_absolute_url()).status_code
        assert found == {role: 200 if role in readers else 404 for role in personas.NAMES}
        people.amy.relationships.filter(kind="iro").update(end=today())
        for user in (people.iro, *people.outsiders.values()):
            client.force_login(user)
            assert client.get(concern.get_absolute_url()).status_code == 404

    def test_raised_answered_and_accepted_through_the_pages(self, client, people):
        pep = PepFactory(child=people.amy, period=people.amy.periods_of_care.get())
        client.force_login(people.iro)
        here = self.at("concern_raise", people.amy.uuid)
        assert client.get(here, {"pep": pep.uuid}).context["form"].initial["about"] == str(pep.uuid)
        sent = {"kind": "concern", "area": "targets", "about": str(pep.uuid), "words": WORDS, "key": uuid4()}
        for _ in range(2):
            assert client.post(here, sent).status_code == 302
        concern = Concern.objects.get()
        client.force_login(people.ala)
        assert "Answer it" in client.get(concern.get_absolute_url()).content.decode()
        answer = {"round": 1, "words": "A reading target is set"}
        for _ in range(2):
            assert client.post(self.at("concern_answer", concern.uuid), answer).status_code == 302
        stale = client.post(self.at("concern_answer", concern.uuid), answer | {"words": "Other"})
        assert stale.status_code == 409
        assert client.get(self.at("concern_answer", concern.uuid)).status_code == 409
        client.force_login(people.iro)
        assert "Accept the answer" in client.get(concern.get_absolute_url()).content.decode()
        assert client.post(self.at("concern_accept", concern.uuid), {"round": "x"}).status_code == 409
        assert client.post(self.at("concern_accept", concern.uuid), {"round": 1}).status_code == 302
        assert "Answer accepted" in client.get(concern.get_absolute_url()).content.decode()

    def test_a_pep_of_another_child_is_no_choice(self, client, people):
        other = PepFactory(child=people.bob, period=people.bob.periods_of_care.get())
        client.force_login(people.iro)
        sent = {"kind": "concern", "area": "targets", "about": str(other.uuid), "words": WORDS}
        answer = client.post(self.at("concern_raise", people.amy.uuid), sent)
        assert (answer.status_code, Concern.objects.count()) == (200, 0)

    def test_the_peps_page_and_the_timeline_tell_of_it(self, client, people):
        pep = PepFactory(child=people.amy, period=people.amy.periods_of_care.get())
        concern = raised(people, pep=pep)
        client.force_login(people.socialworker)
        assert concern.get_absolute_url() in client.get(pep.get_absolute_url()).content.decode()
        told = [(one.title, one.text) for one in timeline.moments(people.amy, user=people.socialworker)]
        assert ("Reviewing officer’s concern: raised", WORDS) in told
        assert timeline.moments(people.amy, user=people.data) == []

    def test_home_pages_say_what_waits(self, people):
        concern = raised(people)
        assert (panels.to_answer(people.ala).count, panels.to_answer(people.vsh).count) == (1, 0)
        assert panels.raised(people.iro).items[0]["status"]["text"] == "due 24 November"
        answered(people, concern)
        assert panels.raised(people.iro).items[0]["status"]["text"] == "answered: read it"
        assert panels.to_answer(people.ala).count == 0

    @pytest.mark.parametrize(
        ("asked", "found"),
        [({}, 2), ({"state": "open"}, 1), ({"state": "over"}, 1), ({"mine": "yes"}, 1), ({"state": "x"}, 0)],
    )
    def test_the_list_is_cut_by_its_filter(self, client, people, asked, found):
        raised(people)
        concerns.accept_answer(concern=answered(people), round_seen=1, by=people.iro)
        client.force_login(people.ala)
        assert client.get(self.at("concerns"), asked).context["pages"].total == found

    def test_the_same_questions_for_one_and_for_fifty(self, client, people, django_assert_max_num_queries):
        counts = []
        for number in (1, 49):
            for _ in range(number):
                child = ChildFactory(in_care=True, iro=people.iro)
                Concern.objects.create(
                    child=child, kind="concern", area="other", words=WORDS, raised_by=people.iro, raised_at=now()
                )
            client.force_login(people.iro)
            client.get(self.at("concerns"))
            with django_assert_max_num_queries(60) as asked:
                client.get(self.at("concerns"))
            counts.append(len(asked))
        assert counts[0] == counts[1]
