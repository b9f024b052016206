"""The made-up authority: as whole as a real one, with work for whoever signs in."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Count, F, Q

from children.closures import carried_on
from children.judgements import standings
from children.models import (
    Alert,
    CareReview,
    Child,
    ChildFile,
    Clock,
    CohortFigure,
    Enrolment,
    HostedChild,
    PreviouslyInCare,
    School,
)
from peps import layouts
from peps.enums import PepState
from peps.models import (
    Concern,
    GivenBack,
    MeetingAction,
    MeetingInvitation,
    NoteSetAside,
    Pep,
    PepAnswer,
    PepChaser,
    PepCost,
    PepFile,
    PepMeeting,
    PepReview,
    PepSection,
    PepTarget,
    PepVersion,
    SecondMark,
    SectionDelegation,
    VoiceConcern,
    VoiceLink,
    VoiceReply,
    VoiceStatement,
    YouSaid,
)
from peps.workflow import HELD
from pupil_premium import books
from pupil_premium.models import Entry, Release
from referrals.models import Application, ChildCourse, SchoolCourse, SchoolMove, SenMatter
from referrals.moving.gathering import outlook_of
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.jobs import nights
from virtualschool.jobs.models import Delivery, Message
from virtualschool.kernel.dates import moment, now, standing_at
from virtualschool.overview.demo.build import build
from virtualschool.overview.homes import figures_for, panels_for
from virtualschool.rulebook import calendars

ON = date(2026, 11, 21)
CHILDREN = 40
FOUND_EMPTY = Q(value="") | Q(value=None)


@contextmanager
def passing() -> Iterator[None]:
    """What is made inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def authority(django_db_setup, django_db_blocker) -> Iterator[None]:
    """One for all tests of this module, which only look at it."""
    with django_db_blocker.unblock(), passing():
        build(children=CHILDREN, seed=1, on=ON, processes=1)
        yield


@pytest.fixture(autouse=True)
def looking(authority, db) -> Iterator[None]:
    with standing_at(moment(ON, 10)):
        yield


def signs_in(role: str) -> User:
    return User.objects.get(email=f"{role}@demo.example")


def by_pep(rows) -> Counter:
    return Counter(rows.values_list("pep", flat=True))


class TestHomes:
    @pytest.mark.parametrize("role", ROLES)
    def test_whoever_signs_in_has_something_waiting(self, role):
        waiting = {panel.title: panel.count for panel in panels_for(signs_in(role))}
        assert any(waiting.values()), waiting

    def test_the_head_sees_the_figures_of_a_real_virtual_school(self):
        figures = {figure["label"]: figure["number"] for figure in figures_for(signs_in("vsh"))}
        assert figures["in care today"] == CHILDREN
        assert figures["with this term's PEP complete"] > CHILDREN // 2

    def test_a_reviewing_officer_has_raised_what_waits_what_is_answered_and_what_is_late(self):
        raised = Concern.objects.visible_to(signs_in("iro"))
        assert sorted(raised.values_list("state", flat=True)) == ["answered", "escalated", "raised"]
        assert [panel.count for panel in panels_for(signs_in("iro")) if panel.title == "Concerns you raised"] == [3]

    def test_caseloads_are_as_such_workers_have_them(self):
        reached = {role: Child.objects.visible_to(signs_in(role)).count() for role in ("socialworker", "teacher")}
        own = Child.objects.filter(relationships__user=signs_in("socialworker"), relationships__end=None).distinct()
        assert 17 <= own.count() <= 21
        assert reached["socialworker"] > own.count()  # a colleague is on leave
        assert 8 <= reached["teacher"] <= 15


