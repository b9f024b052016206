"""Saving as it is typed: what the browser is told, what is kept, and what is left alone; last time's answers beside the boxes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from peps import layouts
from peps.actions import delegating, writing
from peps.enums import SectionState
from peps.models import Pep, PepAnswer, PepSection, PepSetAside
from peps.views.writing import last_answers
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.peps import PepAnswerFactory, PepFactory, PepSectionFactory
from tests.peps import stages
from tests.peps.test_views_writing import fields_of, get, post
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
KEY = "education_now"


@pytest.fixture
def story():
    return stages.accepted()


@pytest.fixture
def second(story):
    user = UserFactory(role="teacher", name="Colin League")
    MembershipFactory(user=user, organisation=story.people.school.organisation)
    return user


class Page:
    """A page of the form that stays open while it is typed in, as the script keeps it."""

    def __init__(self, client, user, section):
        self.client, self.user, self.section = client, user, section
        self.fields = fields_of(get(client, user, "write", section.uuid))

    def type(self, status=200, **words):
        self.fields |= words
        self.client.force_login(self.user)
        data = self.fields | {"writer": str(self.user.uuid)}
        headers = {"Accept": "application/json"}
        answer = self.client.post(reverse("peps:write", args=[self.section.uuid]), data, headers=headers)
        assert answer.status_code == status
        told = answer.json()
        self.fields |= {f"seen_{key}": mark for key, mark in told.get("seen", {}).items()}
        return told


def standing() -> dict:
    return dict(PepAnswer.objects.values_list("field", "value"))


class TestSaving:
    def test_it_is_saved_and_not_finished(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        told = page.type(clubs="Chess", hours_offered="25", key_adult="Ms A")
        assert (told["state"], told["at"], told["left_out"]) == ("saved", "10:00", {})
        assert sorted(told["seen"]) == ["clubs", "hours_offered", "key_adult"]
        assert standing() == {"clubs": "Chess", "hours_offered": 25, "key_adult": "Ms A"}
        assert story.section(KEY).state == SectionState.STARTED

    def test_the_same_again_writes_nothing(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.type(clubs="Chess")
        before = (Change.objects.count(), AuditEvent.objects.count())
        assert page.type()["seen"] == {}
        assert (Change.objects.count(), AuditEvent.objects.count()) == before

    def test_one_changed_box_is_one_row_of_history(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.type(clubs="Chess", key_adult="Ms A")
        before = Change.objects.filter(table_name="peps_pepanswer").count()
        assert list(page.type(clubs="Chess and go")["seen"]) == ["clubs"]
        assert Change.objects.filter(table_name="peps_pepanswer").count() == before + 1

    def test_what_cannot_be_kept_yet_is_named_and_wipes_nothing(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.type(hours_offered="25")
        told = page.type(hours_offered="twenty", clubs="Chess")
        assert list(told["left_out"]) == ["Hours offered a week"]
        assert standing() == {"hours_offered": 25, "clubs": "Chess"}

    def test_a_box_that_is_emptied_is_kept_empty(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.type(clubs="Chess")
        page.type(clubs="")
        assert standing() == {"clubs": ""}

    def test_the_button_after_it_finishes_without_a_second_writing(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.type(clubs="Chess", hours_offered="25", key_adult="Ms A")
        assert post(client, story.people.teacher, "write", page.section.uuid, **page.fields).status_code == 302
        assert story.section(KEY).state == SectionState.COMPLETE
        assert set(PepAnswer.objects.values_list("version", flat=True)) == {1}

    def test_a_finished_section_says_why_and_takes_nothing(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        stages.fill(story, KEY)
        told = page.type(status=403, clubs="Too late")
        assert told == {"state": "closed", "words": "This section is finished. Open it again to change it."}
        assert "Too late" not in standing().values()

    def test_a_reader_saves_nothing(self, client, story):
        section = story.section(KEY)
        client.force_login(story.people.socialworker)
        data = {"clubs": "Mine", "writer": str(story.people.socialworker.uuid)}
        address = reverse("peps:write", args=[section.uuid])
        assert client.post(address, data, headers={"Accept": "application/json"}).json()["state"] == "closed"
        assert standing() == {}

    def test_words_are_never_saved_in_the_name_of_who_signed_in_next(self, client, story, second):
        page = Page(client, story.people.teacher, story.section(KEY))
        page.fields["clubs"] = "Chess"
        client.force_login(second)
        data = page.fields | {"writer": str(story.people.teacher.uuid)}
        address = reverse("peps:write", args=[page.section.uuid])
        answer = client.post(address, data, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["state"], standing()) == (409, "closed", {})

    def test_a_session_that_is_over_leads_to_the_sign_in_and_saves_nothing(self, client, story):
        page = Page(client, story.people.teacher, story.section(KEY))
        client.logout()
        address = reverse("peps:write", args=[page.section.uuid])
        answer = client.post(address, page.fields | {"clubs": "Chess"}, headers={"Accept": "application/json"})
        assert (answer.status_code, standing()) == (302, {})

    @pytest.mark.parametrize("mark", ["", "x", "1", ":::", "1:2:3:4", "99999999999:0", "0:\u0662:\u0663"])
    def test_odd_marks_are_as_none(self, client, story, mark):
        page = Page(client, story.people.teacher, story.section(KEY))
        assert page.type(clubs="Chess", seen_clubs=mark)["state"] == "saved"


class TestTwoWriters:
    def test_different_boxes_are_both_kept(self, client, story, second):
        pages = [Page(client, user, story.section(KEY)) for user in (story.people.teacher, second)]
        assert pages[0].type(clubs="Chess")["state"] == "saved"
        assert pages[1].type(key_adult="Ms A")["state"] == "saved"
        assert standing() == {"clubs": "Chess", "key_adult": "Ms A"}

    def test_one_box_typed_on_is_one_answer_set_aside(self, client, story, second):
        pages = [Page(client, user, story.section(KEY)) for user in (story.people.teacher, second)]
        pages[0].type(clubs="Chess")
        told = pages[1].type(clubs="Foot")
        assert told["state"] == "conflict"
        assert told["conflicts"] == ["Clubs, music, sport, reading: life beyond lessons"]
        assert pages[1].type(clubs="Football")["state"] == "conflict"
        assert pages[1].type(key_adult="Ms A")["state"] == "saved"
        aside = PepSetAside.objects.get()
        assert (aside.by, aside.value, standing()["clubs"]) == (second, "Football", "Chess")
        response = post(client, second, "write", pages[1].section.uuid, **pages[1].fields | {"draft": "1"})
        assert response.url == reverse("peps:conflicts", args=[pages[1].section.uuid])

    def test_two_tabs_of_one_person_do_not_write_over_what_the_other_set_aside(self, client, story, second):
        tabs = [Page(client, second, story.section(KEY)) for _ in range(2)]
        Page(client, story.people.teacher, story.section(KEY)).type(clubs="Chess")
        tabs[0].type(clubs="Football")
        tabs[1].type(clubs="Rugby")
        assert sorted(PepSetAside.objects.values_list("value", flat=True)) == ["Football", "Rugby"]

    def test_nobody_writes_on_in_what_another_set_aside(self, client, story, second):
        first, other = (Page(client, user, story.section(KEY)) for user in (story.people.teacher, second))
        Page(client, story.people.teacher, story.section(KEY)).type(clubs="Chess")
        other.type(clubs="Football")
        mark = f"0:x:{PepSetAside.objects.get().pk}"
        first.type(clubs="Mine", seen_clubs=mark)
        assert sorted(PepSetAside.objects.values_list("value", flat=True)) == ["Football", "Mine"]

    def test_after_it_was_settled_typing_on_is_set_aside_anew(self, client, story, second):
        page = Page(client, second, story.section(KEY))
        Page(client, story.people.teacher, story.section(KEY)).type(clubs="Chess")
        page.type(clubs="Football")
        writing.settle(aside=PepSetAside.objects.get(), choice="standing", by=second)
        page.type(clubs="Football again")
        assert PepSetAside.objects.get().value == "Football again"

    def test_finishing_waits_for_anybodys_choice(self, client, story, second):
        page = Page(client, second, story.section(KEY))
        first = Page(client, story.people.teacher, story.section(KEY))
        first.type(clubs="Chess", hours_offered="25", key_adult="Ms A")
        page.type(clubs="Football")
        response = post(client, story.people.teacher, "write", first.section.uuid, **first.fields)
        assert response.url == reverse("peps:conflicts", args=[first.section.uuid])
        assert story.section(KEY).state == SectionState.STARTED


class TestButtons:
    def test_onward_saves_and_finishes_nothing(self, client, story):
        section = story.section(KEY)
        response = post(client, story.people.teacher, "write", section.uuid, clubs="Chess", onward="1")
        assert response.url == reverse("peps:write", args=[story.section("attendance").uuid])
        assert (standing(), story.section(KEY).state) == ({"clubs": "Chess"}, SectionState.STARTED)

    def test_the_enter_key_saves_and_finishes_nothing(self, client, story):
        page = get(client, story.people.teacher, "write", story.section(KEY).uuid).content.decode()
        form = page[page.index("<form", page.index("data-vs-autosave")) :]
        first = form[form.index("<button") :].split(">", 1)[0]
        assert 'name="draft"' in first


@pytest.fixture
def earlier(story) -> Pep:
    """Last term's PEP with an answer of every kind, and one that only social work reads."""
    period = story.people.amy.periods_of_care.get()
    before = PepFactory(
        child=story.people.amy,
        period=period,
        school=story.people.school,
        state="complete",
        academic_year=2025,
        term="summer",
        opened_on=today() - timedelta(days=150),
        completed_on=today() - timedelta(days=100),
        layout=story.pep.layout,
    )
    Pep.objects.filter(pk=story.pep.pk).update(previous=before)
    answers = {
        KEY: {"clubs": "Choir <b>on</b> Mondays", "hours_offered": 25},
        "attainment": {"on_track": "Yes"},
        "my_views": {"my_words": "I liked the trip", "given_on": "2026-05-04", "what_adults_understood": "Trips help"},
        "health_and_wellbeing": {"helps_at_school": "A quiet place", "health_needs": "Glasses", "sdq_on": "2026-05-04"},
    }
    for key, given in answers.items():
        section = PepSectionFactory(pep=before, key=key)
        for field, value in given.items():
            PepAnswerFactory(section=section, field=field, value=value)
    return before


