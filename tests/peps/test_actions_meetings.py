"""The meeting: who must come by rule, who answers, and no meeting without its social worker."""

from datetime import date, timedelta

import pytest

from children.actions import people as roll
from children.enums import ClockState, RelationKind
from children.models import Clock
from peps import tasks
from peps.actions import gathering, meetings, opening, seats
from peps.actions.attendees import attendees
from peps.actions.ending import end_pep
from peps.enums import Attendance, MeetingState, PepKind, PepState, Response, Seat
from peps.forms.meetings import InviteForm
from peps.models import MeetingInvitation, Pep, PepAuthor, PepMeeting, PepSection
from peps.people import people_of
from tests import personas
from tests.factories.accounts import CoverFactory, MembershipFactory, UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.peps import PepFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.accounts import actions as accounts
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DEVON = "Devon Virtual School: information for IROs and social workers"


def required(pep, on=None):
    people = people_of(pep.child, pep.school, today())
    return {one.seat for one in attendees(pep, people, on or today()) if one.because}


class TestAttendees:
    def test_always_the_social_worker_the_school_and_the_carer(self):
        assert required(stages.planned().pep) == {Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER, Seat.CARER}

    @pytest.mark.parametrize(("year", "advocate"), [(5, False), (6, True), (7, False), (10, False), (11, True)])
    def test_an_advocate_in_years_6_and_11(self, year, advocate):
        pep = PepFactory(child=ChildFactory(year=year))
        assert (Seat.ADVOCATE in required(pep)) is advocate

    def test_an_advocate_at_every_initial_pep(self):
        assert Seat.ADVOCATE in required(PepFactory(kind=PepKind.INITIAL))

    def test_never_the_reviewing_officer_by_the_shipped_rules_and_by_the_councils_when_set(self):
        pep = PepFactory()
        assert Seat.IRO not in required(pep)
        set_rule("pep.attendees.always", ["socialworker", "iro"])
        assert required(pep) == {Seat.SOCIAL_WORKER, Seat.IRO}

    def test_each_says_why_with_its_source(self):
        story = stages.scheduled()
        because = story.invitation(Seat.SOCIAL_WORKER).required_because
        assert because.startswith("Every PEP meeting (")
        assert DEVON in because

    def test_no_seat_for_a_school_that_there_is_not(self):
        assert Seat.DESIGNATED_TEACHER not in required(PepFactory(school=None))


class TestScheduling:
    def test_invites_people_by_their_seats_and_begins_the_preparing(self):
        story = stages.scheduled()
        who = dict(story.meeting.invitations.values_list("seat", "user"))
        people = story.people
        assert who == {
            Seat.SOCIAL_WORKER: people.socialworker.pk,
            Seat.DESIGNATED_TEACHER: people.teacher.pk,
            Seat.CARER: None,
            Seat.CHILD: None,
            Seat.COORDINATOR: people.coordinator.pk,
        }
        assert (story.pep.state, story.meeting.chair) == (PepState.PREPARING, Seat.ADVOCATE)

    def test_the_carers_name_is_nowhere(self):
        assert not stages.scheduled().meeting.invitations.filter(name__icontains="Secretname").exists()

    def test_sections_are_due_before_it_by_their_owners_rule_and_never_before_today(self):
        story = stages.scheduled(on=today() + timedelta(days=12))
        due = dict(story.pep.sections.values_list("key", "due_on"))
        assert (due["child_and_care"], due["attainment"], due["targets"]) == (
            date(2026, 11, 12),
            date(2026, 11, 19),
            None,
        )
        again = stages.scheduled(stages.planned(personas.cast()), on=today() + timedelta(days=2))
        assert again.section("child_and_care").due_on == today()

    def test_nudges_name_no_child(self):
        stages.scheduled()
        kinds = set(Message.objects.values_list("kind", "to__role"))
        assert {("pep.invited", "socialworker"), ("pep.invited", "teacher"), ("pep.sections", "socialworker")} <= kinds
        assert not [key for key in Message.objects.values_list("key", flat=True) if "Amy" in key]

    @pytest.mark.parametrize("role", ["ala", "iro", "socialworker", "data", "sen"])
    def test_only_who_arranges_meetings(self, role):
        story = stages.planned()
        with pytest.raises(Refused):
            meetings.schedule_meeting(pep=story.pep, starts_at=stages.at(today()), place="x", by=story.people[role])

    @pytest.mark.parametrize("role", ["coordinator", "support", "teacher", "vsh"])
    def test_who_does(self, role):
        story = stages.planned()
        made = meetings.schedule_meeting(pep=story.pep, starts_at=stages.at(today()), place="x", by=story.people[role])
        assert made.arranged_by == story.people[role]

    def test_a_school_the_child_is_not_at_does_not(self):
        story = stages.planned()
        with pytest.raises(Refused):
            meetings.schedule_meeting(
                pep=story.pep, starts_at=stages.at(today()), place="x", by=story.people.outsiders["teacher"]
            )

    def test_one_planned_meeting_at_a_time(self):
        story = stages.scheduled()
        with pytest.raises(Conflict):
            stages.scheduled(story)


