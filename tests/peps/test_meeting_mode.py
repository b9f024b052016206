"""The hour itself: everything saved as it comes, nothing of anybody's lost, and the wall shows nothing that is not for the room."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from peps.actions import deciding, gathering, submitting, targets
from peps.actions.deciding import ActionFacts
from peps.actions.gathering import Given, fingerprint
from peps.enums import Attendance, MeetingState, PepState, Seat
from peps.models import MeetingAction, PepAuthor, PepMeeting, PepTarget
from tests.factories.peps import (
    MeetingActionFactory,
    PepAnswerFactory,
    PepFactory,
    PepTargetFactory,
    VoiceStatementFactory,
)
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
FACTS = ActionFacts("Ring the exam board", "Ms Reader", today() + timedelta(days=14))
HER_WORDS = "I like maths when it is quiet"


def here(story, *, but=()):
    """Everybody is here, but for some seats."""
    return {
        one.pk: Given(Attendance.APOLOGIES if one.seat in but else Attendance.CAME)
        for one in story.meeting.invitations.all()
    }


def at(story):
    return reverse("peps:meeting_mode", args=[story.meeting.uuid])


def get(client, user, story, **query):
    client.force_login(user)
    return client.get(at(story), query)


def boxes(client, user, story):
    """What the page's form would send as it stands."""
    found = {}
    for form in get(client, user, story).context["forms"].values():
        for bound in form:
            value = bound.value()
            if hasattr(bound.field.widget, "decompress"):
                for part, text in zip(("day", "month", "year"), bound.field.widget.decompress(value), strict=True):
                    found[f"{bound.html_name}-{part}"] = text
            elif value not in (None, [], ""):
                found[bound.html_name] = str(value)
    return found


def send(client, user, story, *, base=None, **changes):
    client.force_login(user)
    return client.post(at(story), {**(base or boxes(client, user, story)), **changes})


def dated(name, on):
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


def everybody(story, value="came"):
    return {f"people-came_{one.pk}": value for one in story.meeting.invitations.all()}


def with_last_time():
    """A PEP whose last one has a target that nobody reviewed, and an action that is open."""
    story = stages.accepted()
    last = PepFactory(child=story.pep.child, period=story.pep.period, complete=True)
    story.pep.previous = last
    story.pep.save(update_fields=["previous"])
    story.pep.sections.create(key="last_targets", owner="designated_teacher", position=11)
    story.extra["target"] = PepTargetFactory(pep=last, goal="Reads 50 words a minute")
    held = PepMeeting.objects.create(
        pep=last,
        starts_at=stages.at(today() - timedelta(days=90)),
        place="x",
        chair="advocate",
        arranged_by=story.people.coordinator,
        state=MeetingState.HELD,
    )
    story.extra["action"] = MeetingActionFactory(meeting=held, what="Find a quiet table")
    story.meeting = PepMeeting.objects.get(pk=story.meeting.pk)
    return story


