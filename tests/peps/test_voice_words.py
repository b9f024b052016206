"""Words as they were given: saved on the way, never changed, counted as the child's own, and read the same day when they have to be."""

from uuid import uuid4

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.checks import engine
from children.checks.registry import CHECKS
from children.enums import AlertState
from children.models import Alert
from peps import coach, statements
from peps.actions import voice_links as linking
from peps.actions import voice_words as acting
from peps.actions import writing
from peps.actions.submitting import gate
from peps.enums import Owner, SectionState
from peps.models import Pep, PepVersion, VoiceConcern, VoiceLink, VoiceStatement
from peps.policies import fields_in
from peps.views import papers
from peps.views.reading import section_cards
from tests.factories.rulebook import set_rule
from tests.peps import stages
from tests.peps.stages import Story
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import outbox
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
QUIET = "I like maths when it is quiet"
HARM = "He hits me when I am late"


class Phone:
    """Somebody's phone, with the link open."""

    def __init__(self, story: Story, audience: str = "child") -> None:
        self.client = Client()
        self.made = linking.make_link(
            pep=story.pep, audience=audience, purpose="ask", asked_as=uuid4(), by=story.people.teacher
        )
        self.client.post(reverse("voice:start", args=[self.made.token]))

    @property
    def link(self) -> VoiceLink:
        return VoiceLink.objects.select_related("pep").get(pk=self.made.link.pk)

    def href(self, name: str, *more: int) -> str:
        return reverse(f"voice:{name}", args=[self.made.link.uuid.hex, *more])

    def step(self, key: str) -> int:
        return [one.key for one in acting.questions(self.link)].index(key) + 1

    def say(self, key: str, words: str):
        return self.client.post(self.href("question", self.step(key)), {"answer": words})

    def give(self):
        return self.client.post(self.href("check"))


@pytest.fixture
def story() -> Story:
    return stages.accepted()


@pytest.fixture
def phone(story: Story) -> Phone:
    return Phone(story)


def given(phone: Phone, words: str = QUIET) -> VoiceStatement:
    phone.say("best_and_worst", words)
    phone.give()
    return VoiceStatement.objects.get(link=phone.link)


# ---------------------------------------------------------------- saying


def test_each_answer_is_saved_and_leads_to_the_next(phone: Phone) -> None:
    last = len(acting.questions(phone.link))
    assert 5 <= last <= 8
    assert phone.say("school_feels", "great")["Location"] == phone.href("question", 2)
    assert phone.link.draft == {"school_feels": "great"}
    page = phone.client.get(phone.href("question", 1)).content.decode()
    assert 'value="great" checked' in page
    assert phone.say("my_meeting", "part")["Location"] == phone.href("check")


def test_nothing_has_to_be_answered_but_nothing_is_no_statement(phone: Phone) -> None:
    for step in range(1, len(acting.questions(phone.link)) + 1):
        assert phone.client.post(phone.href("question", step), {"answer": ""}).status_code == 302
    assert "You have not written or chosen anything yet." in phone.give().content.decode()
    assert VoiceStatement.objects.count() == 0


def test_words_are_kept_as_given_with_the_question_as_asked(phone: Phone) -> None:
    words = "I like <b>maths</b> 😀\r\nwhen it is quiet"
    phone.say("school_feels", "ok")
    answers = given(phone, words).answers
    assert [(one["key"], one["words"]) for one in answers] == [
        ("school_feels", "OK"),
        ("best_and_worst", words.replace("\r\n", "\n")),
    ]
    assert answers[1]["asked"] == "What is the best bit of school, and what is the worst?"
    page = phone.client.get(phone.href("done")).content.decode()
    assert "I like &lt;b&gt;maths&lt;/b&gt; 😀" in page