class TestLastTime:
    def last(self, client, user, section):
        return get(client, user, "write", section.uuid).context["form"].last

    def test_it_stands_beside_its_question(self, client, story, earlier):
        last = self.last(client, story.people.teacher, story.section(KEY))
        assert {key: one.lines for key, one in last.items()} == {
            "clubs": ("Choir <b>on</b> Mondays",),
            "hours_offered": ("25",),
        }
        assert last["clubs"].when == "summer term 2025/26"
        assert "Choir <b>on" not in get(client, story.people.teacher, "write", story.section(KEY).uuid).content.decode()

    def test_the_childs_own_words_are_never_offered_again(self, client, story, earlier):
        last = self.last(client, story.people.teacher, story.section("my_views"))
        assert set(last) == {"given_on", "what_adults_understood"}
        page = get(client, story.people.teacher, "write", story.section("my_views").uuid).content.decode()
        assert "I liked the trip" not in page

    def test_a_pep_that_the_reader_does_not_see_is_not_told(self, client, story, earlier):
        colleague = UserFactory(role="teacher")
        section = story.section(KEY)
        delegating.delegate(section=section, colleague=colleague, by=story.people.teacher)
        assert self.last(client, colleague, section) == {}

    def test_the_button_fills_one_box_and_keeps_what_was_typed(self, client, story, earlier):
        facts = {"key_adult": "Ms Typed", "hours_offered": "30", "use": "clubs"}
        response = post(client, story.people.teacher, "write", story.section(KEY).uuid, **facts)
        shown = fields_of(response)
        assert (response.status_code, shown["clubs"]) == (200, "Choir <b>on</b> Mondays")
        assert (shown["key_adult"], shown["hours_offered"]) == ("Ms Typed", "30")
        assert standing().get("key_adult") is None
        assert not PepSection.objects.filter(pep=story.pep, state=SectionState.COMPLETE).exists()

    @pytest.mark.parametrize(
        ("key", "field", "shown"),
        [
            ("attainment", "on_track", {"on_track": "Yes"}),
            ("my_views", "given_on", {"given_on-day": "4", "given_on-month": "5", "given_on-year": "2026"}),
        ],
    )
    def test_every_kind_of_box_is_filled(self, client, story, earlier, key, field, shown):
        response = post(client, story.people.teacher, "write", story.section(key).uuid, use=field)
        assert fields_of(response).items() >= shown.items()

    def test_a_box_that_is_not_offered_is_not_filled(self, client, story, earlier):
        section = story.section("my_views").uuid
        response = post(client, story.people.teacher, "write", section, use="my_words", what_adults_understood="Mine")
        assert response.status_code == 302
        assert "I liked the trip" not in PepAnswer.objects.filter(section__uuid=section).values_list("value", flat=True)

    def test_a_reader_of_less_is_shown_less(self, client, story, earlier):
        section = story.section("health_and_wellbeing")
        assert set(self.last(client, story.people.socialworker, section)) == {
            "helps_at_school",
            "health_needs",
            "sdq_on",
        }
        specs = list(layouts.of_version(story.pep.layout).section(section.key).fields)
        assert set(last_answers(story.people.teacher, section, specs)) == {"helps_at_school"}

    def test_closed_meanwhile_the_typed_words_stay(self, client, story, earlier):
        section = story.section(KEY)
        stages.fill(story, KEY)
        response = post(client, story.people.teacher, "write", section.uuid, use="clubs", key_adult="Typed late")
        assert response.status_code == 403
        assert "Typed late" in response.content.decode()
