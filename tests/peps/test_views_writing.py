"""Writing in the browser: drafts, finishing, two writers, targets and their money, the gate, the answer."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from peps.actions import meetings
from peps.enums import Decision, PepState, SectionState
from peps.models import PepAnswer, PepCost, PepMeeting, PepReview, PepSetAside, PepTarget, PepVersion
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db


def get(client, user, view, *args):
    client.force_login(user)
    return client.get(reverse(f"peps:{view}", args=args))


def post(client, user, view, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"peps:{view}", args=args), data)


def date_parts(name, day):
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def fields_of(response):
    """What a browser would send back: the form's own values."""
    form = response.context["form"]
    found = {}
    for bound in form:
        value = bound.value()
        if f"{bound.name}-day" in response.content.decode():
            found |= dict(
                zip(
                    (f"{bound.name}-{part}" for part in ("day", "month", "year")),
                    bound.field.widget.parts(value),
                    strict=True,
                )
            )
        else:
            found[bound.name] = "" if value is None else value
    return found


@pytest.fixture
def story():
    return stages.accepted()


class TestSection:
    def test_a_draft_may_leave_anything_out(self, client, story):
        section = story.section("education_now")
        given = fields_of(get(client, story.people.teacher, "write", section.uuid)) | {
            "clubs": "Football",
            "draft": "1",
        }
        response = post(client, story.people.teacher, "write", section.uuid, **given)
        assert (response.status_code, response.url) == (302, story.pep.get_absolute_url())
        assert PepAnswer.objects.get().value == "Football"
        assert story.section("education_now").state == SectionState.STARTED

    def test_finishing_asks_for_what_is_required_and_keeps_what_was_typed(self, client, story):
        section = story.section("education_now")
        response = post(client, story.people.teacher, "write", section.uuid, clubs="Football")
        assert set(response.context["form"].errors) == {"hours_offered", "key_adult"}
        assert "Football" in response.content.decode()
        assert not PepAnswer.objects.exists()

    def test_finishing_leads_to_the_next_of_ones_own(self, client, story):
        section = story.section("education_now")
        facts = {"hours_offered": "25", "key_adult": "Ms A", "clubs": "Football"}
        response = post(client, story.people.teacher, "write", section.uuid, **facts)
        assert response.url == reverse("peps:write", args=[story.section("attendance").uuid])
        assert story.section("education_now").state == SectionState.COMPLETE
        assert PepAnswer.objects.get(field="hours_offered").value == 25

    def test_a_date_and_a_number_outside_their_bounds_are_told(self, client, story):
        section = story.section("health_and_wellbeing")
        facts = {"sdq_score": "41", "sdq_on-day": "31", "sdq_on-month": "2", "sdq_on-year": "2026", "draft": "1"}
        errors = post(client, story.people.socialworker, "write", section.uuid, **facts).context["form"].errors
        assert set(errors) == {"sdq_score", "sdq_on"}

    def test_two_browsers_and_one_field(self, client, story):
        section = story.section("education_now")
        second = UserFactory(role="teacher", name="Colin League")
        MembershipFactory(user=second, organisation=story.people.school.organisation)
        first_page = fields_of(get(client, story.people.teacher, "write", section.uuid))
        second_page = fields_of(get(client, second, "write", section.uuid))
        post(client, story.people.teacher, "write", section.uuid, **first_page | {"clubs": "Football", "draft": "1"})
        given = second_page | {"clubs": "Chess", "key_adult": "Ms A", "draft": "1"}
        response = post(client, second, "write", section.uuid, **given)
        assert response.url == reverse("peps:conflicts", args=[section.uuid])
        shown = get(client, second, "conflicts", section.uuid).content.decode()
        assert [word in shown for word in ("Football", "Chess", "Tess Teacher", "Colin League")] == [True] * 4
        aside = PepSetAside.objects.get()
        post(client, second, "conflicts", section.uuid, **{f"choice_{aside.pk}": "both"})
        assert dict(PepAnswer.objects.values_list("field", "value")) == {
            "clubs": "Football\n\nChess",
            "key_adult": "Ms A",
        }
        assert get(client, second, "conflicts", section.uuid).url == reverse("peps:section", args=[section.uuid])

    def test_words_typed_while_the_pep_was_sent_in_stay_on_the_page(self, client):
        story = stages.submitted()
        section = story.section("targets")
        response = post(
            client, story.people.teacher, "write", section.uuid, no_pupil_premium_because="Typed late", draft="1"
        )
        assert response.status_code == 403
        assert "Typed late" in response.content.decode()

    def test_a_childs_words_written_down_by_another_are_shown_and_not_asked(self, client, story):
        stages.fill(story, "my_views", by=story.people.teacher, finish=False)
        response = get(client, story.people.socialworker, "write", story.section("my_views").uuid)
        assert "my_words" not in response.context["form"].fields
        assert "I like maths when it is quiet" in response.content.decode()

    def test_finish_and_open_again(self, client, story):
        stages.fill(story, "education_now", finish=False)
        section = story.section("education_now").uuid
        assert post(client, story.people.teacher, "complete", section).url == story.pep.get_absolute_url()
        assert post(client, story.people.socialworker, "reopen", section).status_code == 403
        assert post(client, story.people.teacher, "reopen", section).url == reverse("peps:write", args=[section])
        assert story.section("education_now").state == SectionState.STARTED

    def test_a_section_with_gaps_is_not_finished_but_shown(self, client, story):
        section = story.section("education_now").uuid
        assert post(client, story.people.teacher, "complete", section).url == reverse("peps:write", args=[section])

    def test_adding_one(self, client, story):
        assert (
            post(
                client, story.people.teacher, "add_section", story.pep.uuid, section="alternative_provision"
            ).status_code
            == 302
        )
        assert story.section("alternative_provision").state == SectionState.NOT_STARTED
        assert (
            post(
                client, story.people.teacher, "add_section", story.pep.uuid, section="alternative_provision"
            ).status_code
            == 409
        )
        assert post(client, story.people.teacher, "add_section", story.pep.uuid, section="nonsense").status_code == 403