class TestAnswering:
    def answer(self, story, by, **facts):
        return meetings.respond_to_invitation(invitation=story.invitation(Seat.SOCIAL_WORKER), by=by, **facts)

    def test_accepts_and_may_change_their_mind(self):
        story = stages.accepted()
        assert story.invitation(Seat.SOCIAL_WORKER).response == Response.ACCEPTED
        self.answer(story, story.people.socialworker, accept=False, why="In court that day")
        one = story.invitation(Seat.SOCIAL_WORKER)
        assert (one.response, one.declined_why) == (Response.DECLINED, "In court that day")
        assert Message.objects.filter(kind="pep.declined", urgent=True, to=story.people.coordinator).count() == 1

    def test_each_refusal_is_told_and_a_double_click_once(self, monkeypatch):
        story, moments = stages.scheduled(), (now() + timedelta(seconds=later) for later in range(4))
        monkeypatch.setattr(meetings, "now", lambda: next(moments))
        for accept in (False, False, True, False):
            self.answer(story, story.people.socialworker, accept=accept, why="" if accept else "In court that day")
        told = Message.objects.filter(kind="pep.declined", to=story.people.coordinator)
        assert len(set(told.values_list("key", flat=True))) == 2

    def test_declines_only_with_a_reason(self):
        story = stages.scheduled()
        with pytest.raises(ValueError, match="says why"):
            self.answer(story, story.people.socialworker, accept=False, why=" ")

    @pytest.mark.parametrize("role", ["coordinator", "teacher", "manager", "ala"])
    def test_nobody_answers_for_another(self, role):
        story = stages.scheduled()
        with pytest.raises(Refused, match="answered by the person"):
            self.answer(story, story.people[role], accept=True)

    def test_who_covers_does(self):
        story = stages.scheduled()
        cover = UserFactory(role="socialworker")
        CoverFactory(user=story.people.socialworker, covered_by=cover)
        assert self.answer(story, cover, accept=True).response == Response.ACCEPTED

    def test_whoever_arranges_answers_for_somebody_without_an_account(self):
        story = stages.scheduled()
        carer = story.invitation(Seat.CARER)
        assert (
            meetings.respond_to_invitation(invitation=carer, accept=True, by=story.people.coordinator).response
            == "accepted"
        )

    def test_not_once_the_meeting_is_over(self):
        story = stages.held()
        with pytest.raises(Refused, match="held"):
            self.answer(story, story.people.socialworker, accept=True)

    def test_another_social_worker_is_asked_anew(self):
        story = stages.accepted()
        other = UserFactory(role="socialworker")
        roll.allocate(
            child=story.people.amy, kind=RelationKind.SOCIAL_WORKER, user=other, start=today(), by=story.people.vsh
        )
        deliver_pending()
        one = story.invitation(Seat.SOCIAL_WORKER)
        assert (one.user, one.response) == (other, Response.WAITING)

    def test_a_worker_who_leaves_without_another_leaves_the_seat_and_nobody_elses(self):
        story = stages.scheduled()
        before = set(story.meeting.invitations.values_list("seat", flat=True))
        tie = story.people.amy.relationships.get(kind=RelationKind.SOCIAL_WORKER)
        roll.end_relationship(relationship=tie, end=today(), by=story.people.vsh)
        deliver_pending()
        assert set(story.meeting.invitations.values_list("seat", flat=True)) == before
        assert story.invitation(Seat.SOCIAL_WORKER).user is None

    def test_a_planned_allocation_takes_the_seat_on_its_day(self, clock):
        story = stages.accepted(stages.scheduled(on=today() + timedelta(days=7)))
        other = UserFactory(role="socialworker")
        day = today() + timedelta(days=2)
        roll.allocate(
            child=story.people.amy, kind=RelationKind.SOCIAL_WORKER, user=other, start=day, by=story.people.vsh
        )
        deliver_pending()
        assert story.invitation(Seat.SOCIAL_WORKER).user == story.people.socialworker
        clock.move_to(now() + timedelta(days=2))
        assert seats.reseat_changed(day - timedelta(days=1)) == 1
        one = story.invitation(Seat.SOCIAL_WORKER)
        assert (one.user, one.response) == (other, Response.WAITING)
        assert seats.reseat_changed(day - timedelta(days=1)) == 0

    def test_a_new_designated_teacher_takes_the_schools_seat_in_the_night(self):
        story = stages.scheduled()
        held = story.people.school.organisation.memberships
        held.filter(position="designated_teacher").update(end=today())
        new = MembershipFactory(
            user=UserFactory(role="teacher"),
            organisation=story.people.school.organisation,
            position="designated_teacher",
            start=today(),
        )
        assert tasks.open_due(today() - timedelta(days=1), 0, 1, lambda: None)["reseated"] == 1
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == new.user

    def test_a_new_designated_teacher_is_asked_at_once_and_the_old_one_let_off_each_by_one_letter(self):
        story = stages.accepted(stages.scheduled(on=today() + timedelta(days=7)))
        old, new = story.people.teacher, UserFactory(role="teacher")
        school = story.people.school.organisation
        accounts.appoint_teacher(organisation=school, user=new, start=today(), by=story.people.vsh)
        deliver_pending()
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == new
        assert seats.reseat_changed(today() - timedelta(days=1)) == 0
        assert seats.reseat_school(school.pk) == 0
        letters = Message.objects.filter(to__in=[old, new]).exclude(kind="pep.sections").values_list("to", "kind")
        assert sorted(letters) == sorted(
            [(old.pk, "pep.invited"), (old.pk, "pep.meeting_off"), (new.pk, "pep.invited")]
        )

    @pytest.mark.parametrize("leave", ["end", "close"])
    def test_a_designated_teacher_who_stops_leaves_the_seat_to_the_deputy_at_once(self, leave):
        story = stages.scheduled()
        deputy, school = UserFactory(role="teacher"), story.people.school.organisation
        MembershipFactory(user=deputy, organisation=school, position="deputy")
        held = school.memberships.get(user=story.people.teacher)
        if leave == "end":
            accounts.end_membership(membership=held, end=today(), by=story.people.vsh)
        else:
            admin = UserFactory(role="data", is_administrator=True)
            accounts.deactivate(user=story.people.teacher, why="Left the school", by=admin)
        deliver_pending()
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == deputy

    def test_one_who_begins_later_takes_the_seat_in_the_night_of_that_day(self, clock):
        story = stages.scheduled(on=today() + timedelta(days=7))
        new, day = UserFactory(role="teacher"), today() + timedelta(days=2)
        school = story.people.school.organisation
        accounts.appoint_teacher(organisation=school, user=new, start=day, by=story.people.vsh)
        deliver_pending()
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == story.people.teacher
        clock.move_to(now() + timedelta(days=2))
        assert seats.reseat_changed(day - timedelta(days=1)) == 1
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == new

    def test_a_change_of_school_takes_the_seat_along(self):
        story = stages.scheduled()
        school = SchoolFactory()
        new = MembershipFactory(
            user=UserFactory(role="teacher"), organisation=school.organisation, position="designated_teacher"
        )
        story.people.amy.enrolments.update(end=today())
        enrolment = EnrolmentFactory(child=story.people.amy, school=school, start=today())
        opening.open_for_new_school(enrolment=enrolment)
        assert story.invitation(Seat.DESIGNATED_TEACHER).user == new.user

    def test_two_who_change_places_both_sit_and_a_seat_by_name_stays(self):
        story = stages.scheduled()
        people, roles = story.people, (RelationKind.SOCIAL_WORKER, RelationKind.COORDINATOR)
        named = meetings.invite(meeting=story.meeting, seat=Seat.IRO, name="Somebody", by=people.coordinator)
        for kind, user in zip(roles, (people.coordinator, people.socialworker), strict=True):
            people.amy.relationships.filter(kind=kind).update(user=user)
        assert seats.reseat(story.pep) == 2
        named.refresh_from_db()
        assert (story.invitation(Seat.SOCIAL_WORKER).user, story.invitation(Seat.COORDINATOR).user, named.user) == (
            people.coordinator,
            people.socialworker,
            None,
        )


