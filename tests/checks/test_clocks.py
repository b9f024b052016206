"""Clocks: reckoned under the rule of the day they started, stopped once, explained to the day."""

from datetime import date

import pytest

from children import clocks, tasks
from children.checks import dates
from children.checks.registry import CHECKS
from children.clocks import Case
from children.enums import ClockState
from children.models import Clock
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, ClockFactory
from tests.factories.rulebook import set_rule
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.registry import night_job
from virtualschool.rulebook import calendars
from virtualschool.rulebook.actions import set_terms
from virtualschool.rulebook.rules import UnknownRule

pytestmark = pytest.mark.django_db
TEN_SCHOOL_DAYS = "admissions.in_year.aim"
START = date(2026, 7, 17)  # a Friday, the week before the summer holiday


def start(**fields):
    facts = {
        "child": fields.pop("child", None) or ChildFactory(in_care=True),
        "rule_key": "pep.initial.deadline",
        "about": "First PEP",
        "matter": "peps.Pep:1",
        "started_on": START,
        "started_by": "came into care",
    }
    return clocks.start_clock(**{**facts, **fields})


def test_working_days_and_school_days_differ_over_a_summer():
    assert start().due_on == date(2026, 7, 31)
    by_school_days = start(rule_key=TEN_SCHOOL_DAYS)
    assert by_school_days.due_on > date(2026, 9, 7)
    reckoned = clocks.explain(by_school_days)
    assert (len(reckoned.counted), reckoned.counted[-1]) == (10, by_school_days.due_on)
    assert "Summer holiday" in {why for _, why in reckoned.skipped}


def test_starting_twice_is_one_clock():
    child = ChildFactory(in_care=True)
    assert start(child=child) == start(child=child, started_on=date(2026, 9, 1))
    assert AuditEvent.objects.filter(verb="clock.started").count() == 1


def test_a_later_change_of_the_rule_does_not_move_a_running_clock():
    clock = start()
    set_rule("pep.initial.deadline", 5, from_=date(2026, 9, 1))
    assert clocks.explain(Clock.objects.get()).due_on == clock.due_on == date(2026, 7, 31)
    later = start(matter="peps.Pep:2", started_on=date(2026, 9, 1))
    assert later.due_on == date(2026, 9, 8)


def test_a_case_has_its_own_number_or_no_duty():
    set_rule("pep.initial.deadline.by_legal_status", {"L2": 3, "V2": -1}, from_=date(2000, 1, 1))
    special = start(case=Case("legal_status", "L2"))
    assert (special.due_on, clocks.explain(special).due_on) == (date(2026, 7, 22), date(2026, 7, 22))
    assert start(matter="peps.Pep:2", case=Case("legal_status", "C2")).due_on == date(2026, 7, 31)
    assert start(matter="peps.Pep:3", case=Case("legal_status", "V2")) is None


def test_an_unknown_rule_starts_nothing():
    with pytest.raises(UnknownRule):
        start(rule_key="no.such.rule")
    assert Clock.objects.count() == 0


def test_beyond_the_terms_loaded_the_due_date_is_unknown_and_never_overdue():
    clock = start(rule_key=TEN_SCHOOL_DAYS, started_on=date(2035, 1, 8))
    assert (clock.due_on, clocks.standing(clock)) == (None, "unknown")
    assert not Clock.objects.overdue(date(2039, 1, 1)).exists()


class TestNotKnown:
    """Terms of 2035 are not loaded when the clock starts."""

    @pytest.fixture
    def waiting(self):
        return start(rule_key=TEN_SCHOOL_DAYS, started_on=date(2035, 1, 8))

    def load(self):
        terms = {
            "autumn": (date(2034, 9, 4), date(2034, 12, 21)),
            "spring": (date(2035, 1, 3), date(2035, 3, 31)),
            "summer": (date(2035, 4, 16), date(2035, 7, 21)),
        }
        set_terms(academic_year=2034, terms=terms, closures=[], source="The council", by=UserFactory(role="vsh"))

    def test_it_is_reckoned_when_the_terms_come(self, waiting):
        assert clocks.reckon_missing() == 0
        self.load()
        waiting.refresh_from_db()
        assert waiting.due_on == clocks.explain(waiting).due_on == date(2035, 1, 22)
        assert AuditEvent.objects.filter(verb="clock.reckoned").count() == 1

    def test_the_night_reckons_what_came_from_elsewhere(self, waiting):
        self.load()
        stopped = start(matter="peps.Pep:2", rule_key=TEN_SCHOOL_DAYS, started_on=date(2035, 1, 8))
        Clock.objects.filter(pk=waiting.pk).update(due_on=None)
        Clock.objects.filter(pk=stopped.pk).update(due_on=None, state="met", stopped_on=date(2035, 1, 9))
        assert night_job(tasks.CLOCKS).handler(date(2035, 1, 30), 0, 1, None) == {"reckoned": 1}

    @pytest.mark.parametrize(("day", "told"), [(9, 0), (18, 0), (19, 1), (30, 1)])
    def test_it_is_told_from_the_day_on_which_it_may_have_run_out(self, waiting, day, told):
        children = type(waiting.child).objects.all()
        found = list(CHECKS[dates.UNKNOWN].find(on=date(2035, 1, day), children=children))
        assert [(one.child_id, one.rule_id) for one in found] == [(waiting.child_id, waiting.rule_id)] * told

    def test_one_that_stands_still_or_has_stopped_is_not_told(self, waiting):
        children = type(waiting.child).objects.all()
        for change in ({"pauses": [["2035-01-09", None, "Missing"]]}, {"state": "met", "stopped_on": date(2035, 1, 9)}):
            Clock.objects.filter(pk=waiting.pk).update(**change)
            assert list(CHECKS[dates.UNKNOWN].find(on=date(2035, 3, 1), children=children)) == []


