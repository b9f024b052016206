"""The termly PEP of a child in each of the four phases: what its phase asks and what it does not, and whose money it is."""

from datetime import timedelta

import pytest

from peps import layouts
from peps.models import PepTarget
from tests.factories.pupil_premium import approved_pep
from tests.journeys.travelling import PAID, Journey, sets_out
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

CONDITIONS = "This grant is for Reception to Year 11, and the PEP was opened in"


def only_for(phase: str, *, but: str = "") -> set[str]:
    """The questions of the field list that not every phase is asked, and this one is (but not another)."""
    fields = {spec for section in layouts.current(today()) for spec in section.fields}
    return {spec.key for spec in fields if phase in spec.phases and but not in spec.phases and len(spec.phases) < 4}


def asks_its_own(journey: Journey, phase: str) -> None:
    """Each phase is asked what is its own, and nothing that is another's alone."""
    assert journey.pep.phase == phase
    others = {key for other in ("E", "P", "S", "16") for key in only_for(other, but=phase)} - only_for(phase)
    assert journey.asks() & others == set()


def test_early_years():
    """The setting's lead writes the school's part; the money before Reception is the early years pupil premium."""
    journey = sets_out(year=-1)
    journey.opened_at_night()
    assert journey.plans().invitations.get(seat="designated_teacher").user == journey.people["teacher"]
    journey.answers("socialworker", "social_worker")
    journey.everybody_writes()
    journey.is_met_and_written(costed=False)
    journey.is_answered_and_read()
    asks_its_own(journey, "E")
    assert {"funded_hours", "eypp_claimed", "prime_areas", "likes_to_play", "school_applied"} <= journey.asks()
    assert not {"core_subjects", "sdq_score", "course_and_provider", "aspirations"} & journey.asks()
    assert journey.released() == []


def test_primary():
    """Nothing is sent in while something is missing; another school's designated teacher finds none of it."""
    journey = sets_out(year=4)
    journey.opened_at_night()
    assert journey["teacher"].finds("submit", journey.pep) == 403
    journey.prepares()
    journey.holds(next_meeting_on="")
    assert {"There is no target", "The next meeting has no date"} < set(journey.missing())
    journey["teacher"].sends("submit", journey.pep, status=409)
    journey["teacher"].fills("book_next", journey.pep.meetings.get(), next_meeting_on=today() + timedelta(days=90))
    journey.sets_a_target()
    journey.everybody_writes()
    journey.is_answered_and_read()
    asks_its_own(journey, "P")
    assert {"core_subjects", "multiplication_score", "next_steps_i_want"} <= journey.asks()
    assert not {"prime_areas", "phonics_score", "sats_entry", "core_ks3", "courses"} & journey.asks()
    assert journey.released() == PAID
    stranger = journey["other_teacher"]
    assert {stranger.finds(view, journey.pep) for view in ("detail", "read", "targets", "quality", "paper")} == {404}


def test_secondary():
    """The targets of the last PEP are reviewed before new ones are set."""
    journey = sets_out(year=10)
    last = last_term(journey)
    pep = journey.opened_at_night()
    journey.prepares()
    journey.holds()
    journey.sets_a_target()
    journey.everybody_writes()
    assert journey.missing() == ["Not every target of the last PEP has been reviewed"]
    journey.section_reopens("last_targets")
    journey["teacher"].fills("target_review", last, outcome="partly", evidence="Reads 55 words a minute")
    journey.writes("last_targets")
    journey.is_answered_and_read()
    last.refresh_from_db()
    assert (pep.previous, last.outcome, last.pep.state) == (last.pep, "partly", "superseded")
    asks_its_own(journey, "S")
    assert {"course_results", "courses", "exam_access", "difference_made"} <= journey.asks()
    assert not {"core_subjects", "core_ks3", "options", "prime_areas", "course_and_provider"} & journey.asks()
    assert journey.released() == PAID


def last_term(journey: Journey) -> PepTarget:
    """The PEP of the summer, complete, with one target that nobody has looked at since."""
    when = {"occasion": "term:2025:summer", "academic_year": 2025, "term": "summer", "phase": "S"}
    before = today() - timedelta(days=150)
    pep = approved_pep(child=journey.child, school=journey.school, approved_by=journey.people["ala"], on=before, **when)
    return PepTarget.objects.create(pep=pep, area="english", start_point="30 words", goal="60 words a minute")


def test_post_16():
    """Nothing is asked for from a grant that ends with Year 11, and the page says by which rule."""
    journey = sets_out(year=12)
    journey.opened_at_night()
    journey.prepares()
    journey.is_met_and_written(costed=False)
    told = journey["teacher"].opens("targets", journey.pep).content.decode()
    assert f"{CONDITIONS} Year 12. After Year 11 there is a fund of its own." in told
    assert journey["teacher"].finds("cost_add", journey.pep.targets.get()) == 403
    journey.is_answered_and_read()
    asks_its_own(journey, "16")
    assert {"course_and_provider", "course_progress", "resits", "destination", "personal_adviser"} <= journey.asks()
    assert not {"core_subjects", "core_ks3", "course_results", "prime_areas", "eypp_claimed"} & journey.asks()
    assert journey.released() == []