class TestPeople:
    def test_recorded_as_they_come_without_ending_the_meeting(self):
        story = stages.accepted()
        kept = gathering.record_people(meeting=story.meeting, given=here(story), by=story.people.teacher)
        story.meeting.refresh_from_db()
        assert (len(kept.written), kept.clashes, story.meeting.state) == (5, {}, MeetingState.PLANNED)
        assert set(story.meeting.invitations.values_list("attendance", flat=True)) == {"came"}

    def test_two_who_record_different_people_lose_nothing(self):
        story = stages.accepted()
        one, two = list(here(story).items())[:2]
        gathering.record_people(meeting=story.meeting, given=dict([one]), by=story.people.teacher)
        stale = {one[0]: Given("", ""), two[0]: two[1]}
        kept = gathering.record_people(meeting=story.meeting, given=stale, by=story.people.coordinator)
        assert (kept.clashes, story.meeting.invitations.filter(attendance="came").count()) == ({}, 2)

    def test_two_who_record_the_same_person_differently_are_told(self):
        story = stages.accepted()
        pk = story.invitation(Seat.CARER).pk
        gathering.record_people(meeting=story.meeting, given={pk: Given("came")}, by=story.people.teacher)
        other = {pk: Given("apologies")}
        kept = gathering.record_people(meeting=story.meeting, given=other, by=story.people.coordinator)
        assert kept.clashes == {str(pk): "came"}
        assert story.invitation(Seat.CARER).attendance == "came"

    def test_somebody_else_sits_once_and_takes_no_seat_of_an_account(self):
        story = stages.accepted()
        facts = {"meeting": story.meeting, "seat": Seat.OTHER, "name": "Mr Mentor", "by": story.people.teacher}
        assert gathering.add_person(**facts) == gathering.add_person(**facts)
        with pytest.raises(Refused):
            gathering.add_person(**facts | {"seat": Seat.SOCIAL_WORKER})

    def test_not_once_it_is_over(self):
        story = stages.held()
        with pytest.raises(Conflict):
            gathering.record_people(meeting=story.meeting, given=here(story), by=story.people.teacher)

    @pytest.mark.parametrize("role", ["iro", "data"])
    def test_only_who_works_at_it(self, role):
        story = stages.accepted()
        with pytest.raises(Refused):
            gathering.record_people(meeting=story.meeting, given=here(story), by=story.people[role])

    def test_not_before_its_day(self):
        story = stages.scheduled(on=today() + timedelta(days=3))
        with pytest.raises(Refused, match="opens on its day"):
            gathering.record_people(meeting=story.meeting, given=here(story), by=story.people.teacher)


class TestNotes:
    def test_what_two_write_in_different_boxes_is_both_kept(self):
        story = stages.accepted()
        gathering.write_notes(meeting=story.meeting, given={"key_points": Given("Quiet")}, by=story.people.teacher)
        stale = {"key_points": Given("", ""), "for_child": Given("You get a quiet table")}
        gathering.write_notes(meeting=story.meeting, given=stale, by=story.people.socialworker)
        story.meeting.refresh_from_db()
        assert (story.meeting.key_points, story.meeting.for_child) == ("Quiet", "You get a quiet table")

    def test_what_two_write_in_one_box_is_not_written_over(self):
        story = stages.accepted()
        gathering.write_notes(meeting=story.meeting, given={"key_points": Given("Quiet")}, by=story.people.teacher)
        late = {"key_points": Given("Loud")}
        kept = gathering.write_notes(meeting=story.meeting, given=late, by=story.people.socialworker)
        story.meeting.refresh_from_db()
        assert (kept.clashes, story.meeting.key_points) == ({"key_points": "Quiet"}, "Quiet")
        seen = {"key_points": Given("Quiet, and loud outside", fingerprint("Quiet"))}
        gathering.write_notes(meeting=story.meeting, given=seen, by=story.people.socialworker)
        story.meeting.refresh_from_db()
        assert story.meeting.key_points == "Quiet, and loud outside"

    def test_whoever_writes_is_an_author_and_whoever_books_a_date_is_not(self):
        story = stages.accepted()
        booked = {"next_meeting_on": Given(today() + timedelta(days=90))}
        gathering.write_notes(meeting=story.meeting, given=booked, by=story.people.ala)
        gathering.write_notes(meeting=story.meeting, given={"key_points": Given("x")}, by=story.people.teacher)
        assert set(PepAuthor.objects.values_list("user", flat=True)) == {story.people.teacher.pk}

    def test_still_while_the_pep_is_tidied_and_no_longer_once_it_is_sent_in(self):
        story = stages.written()
        gathering.write_notes(meeting=story.meeting, given={"for_child": Given("x")}, by=story.people.teacher)
        stages.submitted(story)
        with pytest.raises(Refused):
            gathering.write_notes(meeting=story.meeting, given={"for_child": Given("y")}, by=story.people.teacher)