class TestRoll:
    def test_so_many_are_in_care_and_some_have_left(self):
        assert (Child.objects.on_roll(ON).count(), Child.objects.count()) == (CHILDREN, CHILDREN + 2)

    def test_the_cohorts_beside_it(self):
        assert (PreviouslyInCare.objects.count(), HostedChild.objects.count()) == (60, 15)
        assert School.objects.open().count() >= 60
        assert CohortFigure.objects.filter(count__lt=6).exists()  # too small to be shown

    def test_what_happened_in_this_term_was_told_by_actions(self):
        since = calendars.load().term_of(ON).start
        entered = set(Child.objects.filter(known_from__gte=since).values_list("pk", flat=True))
        told = AuditEvent.objects.filter(verb="care.started").values_list("child_id", flat=True)
        assert entered
        assert sorted(told) == sorted(str(pk) for pk in entered)
        started = Enrolment.objects.filter(start__gte=since).values_list("pk", flat=True)
        recorded = AuditEvent.objects.filter(verb="enrolment.started").values_list("subject_id", flat=True)
        assert {str(pk) for pk in started} <= set(recorded)

    def test_no_reaction_failed_or_waits(self):
        assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


class TestPeps:
    def test_the_states_of_this_term_are_spread(self):
        states = Counter(Pep.objects.in_term(2026, "autumn").values_list("state", flat=True))
        assert len(states) >= 5
        assert states[PepState.COMPLETE] == max(states.values())

    def test_older_peps_are_superseded_by_newer_ones(self):
        standing = Pep.objects.filter(state=PepState.COMPLETE)
        assert set(Counter(standing.values_list("child", flat=True)).values()) == {1}
        superseded = Pep.objects.filter(state=PepState.SUPERSEDED).values_list("child", flat=True)
        assert set(superseded) <= set(Pep.objects.exclude(state=PepState.SUPERSEDED).values_list("child", flat=True))

    def test_what_each_state_asks_for_is_there(self):
        peps = set(Pep.objects.values_list("pk", flat=True))
        done = set(Pep.objects.filter(state__in=[PepState.COMPLETE, PepState.SUPERSEDED]).values_list("pk", flat=True))
        held = set(Pep.objects.filter(state__in=HELD).values_list("pk", flat=True))
        sent = set(Pep.objects.filter(submission__gte=1).values_list("pk", flat=True))
        assert done < sent < held < peps
        opened_again = set(Pep.objects.exclude(amended_why="").values_list("pk", flat=True))
        assert set(by_pep(PepVersion.objects)) == done | opened_again
        assert set(by_pep(PepReview.objects.filter(decision="approved"))) == done | opened_again
        assert set(by_pep(PepMeeting.objects.filter(state="held").exclude(pep__state="cancelled"))) == held
        assert set(by_pep(PepTarget.objects)) >= sent
        unfinished = PepSection.objects.filter(pep__in=sent).exclude(pep__state=PepState.RETURNED)
        assert not unfinished.exclude(state="complete").exists()
        assert not PepSection.objects.filter(state="complete", answers=None).exists()
        assert not MeetingInvitation.objects.filter(meeting__state="held", attendance="").exists()

    def test_nobody_answered_what_they_wrote(self):
        assert not PepReview.objects.filter(by=F("pep__authors__user")).exists()

    def test_nobody_wrote_what_their_role_does_not_read(self):
        written = PepAnswer.objects.values_list("section__pep__layout", "section__key", "field", "written_by__role")
        unread = {
            (key, field, role)
            for layout, key, field, role in written.distinct()
            if layouts.of_version(layout).section(key).field(field).reads not in ROLES[role].reads
        }
        assert unread == set()

    def test_every_step_is_recorded_and_says_who(self):
        told = Counter(AuditEvent.objects.filter(verb__startswith="pep.").values_list("verb", flat=True))
        assert told["pep.opened"] == Pep.objects.count()
        assert told["pep.meeting_held"] == PepMeeting.objects.filter(state="held").count()
        assert told["pep.approved"] == PepReview.objects.filter(decision="approved").count()
        assert (
            told["pep.section_completed"]
            >= PepSection.objects.filter(state="complete", pep__opened_on__gte=date(2026, 9, 1)).count()
        )
        approved = AuditEvent.objects.filter(verb="pep.approved").exclude(by="")
        assert approved.count() == told["pep.approved"]
        changed = Change.objects.filter(table_name="peps_pepreview", verb="I").exclude(user_id="")
        assert changed.count() >= PepReview.objects.filter(pep__opened_on__gte=date(2026, 9, 1)).count() > 0

    def test_the_clocks_of_what_is_done_are_stopped_and_the_others_run(self):
        done = Pep.objects.filter(state__in=[PepState.COMPLETE, PepState.SUPERSEDED, PepState.CANCELLED])
        assert not done.filter(clock__state="running").exists()
        waiting = Pep.objects.filter(state__in=[PepState.MEETING_HELD, PepState.SUBMITTED, PepState.IN_QA])
        assert waiting.exclude(clock__state="running", clock__due_on=F("due_on")).count() == 0 < waiting.count()
        assert Clock.objects.filter(rule__key="pep.initial.deadline").exists()


