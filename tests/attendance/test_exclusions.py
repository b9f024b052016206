"""Suspensions and permanent exclusions: half days and totals, what is owed by when, the whole way to the end, and nobody else's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from attendance.actions import exclusion_clocks, exclusions
from attendance.actions.exclusions import ExclusionFacts, move_on, name_provision, record_exclusion, seen_of
from attendance.enums import ExclusionKind, ExclusionState, Session
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import marks as exclusion_marks
from attendance.models import Exclusion
from attendance.workflow import BEFORE_FINAL, TAKEN_BACK
from children.models import Alert, Child, Clock, Enrolment
from tests.factories.accounts import UserFactory
from tests.factories.attendance import ExclusionFactory
from tests.factories.children import ChildFactory, SchoolFactory
from virtualschool.audit.models import Change
from virtualschool.jobs.models import Message
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import calendars

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 9)
DAY = timedelta(days=1)
FACTS = ExclusionFacts(kind="SUSP", start=MONDAY, end=MONDAY + 2 * DAY, reasons=("DB",))
PERMANENT = ExclusionFacts(kind="PERM", start=MONDAY, reasons=("PA", "DB"), given_on=MONDAY)


@pytest.fixture
def amy():
    school = SchoolFactory(name="Amy's School")
    return ChildFactory(in_care=True, school=school, social_worker=UserFactory(role="socialworker"))


@pytest.fixture
def school(amy):
    return amy.enrolments.get().school


@pytest.fixture
def advocate():
    return UserFactory(role="ala")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-10 10:00", tick=False):
        yield


def record(child, school, by, **changed):
    facts = replace(FACTS, **changed)
    return record_exclusion(child=child, school=school, facts=facts, by=by)


# ---------------------------------------------------------------- days, without the database


def unsaved(**fields):
    given = {"kind": "SUSP", "start": MONDAY, "end": MONDAY + 2 * DAY, "sessions": 4, "state": "given"}
    return Exclusion(**given | fields)


@pytest.mark.parametrize(
    ("kind", "length", "halves", "sessions"),
    [
        ("SUSP", 1, (False, False), 2),
        ("SUSP", 1, (True, False), 1),
        ("SUSP", 3, (True, True), 4),
        ("SUSP", 7, (False, False), 10),  # over a weekend
        ("LNCH", 5, (False, False), 5),
        ("LNCH", 1, (True, False), 1),
    ],
)
def test_half_days_and_lunchtimes(kind, length, halves, sessions):
    laid = exclusion_days.planned(kind, MONDAY, MONDAY + length * DAY, halves, calendars.load().school_days())
    assert sum(laid.values()) == sessions


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({}, {MONDAY: 2, MONDAY + DAY: 2}),
        ({"sessions": 3}, {MONDAY: 2, MONDAY + DAY: 1}),
        ({"sessions": 6}, {MONDAY: 2, MONDAY + DAY: 4}),
        ({"state": "reinstated", "decided_on": MONDAY + DAY}, {MONDAY: 2}),
        ({"state": "cancelled", "decided_on": MONDAY + 3 * DAY}, {MONDAY: 2, MONDAY + DAY: 2}),
        ({"state": "struck"}, {}),
        ({"kind": "PERM", "end": None, "sessions": None}, {}),
    ],
)
def test_the_parts_make_what_the_school_told_and_days_away_count_though_it_was_taken_back(changed, counted, school):
    one = unsaved(school=school, **changed)
    assert exclusion_days.of(one, calendars.load()) == counted


def test_a_suspension_over_the_end_of_a_year_counts_in_both(school):
    one = unsaved(school=school, start=date(2026, 8, 31), end=date(2026, 9, 3), sessions=6)
    known = calendars.load()
    before, after = (exclusion_days.spans(on, known)["year"] for on in (date(2026, 8, 31), date(2026, 9, 1)))
    parts = [exclusion_days.within(one, span, known) for span in (before, after)]
    assert sum(parts) == 6
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize(
    ("year", "term", "said"),
    [
        (79, 10, []),
        (80, 10, [("attendance.suspension.warn", False)]),
        (90, 10, [("attendance.suspension.warn", False)]),
        (91, 10, [("attendance.suspension.limit", True)]),
        (31, 11, [("attendance.suspension.request_above", False)]),
        (31, 30, [("attendance.suspension.request_above", False)]),
        (31, 31, [("attendance.suspension.term_limit", False)]),
        (91, 31, [("attendance.suspension.limit", True), ("attendance.suspension.term_limit", False)]),
    ],
)
def test_what_follows_is_said_above_each_limit_and_not_at_it(year, term, said):
    spans = exclusion_days.spans(MONDAY, calendars.load())
    told = exclusion_days.Totals(**spans, in_term=term, in_year=year)
    found = exclusion_days.follows(told, exclusion_days.pack(MONDAY))
    assert [(one.rule.key, one.unlawful) for one in found] == said


# ---------------------------------------------------------------- recording


def test_recording_tells_social_worker_advocates_and_head_the_same_day(amy, school, advocate):
    head, other = UserFactory(role="vsh"), UserFactory(role="ala")
    one = record(amy, school, advocate)
    assert (one.sessions, one.given_on, one.state) == (4, MONDAY, "given")
    told = Message.objects.filter(kind="attendance.suspended", urgent=True)
    worker = amy.relationships.get(kind="social_worker").user
    assert {message.to for message in told} == {head, other, worker}
    alert = Alert.objects.get(check_name="attendance.suspended")
    assert alert.evidence["sentence"] == "Suspension, 2 days by Amy's School, from 9 November 2026 to 10 November 2026"
    assert Change.objects.filter(table_name="attendance_exclusion", child_id=amy.pk).exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reasons": ()}, "reasons"),
        ({"reasons": ("DB", "DB")}, "reasons"),
        ({"reasons": ("ZZ",)}, "reasons"),
        ({"reasons": ("DB", "PA", "PP", "BU")}, "reasons"),
        ({"end": None}, "last"),
        ({"end": MONDAY}, "last"),
        ({"sessions": 5}, "sessions"),
        ({"start": MONDAY - 900 * DAY}, "school"),
        ({"start": date(2027, 3, 1)}, "start"),
        ({"given_on": date(2026, 11, 11)}, "given_on"),
    ],
)
def test_facts_that_do_not_fit_name_their_field(amy, school, changed, field):
    with pytest.raises(ValidationError) as refused:
        record(amy, school, None, **changed)
    assert list(refused.value.message_dict) == [field]
    assert Exclusion.objects.count() == 0


def test_the_same_days_are_recorded_once(amy, school, advocate):
    record(amy, school, advocate)
    with pytest.raises(ValidationError, match="There is a record of this kind"):
        record(amy, school, advocate, start=MONDAY + DAY)
    assert record(amy, school, advocate, kind="LNCH").sessions == 2


def test_more_than_the_law_allows_is_kept_and_shouted_about_at_once(amy, school, advocate):
    ExclusionFactory(child=amy, start=date(2026, 9, 7), end=date(2026, 11, 1), sessions=88)
    one = record(amy, school, advocate)
    assert one.pk
    [alert] = Alert.objects.filter(check_name="attendance.suspension_days")
    assert alert.rule.key == "attendance.suspension.limit"
    assert alert.evidence["sentence"].startswith("46 days in the academic year 2026/27: no child may be suspended")


@pytest.mark.parametrize("role", ["socialworker", "manager", "iro", "support", "sen", "dpo"])
def test_others_do_not_record(amy, school, role):
    with pytest.raises(Refused):
        record(amy, school, UserFactory(role=role, phases=["S"] if role == "support" else []))


# ---------------------------------------------------------------- clocks


def running(child):
    return dict(Clock.objects.running().filter(child=child).values_list("rule__key", "due_on"))


SUSPENSION = "attendance.suspension."


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        ({}, {"provision_in_care": MONDAY}),
        ({"end": MONDAY + 5 * DAY}, {"provision_in_care": MONDAY}),
        ({"end": MONDAY + 8 * DAY}, {"provision_in_care": MONDAY, "provision": MONDAY + 7 * DAY}),
        ({"exam_missed": True}, {"provision_in_care": MONDAY, "governors": date(2026, 11, 30)}),
        ({"kind": "LNCH"}, {}),
    ],
)
def test_what_is_owed_begins_with_the_record(amy, school, changed, owed):
    record(amy, school, None, **changed)
    assert running(amy) == {f"{SUSPENSION}{key}": due for key, due in owed.items()}


def test_the_governors_meet_when_a_term_has_more_than_fifteen_days_and_on_request_above_five(amy, school, advocate):
    ExclusionFactory(child=amy, start=date(2026, 9, 14), end=date(2026, 9, 22), sessions=10)
    one = record(amy, school, advocate)
    assert exclusion_clocks.may_ask_governors(one)
    move_on(exclusion=one, event="to_governors", on=MONDAY, seen="given", by=advocate)
    assert running(amy)[f"{SUSPENSION}governors_on_request"] > date(2027, 1, 1)
    other = ExclusionFactory(child=amy, start=date(2026, 9, 28), end=date(2026, 10, 10), sessions=18)
    exclusion_clocks.follow_later(other, past=exclusions.PAST, by=None)
    assert f"{SUSPENSION}governors" in running(amy)


def test_days_that_came_later_are_not_for_the_governors_of_an_earlier_suspension(amy, school, advocate):
    """The one that makes it more than fifteen days is theirs; the small one before it is not, whenever it is corrected."""
    early = record(amy, school, advocate, start=date(2026, 9, 14), end=date(2026, 9, 16))
    ExclusionFactory(child=amy, start=date(2026, 10, 1), end=date(2026, 10, 24), sessions=30)
    early.refresh_from_db()
    facts = replace(exclusions.facts_of(early), work_set="Maths")
    exclusions.correct_exclusion(exclusion=early, facts=facts, why="Heard more", seen=seen_of(early), by=advocate)
    assert not exclusion_clocks.governors_must_meet(early)
    assert not exclusion_clocks.may_ask_governors(early)
    owed = exclusion_clocks.clocks_of(early).running().values_list("rule__key", flat=True)
    assert list(owed) == [f"{SUSPENSION}provision_in_care"]


def test_education_is_owed_on_after_the_governors_upheld_it_though_a_word_is_corrected(amy, school, advocate):
    one = record(amy, school, advocate, **vars(PERMANENT))
    one = way(one, advocate, "uphold")
    owed = running(amy)
    one.refresh_from_db()
    facts = replace(exclusions.facts_of(one), work_set="Maths")
    exclusions.correct_exclusion(exclusion=one, facts=facts, why="Heard more", seen=seen_of(one), by=advocate)
    assert running(amy) == owed
    assert f"{SUSPENSION}provision" in owed


def test_a_correction_moves_the_first_day_to_no_day_before_the_child_came(amy, school, advocate):
    one = record(amy, school, advocate)
    one.refresh_from_db()
    Enrolment.objects.filter(child=amy).update(start=MONDAY)
    facts = replace(exclusions.facts_of(one), start=MONDAY - 7 * DAY, sessions=None)
    with pytest.raises(ValidationError) as refused:
        exclusions.correct_exclusion(exclusion=one, facts=facts, why="Typed wrong", seen=seen_of(one), by=advocate)
    assert list(refused.value.message_dict) == ["start"]


def test_a_correction_begins_a_clock_anew_and_keeps_what_was(amy, school, advocate):
    one = record(amy, school, advocate, exam_missed=True)
    for exam in (False, True):
        facts = replace(exclusions.facts_of(one), exam_missed=exam)
        one = exclusions.correct_exclusion(
            exclusion=one, facts=facts, why="The timetable", seen=seen_of(one), by=advocate
        )
    states = Clock.objects.filter(child=amy, rule__key=f"{SUSPENSION}governors").values_list("state", flat=True)
    assert sorted(states) == ["cancelled", "running"]
    with pytest.raises(Conflict):
        exclusions.correct_exclusion(exclusion=one, facts=facts, why="Again", seen="stale", by=advocate)


def test_naming_where_the_child_is_taught_meets_the_clocks(amy, school, advocate):
    one = record(amy, school, advocate, end=MONDAY + 8 * DAY)
    with pytest.raises(ValidationError):
        name_provision(exclusion=one, where="The Hub", start=MONDAY - DAY, by=advocate)
    name_provision(exclusion=one, where="The Hub", start=MONDAY, by=advocate)
    assert running(amy) == {}
    assert set(Clock.objects.filter(child=amy).values_list("state", flat=True)) == {"met"}


def test_what_was_owed_for_a_suspension_ends_with_it(amy, school):
    record(amy, school, None)
    assert exclusion_clocks.stop_over(MONDAY + DAY) == 0
    assert [exclusion_clocks.stop_over(MONDAY + 2 * DAY) for _ in range(2)] == [1, 0]
    assert running(amy) == {}


def test_a_suspension_that_is_over_owes_no_education_anew_when_a_word_is_corrected(amy, school, advocate):
    one = record(amy, school, advocate)
    with time_machine.travel("2026-11-12 10:00", tick=False):
        assert exclusion_clocks.stop_over(MONDAY + 3 * DAY) == 1
        one.refresh_from_db()
        facts = replace(exclusions.facts_of(one), work_set="Maths")
        exclusions.correct_exclusion(exclusion=one, facts=facts, why="Heard more", seen=seen_of(one), by=advocate)
        assert running(amy) == {}


# ---------------------------------------------------------------- the way of a permanent exclusion


def way(one, by, *events):
    for event in events:
        one = move_on(exclusion=one, event=event, on=date(2026, 11, 10), seen=one.state, by=by, words=f"About {event}")
    return one


def test_from_proposed_to_final_takes_the_child_off_the_roll(amy, school, advocate):
    one = record_exclusion(child=amy, school=school, facts=PERMANENT, proposed=True, by=advocate)
    assert (one.state, one.given_on, running(amy)) == ("proposed", None, {})
    one = way(one, advocate, "give", "to_governors", "uphold")
    assert f"{SUSPENSION}review_request" in running(amy)
    one = way(one, advocate, "ask_review", "reconsider", "uphold", "confirm")
    assert one.state == "final"
    assert running(amy) == {}
    place = Enrolment.objects.get(child=amy)
    assert (place.end, place.end_reason) == (date(2026, 11, 10), "Permanently excluded")
    assert list(Child.objects.without_a_school()) == [amy]
    assert [step.event for step in one.steps.all()][:3] == ["record", "give", "to_governors"]
    with pytest.raises(Conflict):
        way(one, advocate, "withdraw")


def test_final_takes_the_child_off_the_roll_though_a_later_end_was_planned(amy, school, advocate):
    amy.enrolments.update(end=MONDAY + 60 * DAY)
    way(record(amy, school, advocate, **vars(PERMANENT)), advocate, "uphold", "confirm")
    assert amy.enrolments.get().end == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("state", "decided_on", "there"),
    [
        ("final", date(2025, 1, 13), False),
        ("reinstated", date(2025, 1, 13), False),
        ("final", date(2026, 9, 7), True),
        ("upheld", date(2025, 1, 13), True),
        ("given", None, True),
    ],
)
def test_a_permanent_exclusion_is_of_the_years_until_it_is_decided(state, decided_on, there):
    ExclusionFactory(permanent=True, start=date(2024, 11, 4), state=state, decided_on=decided_on)
    assert Exclusion.objects.in_year(MONDAY).exists() is there


def test_away_from_school_is_nobody_who_is_sent_home_at_lunchtimes_only(amy, school):
    record(amy, school, None, kind="LNCH", end=MONDAY + 4 * DAY)
    assert Exclusion.objects.holding(MONDAY).exists()
    assert not Exclusion.objects.away(MONDAY).exists()
    record(amy, school, None)
    assert Exclusion.objects.away(MONDAY).get().kind == "SUSP"


@pytest.mark.parametrize("state", BEFORE_FINAL)
def test_the_school_may_withdraw_it_at_any_time_before(amy, school, advocate, state):
    one = ExclusionFactory(child=amy, school=school, permanent=True, state=state, start=MONDAY)
    exclusion_clocks.follow(one, by=None)
    assert way(one, advocate, "withdraw").state == "withdrawn"
    assert running(amy) == {}
    assert Enrolment.objects.get(child=amy).end is None


@pytest.mark.parametrize("event", ["cancel", "reinstate", "strike"])
def test_a_suspension_taken_back_closes_its_alert_and_its_clocks(amy, school, advocate, event):
    one = way(record(amy, school, advocate), advocate, event)
    assert one.state in (*TAKEN_BACK, ExclusionState.STRUCK)
    assert running(amy) == {}
    assert not Alert.objects.open().filter(check_name="attendance.suspended").exists()


def test_a_stale_page_a_day_to_come_and_a_day_before_are_refused(amy, school, advocate):
    one = record(amy, school, advocate)
    with pytest.raises(Conflict):
        move_on(exclusion=one, event="uphold", on=MONDAY, seen="governors", by=advocate)
    for on in (date(2026, 11, 11), MONDAY - DAY):
        with pytest.raises(ValidationError):
            move_on(exclusion=one, event="uphold", on=on, seen="given", by=advocate)


# ---------------------------------------------------------------- marks


def test_the_register_is_compared_and_a_day_without_a_record_is_seen():
    one = unsaved(from_noon=True, end=MONDAY + 3 * DAY, sessions=5, provision="A", provision_from=MONDAY + 2 * DAY)
    marks = {MONDAY: ("/", "\\"), MONDAY + DAY: ("E", "I"), MONDAY + 2 * DAY: ("B", "/"), MONDAY + 3 * DAY: ("E", "E")}
    told = [(found.on, found.session, found.letter) for found in exclusion_marks.differences(one, marks)]
    assert told == [
        (MONDAY, Session.PM, "\\"),
        (MONDAY + DAY, Session.PM, "I"),
        (MONDAY + 2 * DAY, Session.PM, "/"),
    ]
    assert exclusion_marks.unrecorded([one], marks) == [(MONDAY + 3 * DAY, half) for half in Session]
    lunch = unsaved(kind=ExclusionKind.LUNCHTIME)
    assert exclusion_marks.differences(lunch, marks) == []