class TestHolding:
    def test_records_who_came_and_hands_the_pep_to_the_school(self):
        story = stages.held()
        story.meeting.refresh_from_db()
        assert (story.meeting.state, story.pep.state) == (MeetingState.HELD, PepState.MEETING_HELD)
        assert (story.pep.clock.rule.key, story.pep.due_on) == ("pep.write_up", date(2026, 11, 24))
        assert set(story.meeting.invitations.values_list("attendance", flat=True)) == {Attendance.CAME}
        assert story.section("targets").due_on == date(2026, 11, 24)

    def test_refused_when_the_social_worker_declined(self):
        story = stages.scheduled()
        meetings.respond_to_invitation(
            invitation=story.invitation(Seat.SOCIAL_WORKER), accept=False, why="In court", by=story.people.socialworker
        )
        with pytest.raises(Refused) as told:
            stages.held(story)
        assert told.value.verdict.reason == "The social worker cannot come, so the meeting has to be rearranged."
        assert told.value.verdict.source == DEVON
        assert story.again().state == PepState.PREPARING

    def test_refused_when_the_social_worker_did_not_come(self):
        story = stages.accepted()
        with pytest.raises(Refused, match="was not there"):
            meetings.hold_meeting(
                meeting=story.meeting,
                attendance=stages.came(story.meeting, but=(Seat.SOCIAL_WORKER,)),
                by=story.people.coordinator,
                without_social_worker_why="We went on",
            )
        assert PepMeeting.objects.get().state == MeetingState.PLANNED

    def test_refused_without_a_social_worker_at_all(self):
        people = personas.cast()
        people.amy.relationships.filter(kind=RelationKind.SOCIAL_WORKER).update(end=today())
        story = stages.scheduled(stages.planned(people))
        with pytest.raises(Refused, match="No social worker is invited"):
            meetings.hold_meeting(meeting=story.meeting, attendance=stages.came(story.meeting), by=people.coordinator)

    def test_where_the_council_lets_it_go_on_the_reason_is_kept(self):
        set_rule("pep.social_worker_absent", "allow_with_reason")
        story = stages.scheduled()
        facts = {
            "meeting": story.meeting,
            "attendance": stages.came(story.meeting, but=(Seat.SOCIAL_WORKER,)),
            "by": story.people.coordinator,
        }
        with pytest.raises(Refused, match="Say why"):
            meetings.hold_meeting(**facts)
        meeting = meetings.hold_meeting(**facts, without_social_worker_why="Sent views; ill on the day")
        assert meeting.without_social_worker_why == "Sent views; ill on the day"

    @pytest.mark.parametrize(
        ("seat", "words"),
        [(Seat.SOCIAL_WORKER, "social worker was not there"), (Seat.DESIGNATED_TEACHER, "designated teacher")],
    )
    def test_a_bare_name_does_not_stand_in_for(self, seat, words):
        story = stages.accepted()
        named = meetings.invite(meeting=story.meeting, seat=seat, name="Anybody", by=story.people.coordinator)
        attendance = stages.came(story.meeting, but=(seat,)) | {named.pk: Attendance.CAME}
        with pytest.raises(Refused, match=words):
            meetings.hold_meeting(meeting=story.meeting, attendance=attendance, by=story.people.coordinator)

    def test_without_the_school_it_was_no_pep_meeting(self):
        story = stages.accepted()
        attendance = stages.came(story.meeting, but=(Seat.DESIGNATED_TEACHER,))
        with pytest.raises(Refused, match="designated teacher"):
            meetings.hold_meeting(meeting=story.meeting, attendance=attendance, by=story.people.coordinator)

    def test_not_before_its_day(self):
        story = stages.accepted(stages.scheduled(on=today() + timedelta(days=1)))
        with pytest.raises(Refused, match="on its day or later"):
            stages.held(story)

    def test_twice_is_refused(self):
        story = stages.held()
        with pytest.raises(Refused, match="held"):
            stages.held(story)

    @pytest.mark.parametrize("role", ["iro", "data", "sen"])
    def test_not_by_somebody_who_only_reads(self, role):
        story = stages.accepted()
        with pytest.raises(Refused):
            meetings.hold_meeting(meeting=story.meeting, attendance={}, by=story.people[role])

    def test_recording_who_came_is_no_writing(self):
        story = stages.accepted()
        meetings.hold_meeting(meeting=story.meeting, attendance=stages.came(story.meeting), by=story.people.ala)
        assert not PepAuthor.objects.exists()

    def test_key_points_are_writing_and_recording_leaves_them(self):
        story = stages.accepted()
        points = {"key_points": gathering.Given("A tutor from January")}
        gathering.write_notes(meeting=story.meeting, given=points, by=story.people.ala)
        stages.held(story)
        story.meeting.refresh_from_db()
        assert story.meeting.key_points == "A tutor from January"
        assert list(PepAuthor.objects.values_list("user", flat=True)) == [story.people.ala.pk]

    def test_an_initial_peps_first_clock_is_met_by_the_meeting(self):
        people = personas.cast()
        pep = opening.open_initial(period=_recent(people.amy))
        story = stages.held(stages.accepted(stages.scheduled(stages.Story(people, pep))))
        states = dict(Clock.objects.filter(child=people.amy).values_list("rule__key", "state"))
        assert states == {
            "pep.initial.deadline": ClockState.MET,
            "pep.initial.complete": ClockState.RUNNING,
            "pep.write_up": ClockState.RUNNING,
        }
        assert story.pep.due_on == date(2026, 11, 24)

    def test_the_next_date_may_be_booked_later(self):
        story = stages.accepted()
        meeting = meetings.hold_meeting(
            meeting=story.meeting, attendance=stages.came(story.meeting), by=story.people.coordinator
        )
        meetings.book_next(meeting=meeting, next_meeting_on=date(2027, 2, 9), by=story.people.teacher)
        meeting.refresh_from_db()
        assert meeting.next_meeting_on == date(2027, 2, 9)