class TestAgain:
    def test_a_duty_that_comes_back_runs_from_its_new_day(self):
        clock = clocks.meet_clock(start(), date(2026, 7, 20))
        assert start(started_on=date(2026, 9, 1), child=clock.child).state == ClockState.MET
        again = start(started_on=date(2026, 9, 1), child=clock.child, again=True)
        assert (again.pk, again.state, again.due_on, again.stopped_on) == (
            clock.pk,
            ClockState.RUNNING,
            date(2026, 9, 15),
            None,
        )

    def test_what_was_stopped_by_mistake_goes_on_from_its_first_day(self):
        clock = clocks.restart_clock(clocks.meet_clock(start(), date(2026, 7, 20)), START)
        assert (clock.state, clock.started_on, clock.due_on, clock.stopped_on) == (
            ClockState.RUNNING,
            START,
            date(2026, 7, 31),
            None,
        )


@pytest.mark.parametrize(
    ("on", "word", "overdue"),
    [
        (date(2026, 7, 23), "on_time", 0),
        (date(2026, 7, 24), "due_soon", 0),
        (date(2026, 7, 31), "due_soon", 0),
        (date(2026, 8, 1), "overdue", 1),
    ],
)
def test_due_on_a_day_is_overdue_from_the_day_after(on, word, overdue):
    clock = start()
    assert (clocks.standing(clock, on), Clock.objects.overdue(on).count()) == (word, overdue)


class TestStop:
    def test_met_and_cancelled_say_when_and_why(self):
        met = clocks.meet_clock(start(), date(2026, 7, 20))
        gone = clocks.cancel_clock(start(matter="peps.Pep:2"), date(2026, 7, 21), "Left care")
        assert (met.state, met.stopped_on, met.stopped_why) == (ClockState.MET, date(2026, 7, 20), "")
        assert (gone.state, gone.stopped_on, gone.stopped_why) == (ClockState.CANCELLED, date(2026, 7, 21), "Left care")
        assert {clocks.standing(met), clocks.standing(gone)} == {"met", "cancelled"}

    def test_a_stopped_clock_stays_as_it_was(self):
        clock = clocks.meet_clock(start(), date(2026, 7, 20))
        assert clocks.cancel_clock(clock, date(2026, 7, 25), "Late").state == ClockState.MET


class TestPause:
    """What stands in ``pauses`` is reckoned with: from, until (or nothing), why."""

    def test_days_of_a_pause_are_not_counted(self):
        clock = ClockFactory(started_on=START, pauses=[["2026-07-20", "2026-07-27", "Child missing"]])
        assert clocks.explain(clock).due_on == date(2026, 8, 7)
        assert (date(2026, 7, 20), "Paused: Child missing") in clocks.explain(clock).skipped

    def test_without_an_end_nothing_is_due_until_it_has_one(self):
        clock = ClockFactory(started_on=START, pauses=[["2026-07-20", None, "Child missing"]], due_on=None)
        assert (clocks.explain(clock).due_on, clocks.standing(clock)) == (None, "paused")


def test_starting_with_calendars_at_hand_asks_little(django_assert_num_queries):
    known, child = calendars.load(), ChildFactory(in_care=True)
    with django_assert_num_queries(8):  # savepoint, rule, look, savepoint, insert, release, event, release
        start(child=child, on_calendars=known)


def test_the_factory_makes_clocks_that_explain_themselves():
    assert clocks.explain(ClockFactory()).rule.key == "pep.initial.deadline"
