"""The pages of the SEN team's matters: what each role is shown and may send, and what bad or stale input comes to."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse

from children.models import AccessGrant, Clock, LocalAuthority
from referrals.actions.sen import Opening, close_of_move, consult, open_matter, tell_of_move
from referrals.actions.sen_steps import StepFacts, take_step
from referrals.models import SenMatter, SenStep
from referrals.timeline.sen import moments
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SenRecordFactory
from tests.factories.referrals import SenMatterFactory
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOVE = "referrals.SchoolMove:0f0f0f0f-0000-4000-8000-000000000001"
LIST = reverse("sen:matters")
DATE = {"on-day": "10", "on-month": "11", "on-year": "2026"}


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def officer():
    return UserFactory(role="sen", name="Olu Officer")


@pytest.fixture
def notice(people):
    return tell_of_move(child=people.amy, matter=MOVE, reason="A move of school is proposed", by=people.socialworker)


def words_of(answer) -> str:
    """The text of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def path(name, record, *more):
    return reverse(f"sen:{name}", args=[record.uuid, *more])


class TestList:
    def test_has_the_soonest_date_first_with_stage_and_council(self, client, people, officer, notice):
        LocalAuthority.objects.get_or_create(code="801", defaults={"name": "One Council"})
        SenRecordFactory(
            child=people.bob, status="E", plan_on=date(2025, 11, 1), start=date(2025, 11, 1), maintained_by="801"
        )
        open_matter(child=people.bob, kind="review", facts=Opening(reason="Due", started_on=today()), by=people.vsh)
        client.force_login(officer)
        answer = client.get(LIST)
        text = words_of(answer)
        assert text.index("Annual review") < text.index("Notice of a move")
        assert "Overdue" in text
        council = LocalAuthority.objects.get(code="801").name
        assert council in text
        assert set(AccessLog.objects.latest("pk").child_ids) == {people.amy.pk, people.bob.pk}

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", 1),
            ("?state=waiting", 1),
            ("?state=closed", 1),
            ("?kind=review", 1),
            ("?state=no_pep", 0),
            ("?when=late", 0),
            ("?kind=move%27", 0),
        ],
    )
    def test_is_cut_by_its_filters(self, client, people, notice, query, shown):
        SenMatterFactory(child=people.amy, closed=True)
        client.force_login(people.vsh)
        assert client.get(f"{LIST}{query}").context["pages"].total == shown

    def test_asks_as_often_for_many_as_for_one(self, client, people, notice, django_assert_num_queries):
        client.force_login(people.coordinator)
        client.get(LIST)
        with django_assert_num_queries(11):
            client.get(LIST)
        for _ in range(3):
            SenMatterFactory(opened_by=people.vsh)
        with django_assert_num_queries(11):
            client.get(LIST)

    def test_its_next_date_opens_its_clock(self, client, people, officer, notice):
        client.force_login(officer)
        clock = Clock.objects.get(matter=notice.key)
        assert f'href="{clock.get_absolute_url()}"' in client.get(LIST).content.decode()
        assert client.get(clock.get_absolute_url()).status_code == 200

    def test_is_the_social_worker_s_own_children(self, client, people, notice):
        SenMatterFactory(child=people.bob)
        client.force_login(people.socialworker)
        assert [one.child for one in client.get(LIST).context["pages"].rows] == [people.amy]


class TestReach:
    def test_ends_with_the_grant(self, client, people, officer, notice):
        client.force_login(officer)
        assert client.get(path("matter", notice)).status_code == 200
        AccessGrant.objects.filter(matter=notice.key).update(opened_at=now() - 3 * DAY, closes_at=now() - DAY)
        for name in ("matter", "consult"):
            assert client.get(path(name, notice)).status_code == 404
        assert client.post(path("step", notice, "answer"), DATE).status_code == 404
        assert client.get(path("of_child", people.amy)).status_code == 404

    def test_of_a_closed_matter_stays_ended_when_another_opens_but_for_a_school_asked_beside_that(
        self, client, people, officer, notice
    ):
        close_of_move(matter=MOVE, by=people.vsh, why="Dropped")
        later = tell_of_move(child=people.amy, matter=MOVE[:-1] + "2", reason="Another move", by=people.socialworker)
        asked = consult(beside=later, school=people.other_school, reason="Its unit", on=today(), by=officer)
        take_step(matter=asked, event="decline", facts=StepFacts(on=today(), words="It is full"), by=officer)
        client.force_login(officer)
        got = [client.get(path("matter", one)).status_code for one in (notice, later, asked)]
        assert got == [404, 200, 200]

    def test_shows_no_pep_to_an_officer_but_the_day_beside_the_review(self, client, people, officer):
        matter = SenMatterFactory(child=people.amy, pep_on=date(2026, 12, 2))
        AccessGrant.objects.create(child=people.amy, user=officer, kind="sen", matter=matter.key, reason="Review")
        client.force_login(officer)
        page = client.get(path("matter", matter))
        assert "2 December 2026" in words_of(page)
        assert "Set the PEP meeting beside it" not in [one["text"] for one in page.context["actions"]]

    def test_an_admissions_officer_and_a_stranger_know_of_none(self, client, people, notice):
        for user in (people.admissions, people.outsiders["socialworker"], people.teacher):
            client.force_login(user)
            assert client.get(path("matter", notice)).status_code == 404