class TestEnding:
    def test_ends_with_those_recorded_and_what_was_noted(self):
        story, following = stages.accepted(), today() + timedelta(days=90)
        gathering.record_people(meeting=story.meeting, given=here(story), by=story.people.teacher)
        notes = {"key_points": Given("Quiet"), "next_meeting_on": Given(following)}
        gathering.write_notes(meeting=story.meeting, given=notes, by=story.people.teacher)
        gathering.end_meeting(meeting=story.meeting, by=story.people.teacher)
        story.meeting.refresh_from_db()
        assert (story.meeting.state, story.meeting.key_points, story.meeting.next_meeting_on) == (
            MeetingState.HELD,
            "Quiet",
            following,
        )
        assert story.again().state == PepState.MEETING_HELD

    def test_not_while_somebody_is_not_said(self):
        story = stages.accepted()
        with pytest.raises(Refused, match="Say of everybody first"):
            gathering.end_meeting(meeting=story.meeting, by=story.people.teacher)

    def test_not_without_the_social_worker(self):
        story = stages.accepted()
        gathering.record_people(
            meeting=story.meeting, given=here(story, but=(Seat.SOCIAL_WORKER,)), by=story.people.teacher
        )
        with pytest.raises(Refused, match="has to be rearranged"):
            gathering.end_meeting(meeting=story.meeting, by=story.people.teacher)

    def test_the_short_way_of_recording_keeps_what_was_noted(self):
        story = stages.accepted()
        gathering.write_notes(meeting=story.meeting, given={"key_points": Given("Quiet")}, by=story.people.teacher)
        stages.held(story)
        assert PepMeeting.objects.get(pk=story.meeting.pk).key_points == "Quiet"


class TestActions:
    def test_a_double_click_is_one(self):
        story, key = stages.accepted(), uuid4()
        facts = {"meeting": story.meeting, "facts": FACTS, "by": story.people.coordinator, "key": key}
        assert deciding.add_action(**facts) == deciding.add_action(**facts)
        assert MeetingAction.objects.count() == 1

    def test_another_meetings_key_is_no_way_in(self):
        story = stages.accepted()
        foreign = MeetingActionFactory(what="Theirs")
        with pytest.raises(Exception, match="unique"):
            deciding.add_action(meeting=story.meeting, facts=FACTS, by=story.people.teacher, key=foreign.uuid)

    def test_changed_by_two_the_second_is_told(self):
        story = stages.accepted()
        action = deciding.add_action(meeting=story.meeting, facts=FACTS, by=story.people.teacher)
        deciding.edit_action(action=action, facts=FACTS, version=1, by=story.people.teacher)
        with pytest.raises(Conflict):
            deciding.edit_action(action=action, facts=FACTS, version=1, by=story.people.socialworker)

    def test_ticked_once_between_meetings_too(self):
        story = stages.submitted()
        action = MeetingActionFactory(meeting=story.meeting)
        deciding.tick_action(action=action, by=story.people.teacher)
        deciding.tick_action(action=action, by=story.people.socialworker)
        action.refresh_from_db()
        assert (action.done_on, action.done_by) == (today(), story.people.teacher)

    def test_taken_out_by_somebody_else_is_said(self):
        story = stages.accepted()
        action = deciding.add_action(meeting=story.meeting, facts=FACTS, by=story.people.teacher)
        deciding.remove_action(action=action, by=story.people.teacher)
        action.pk = action.pk or 1
        with pytest.raises(Conflict):
            deciding.tick_action(action=action, by=story.people.teacher)