class TestMeeting:
    def test_planning_tells_who_must_come_and_why(self, client):
        story = stages.planned()
        rows = get(client, story.people.coordinator, "schedule", story.pep.uuid).context["rows"]
        assert (rows[0]["key"], rows[0]["value"]) == ("Social worker", "Sam Worker")
        assert rows[0]["lines"][0].startswith("Must come. Every PEP meeting (")
        facts = {"time": "2pm", "place": "Library"} | date_parts("on", today())
        response = post(client, story.people.coordinator, "schedule", story.pep.uuid, **facts)
        meeting = PepMeeting.objects.get()
        assert response.url == reverse("peps:meeting", args=[meeting.uuid])
        assert meeting.starts_at == stages.at(today(), 14)

    @pytest.mark.parametrize(("time", "words"), [("half past", "Enter a time, like 10:30 or 2pm"), ("", "Enter time")])
    def test_a_time_that_is_none(self, client, time, words):
        story = stages.planned()
        facts = {"time": time, "place": "Library"} | date_parts("on", today())
        form = post(client, story.people.coordinator, "schedule", story.pep.uuid, **facts).context["form"]
        assert form.errors["time"] == [words]

    def test_declining_asks_for_the_reason(self, client, story):
        one = story.invitation("social_worker")
        form = post(client, story.people.socialworker, "answer", one.uuid, answer="decline").context["form"]
        assert form.errors["why"] == ["Say why you cannot come"]
        assert (
            post(client, story.people.socialworker, "answer", one.uuid, answer="decline", why="In court").status_code
            == 302
        )
        one.refresh_from_db()
        assert (one.response, one.declined_why) == ("declined", "In court")

    def test_recording_without_the_social_worker_tells_the_rule(self, client, story):
        came = {f"came_{pk}": value for pk, value in stages.came(story.meeting, but=("social_worker",)).items()}
        response = post(client, story.people.coordinator, "hold", story.meeting.uuid, **came)
        (error,) = response.context["form"].non_field_errors()
        assert error == (
            "The social worker was not there, so the meeting has to be rearranged. "
            "Source: Devon Virtual School: information for IROs and social workers."
        )

    def test_recording_asks_of_everybody(self, client, story):
        form = post(client, story.people.coordinator, "hold", story.meeting.uuid, submitted="1").context["form"]
        assert len(form.errors) == story.meeting.invitations.count()

    def test_rearranging_needs_both_date_and_time_or_neither(self, client, story):
        facts = {"why": "In court"} | date_parts("on", today())
        form = post(client, story.people.coordinator, "rearrange", story.meeting.uuid, **facts).context["form"]
        assert set(form.errors) == {"time"}
        assert (
            post(client, story.people.coordinator, "rearrange", story.meeting.uuid, why="In court").status_code == 302
        )
        assert story.again().state == PepState.REARRANGED

    def test_inviting_and_booking(self, client, story):
        post(client, story.people.coordinator, "invite", story.meeting.uuid, seat="other", name="Therapist")
        assert story.meeting.invitations.filter(name="Therapist").exists()
        stages.held(story)
        assert get(client, story.people.teacher, "book_next", story.meeting.uuid).status_code == 200
        tomorrow = today() + timedelta(days=1)
        day = date_parts("next_meeting_on", tomorrow)
        assert post(client, story.people.teacher, "book_next", story.meeting.uuid, **day).status_code == 302
        story.meeting.refresh_from_db()
        assert story.meeting.next_meeting_on == tomorrow

    @pytest.mark.parametrize("view", ["schedule", "rearrange"])
    @pytest.mark.parametrize("day", [date(2026, 7, 12), date(2027, 11, 12), date(1901, 1, 1)])
    def test_no_meeting_far_from_today(self, client, story, view, day):
        about = story.pep.uuid if view == "schedule" else story.meeting.uuid
        facts = {"time": "2pm", "place": "Library", "why": "x"} | date_parts("on", day)
        form = post(client, story.people.coordinator, view, about, **facts).context["form"]
        assert form.errors == {"on": ["Date must be between 13 July 2026 and 11 November 2027"]}
        assert PepMeeting.objects.count() == 1

    @pytest.mark.parametrize("day", [date(2026, 7, 13), date(2027, 11, 11)])
    def test_a_meeting_within_a_term_back_and_a_year_ahead(self, client, story, day):
        facts = {"time": "2pm", "place": "Library", "why": "x"} | date_parts("on", day)
        assert post(client, story.people.coordinator, "rearrange", story.meeting.uuid, **facts).status_code == 302

    @pytest.mark.parametrize("day", [date(2026, 11, 10), date(2026, 11, 9), date(2027, 11, 12), date(2199, 1, 1)])
    def test_the_next_meeting_is_after_this_one_and_within_a_year(self, client, story, day):
        came = {f"came_{one.pk}": "came" for one in story.meeting.invitations.all()}
        facts = came | date_parts("next_meeting_on", day)
        form = post(client, story.people.coordinator, "hold", story.meeting.uuid, **facts).context["form"]
        words = "The next meeting must be after this one, of 10 November 2026, and no later than 11 November 2027"
        assert form.errors == {"next_meeting_on": [words]}
        assert story.again().state == PepState.PREPARING
        stages.held(story)
        facts = date_parts("next_meeting_on", day)
        form = post(client, story.people.teacher, "book_next", story.meeting.uuid, **facts).context["form"]
        assert set(form.errors) == {"next_meeting_on"}