class TestSteps:
    def send(self, client, matter, event, **data):
        return client.post(path("step", matter, event), DATE | {"words": "Name a special school"} | data)

    def test_an_answer_is_recorded_and_shown(self, client, people, officer, notice):
        client.force_login(officer)
        answer = self.send(client, notice, "answer", can_meet="no")
        assert (answer.status_code, answer.url) == (302, notice.get_absolute_url())
        page = client.get(answer.url)
        text = words_of(page)
        assert [(one["label"], one["state"]) for one in page.context["clocks"]] == [
            ("SEN team's answer to a move", "met")
        ]
        assert "on 10 November 2026" in text
        assert "Name a special school" in text

    def test_the_last_step_leads_back_to_the_list(self, client, people, officer):
        SenRecordFactory(child=people.amy, status="E", start=date(2026, 1, 1))
        matter = open_matter(
            child=people.amy, kind="review", facts=Opening(reason="Due", started_on=today()), by=people.vsh
        )
        client.force_login(officer)
        assert self.send(client, matter, "close").url == LIST
        client.force_login(people.vsh)
        assert self.send(client, matter, "hold").status_code == 409

    @pytest.mark.parametrize(("event", "status"), [("hold", 409), ("accept", 409), ("opened", 404), ("x" * 300, 404)])
    def test_a_step_that_is_not_the_next_changes_nothing(self, client, people, officer, notice, event, status):
        client.force_login(officer)
        url = path("matter", notice) + event + "/"
        assert (client.get(url).status_code, client.post(url, DATE | {"words": "So"}).status_code) == (status, status)
        assert SenStep.objects.count() == 1

    @pytest.mark.parametrize(
        "data",
        [
            {"can_meet": "perhaps"},
            {"can_meet": "no", "words": ""},
            {"can_meet": "no", "words": "a\x00b"},
            {"can_meet": "no", "words": "x" * 100_000},
            {"can_meet": "no", "on-year": "2031"},
            {"can_meet": "no", "on-day": "\ud83d"},
        ],
    )
    def test_what_is_not_understood_is_said_beside_the_question(self, client, officer, notice, data):
        client.force_login(officer)
        given = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
        answer = self.send(client, notice, "answer", **given)
        assert answer.status_code in (200, 400)
        assert SenStep.objects.count() == 1

    def test_who_may_not_is_told_why(self, client, people, notice):
        client.force_login(people.socialworker)
        assert "Answer: not now" in words_of(client.get(path("matter", notice)))
        review = SenMatterFactory(child=people.amy)
        client.force_login(people.coordinator)
        shown = client.get(path("matter", review)).context
        assert "Set the PEP meeting beside it" in [one["text"] for one in shown["actions"]]
        assert [one["text"] for one in shown["refused"]] == ["Plan the review meeting"]
        client.force_login(people.socialworker)
        answer = self.send(client, notice, "answer", can_meet="no")
        assert answer.status_code == 403
        assert "SEN team’s to record" in words_of(answer)


class TestOpening:
    FORM = {
        "kind": "review",
        "reason": "It is due",
        "started_on-day": "9",
        "started_on-month": "11",
        "started_on-year": "2026",
    }

    def test_twice_is_one_matter(self, client, people):
        SenRecordFactory(child=people.amy, status="E", start=date(2026, 1, 1))
        client.force_login(people.coordinator)
        urls = {client.post(path("open", people.amy), self.FORM).url for _ in range(2)}
        assert urls == {SenMatter.objects.get().get_absolute_url()}

    @pytest.mark.parametrize(
        ("year", "status", "offered"),
        [
            (5, "K", ["assessment"]),
            (5, "E", ["review", "handover"]),
            (6, "E", ["review", "phase", "handover"]),
        ],
    )
    def test_offers_what_fits_the_child_and_takes_nothing_else(self, client, people, year, status, offered):
        child = ChildFactory(in_care=True, year=year)
        SenRecordFactory(child=child, status=status, start=date(2026, 1, 1))
        client.force_login(people.ala)
        form = client.get(path("open", child)).context["form"]
        assert [value for value, _ in form.fields["kind"].choices] == offered
        assert client.post(path("open", child), self.FORM | {"kind": "consultation"}).status_code == 200
        assert not SenMatter.objects.exists()

    def test_a_school_is_consulted_by_its_urn(self, client, people, officer, notice):
        client.force_login(officer)
        form = DATE | {"school": people.other_school.urn, "reason": "Its unit"}
        made = client.post(path("consult", notice), form)
        asked = SenMatter.objects.get(kind="consultation")
        assert (made.url, asked.school) == (asked.get_absolute_url(), people.other_school)
        assert "Bob's School" in words_of(client.get(path("matter", notice))).replace("’", "'")


class TestTransfers:
    def test_lists_who_changes_phase_with_the_weeks_left(self, client, people):
        for year in (6, 11, 5):
            SenRecordFactory(child=ChildFactory(in_care=True, year=year), status="E", start=date(2026, 1, 1))
        client.force_login(people.vsh)
        text = words_of(client.get(reverse("sen:transfers")))
        assert ("13 weeks left" in text, "20 weeks left" in text) == (True, True)
        assert text.count("Not opened") == 2
        page = client.get(reverse("sen:transfers")).content.decode()
        for key in ("sen.phase_transfer.school", "sen.phase_transfer.after_school"):
            assert f'href="{reverse("rulebook:detail", args=[key])}"' in page

    def test_says_so_on_the_child_s_own_page(self, client, people):
        child = ChildFactory(in_care=True, year=6)
        SenRecordFactory(child=child, status="E", start=date(2026, 1, 1))
        client.force_login(people.vsh)
        assert "To secondary school: amended plan by 15 February 2027" in words_of(client.get(path("of_child", child)))


def test_the_timeline_tells_each_step_to_those_who_may_know(people, notice):
    told = {
        role: [one.title for one in moments(people.amy, user=people[role])] for role in ("vsh", "sen", "teacher", "iro")
    }
    assert told == {"vsh": ["Notice of a move: opened"], "sen": ["Notice of a move: opened"], "teacher": [], "iro": []}
