"""The one-page summary for the care review: who reads it, what is on it for whom, and its PDF."""

import io
from datetime import timedelta
from uuid import uuid4

import pikepdf
import pytest
from django.urls import reverse

from children.models import CarePlacement
from peps.actions import concerns
from peps.actions.concerns import ConcernFacts
from peps.enums import Audience, PepState
from peps.models import MeetingAction, PepAnswer, PepCost, PepTarget, VoiceLink, VoiceStatement
from peps.review_summary import gather
from peps.views.review_summary import document
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import CareReviewFactory, ChildFactory
from tests.factories.peps import (
    PepAnswerFactory,
    PepCostFactory,
    PepFactory,
    PepMeetingFactory,
    PepSectionFactory,
    PepTargetFactory,
)
from virtualschool.audit.models import AccessLog, AuditEvent
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
READERS = {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher"}


@pytest.fixture
def people():
    return personas.cast()


def opened(client, user, child):
    client.force_login(user)
    return client.get(reverse("peps:review_summary", args=[child.uuid]))


def printed(client, user, child):
    client.force_login(user)
    return client.post(reverse("peps:review_summary_paper", args=[child.uuid]))


def pep_of(child, days_ago=40, **fields):
    opened_on = today() - days_ago * DAY
    return PepFactory(child=child, period=child.periods_of_care.get(), opened_on=opened_on, **fields)


def before_and_now(child):
    """A complete PEP of last term with a target that was met, and an open one with a new target."""
    last = pep_of(child, 150, complete=True, completed_on=today() - 100 * DAY, grade="gold", term="summer")
    PepTargetFactory(pep=last, goal="Comes every Monday", outcome="met", evidence="Missed none since May")
    pep = pep_of(child, state=PepState.PREPARING, previous=last)
    PepTargetFactory(pep=pep, goal="Reads 70 words a minute", named_person="Ms Reader")
    return last, pep


def said(pep, section, field, value, **more):
    found = pep.sections.filter(key=section).first() or PepSectionFactory(pep=pep, key=section, position=9)
    return PepAnswerFactory(section=found, field=field, value=value, **more)


def given_by_link(pep, words, days_ago=1):
    at = now() - days_ago * DAY
    link = VoiceLink.objects.create(
        pep=pep,
        audience=Audience.CHILD,
        digest=uuid4().hex,
        asked_as=uuid4(),
        made_by=UserFactory(role="teacher"),
        made_at=at,
        expires_at=at + DAY,
        prompts="2026_09",
        finished_at=at,
    )
    answers = [{"key": "good", "asked": "What is good?", "words": words}]
    VoiceStatement.objects.create(pep=pep, link=link, audience=Audience.CHILD, given_at=at, answers=answers)


def words(user, child) -> str:
    """Everything that stands on the paper, whose rows are those of the page."""
    paper = document(gather(child, user), user)
    rows = [*paper.facts, *(row for part in paper.parts for row in part.rows)]
    lines = [line for row in rows for line in (row.key, *row.lines, "" if row.lines else row.missing)]
    return "\n".join([paper.title, *(f"{part.title}\n{part.words}" for part in paper.parts), *lines])


class TestWho:
    def test_whoever_reads_the_childs_peps(self, client, people):
        before_and_now(people.amy)
        got = {role: opened(client, people[role], people.amy).status_code for role in personas.NAMES}
        assert {role for role, status in got.items() if status == 200} == READERS
        assert {role: got[role] for role in ("sen", "admissions", "data", "dpo")} == {
            "sen": 403,
            "admissions": 403,
            "data": 403,
            "dpo": 404,
        }
        on_paper = {role for role in personas.NAMES if printed(client, people[role], people.amy).status_code == 200}
        assert on_paper == READERS

    def test_neither_another_officer_nor_the_one_who_reviewed_until_yesterday(self, client, people):
        other = people.outsiders["iro"]
        assert [opened(client, other, people.amy).status_code, printed(client, other, people.amy).status_code] == [
            404,
            404,
        ]
        people.amy.relationships.filter(kind="iro").update(end=today())
        former = people.iro
        assert [opened(client, former, people.amy).status_code, printed(client, former, people.amy).status_code] == [
            404,
            404,
        ]

    def test_what_was_shown_is_in_the_access_log_and_the_paper_as_printed(self, client, people):
        before_and_now(people.amy)
        opened(client, people.iro, people.amy)
        seen = AccessLog.objects.latest("pk")
        assert (seen.kind, seen.child_ids, "legal" in seen.fields, "money" in seen.fields) == (
            "view",
            [people.amy.pk],
            True,
            False,
        )
        answer = printed(client, people.iro, people.amy)
        made = AccessLog.objects.latest("pk")
        assert (made.kind, made.child_ids, made.route) == ("print", [people.amy.pk], "peps:review_summary_paper")
        assert AuditEvent.objects.filter(verb="review_summary.put_on_paper").count() == 1
        assert [name for name in ("Amy", "Madeup") if name in answer["Content-Disposition"]] == []

    def test_the_paper_is_made_by_sending_and_never_by_a_link(self, client, people):
        client.force_login(people.iro)
        assert client.get(reverse("peps:review_summary_paper", args=[people.amy.uuid])).status_code == 405


class TestWhatIsOnIt:
    def test_the_review_the_pep_and_the_targets_with_what_became_of_the_last(self, people):
        _, pep = before_and_now(people.amy)
        PepMeetingFactory(pep=pep, starts_at=now() + 6 * DAY)
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        text = words(people.iro, people.amy)
        expected = (
            "Amy's School",
            "Year 5",
            "20 November 2026: Ready",
            "PEP due to the reviewing officer by 17 November 2026",
            "Preparing",
            "2 August 2026: Gold",
            "16 November 2026",
            "Reads 70 words a minute\nMs Reader, by 8 February 2027",
            "Comes every Monday\nMs Reader, by 8 February 2027\nMet. Missed none since May",
        )
        assert [one for one in expected if one not in text] == []
        assert text.index("Targets of the autumn term") < text.index("Targets before, of the summer term")

    def test_without_a_next_review_the_last_day_by_law(self, people):
        CareReviewFactory(child=people.amy, on=today() - 30 * DAY, participation="PN1")
        people.amy.periods_of_care.update(start=today() - 50 * DAY)
        # three months after 11 October, the second review
        assert "None known\nBy law at the latest 11 January 2027" in words(people.iro, people.amy)

    def test_the_childs_latest_words_and_not_those_of_an_earlier_pep(self, people):
        last, pep = before_and_now(people.amy)
        said(last, "my_views", "my_words", "I did not like it", written_at=now() - 100 * DAY)
        said(last, "my_views", "next_steps_i_want", "A new class", written_at=now() - 100 * DAY)
        assert "I did not like it" in words(people.iro, people.amy)
        said(pep, "my_views", "my_words", "Now I do", written_at=now() - 5 * DAY)
        said(pep, "my_views", "who_can_see", "Ask me first")
        text = words(people.iro, people.amy)
        assert [one for one in ("I did not like it", "A new class") if one in text] == []
        assert [one for one in ("Now I do", "Ask me first", "Written down by") if one not in text] == []

    def test_words_given_by_a_link_unless_there_are_later_ones(self, people):
        _, pep = before_and_now(people.amy)
        given_by_link(pep, "Football and my friends", days_ago=3)
        said(pep, "my_views", "my_words", "Written down before", written_at=now() - 5 * DAY)
        text = words(people.iro, people.amy)
        assert ("“What is good?”\nFootball and my friends" in text, "Written down before" in text) == (True, False)
        PepAnswer.objects.update(written_at=now())
        text = words(people.iro, people.amy)
        assert ("Football and my friends" in text, "Written down before" in text) == (False, True)

    def test_why_there_are_no_words(self, people):
        _, pep = before_and_now(people.amy)
        assert "None are written down yet" in words(people.iro, people.amy)
        said(pep, "my_views", "no_words_because", "She did not want to talk today")
        assert "She did not want to talk today" in words(people.iro, people.amy)

    def test_attendance_as_the_pep_has_it_what_helps_and_what_was_decided(self, people):
        last, pep = before_and_now(people.amy)
        said(last, "attendance", "attendance_percent", 91)
        said(pep, "attendance", "attendance_percent", 94)
        said(last, "health_and_wellbeing", "helps_at_school", "A quiet corner")
        decided = {"what": "A reading mentor", "who": "Mr Head", "by_when": "2026-12-01"}
        said(last, "meeting", "decisions", [decided])
        text = words(people.iro, people.amy)
        expected = ("School wrote 94 per cent", "A quiet corner", "A reading mentor")
        assert [one for one in expected if one not in text] == []
        assert "91 per cent" not in text

    def test_open_actions_and_open_concerns_alone(self, people):
        last, _ = before_and_now(people.amy)
        facts = {"meeting": PepMeetingFactory(pep=last, state="held"), "by_when": today(), "added_by": people.teacher}
        MeetingAction.objects.create(what="Ring the library", named_person="Ms Reader", **facts)
        done = {"done_on": today(), "done_by": people.teacher}
        MeetingAction.objects.create(what="Buy a bicycle", named_person="Mr Head", **facts, **done)
        for text in ("No word of reading", "Settled long ago"):
            raised = ConcernFacts(kind="concern", area="targets", words=text)
            concern = concerns.raise_concern(child=people.amy, facts=raised, by=people.iro, key=uuid4())
        concerns.answer_concern(concern=concern, round_seen=1, words="Done", by=people.ala)
        concerns.accept_answer(concern=concern, round_seen=1, by=people.iro)
        text = words(people.iro, people.amy)
        shown = ("Ring the library: Ms Reader", "Concern: targets and progress: No word of reading (raised")
        assert [one for one in shown if one not in text] == []
        assert [one for one in ("Buy a bicycle", "Settled long ago") if one in text] == []

    def test_a_cancelled_pep_is_not_there(self, people):
        pep = pep_of(people.amy, cancelled=True)
        PepTargetFactory(pep=pep, goal="Of a cancelled one")
        said(pep, "my_views", "my_words", "In a cancelled one")
        text = words(people.iro, people.amy)
        assert [one for one in ("Of a cancelled one", "In a cancelled one", "Last complete PEP") if one in text] == []

    def test_no_pep_at_all_is_said_kindly(self, client, people):
        text = opened(client, people.iro, people.amy).content.decode()
        assert "No PEP has been opened or completed in this service yet." in text
        assert "No PEP has been opened or completed in this service yet." in words(people.iro, people.amy)
        baby = ChildFactory(in_care=True, iro=people.iro, date_of_birth=today() - 400 * DAY)
        CareReviewFactory(child=baby, on=today() + 10 * DAY, participation="")
        told = words(people.iro, baby)
        shown = [one for one in ("No PEP is asked for at this age.", "PEP due to", "own words") if one in told]
        assert shown == ["No PEP is asked for at this age."]

    def test_what_is_known_is_not_called_unknown(self, client, people):
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        page = opened(client, people.iro, people.amy)
        assert [
            (row["key"], row["missing"]) for row in page.context["facts"] if row["missing"] and row.get("lines")
        ] == []


class TestCutToTheReader:
    def test_money_is_for_those_who_read_money(self, people):
        _, pep = before_and_now(people.amy)
        pep.school = people.school
        pep.save(update_fields=["school"])
        target = PepTarget.objects.get(pep=pep)
        PepCostFactory(target=target, agreed=True, agreed_by=people.ala)
        PepCostFactory(target=target, item="Not agreed yet")
        assert PepCost.objects.count() == 2
        told = {role: "Reading tuition: £500.00" in words(people[role], people.amy) for role in sorted(READERS)}
        assert {role for role, shown in told.items() if shown} == {
            "vsh",
            "ala",
            "socialworker",
            "manager",
            "teacher",
        }
        assert "Pupil Premium Plus" not in words(people.iro, people.amy)
        assert "Not agreed yet" not in words(people.ala, people.amy)

    def test_voice_and_the_review_are_for_those_who_read_them(self, people):
        _, pep = before_and_now(people.amy)
        said(pep, "my_views", "my_words", "Now I do")
        given_by_link(pep, "Football", days_ago=0)
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        voice = {role for role in READERS if "own words" in words(people[role], people.amy)}
        review = {role for role in READERS if "Next care review" in words(people[role], people.amy)}
        assert (READERS - voice, READERS - review) == ({"coordinator"}, {"teacher"})

    def test_where_the_child_lives_and_with_whom_is_for_nobody(self, people):
        before_and_now(people.amy)
        secret = {"carer_name": "Carer Secretname", "address": "1 Hidden Lane", "postcode": "ZZ9 9ZZ"}
        CarePlacement.objects.filter(child=people.amy).update(**secret)
        found = {role: words(people[role], people.amy) for role in READERS}
        assert {role for role, text in found.items() if "Secretname" in text or "Hidden" in text or "ZZ9" in text} == (
            set()
        )


class TestPaperAndQueries:
    def test_it_is_one_tagged_page(self, client, people):
        _, pep = before_and_now(people.amy)
        said(pep, "my_views", "my_words", "I like it when Ms Reader helps me start.\nI want to stay at this school.")
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        answer = printed(client, people.iro, people.amy)
        found = pikepdf.open(io.BytesIO(answer.content))
        assert (answer["Content-Type"], len(found.pages)) == ("application/pdf", 1)
        assert str(found.docinfo.Title) == "Amy Madeup: education, for the care review"
        assert "/StructTreeRoot" in found.Root

    def test_words_that_no_font_has_and_marks_of_other_tongues_break_nothing(self, client, people):
        _, pep = before_and_now(people.amy)
        said(pep, "my_views", "my_words", "我喜欢学校 <script>alert(1)</script> #set page() \x7f")
        assert printed(client, people.iro, people.amy).status_code == 200
        assert "<script>alert(1)" not in opened(client, people.iro, people.amy).content.decode()

    def test_as_many_questions_for_much_as_for_little(self, client, people, django_assert_max_num_queries):
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        before_and_now(people.amy)
        counts = []
        for number in range(2):
            opened(client, people.ala, people.amy)
            with django_assert_max_num_queries(60) as asked:
                opened(client, people.ala, people.amy)
            counts.append(len(asked))
            for place in range(6):
                pep = pep_of(people.amy, 200 + place, complete=True, occasion=f"term:{number}:{place}")
                PepCostFactory(target=PepTargetFactory(pep=pep), agreed=True, agreed_by=people.ala)
                said(pep, "my_views", "my_words", "Words")
                said(pep, "health_and_wellbeing", "helps_at_school", "Quiet")
                facts = {"by_when": today(), "added_by": people.teacher, "named_person": "Ms Reader"}
                MeetingAction.objects.create(
                    meeting=PepMeetingFactory(pep=pep, state="held"), what=f"Thing {place}", **facts
                )
                raised = ConcernFacts(kind="concern", area="targets", words=f"Concern {place}")
                concerns.raise_concern(child=people.amy, facts=raised, by=people.iro, key=uuid4())
        assert counts[0] == counts[1]


class TestTheWayThere:
    def test_from_the_diary_the_pep_the_child_and_the_officers_home(self, client, people):
        _, pep = before_and_now(people.amy)
        CareReviewFactory(child=people.amy, on=today() + 10 * DAY, participation="")
        client.force_login(people.iro)
        there = reverse("peps:review_summary", args=[people.amy.uuid])
        pages = (
            reverse("peps:reviews"),
            pep.get_absolute_url(),
            people.amy.get_absolute_url(),
            reverse("overview:home"),
        )
        assert [page for page in pages if f'href="{there}"' not in client.get(page).content.decode()] == []
