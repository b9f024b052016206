"""You said, we did: written after the meeting, given back to the child by a link, on paper or in person, and a face for it."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from peps import coach
from peps.actions import voice_back as acting
from peps.actions import voice_links as linking
from peps.actions import voice_words
from peps.actions.voice_back import Answered
from peps.actions.voice_words import questions
from peps.models import GivenBack, Pep, VoiceConcern, VoiceLink, VoiceReply, VoiceStatement, YouSaid
from peps.views import voice_back as views
from peps.voice.prompts import LAST_TIME
from tests.factories.peps import PepFactory, VoiceLinkFactory, VoiceStatementFactory
from tests.peps import stages
from tests.peps.stages import Story
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
FACTS = Answered("I want a quiet table", "did", "It is yours from Monday")


@pytest.fixture
def story() -> Story:
    return stages.held()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def written(story: Story, facts: Answered = FACTS) -> YouSaid:
    return acting.add_answer(pep=story.pep, facts=facts, by=story.people.teacher)


def phone_of(story: Story) -> tuple[Client, str]:
    made = linking.make_link(
        pep=story.pep, audience="child", purpose="answer", asked_as=uuid4(), by=story.people.teacher
    )
    phone = Client()
    phone.get(reverse("voice:start", args=[made.token]))
    assert GivenBack.objects.count() == 0
    phone.post(reverse("voice:start", args=[made.token]))
    return phone, reverse("voice:answer", args=[made.link.uuid.hex])


def test_before_the_meeting_there_is_nothing_to_answer() -> None:
    with pytest.raises(Refused, match="after the meeting"):
        written(stages.scheduled())


@pytest.mark.parametrize("role", ["coordinator", "iro", "data"])
def test_it_is_written_by_those_who_gather_the_childs_voice(story: Story, role: str) -> None:
    with pytest.raises(Refused):
        acting.add_answer(pep=story.pep, facts=FACTS, by=story.people[role])
    with pytest.raises(Refused):
        acting.add_answer(pep=story.pep, facts=FACTS, by=story.people.outsiders["teacher"])


def test_a_double_press_writes_one_row(story: Story) -> None:
    written(story)
    with pytest.raises(Conflict):
        written(story)
    assert YouSaid.objects.count() == 1


def test_a_row_is_changed_and_taken_out(story: Story) -> None:
    row, client = written(story), signed_in(story.people.socialworker)
    change, remove = (reverse(f"peps:you_said_{verb}", args=[row.uuid]) for verb in ("change", "remove"))
    seen = acting.fingerprint(row)
    told = {"said": "A quiet table", "outcome": "not", "answer": "The hall has none", "seen": seen}
    assert client.post(change, told | {"outcome": ""}).status_code == 200
    assert client.post(change, told).status_code == 302
    row.refresh_from_db()
    assert (row.outcome, row.answer, row.by) == ("not", "The hall has none", story.people.socialworker)
    assert b"Take this out?" in client.get(remove).content
    assert client.post(remove).status_code == 302
    assert client.post(remove).status_code == 404


def test_nothing_is_written_over_unseen(story: Story) -> None:
    row, client = written(story), signed_in(story.people.socialworker)
    url, seen = reverse("peps:you_said_change", args=[row.uuid]), acting.fingerprint(row)
    assert f'value="{seen}"' in client.get(url).content.decode()
    first = {"said": row.said, "outcome": "did", "answer": "It is yours from Monday on", "seen": seen}
    sent = [client.post(url, first).status_code for _ in range(2)]
    stale = client.post(url, first | {"answer": "From an old page"})
    page = stale.content.decode()
    assert (sent, stale.status_code) == ([302, 302], 409)
    assert "It is yours from Monday on" in page
    assert "From an old page" in page
    assert client.post(url, first | {"answer": "From no page", "seen": ""}).status_code == 409
    row.refresh_from_db()
    assert row.answer == "It is yours from Monday on"
    again = stale.context["form"].data["seen"]
    assert client.post(url, first | {"answer": "Both of us", "seen": again}).status_code == 302


def test_the_child_reads_it_on_their_phone_and_gives_a_face(story: Story) -> None:
    row = written(story)
    phone, url = phone_of(story)
    assert [one.how for one in GivenBack.objects.all()] == ["link"]
    page = phone.get(url).content.decode()
    assert "I want a quiet table" in page
    assert "We did:" in page
    acting.change_answer(
        row=row, facts=Answered("Other", "not", "Other"), seen=acting.fingerprint(row), by=story.people.teacher
    )
    assert "It is yours from Monday" in phone.get(url).content.decode()
    assert "Please choose a face" in phone.post(url, {"face": "angry"}).content.decode()
    assert phone.post(url, {"face": "not"}).status_code == 302
    phone.post(url, {"face": "ok"})
    assert [one.face for one in VoiceReply.objects.all()] == ["not"]
    assert "You told us: This is not what I meant" in phone.get(url).content.decode()
    page = signed_in(story.people.teacher).get(reverse("peps:voice", args=[story.pep.uuid])).content.decode()
    assert "The child: not what I meant" in page


def test_a_link_to_read_is_no_link_to_say_something(story: Story) -> None:
    written(story)
    phone, url = phone_of(story)
    for name in ("check/", "done/", "1/"):
        assert phone.get(url.replace("answer/", name)).status_code == 404
    assert phone.post(url.replace("answer/", "check/")).status_code == 404
    assert VoiceStatement.objects.count() == 0


def test_on_paper_with_no_name_in_the_files_name(story: Story) -> None:
    url = reverse("peps:you_said_paper", args=[story.pep.uuid])
    client = signed_in(story.people.teacher)
    assert client.post(url).status_code == 403
    written(story)
    response = client.post(url)
    assert response["Content-Disposition"] == 'attachment; filename="you-said-we-did.pdf"'
    assert BytesIO(response.content).read(5) == b"%PDF-"
    given = GivenBack.objects.get()
    assert (given.how, given.by) == ("paper", story.people.teacher)
    document = views.document(story.pep, given.rows, "Tess Teacher")
    assert [row.lines for part in document.parts for row in part.rows] == [[FACTS.said], [FACTS.answer]]


def test_told_in_person(story: Story) -> None:
    written(story)
    client = signed_in(story.people.teacher)
    assert client.post(reverse("peps:given_back", args=[story.pep.uuid])).status_code == 302
    page = client.get(reverse("peps:quality", args=[story.pep.uuid])).content.decode()
    assert "Told by an adult" in page


def test_the_quality_page_and_the_coach_say_that_it_is_not_given_back(story: Story) -> None:
    VoiceStatementFactory(link=VoiceLinkFactory(pep=story.pep))
    written(story)
    assert "voice.not_given_back" in [note.id for note in coach.notes(story.pep)]
    url = reverse("peps:quality", args=[story.pep.uuid])
    assert "Not given back to the child yet" in signed_in(story.people.ala).get(url).content.decode()
    assert "You said, we did" not in signed_in(story.people.coordinator).get(url).content.decode()
    acting.give_back(pep=story.pep, how="told", by=story.people.teacher)
    assert "voice.not_given_back" not in [note.id for note in coach.notes(story.pep)]


def test_the_page_makes_a_link_once_shown(story: Story) -> None:
    written(story)
    client = signed_in(story.people.teacher)
    page = client.post(reverse("peps:voice_back_link", args=[story.pep.uuid]), {"asked_as": str(uuid4())})
    assert page.status_code == 200
    assert "/say/k/" in page.content.decode()
    assert "data:image/svg+xml" in page.content.decode()
    again = client.get(reverse("peps:voice", args=[story.pep.uuid])).content.decode()
    assert "/say/k/" not in again
    assert client.post(reverse("peps:voice_back_link", args=[story.pep.uuid]), {}).status_code == 302


def test_asking_from_the_page_of_the_pep() -> None:
    story = stages.scheduled()
    client = signed_in(story.people.teacher)
    url = reverse("peps:voice_link", args=[story.pep.uuid])
    assert "Ask the child, the carer or a parent" in client.get(story.pep.get_absolute_url()).content.decode()
    assert client.post(url, {"audience": "child"}).status_code == 200
    assert client.post(url, {"audience": "nobody", "asked_as": str(uuid4())}).status_code == 200
    page = client.post(url, {"audience": "carer", "asked_as": str(uuid4())}).content.decode()
    assert "For the carer." in page
    overview = client.get(reverse("peps:voice", args=[story.pep.uuid])).content.decode()
    assert "Not opened" in overview
    stop = reverse("peps:voice_no_links", args=[story.people.amy.uuid])
    assert client.post(stop, {"why": "The phone is read"}).status_code == 302
    assert "The phone is read" in client.get(stop).content.decode()
    assert client.post(stop).status_code == 403
    assert client.post(url, {"audience": "child", "asked_as": str(uuid4())}).status_code == 403
    assert signed_in(story.people.socialworker).post(stop).status_code == 302
    assert client.get(url).status_code == 200


class TestNextTime:
    """The next PEP's link begins with what became of last time's words, and the child may answer in words."""

    ANSWER = "The table is still loud, he hits me there"

    def opened(self, story: Story, audience: str = "child", **next_pep) -> tuple[Client, VoiceLink]:
        facts = {"child": story.pep.child, "period": story.pep.period, "occasion": "next", "previous": story.pep}
        pep = Pep.objects.filter(occasion="next").first() or PepFactory(**facts | next_pep)
        made = linking.make_link(pep=pep, audience=audience, purpose="ask", asked_as=uuid4(), by=story.people.teacher)
        phone = Client()
        phone.post(reverse("voice:start", args=[made.token]))
        return phone, VoiceLink.objects.select_related("pep").get(pk=made.link.pk)

    def test_the_child_reads_it_and_answers_in_words_that_are_kept(self, story: Story) -> None:
        row = written(story)
        phone, link = self.opened(story)
        first = reverse("voice:question", args=[link.uuid.hex, 1])
        acting.remove_answer(row=row, by=story.people.teacher)
        page = phone.get(first).content.decode()
        assert [words in page for words in (FACTS.said, FACTS.answer, "What do you think of what we did?")] == [
            True
        ] * 3
        assert FACTS.answer not in phone.get(reverse("voice:question", args=[link.uuid.hex, 2])).content.decode()
        assert phone.post(first, {"answer": self.ANSWER}).status_code == 302
        assert [one.answers[0]["words"] for one in VoiceConcern.objects.all()] == [self.ANSWER]
        phone.post(reverse("voice:check", args=[link.uuid.hex]))
        statement = VoiceStatement.objects.get()
        assert [(one["key"], one["words"]) for one in statement.answers] == [(LAST_TIME, self.ANSWER)]
        given = GivenBack.objects.get()
        assert (given.pep, given.link, given.rows[0]["answer"]) == (story.pep, link, FACTS.answer)
        shown = {
            role: [
                self.ANSWER
                in signed_in(story.people[role]).get(reverse("peps:voice", args=[pep.uuid])).content.decode()
                for pep in (story.pep, link.pep)
            ]
            for role in ("teacher", "coordinator")
        }
        assert shown == {"teacher": [True, True], "coordinator": [False, False]}

    def test_only_the_child_is_asked_and_only_where_something_was_done(self, story: Story) -> None:
        keys = [questions(self.opened(story)[1])[0].key]
        written(story)
        keys += [questions(self.opened(story, audience=one)[1])[0].key for one in ("carer", "child")]
        assert [key == LAST_TIME for key in keys] == [False, False, True]
        link = VoiceLinkFactory(pep=story.pep, purpose="answer", audience="child")
        voice_words.read_back(link=link)
        assert questions(link)[0].key != LAST_TIME
