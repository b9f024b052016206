"""A leaver is put back: nothing that was cancelled comes alive, and the PEP that is due opens anew with its clocks."""

from datetime import date, timedelta

import pytest

from children.actions import care
from children.enums import ClockState
from children.models import CareEpisode, Clock
from peps.actions import opening
from peps.enums import MeetingState, PepKind, PepState
from peps.models import Pep
from tests import personas
from tests.factories.children import CareEpisodeFactory, ChildFactory, PeriodOfCareFactory, born_for_year
from tests.factories.peps import PepFactory
from tests.peps import stages
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Delivery
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 9)


@pytest.fixture
def keeper():
    return personas.person("data")


def enters(start=MONDAY, *, status="C2", **fields):
    """A child in care from the day, known here since; not told to anybody yet."""
    facts = {"date_of_birth": born_for_year(9), "known_from": start} | fields
    period = PeriodOfCareFactory(child=ChildFactory(**facts), start=start, short_breaks=status in ("V3", "V4"))
    CareEpisodeFactory(child=period.child, period=period, start=start, legal_status=status)
    return period


def leaves(child, keeper, on=None):
    care.leave_care(child=child, on=on or today(), reason="E4A", by=keeper)
    deliver_pending()


def comes_back(child, keeper):
    care.reopen_care(child=child, why="Another child was meant", by=keeper)
    deliver_pending()


def peps(child) -> list[tuple[str, str]]:
    return list(Pep.objects.filter(child=child).order_by("pk").values_list("occasion", "state"))


def clocks(child, *states) -> list[tuple[str, date]]:
    found = Clock.objects.filter(child=child, state__in=states).order_by("due_on", "pk")
    return list(found.values_list("rule__key", "due_on"))


def test_an_initial_pep_that_was_never_complete_opens_again_from_the_day_care_began(keeper):
    period = enters()
    first = opening.open_initial(period=period)
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    occasion = f"initial:{period.pk}"
    assert peps(period.child) == [(occasion, PepState.CANCELLED), (occasion, PepState.PLANNED)]
    again = Pep.objects.get(child=period.child, state=PepState.PLANNED)
    due = [("pep.initial.deadline", date(2026, 11, 23)), ("pep.initial.complete", date(2026, 12, 7))]
    assert (again.kind, again.opened_on, again.due_on) == (PepKind.INITIAL, MONDAY, date(2026, 11, 23))
    assert clocks(period.child, ClockState.RUNNING) == clocks(period.child, ClockState.CANCELLED) == due
    assert (again.clock_id == first.clock_id, again.sections.exists()) == (False, True)


def test_what_was_written_and_planned_stays_in_the_cancelled_one(keeper):
    story = stages.scheduled()
    leaves(story.people.amy, keeper)
    comes_back(story.people.amy, keeper)
    story.meeting.refresh_from_db()
    assert (story.again().state, story.meeting.state) == (PepState.CANCELLED, MeetingState.CANCELLED)
    again = Pep.objects.open().get(child=story.people.amy)
    assert (again.occasion, again.meetings.exists(), again.previous) == ("term:2026:autumn", False, None)


def test_an_initial_pep_that_nobody_ever_opened_is_opened(keeper):
    """The child left before the service had told itself that care started; care began in the term before."""
    period = enters(date(2026, 8, 28))
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    assert peps(period.child) == [(f"initial:{period.pk}", PepState.PLANNED)]


def test_once_a_pep_was_completed_the_terms_opens_again(keeper, clock):
    story = stages.approved()
    clock.move_to(date(2027, 1, 12))
    opening.open_term_peps(today())
    leaves(story.people.amy, keeper)
    comes_back(story.people.amy, keeper)
    spring = "term:2026:spring"
    assert peps(story.people.amy)[1:] == [(spring, PepState.CANCELLED), (spring, PepState.PLANNED)]
    again = Pep.objects.open().get(child=story.people.amy)
    assert (again.kind, again.due_on, again.previous) == (PepKind.REVIEW, date(2027, 3, 20), story.pep)


def test_a_term_that_has_its_pep_opens_no_other(keeper):
    story = stages.approved()
    leaves(story.people.amy, keeper)
    comes_back(story.people.amy, keeper)
    assert peps(story.people.amy) == [("term:2026:autumn", PepState.COMPLETE)]