class TestNamesOfACarerOrAParent:
    """Whoever does not read them neither writes nor sees them; the seat is everybody's to know."""

    @pytest.mark.parametrize("seat", ["carer", "parent"])
    def test_are_not_written_by_a_role_that_does_not_read_them(self, client, story, seat):
        people, about = story.people, story.meeting.uuid
        form = post(client, people.coordinator, "invite", about, seat=seat, name="Maren Oakby").context["form"]
        assert form.errors == {"name": [f"Your role does not read the name of a {seat}: leave it out."]}
        before = story.meeting.invitations.filter(seat=seat).count()
        assert post(client, people.coordinator, "invite", about, seat=seat).status_code == 302
        assert post(client, people.vsh, "invite", about, seat=seat, name="Maren Oakby").status_code == 302
        names = story.meeting.invitations.filter(seat=seat).order_by("pk").values_list("name", flat=True)
        assert list(names)[before:] == ["", "Maren Oakby"]

    def test_anybody_else_has_a_name(self, client, story):
        form = post(client, story.people.vsh, "invite", story.meeting.uuid, seat="other").context["form"]
        assert form.errors == {"name": ["Enter a name"]}

    def test_the_action_refuses_it_too(self, story):
        with pytest.raises(Refused, match="does not read the name of a parent"):
            meetings.invite(meeting=story.meeting, seat="parent", name="Maren Oakby", by=story.people.teacher)
        assert not story.meeting.invitations.filter(seat="parent").exists()

    @pytest.mark.parametrize(
        ("seat", "readers"),
        [("carer", {"vsh", "ala", "socialworker", "manager"}), ("parent", {"vsh", "socialworker", "manager"})],
    )
    def test_are_seen_with_their_reasons_by_roles_that_read_them(self, client, story, seat, readers):
        one = meetings.invite(meeting=story.meeting, seat=seat, name="Maren Oakby", by=story.people.vsh)
        meetings.respond_to_invitation(
            invitation=one, accept=False, why="Her mother Hazel is ill", by=story.people.coordinator
        )
        roles = ("vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher")
        for word, views in (("Maren", ("meeting", "detail", "read")), ("Hazel", ("meeting",))):
            for view in views:
                about = story.meeting.uuid if view == "meeting" else story.pep.uuid
                pages = {role: get(client, story.people[role], view, about).content.decode() for role in roles}
                assert {role for role, shown in pages.items() if word in shown} == readers
        assert "Hazel" not in AuditEvent.objects.get(verb="pep.invitation_answered", subject_id=str(one.pk)).why

    def test_stand_in_no_version(self, story):
        meetings.invite(meeting=story.meeting, seat="parent", name="Maren Oakby", by=story.people.vsh)
        meetings.invite(meeting=story.meeting, seat="other", name="Speech therapist", by=story.people.vsh)
        stages.approved(stages.submitted(stages.written(stages.held(stages.prepared(story)))))
        people = PepVersion.objects.get().content["meeting"]["people"]
        named = {one["seat"]: one["name"] for one in people}
        assert (named["parent"], named["other"], named["social_worker"]) == ("", "Speech therapist", "Sam Worker")