def test_giving_twice_gives_once_and_nothing_is_changed_after(phone: Phone) -> None:
    statement = given(phone)
    assert phone.give()["Location"] == phone.href("done")
    assert phone.say("best_and_worst", "Something else").status_code in (302, 404)
    assert list(VoiceStatement.objects.all()) == [statement]
    assert VoiceStatement.objects.get().answers[0]["words"] == QUIET
    assert phone.link.draft == {}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_a_change(phone: Phone, change: str) -> None:
    rows = VoiceStatement.objects.filter(pk=given(phone).pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(answers=[{"words": "better"}]) if change == "update" else rows.delete()


def test_two_tabs_lose_nothing_of_each_other(phone: Phone) -> None:
    phone.say("best_and_worst", QUIET)
    phone.say("who_helps", "Ms Reader")
    assert phone.link.draft == {"best_and_worst": QUIET, "who_helps": "Ms Reader"}


@pytest.mark.parametrize(
    ("words", "status"), [("x" * 4001, 200), ("x" * 1_000_000, 413), ("a\x00b", 400), ("\ud7ff\ufffe", 302)]
)
def test_too_long_or_odd(phone: Phone, words: str, status: int) -> None:
    response = phone.say("best_and_worst", words)
    assert response.status_code == status
    if status == 200:
        page = response.content.decode()
        assert "This is too long" in page
        assert words in page
    assert ("best_and_worst" in phone.link.draft) == (status == 302)


def test_a_choice_that_was_not_offered_is_asked_again(phone: Phone) -> None:
    assert phone.say("school_feels", "brilliant").status_code == 200
    assert phone.link.draft == {}


def test_bytes_that_are_no_text(phone: Phone) -> None:
    url = phone.href("question", 2)
    response = phone.client.post(url, b"answer=%ff%fe", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400


def test_questions_that_are_not_asked_are_no_pages(phone: Phone) -> None:
    assert [phone.client.get(phone.href("question", step)).status_code for step in (0, 99)] == [404, 404]


# ---------------------------------------------------------------- counting as the child's words


def test_the_gate_and_the_section_do_not_ask_for_them_again(story: Story, phone: Phone) -> None:
    section = story.section("my_views")
    assert "my_words" in [spec.key for spec in writing.missing_fields(section)]
    assert any("own words" in one.words for one in gate(story.again()))
    given(phone)
    section = story.section("my_views")
    assert [spec.key for spec in writing.missing_fields(section)] == ["what_adults_understood"]
    assert not any("own words" in one.words for one in gate(story.again()))
    assert section.state == SectionState.STARTED
    teacher = Client()
    teacher.force_login(story.people.teacher)
    response = teacher.post(
        reverse("peps:write", args=[section.uuid]), {"what_adults_understood": "Noise is hard", "submitted": "1"}
    )
    assert response.status_code == 302
    assert story.section("my_views").state == SectionState.COMPLETE


def test_a_carers_words_stand_for_the_carer_and_not_for_the_child(story: Story) -> None:
    carer = Phone(story, "carer")
    carer.say("going_well", "Bedtime")
    carer.give()
    assert "my_words" in [spec.key for spec in writing.missing_fields(story.section("my_views"))]
    assert writing.missing_fields(story.section("carer_views")) == ()


def test_they_stand_in_the_section_for_those_who_read_the_childs_voice(story: Story, phone: Phone) -> None:
    given(phone)
    section, client = story.section("my_views"), Client()
    for role in ("teacher", "socialworker", "manager", "iro", "ala", "vsh"):
        client.force_login(story.people[role])
        for name, ids in (
            ("peps:section", section.uuid),
            ("peps:read", story.pep.uuid),
            ("peps:voice", story.pep.uuid),
        ):
            assert QUIET in client.get(reverse(name, args=[ids])).content.decode(), (role, name)
    client.force_login(story.people.coordinator)
    assert QUIET not in client.get(reverse("peps:read", args=[story.pep.uuid])).content.decode()
    assert client.get(reverse("peps:voice", args=[story.pep.uuid])).status_code == 403
    client.force_login(story.people.outsiders["teacher"])
    assert client.get(reverse("peps:voice", args=[story.pep.uuid])).status_code == 404


def test_on_paper_and_in_the_completed_version(story: Story, phone: Phone) -> None:
    given(phone)
    groups = story.people.teacher.role_class.reads
    told = str(papers.document(story.pep, story.people.teacher, papers.Recipient.SCHOOL, groups, papers.WHOLE))
    assert QUIET in told
    assert QUIET not in str(section_cards(groups - {FieldGroup.VOICE}, story.pep))
    stages.approved(stages.submitted(stages.written(stages.held(stages.prepared(story)))))
    kept = PepVersion.objects.get().content["statements"]
    assert [one["answers"][0]["words"] for one in kept] == [QUIET]


def test_the_coach_asks_whether_it_was_given_back(story: Story, phone: Phone) -> None:
    assert "voice.not_given_back" not in [note.id for note in coach.notes(story.again())]
    given(phone)
    assert "voice.not_given_back" in [note.id for note in coach.notes(story.again())]


def test_nobody_becomes_an_author_by_it(story: Story, phone: Phone) -> None:
    before = story.pep.authors.count()
    given(phone)
    assert story.pep.authors.count() == before


def test_what_stands_in_names_questions_that_the_layout_has(story: Story, phone: Phone) -> None:
    given(phone)
    for key in statements.SHOWN_IN:
        section = story.section(key)
        known = {spec.key for spec in fields_in(set(FieldGroup), section)}
        assert set(statements.answered_by(section)) <= known


# ---------------------------------------------------------------- harm


def told(story: Story) -> set[User]:
    return {one.to for one in Message.objects.filter(kind="voice.harm")}


def test_words_of_the_list_reach_an_adult_before_they_are_given(story: Story, phone: Phone) -> None:
    phone.say("best_and_worst", HARM)
    concern = VoiceConcern.objects.get()
    assert [one["words"] for one in concern.answers] == [HARM]
    alert = Alert.objects.get(check_name="voice.harm")
    assert (alert.child, alert.field_group, alert.opened_on) == (story.people.amy, "narrative", today())
    assert HARM not in str(alert.evidence)
    assert told(story) == {story.people.socialworker, story.people.manager, story.people.teacher}
    assert Message.objects.filter(kind="voice.harm", urgent=False).count() == 0
    assert "We’ve asked an adult to read this today." in phone.client.get(phone.href("check")).content.decode()


def test_the_mail_holds_nothing_of_the_child(story: Story, phone: Phone) -> None:
    phone.say("best_and_worst", HARM)
    outbox.send_due()
    assert {one.to[0] for one in mail.outbox} >= {story.people.socialworker.email, story.people.teacher.email}
    for one in mail.outbox:
        assert story.people.amy.last_name not in one.body
        assert "hits" not in one.body
    urgent = [one for one in mail.outbox if "Words to read today" in one.body]
    assert len(urgent) == 3


def test_one_waits_for_a_link_and_what_was_taken_back_stays(phone: Phone) -> None:
    phone.say("best_and_worst", HARM)
    phone.say("best_and_worst", "All is fine")
    phone.say("who_helps", "I want to run away")
    concern = VoiceConcern.objects.get()
    assert [one["words"] for one in concern.answers] == [HARM, "All is fine", "I want to run away"]
    assert Alert.objects.filter(check_name="voice.harm").count() == 1


def test_it_stays_until_somebody_says_what_was_done(story: Story, phone: Phone) -> None:
    phone.say("best_and_worst", HARM)
    concern = VoiceConcern.objects.get()
    for user in (story.people.teacher, story.people.iro, story.people.outsiders["socialworker"]):
        with pytest.raises(Refused):
            acting.answer_concern(concern=concern, done="Spoke with her", by=user)
    with pytest.raises(ValueError, match="what was done"):
        acting.answer_concern(concern=concern, done="  ", by=story.people.socialworker)
    assert engine.run_check(CHECKS["voice.harm"], today()).unchanged == 1
    acting.answer_concern(concern=concern, done="Spoke with her the same day", by=story.people.socialworker)
    assert Alert.objects.get(check_name="voice.harm").state == AlertState.RESOLVED
    with pytest.raises(Conflict):
        acting.answer_concern(concern=concern, done="Again", by=story.people.manager)
    assert engine.run_check(CHECKS["voice.harm"], today()).opened == 0
    phone.say("best_and_worst", HARM)
    phone.say("proud_and_wish", "My kite")
    assert VoiceConcern.objects.count() == 1
    phone.say("who_helps", "Nobody, and he hits me again")
    assert VoiceConcern.objects.filter(answered_at=None).count() == 1


def test_a_face_may_be_read_the_same_day_too(phone: Phone) -> None:
    phone.say("school_feels", "sad")
    assert VoiceConcern.objects.count() == 0
    phone.say("safe", "sad")
    assert VoiceConcern.objects.count() == 1


def test_somebody_is_always_told(story: Story, phone: Phone) -> None:
    set_rule("voice.harm.told", ["ala"])
    story.people.amy.relationships.all().delete()
    phone.say("best_and_worst", HARM)
    assert story.people.vsh in told(story)


def test_quiet_words_reach_nobody(phone: Phone) -> None:
    given(phone)
    assert (VoiceConcern.objects.count(), Alert.objects.filter(check_name="voice.harm").count()) == (0, 0)
    assert AuditEvent.objects.filter(verb="voice.given", by="").count() == 1


def test_the_page_of_the_concern(story: Story, phone: Phone) -> None:
    phone.say("best_and_worst", HARM)
    url = reverse("peps:voice_concern", args=[VoiceConcern.objects.get().uuid])
    client = Client()
    client.force_login(story.people.teacher)
    page = client.get(url).content.decode()
    assert HARM in page
    assert "designated safeguarding lead" in page
    assert client.post(url, {"done": "x"}).status_code == 403
    assert url in client.get(story.pep.get_absolute_url()).content.decode()
    client.force_login(story.people.socialworker)
    assert client.post(url, {"done": ""}).status_code == 200
    assert client.post(url, {"done": "Visited her"}).status_code == 302
    assert "Visited her" in client.get(url).content.decode()
    assert client.post(url, {"done": "Again"}).status_code == 409
    client.force_login(story.people.coordinator)
    assert client.get(url).status_code == 404


def test_owners_of_the_sections_are_as_the_layout_says(story: Story) -> None:
    assert story.section("my_views").owner == Owner.KEY_ADULT


class TestHeldFirst:
    """Whoever changes anything in a PEP holds it first, and asks then."""

    def test_words_do_not_land_in_a_pep_that_stopped_asking_meanwhile(self, phone, monkeypatch):
        phone.say("best_and_worst", QUIET)
        held = acting.locked_link

        def cancelled_meanwhile(link):
            Pep.objects.filter(pk=link.pep_id).update(state="cancelled", cancelled_on=today(), cancelled_why="Twice")
            return held(link)

        monkeypatch.setattr(acting, "locked_link", cancelled_meanwhile)
        phone.give()
        assert (VoiceStatement.objects.count(), phone.link.finished_at) == (0, None)

    def test_the_pep_is_locked_before_the_link(self, phone):
        for act in (lambda: phone.say("best_and_worst", QUIET), phone.give):
            with CaptureQueriesContext(connection) as seen:
                act()
            locks = [one["sql"] for one in seen if "FOR UPDATE" in one["sql"]]
            assert [sql.split(" FROM ", 1)[1].split('"')[1] for sql in locks][:2] == ["peps_pep", "peps_voicelink"]