class TestLastTargetsFirst:
    def test_refused_at_sending_in_by_default_and_not_when_the_council_only_warns(self):
        story = with_last_time()
        words = "not every target of the last PEP has been reviewed"
        assert words in {one.words for one in submitting.gate(story.pep)}
        set_rule("pep.targets.review_first", "warn")
        assert words not in {one.words for one in submitting.gate(story.pep)}

    def test_a_review_by_two_is_not_written_over(self):
        story = with_last_time()
        facts = {"target": story.extra["target"], "by": story.people.teacher, "seen": ""}
        targets.review_target(**facts, outcome="met", evidence="52")
        with pytest.raises(Conflict):
            targets.review_target(**facts, outcome="partly", evidence="48")

    def test_a_new_one_before_says_why(self, client):
        story = with_last_time()
        typed = {
            "target-area": "english",
            "target-start_point": "40",
            "target-goal": "70 words",
        }
        answer = send(client, story.people.teacher, story, **typed)
        assert (answer.status_code, PepTarget.objects.filter(pep=story.pep).count()) == (200, 0)
        assert b"70 words" in answer.content
        why = {"target-before_review_why": "The tutor who knows comes at three"}
        assert send(client, story.people.teacher, story, **typed, **why).status_code == 302
        assert AuditEvent.objects.get(verb="pep.target_added").why == why["target-before_review_why"]


class TestThePage:
    def test_one_save_keeps_every_part(self, client):
        story = with_last_time()
        base = boxes(client, story.people.teacher, story)
        review, following = f"review{story.extra['target'].pk}", today() + timedelta(days=90)
        answer = send(
            client,
            story.people.teacher,
            story,
            base=base,
            **everybody(story),
            **{
                "person-seat": "other",
                "person-name": "Mr Mentor",
                "done-done": story.extra["action"].pk,
                f"{review}-outcome": "met",
                f"{review}-evidence": "52 words",
                "action-what": "Ring the exam board",
                "action-named_person": "Ms Reader",
                **dated("action-by_when", following),
                "notes-key_points": "Quiet\r\nhelps",
                "notes-child_there": "part",
                **dated("notes-next_meeting_on", following),
                "save": "actions",
            },
        )
        assert (answer.status_code, answer["Location"]) == (302, f"{at(story)}#actions")
        meeting = PepMeeting.objects.get(pk=story.meeting.pk)
        assert (meeting.key_points, meeting.child_there, meeting.next_meeting_on) == ("Quiet\nhelps", "part", following)
        assert set(meeting.invitations.values_list("attendance", flat=True)) == {"came"}
        assert meeting.invitations.get(name="Mr Mentor").attendance == "came"
        assert list(meeting.actions.values_list("what", flat=True)) == ["Ring the exam board"]
        story.extra["target"].refresh_from_db()
        story.extra["action"].refresh_from_db()
        assert (story.extra["target"].outcome, story.extra["action"].done_on) == ("met", today())
        again = send(client, story.people.teacher, story, base=base, **{"notes-key_points": "Quiet\r\nhelps"})
        assert again.status_code == 302

    def test_what_cannot_be_saved_stays_and_the_rest_is_saved(self, client):
        story = stages.accepted()
        answer = send(client, story.people.teacher, story, **everybody(story), **{"action-what": "Ring the exam board"})
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "Ring the exam board" in html
        assert [error["text"] for error in answer.context["errors"]] == [
            "Enter who sees to it",
            "Enter by when",
        ]
        assert story.meeting.invitations.filter(attendance="came").count() == 5

    def test_the_second_of_two_sees_both_and_saves_again(self, client):
        story = stages.accepted()
        stale = boxes(client, story.people.socialworker, story)
        send(client, story.people.teacher, story, **{"notes-key_points": "Quiet"})
        answer = send(client, story.people.socialworker, story, base=stale, **{"notes-key_points": "Loud"})
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "Somebody else wrote here meanwhile: “Quiet”" in html
        assert ">\nLoud</textarea>" in html or ">Loud</textarea>" in html
        form = answer.context["forms"]["notes"]
        both = {**stale, "notes-key_points": "Quiet, loud", "notes-seen_key_points": form["seen_key_points"].value()}
        assert send(client, story.people.socialworker, story, base=both).status_code == 302
        assert PepMeeting.objects.get(pk=story.meeting.pk).key_points == "Quiet, loud"

    def test_the_end_says_what_is_left_for_whom(self, client):
        story = stages.prepared()
        answer = send(client, story.people.coordinator, story, **everybody(story), end="yes")
        over = reverse("peps:meeting_over", args=[story.meeting.uuid])
        assert (answer.status_code, answer["Location"]) == (302, over)
        html = client.get(over).content.decode()
        assert f"Designated teacher: {story.people.teacher.name}" in html
        assert "there is no target" in html

    def test_the_end_without_the_social_worker_is_refused_and_rearranging_offered(self, client):
        story = stages.accepted()
        worker = story.invitation(Seat.SOCIAL_WORKER)
        facts = everybody(story) | {f"people-came_{worker.pk}": "apologies"}
        answer = send(client, story.people.coordinator, story, **facts, end="yes")
        html = answer.content.decode()
        assert "The social worker was not there, so the meeting has to be rearranged." in html
        assert reverse("peps:rearrange", args=[story.meeting.uuid]) in html
        story.meeting.refresh_from_db()
        assert story.meeting.state == MeetingState.PLANNED

    def test_a_council_that_lets_it_go_on_asks_why(self, client):
        set_rule("pep.social_worker_absent", "allow_with_reason")
        story = stages.accepted()
        worker = story.invitation(Seat.SOCIAL_WORKER)
        facts = everybody(story) | {f"people-came_{worker.pk}": "apologies", "end": "yes"}
        assert send(client, story.people.coordinator, story, **facts).status_code == 200
        assert send(client, story.people.coordinator, story, **facts, **{"end-why": "She rang in"}).status_code == 302

    def test_who_has_no_business_there(self, client):
        story = stages.accepted()
        assert get(client, story.people.iro, story).status_code == 403
        assert {get(client, user, story).status_code for user in story.people.outsiders.values()} == {404}

    def test_the_same_number_of_queries_however_much_there_is(self, client, django_assert_max_num_queries):
        story = with_last_time()
        MeetingActionFactory(meeting=story.meeting)
        PepTargetFactory(pep=story.pep)
        get(client, story.people.teacher, story)
        with django_assert_max_num_queries(200) as few:
            get(client, story.people.teacher, story)
        for _ in range(3):
            MeetingActionFactory(meeting=story.meeting)
            MeetingActionFactory(meeting=story.extra["action"].meeting)
            PepTargetFactory(pep=story.pep)
            PepTargetFactory(pep=story.extra["target"].pep)
        with django_assert_max_num_queries(len(few.captured_queries)):
            get(client, story.people.teacher, story)