class TestTargets:
    FACTS = {"area": "english", "start_point": "40 words", "goal": "70 words"}
    COST = {"item": "Tuition", "category": "tuition", "sessions_a_week": "2", "weeks": "10", "price": "25.50"}

    def test_add_change_ask_for_money_and_take_out(self, client, story):
        user = story.people.teacher
        post(client, user, "target_add", story.pep.uuid, **self.FACTS)
        target = PepTarget.objects.get()
        post(client, user, "target_edit", target.uuid, **self.FACTS | {"goal": "75 words", "version": "1"})
        post(client, user, "cost_add", target.uuid, **self.COST)
        shown = get(client, user, "targets", story.pep.uuid).content.decode()
        assert ("75 words" in shown, "2 a week × 10 weeks × £25.50 = £510.00" in shown) == (True, True)
        post(client, user, "cost_remove", PepCost.objects.get().uuid)
        post(client, user, "target_remove", target.uuid)
        assert (PepCost.objects.count(), PepTarget.objects.count()) == (0, 0)

    def test_marks_as_missing_only_what_the_gate_asks_for(self, client, story):
        user = story.people.teacher
        post(client, user, "target_add", story.pep.uuid, **self.FACTS)

        def said():
            rows = get(client, user, "targets", story.pep.uuid).context["cards"][0]["rows"]
            return {row["key"]: row["missing"] for row in rows if not row["value"]}

        optional = dict.fromkeys(("Why", "What is done", "Where", "How often"), "Optional, not said")
        needed = ("Measured by", "By when", "Who sees to it")
        assert said() == optional | dict.fromkeys(needed, "Missing")
        set_rule("pep.submit.required", ["voice"])
        assert said() == optional | dict.fromkeys(needed, "Optional, not said")

    def test_a_stale_change_shows_both(self, client, story):
        user = story.people.teacher
        post(client, user, "target_add", story.pep.uuid, **self.FACTS)
        target = PepTarget.objects.get()
        post(client, user, "target_edit", target.uuid, **self.FACTS | {"goal": "Theirs", "version": "1"})
        response = post(client, user, "target_edit", target.uuid, **self.FACTS | {"goal": "Mine", "version": "1"})
        shown = response.content.decode()
        assert (response.status_code, "Theirs" in shown, "Mine" in shown) == (409, True, True)
        assert response.context["form"].data["version"] == "2"

    def test_an_excluded_line_asks_for_a_reason_and_a_second_person(self, client, story):
        target = stages.targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)
        trip = self.COST | {"item": "Residential trip"}
        form = post(client, story.people.teacher, "cost_add", target.uuid, **trip).context["form"]
        assert "does not pay for school trips" in form.errors["exception_reason"][0]
        post(client, story.people.teacher, "cost_add", target.uuid, **trip | {"exception_reason": "Her only chance"})
        cost = PepCost.objects.get()
        assert "Agree the exception" in get(client, story.people.vsh, "targets", story.pep.uuid).content.decode()
        assert "Agree the exception" not in get(client, story.people.ala, "targets", story.pep.uuid).content.decode()
        assert post(client, story.people.ala, "cost_exception", cost.uuid).status_code == 403
        assert post(client, story.people.vsh, "cost_exception", cost.uuid).status_code == 302
        cost.refresh_from_db()
        assert cost.exception_by == story.people.vsh

    def test_money_is_a_strangers_404(self, client, story):
        target = stages.targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)
        cost = stages.targets.add_cost(target=target, facts=stages.COST, by=story.people.teacher)
        assert post(client, story.people.coordinator, "cost_remove", cost.uuid).status_code == 404
        assert post(client, story.people.outsiders["teacher"], "cost_remove", cost.uuid).status_code == 404