class TestRearranging:
    def rearrange(self, story, **facts):
        given = {"meeting": story.meeting, "why": "The social worker is in court", "by": story.people.coordinator}
        return meetings.rearrange_meeting(**given | facts)

    def test_keeps_the_old_one_with_its_reason_and_invites_anew(self):
        story = stages.scheduled()
        new = self.rearrange(story, starts_at=stages.at(today() + timedelta(days=7)))
        story.meeting.refresh_from_db()
        assert (story.meeting.state, story.meeting.ended_why) == (
            MeetingState.REARRANGED,
            "The social worker is in court",
        )
        assert (new.state, new.place, story.again().state) == (
            MeetingState.PLANNED,
            "School library",
            PepState.PREPARING,
        )
        assert MeetingInvitation.objects.get(meeting=new, seat=Seat.SOCIAL_WORKER).response == Response.WAITING

    def test_without_a_new_time_the_pep_waits_for_one(self):
        story = stages.scheduled()
        assert self.rearrange(story) is None
        assert story.again().state == PepState.REARRANGED
        stages.scheduled(story)
        assert (story.pep.state, story.pep.meetings.count()) == (PepState.PREPARING, 2)

    def test_twice(self):
        story = stages.scheduled()
        story.meeting = self.rearrange(story, starts_at=stages.at(today()))
        story.meeting = self.rearrange(story, starts_at=stages.at(today()), why="The school is shut")
        stages.held(stages.accepted(story))
        states = list(story.pep.meetings.order_by("pk").values_list("state", flat=True))
        assert states == [MeetingState.REARRANGED, MeetingState.REARRANGED, MeetingState.HELD]

    def test_only_with_a_reason(self):
        with pytest.raises(ValueError, match="for a reason"):
            self.rearrange(stages.scheduled(), why="  ")

    def test_not_by_the_social_worker_who_declines_instead(self):
        story = stages.scheduled()
        with pytest.raises(Refused):
            self.rearrange(story, by=story.people.socialworker)

    def test_a_second_time_from_a_stale_page_is_refused(self):
        story = stages.scheduled()
        self.rearrange(story, starts_at=stages.at(today()))
        with pytest.raises(Refused, match="rearranged"):
            self.rearrange(story)

    def test_is_written_down_with_its_reason(self):
        story = stages.scheduled()
        self.rearrange(story)
        event = AuditEvent.objects.get(verb="pep.meeting_rearranged")
        assert (event.why, event.by, event.child_id) == (
            "The social worker is in court",
            str(story.people.coordinator.pk),
            str(story.people.amy.pk),
        )