class TestTheWall:
    def questions(self, client, user, story, **query):
        return {row["key"] for card in get(client, user, story, **query).context["cards"] for row in card["rows"]}

    def test_leaves_out_health_and_legal_until_asked(self, client):
        story, sensitive = stages.prepared(), {"Health needs that touch learning", "Hours offered a week"}
        worker = story.people.socialworker
        assert self.questions(client, worker, story) & sensitive == {"Hours offered a week"}
        assert self.questions(client, worker, story, more="yes") & sensitive == sensitive

    def test_asking_shows_nothing_that_the_role_does_not_read(self, client):
        story = stages.prepared()
        found = self.questions(client, story.people.teacher, story, more="yes")
        assert "Hours offered a week" in found
        assert "Health needs that touch learning" not in found

    def test_the_childs_words_stand_there_for_who_reads_them_alone(self, client):
        story = stages.prepared()
        assert HER_WORDS in get(client, story.people.teacher, story).content.decode()
        assert HER_WORDS not in get(client, story.people.coordinator, story, more="yes").content.decode()

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("Everybody at my meeting", True),
            ("", True),
            ("My school and my social worker", False),
            ("Ask me first", False),
        ],
    )
    def test_not_on_the_wall_where_the_child_said_otherwise(self, client, said, shown):
        """ADR 0018."""
        story = stages.accepted()
        VoiceStatementFactory(link__pep=story.pep)
        section = story.section("my_views")
        facts = {"section": section, "written_by": story.people.teacher}
        PepAnswerFactory(field="my_words", value=HER_WORDS, **facts)
        PepAnswerFactory(field="who_can_see", value=said, **facts)
        page = get(client, story.people.teacher, story, more="yes")
        html, alone = page.content.decode(), reverse("peps:section", args=[section.uuid])
        assert [one in html for one in (HER_WORDS, "My kite")] == [shown, shown]
        assert ["wants to be asked about" in html, alone in html] == [not shown, not shown]
        assert HER_WORDS in client.get(alone).content.decode()
        other = get(client, story.people.coordinator, story).content.decode()
        assert [one in other for one in (HER_WORDS, "wants to be asked about", alone)] == [False] * 3

    def test_what_the_child_gave_by_a_link_stands_there_and_nobody_elses(self, client):
        story = stages.accepted()
        VoiceStatementFactory(link__pep=story.pep)
        carers = [{"key": "x", "asked": "What?", "value": "Mornings", "words": "Mornings"}]
        VoiceStatementFactory(link__pep=story.pep, link__audience="carer", answers=carers)
        page = get(client, story.people.teacher, story)
        (word,) = page.context["words"]
        assert (word["label"], word["lines"]) == ("“What are you proud of?”", ["My kite"])
        assert word["by"].startswith("Given by a link on ")
        assert "Nothing is written down yet" not in page.content.decode()
        assert get(client, story.people.coordinator, story).context["words"] == []

    def test_a_carers_name_is_not_on_the_wall(self, client):
        story = stages.accepted()
        story.meeting.invitations.filter(seat=Seat.CARER).update(name="Carer Secretname")
        story.meeting.invitations.create(seat=Seat.OTHER, name="Mr Mentor")
        html = get(client, story.people.socialworker, story).content.decode()
        assert ("Mr Mentor" in html, "Secretname" in html) == (True, False)