class TestSendingIn:
    def test_the_gate_lists_everything_by_person_and_leads_there(self, client):
        story = stages.held()
        response = get(client, story.people.teacher, "submit", story.pep.uuid)
        people = {
            person["name"]: [thing["text"] for thing in person["things"]] for person in response.context["people"]
        }
        assert people["Social worker: Sam Worker"] == [
            "“Child and care” is not finished",
            "“People and permissions” is not finished",
            "“Health and wellbeing” is not finished",
        ]
        assert "There is no target" in people["Designated teacher: Tess Teacher"]
        assert post(client, story.people.teacher, "submit", story.pep.uuid).status_code == 409
        assert story.again().state == PepState.MEETING_HELD

    def test_when_nothing_is_missing_it_goes(self, client):
        story = stages.written()
        assert get(client, story.people.teacher, "submit", story.pep.uuid).context["ready"] is True
        assert post(client, story.people.teacher, "submit", story.pep.uuid).url == story.pep.get_absolute_url()
        assert story.again().state == PepState.SUBMITTED


class TestAnswer:
    def test_the_whole_pep_stands_beside_the_forms_with_the_last_answer_on_top(self, client):
        story = stages.returned()
        stages.fill(story, "targets")
        stages.submitted(story)
        response = get(client, story.people.ala, "quality", story.pep.uuid)
        shown = response.content.decode()
        assert response.context["reviews"][0]["text"] == "The target needs a number"
        assert re.search(r'name="submission" value="2"', shown)
        assert ("I like maths when it is quiet" in shown, "Reading tuition: £500.00" in shown) == (True, True)

    def test_approves_with_the_lines_ticked(self, client):
        story = stages.submitted()
        post(client, story.people.ala, "take_up", story.pep.uuid, submission=1)
        assert story.again().state == PepState.IN_QA
        facts = stages.answer_form(story.pep, agreed=[story.cost.pk])
        assert post(client, story.people.ala, "grade", story.pep.uuid, **facts).url == story.pep.get_absolute_url()
        assert (story.again().state, PepCost.objects.get().agreed) == (PepState.COMPLETE, True)

    def test_a_double_click_is_409_and_releases_once(self, client):
        story = stages.submitted()
        facts = stages.answer_form(story.pep)
        codes = [post(client, story.people.ala, "grade", story.pep.uuid, **facts).status_code for _ in range(2)]
        assert (codes, Event.objects.filter(kind="pep.approved").count()) == ([302, 409], 1)

    def test_a_stale_page_is_409(self, client):
        story = stages.returned()
        stages.fill(story, "targets")
        stages.submitted(story)
        facts = stages.answer_form(story.pep, submission=1)
        assert post(client, story.people.ala, "grade", story.pep.uuid, **facts).status_code == 409
        assert PepReview.objects.filter(decision=Decision.APPROVED).count() == 0

    @pytest.mark.parametrize("submission", ["", "x", "99999999999999999999", "-1", "²"])
    def test_a_submission_that_is_none_is_no_error_of_ours(self, client, submission):
        story = stages.submitted()
        facts = stages.answer_form(story.pep, submission=submission)
        assert post(client, story.people.ala, "grade", story.pep.uuid, **facts).status_code in (200, 409)
        assert post(client, story.people.ala, "take_up", story.pep.uuid, submission=submission).status_code == 409

    def test_red_approves_nothing(self, client):
        story = stages.submitted()
        answer = post(client, story.people.ala, "grade", story.pep.uuid, **stages.answer_form(story.pep, "red"))
        assert answer.context["form"].non_field_errors() == ["A PEP graded red goes back; it is not approved."]
        assert story.again().state == PepState.SUBMITTED

    def test_returning_needs_a_reason_and_sections(self, client):
        story = stages.submitted()
        facts = stages.answer_form(story.pep, "amber", decision="return")
        response = post(client, story.people.ala, "grade", story.pep.uuid, **facts | {"reason": ""})
        assert set(response.context["form"].errors) == {"reason", "sections"}
        facts |= {"sections": ["targets"]}
        assert post(client, story.people.ala, "grade", story.pep.uuid, **facts).status_code == 302
        assert story.again().state == PepState.RETURNED

    def test_an_author_reads_why_they_do_not_answer(self, client):
        story = stages.submitted()
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        response = get(client, story.people.teacher, "quality", story.pep.uuid)
        assert "You wrote part of this PEP" in response.content.decode()
        assert response.context["form"] is None

    def test_cancelling(self, client):
        story = stages.planned()
        assert get(client, story.people.coordinator, "cancel", story.pep.uuid).status_code == 200
        assert post(client, story.people.coordinator, "cancel", story.pep.uuid, why="Opened twice").status_code == 302
        assert story.again().cancelled_why == "Opened twice"