class TestWaitingForANewTime:
    """Rule ``pep.rearrange``: ten working days to plan another meeting."""

    @pytest.fixture
    def story(self):
        story = stages.scheduled()
        meetings.rearrange_meeting(meeting=story.meeting, why="In court", by=story.people.coordinator)
        story.again()
        return story

    def clock(self, story):
        return Clock.objects.get(child=story.people.amy, rule__key="pep.rearrange")

    def test_has_a_clock_of_its_own_beside_the_peps(self, story):
        clock, due_on = self.clock(story), story.pep.due_on
        assert (clock.state, clock.started_on, clock.due_on) == ("running", today(), date(2026, 11, 24))
        assert (clock.field_group, story.pep.clock, due_on) == ("pep", None, date(2026, 11, 28))

    def test_is_met_by_planning_another(self, story):
        stages.scheduled(story)
        assert (self.clock(story).state, self.clock(story).stopped_on) == ("met", today())

    def test_is_cancelled_with_the_pep(self, story):
        end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
        assert (self.clock(story).state, self.clock(story).stopped_why) == ("cancelled", "Opened by mistake")

    def test_runs_anew_each_time_there_is_none(self, story):
        stages.scheduled(story)
        meetings.rearrange_meeting(meeting=story.meeting, why="Ill", by=story.people.coordinator)
        clocks = Clock.objects.filter(rule__key="pep.rearrange").order_by("pk")
        assert [clock.state for clock in clocks] == ["met", "running"]

    def test_starts_none_with_a_new_time(self):
        story = stages.scheduled()
        meetings.rearrange_meeting(
            meeting=story.meeting, why="In court", by=story.people.coordinator, starts_at=stages.at(today())
        )
        assert not Clock.objects.filter(rule__key="pep.rearrange").exists()