class TestMoney:
    def test_every_agreed_line_was_released_once_and_the_books_come_to_nil(self):
        agreed = PepCost.objects.filter(agreed=True, target__pep__school__isnull=False)
        assert agreed.count() == Release.objects.filter(state="released").count() > 0
        assert books.trial_balance() == 0
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_release_is_committed_before_it_is_paid(self):
        kinds = Counter(key.partition(":")[0] for key in Entry.objects.values_list("key", flat=True))
        assert kinds["commit"] == kinds["release"] == Release.objects.count()
        wrong = Entry.objects.annotate(sides=Count("postings")).exclude(sides=2)
        assert not wrong.exists()


class TestLately:
    """What the last days hold of each part of the service, so that whoever tries it meets it."""

    def test_words_were_given_by_links_and_something_came_of_them(self):
        said = Counter(VoiceStatement.objects.values_list("audience", "pep__phase"))
        assert len({phase for audience, phase in said if audience == "child"}) >= 3
        assert {audience for audience, _ in said} == {"child", "carer", "parent"}
        unopened, ask = VoiceLink.objects.filter(opened_at=None), VoiceLink.objects.filter(purpose="ask")
        assert ask.filter(expires_at__lt=now(), opened_at=None).exists()
        assert unopened.filter(expires_at__gt=now(), purpose="ask").exists()
        assert ask.exclude(draft={}).exists()
        worries = VoiceConcern.objects.order_by("answered_at").values_list("answered_by__role", flat=True)
        assert list(worries) == ["socialworker", None]
        assert Alert.objects.open().filter(check_name="voice.harm").count() == 1
        assert set(GivenBack.objects.values_list("how", flat=True)) == {"link", "told"}
        assert VoiceReply.objects.get().face == "ok"
        assert unopened.filter(purpose="answer").exists()
        assert YouSaid.objects.filter(pep__given_back=None).exists()

    def test_schools_gave_sections_away_added_files_and_did_what_was_decided(self):
        given = SectionDelegation.objects.filter(until=None).values_list("section__state", flat=True)
        assert sorted(state == "complete" for state in given) == [False, True]
        files = Counter(PepFile.objects.values_list("kind", "file__content_type"))
        assert files == {
            ("school_report", "application/pdf"): 3,
            ("drawing", "image/png"): 3,
            ("letter", "application/pdf"): 3,
        }
        for file in ChildFile.objects.all():
            with default_storage.open(file.stored_as) as kept:
                assert hashlib.sha256(kept.read()).hexdigest() == file.sha256
        actions = MeetingAction.objects
        assert actions.filter(done_on__lt=ON).exists()
        assert actions.filter(done_on=None, by_when__lt=ON).exists()
        assert actions.filter(done_on=None, by_when__gt=ON).exists()
        assert NoteSetAside.objects.exclude(why="").exists()

    def test_the_virtual_school_marked_again_opened_again_and_reminded(self):
        apart = SecondMark.objects.marked().exclude(grade=F("review__grade")).values_list("note_by__role", flat=True)
        assert (Counter(apart), SecondMark.objects.waiting().exists()) == ({"ala": 1, None: 1}, True)
        assert Alert.objects.open().filter(check_name="pep.marks_apart").count() == 1
        assert PepVersion.objects.filter(number=2, pep__state="complete").exclude(why="").count() == 1
        assert Pep.objects.filter(state="returned").exclude(amended_why="").count() == 1
        assert PepChaser.objects.filter(message__bounced_at=None).exists()
        assert PepChaser.objects.exclude(message__bounced_at=None).get().to.email_bounced_at
        assert not Message.objects.filter(state="due", due_at__lt=moment(ON, 0)).exists()
        soon = CareReview.objects.visible_to(signs_in("iro")).filter(on__gt=ON, on__lte=ON + timedelta(days=9))
        assert soon.count() >= 2

    def test_a_colleague_signs_in_and_finds_what_was_asked(self):
        only = panels_for(signs_in("colleague"))
        assert [(panel.title, panel.count > 0) for panel in only] == [("Asked of you", True)]