class TestTheChildsSummary:
    def finished(self):
        story = stages.held(stages.prepared())
        gathering.write_notes(
            meeting=story.meeting, given={"for_child": Given("You get a quiet table")}, by=story.people.teacher
        )
        gathering.write_notes(
            meeting=story.meeting, given={"key_points": Given("Adults only")}, by=story.people.teacher
        )
        targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)
        deciding.add_action(meeting=story.meeting, facts=FACTS, by=story.people.teacher)
        return story

    def test_says_what_was_agreed_and_nothing_of_the_adults_notes(self, client):
        story = self.finished()
        client.force_login(story.people.coordinator)
        html = client.get(reverse("peps:child_summary", args=[story.meeting.uuid])).content.decode()
        for words in ("You get a quiet table", "Reads 70 words a minute", "Ring the exam board", "We meet again on"):
            assert words in html
        assert "Adults only" not in html

    def test_is_a_pdf_that_is_logged(self, client):
        story = self.finished()
        client.force_login(story.people.teacher)
        answer = client.get(reverse("peps:child_summary_paper", args=[story.meeting.uuid]))
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert "Amy" not in answer["Content-Disposition"]
        assert AuditEvent.objects.filter(verb="pep.put_on_paper").count() == 1

    def test_the_meetings_page_ticks_what_is_done(self, client):
        story = self.finished()
        client.force_login(story.people.teacher)
        action = MeetingAction.objects.get()
        page = reverse("peps:meeting", args=[story.meeting.uuid])
        assert "It is done" in client.get(page).content.decode()
        assert client.post(reverse("peps:action_done", args=[action.uuid]))["Location"] == page
        assert "It is done" not in client.get(page).content.decode()

    def test_a_stale_change_of_an_action_shows_both(self, client):
        story = self.finished()
        action = MeetingAction.objects.get()
        deciding.edit_action(
            action=action,
            facts=ActionFacts("Write to the board", "Mx Exam", today()),
            version=1,
            by=story.people.teacher,
        )
        client.force_login(story.people.socialworker)
        facts = {"what": "Mine", "named_person": "Me", "version": "1", **dated("by_when", today())}
        answer = client.post(reverse("peps:action_edit", args=[action.uuid]), facts)
        html = answer.content.decode()
        assert (answer.status_code, "Write to the board" in html, "Mine" in html) == (409, True, True)