class TestInviting:
    def test_the_form_offers_no_name_the_seats_that_make_the_meeting(self):
        offered = {value for value, _ in InviteForm(reader=UserFactory(role="coordinator")).fields["seat"].choices}
        assert offered == set(Seat.values) - {Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER}

    def test_somebody_more_by_name(self):
        story = stages.scheduled()
        one = meetings.invite(
            meeting=story.meeting, seat=Seat.OTHER, name="Speech therapist", by=story.people.coordinator
        )
        assert (one.name, one.required) == ("Speech therapist", False)

    def test_by_name_once_by_whichever_page(self):
        story, seat, name = stages.scheduled(), Seat.OTHER, "speech  Therapist "
        by = story.people.coordinator
        first = meetings.invite(meeting=story.meeting, seat=seat, name="Speech therapist", by=by)
        with pytest.raises(Conflict, match="invited already"):
            meetings.invite(meeting=story.meeting, seat=seat, name=name, by=by)
        assert gathering.add_person(meeting=story.meeting, seat=seat, name=name, by=by) == first

    def test_nobody_twice(self):
        story = stages.scheduled()
        with pytest.raises(Conflict):
            meetings.invite(
                meeting=story.meeting, seat=Seat.OTHER, user=story.people.teacher, by=story.people.coordinator
            )


def _recent(child):
    """Amy came into care yesterday."""
    period = child.periods_of_care.get()
    start = today() - timedelta(days=1)
    child.periods_of_care.update(start=start)
    period.start = start
    return period


def test_a_rearranged_pep_is_still_one_pep():
    story = stages.scheduled()
    meetings.rearrange_meeting(meeting=story.meeting, why="x", by=story.people.coordinator)
    assert (opening.open_term_peps(today()), Pep.objects.filter(child=story.people.amy).count()) == (0, 1)
    assert PepSection.objects.filter(pep=story.pep).count() == story.pep.sections.count()
