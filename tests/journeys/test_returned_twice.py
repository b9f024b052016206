"""A PEP that goes back twice: only what was returned opens, each reason stays, an old page decides nothing, and the money goes once."""

import pytest

from peps.enums import PepState
from peps.models import PepReview
from pupil_premium.models import Release
from tests.journeys.travelling import PAID, Journey, sets_out
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import registry
from virtualschool.jobs.models import Event

pytestmark = pytest.mark.django_db

FIRST, SECOND = "The target needs a number", "Say what was tried to hear the child, and how often"


def test_returned_twice():
    journey = sets_out(year=4)
    journey.opened_at_night()
    journey.prepares()
    journey.is_met_and_written()
    journey.submits()
    drawn = pages(journey)
    it_goes_back(journey, "targets", reason=FIRST)
    the_target_is_mended(journey)
    journey.submits()
    an_old_page_decides_nothing(journey, drawn, answered=1)
    drawn = pages(journey)
    it_goes_back(journey, "my_views", "sign_off", reason=SECOND)
    what_was_returned_before_stays_closed(journey)
    for key in ("my_views", "sign_off"):
        journey.writes(key)
    journey.submits()
    an_old_page_decides_nothing(journey, drawn, answered=2)
    drawn = pages(journey)
    journey.is_approved_and_read()
    the_reasons_stay(journey)
    the_money_went_once(journey, drawn)


def it_goes_back(journey: Journey, *sections: str, reason: str) -> None:
    """The Virtual School's separation of duties: what was not returned is closed to whoever wrote it."""
    journey["ala"].sends("take_up", journey.pep, submission=journey.again().submission)
    journey.returns(*sections, reason=reason)
    assert journey.open_to_writing() == set(sections)
    assert journey["teacher"].finds("write", journey.section("attendance")) == 403
    page = journey["teacher"].opens("write", journey.section(sections[0])).content.decode()
    assert reason in page
    assert journey.pep.clock.rule.key == "pep.resubmit"


def the_target_is_mended(journey: Journey) -> None:
    target = journey.pep.targets.get()
    journey["teacher"].fills("target_edit", target, start_point="41 words a minute")
    journey.writes("targets")


def what_was_returned_before_stays_closed(journey: Journey) -> None:
    target = journey.pep.targets.get()
    assert journey["teacher"].finds("target_edit", target) == 403


def pages(journey: Journey) -> list[dict]:
    """Two answers to what was sent in now, filled in and not sent: one approves, one returns."""
    approving = journey.graded(decision="approve")
    return [approving, approving | {"decision": "return", "sections": ["targets"]}]


def an_old_page_decides_nothing(journey: Journey, drawn: list[dict], *, answered: int) -> None:
    """It was drawn before the PEP was sent in again: it neither approves nor returns."""
    for given in drawn:
        journey["ala"].sends("grade", journey.pep, status=409, **given)
    assert journey.state == PepState.SUBMITTED
    assert PepReview.objects.filter(pep=journey.pep).count() == answered


def the_reasons_stay(journey: Journey) -> None:
    read = journey["iro"].opens("read", journey.pep).content.decode()
    assert [reason in read for reason in (FIRST, SECOND, "Clear")] == [True] * 3
    reviews = journey.pep.reviews.order_by("submission")
    assert list(reviews.values_list("submission", "decision", "reason", "returned_sections")) == [
        (1, "returned", FIRST, ["targets"]),
        (2, "returned", SECOND, ["my_views", "sign_off"]),
        (3, "approved", "Clear", []),
    ]
    done = AuditEvent.objects.filter(subject_type="peps.Pep", subject_id=str(journey.pep.pk)).order_by("pk")
    back = ["pep.submitted", "pep.taken_up", "pep.returned"]
    assert list(done.values_list("verb", flat=True)) == ["pep.opened", *back, *back, "pep.submitted", "pep.approved"]


def the_money_went_once(journey: Journey, drawn: list[dict]) -> None:
    """However often the approval is pressed, and its event told."""
    for given in drawn:
        journey["ala"].sends("grade", journey.pep, status=409, **given)
    event = Event.objects.get(kind="pep.approved")
    registry.consumer_named("pep.approved", "pupil_premium.release")(event)
    assert journey.released() == PAID
    assert Release.objects.get().released_by == journey.people["ala"]