def test_an_initial_pep_that_was_complete_is_not_asked_for_again(keeper):
    """Nor the term's, while it is the term in which the initial one was held."""
    period = enters(date(2026, 10, 5))
    PepFactory(
        child=period.child,
        period=period,
        kind=PepKind.INITIAL,
        occasion=f"initial:{period.pk}",
        opened_on=period.start,
        complete=True,
    )
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    assert peps(period.child) == [(f"initial:{period.pk}", PepState.COMPLETE)]


def test_a_pep_completed_in_an_earlier_time_in_care_does_not_count(keeper):
    period = enters()
    before = PeriodOfCareFactory(child=period.child, start=date(2025, 1, 6), end=date(2025, 6, 2), end_reason="E4A")
    done = {"opened_on": before.start, "occasion": f"initial:{before.pk}", "academic_year": 2024, "term": "spring"}
    PepFactory(child=period.child, period=before, kind=PepKind.INITIAL, complete=True, **done)
    opening.open_initial(period=period)
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    assert Pep.objects.open().get(child=period.child).occasion == f"initial:{period.pk}"


def test_care_that_began_before_go_live_gets_the_terms(keeper):
    period = enters(date(2025, 3, 3), known_from=date(2026, 11, 1))
    opening.open_term_peps(today())
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    assert peps(period.child)[1:] == [("term:2026:autumn", PepState.PLANNED)]


def test_out_of_short_breaks_the_duty_runs_from_that_day(keeper):
    period = enters(date(2026, 9, 7), status="V4")
    care.change_legal_status(child=period.child, on=MONDAY, legal_status="C2", by=keeper)
    deliver_pending()
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    occasion = f"initial:{period.pk}:2026-11-09"
    assert peps(period.child) == [(occasion, PepState.CANCELLED), (occasion, PepState.PLANNED)]
    assert clocks(period.child, ClockState.RUNNING)[0] == ("pep.initial.deadline", date(2026, 11, 23))


def test_short_breaks_open_none(keeper):
    period = enters(status="V4")
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    assert peps(period.child) == []


def test_told_twice_it_is_done_once(keeper):
    period = enters()
    opening.open_initial(period=period)
    leaves(period.child, keeper)
    comes_back(period.child, keeper)
    known = peps(period.child)
    told = Delivery.objects.filter(consumer="peps.open_again")
    assert told.update(state="pending", done_at=None) == 1
    assert deliver_pending() == 1
    assert (peps(period.child), len(clocks(period.child, ClockState.RUNNING))) == (known, 2)
    assert opening.open_again(period=period) == Pep.objects.open().get(child=period.child)


def test_left_and_put_back_again_and_again(keeper):
    period = enters()
    opening.open_initial(period=period)
    for _ in range(3):
        leaves(period.child, keeper)
        comes_back(period.child, keeper)
    assert [state for _, state in peps(period.child)] == [PepState.CANCELLED] * 3 + [PepState.PLANNED]


def test_a_leaver_undone_before_anybody_was_told_cancels_nothing(keeper):
    period = enters()
    pep = opening.open_initial(period=period)
    care.leave_care(child=period.child, on=today(), reason="E4A", by=keeper)
    care.reopen_care(child=period.child, why="Another child was meant", by=keeper)
    deliver_pending()
    assert peps(period.child) == [(pep.occasion, PepState.PLANNED)]
    assert len(clocks(period.child, ClockState.RUNNING)) == 2


def test_an_undoing_that_is_told_late_finds_the_child_gone(keeper):
    period = enters()
    opening.open_initial(period=period)
    leaves(period.child, keeper)
    care.reopen_care(child=period.child, why="Another child was meant", by=keeper)
    care.leave_care(child=period.child, on=today(), reason="E4A", by=keeper)
    deliver_pending()
    assert [state for _, state in peps(period.child)] == [PepState.CANCELLED]


def test_in_the_term_that_has_come_meanwhile_the_terms_pep_is_the_one(keeper, clock):
    story = stages.approved()
    leaves(story.people.amy, keeper, on=today())
    clock.move_to(date(2027, 1, 12))
    comes_back(story.people.amy, keeper)
    assert peps(story.people.amy) == [("term:2026:autumn", PepState.COMPLETE), ("term:2026:spring", PepState.PLANNED)]
    assert CareEpisode.objects.filter(child=story.people.amy, end__isnull=False).count() == 0