class TestSchools:
    def test_inspections_are_of_every_kind_and_a_school_is_below_the_line_by_each(self):
        known = standings(School.objects.all(), ON).values()
        told = {(bool(one.grade), bool(one.report_card)) for one in known}
        assert told == {(False, False), (True, False), (False, True), (True, True)}
        assert {one.decides.kind for one in known if one.below} == {"grade", "report_card"}

    def test_one_school_that_closed_was_carried_on_and_one_waits(self):
        assert Enrolment.objects.filter(carried_on()).exists()
        assert Alert.objects.open().filter(check_name="education.school_closed").exists()


class TestSen:
    def test_the_officer_has_matters_of_every_kind_that_fits_the_children(self):
        matters = SenMatter.objects.visible_to(signs_in("sen")).open()
        assert {"assessment", "review", "consultation"} <= set(matters.values_list("kind", flat=True))
        assert not Clock.objects.filter(matter__startswith="referrals.SenMatter", started_on__gt=ON).exists()


class TestMoves:
    def test_there_is_one_at_each_stage(self):
        states = set(SchoolMove.objects.filter(since__gt=ON - timedelta(days=20)).values_list("state", flat=True))
        assert {"draft", "proposed", "approved", "acted", "on_roll", "complete", "refused"} <= states

    def test_one_in_key_stage_4_waits_for_the_nominated_officer_and_for_one_plan(self):
        waiting = [one for one in SchoolMove.objects.filter(state="proposed") if outlook_of(one).has("nominated")]
        told = {stop.key: stop.reason for one in waiting for stop in outlook_of(one).open}
        assert set(told) <= {"courses", "consulted"}
        assert told["courses"].startswith("1 without a match or a plan at ")

    def test_an_emergency_waits_for_its_account_and_an_sen_officer_has_not_answered(self):
        acted = SchoolMove.objects.get(state="acted", accounted_on=None, opened_by__role="socialworker")
        assert Clock.objects.running().get(matter=acted.matter, rule__key="move.account_after_emergency").due_on < ON
        notice = SenMatter.objects.visible_to(signs_in("sen")).get(kind="move", answered_on=None)
        assert SchoolMove.objects.get(uuid=notice.about.split(":")[1]).state == "proposed"


class TestApplications:
    def test_one_is_past_the_aim_and_before_the_limit_and_one_has_an_offer(self):
        mine = Application.objects.visible_to(signs_in("admissions")).open()
        clocks = {
            clock.rule.key: clock.due_on
            for one in mine.filter(state="sent")
            for clock in Clock.objects.running().filter(matter=one.matter).select_related("rule")
        }
        assert clocks["admissions.in_year.aim"] < ON < clocks["admissions.in_year.limit"]
        assert [one.move.state for one in mine.filter(state="offered").select_related("move")] == ["offered"]


class TestCourses:
    def test_who_sits_examinations_takes_what_the_school_teaches(self):
        taken = ChildCourse.objects.taken().filter(stage="ks4")
        assert taken.exists()
        assert not taken.exclude(exam_on__gt=ON).exists()
        known = set(SchoolCourse.objects.values_list("school", flat=True))
        assert 0 < len(known) < School.objects.filter(phase_name="Secondary").count()


class TestNight:
    def test_the_night_was_run_and_again_finds_nothing_new(self):
        assert nights.last_complete() == ON - timedelta(days=1)
        assert Alert.objects.open().exists()
        again = nights.run_now(ON - timedelta(days=1))
        assert {name: (counts["opened"], counts["resolved"]) for name, counts in again.items()} == {
            name: (0, 0) for name in again
        }
