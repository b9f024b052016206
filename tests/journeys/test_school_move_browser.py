"""Two moves of school: one in Year 11 from the first report to the refusal, one in Year 8 to the new roll and the new PEP."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from children.models import Enrolment, School
from peps.models import Pep
from referrals.enums import MoveState
from referrals.models import SchoolMove
from tests.factories.children import born_for_year
from tests.factories.moves import NominatedOfficerFactory
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import PHONE, Desk, Pick
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY, BIRCH = "Amy Madeup", "Birch School"
WHY = "The journey takes an hour and three quarters each way."


def in_year(cast: Cast, year: int) -> None:
    """Amy is in another year, and both schools teach it."""
    cast.amy.date_of_birth = born_for_year(year)
    cast.amy.save(update_fields=["date_of_birth"])
    School.objects.update(high_age=18)


def test_a_year_11_move_from_the_report_to_the_refusal(cast: Cast, desk: SitDown) -> None:
    in_year(cast, 11)
    NominatedOfficerFactory(user=cast.head, nominated_by=cast.head)
    worker = desk(cast.socialworker, viewport=PHONE)
    reports_a_risk(worker)
    opens_a_case(worker, cast)
    proposes(worker)
    move = SchoolMove.objects.get()
    head = desk(cast.head)
    head.go(move.get_absolute_url())
    for words in ("The nominated officer approves", "Every course has a match or a plan", "regulation 10"):
        head.sees(words)
    head.look("move-year-11")
    head.press("Decide")
    head.arrives("Decide this move")
    head.sees("It cannot be approved yet")
    head.answer({"What do you decide?": Pick("Approve"), "Why": "He would like it."})
    head.press("Decide")
    head.sees("Still to be asked")
    assert SchoolMove.objects.get().state == MoveState.PROPOSED
    head.go(f"{move.get_absolute_url()}decide/")
    head.answer(
        {"What do you decide?": Pick("Refuse"), "Why": "His examinations begin in May. The school can be kept."}
    )
    head.look("move-decide")
    head.press("Decide")
    head.told("The decision is kept")
    worker.go(move.get_absolute_url())
    worker.sees("His examinations begin in May")
    worker.look("move-refused-phone")
    assert SchoolMove.objects.get().state == MoveState.REFUSED


def reports_a_risk(worker: Desk) -> None:
    worker.press("Tell us a care placement or school place is at risk")
    worker.answer({"Which child?": Pick(AMY), "What is at risk?": Pick("School place")})
    worker.press("Continue")
    worker.answer({"Why is it at risk?": WHY, "How soon might it break down?": Pick("Within a month")})
    worker.press("Report it")
    worker.arrives("Reported")


def opens_a_case(worker: Desk, cast: Cast) -> None:
    worker.go(cast.amy.get_absolute_url())
    worker.arrives(AMY)
    worker.follow("Open a school move")
    worker.arrives("Open a school move")
    worker.answer(
        {
            "What would change?": Pick("The school, from the same home"),
            "From which day?": today() + timedelta(days=21),
            "Why can the school not be kept as it is?": WHY,
        }
    )
    worker.press("Save")
    worker.told("The case is open, as a draft.")


def proposes(worker: Desk) -> None:
    worker.press("Could the school be kept?")
    worker.answer(
        {
            "Could the child keep this school?": Pick("Yes, or it could be tried"),
            "How many minutes one way, from door to door?": "105",
            "Who would pay for the journey?": Pick("Not settled"),
            "Why, or why not?": "A taxi could be tried.",
        }
    )
    worker.press("Save")
    worker.press("Propose a school")
    worker.answer({"School": BIRCH})
    worker.press("Propose this school")
    worker.told("The school is proposed.")
    worker.look("move-draft")
    worker.press("Propose this move")
    worker.arrives("Propose this move")
    worker.press("Propose this move")
    worker.told("The move is proposed.")


def test_a_year_8_move_to_the_new_roll_and_the_new_pep(cast: Cast, desk: SitDown) -> None:
    in_year(cast, 8)
    worker = desk(cast.socialworker)
    opens_a_case(worker, cast)
    proposes(worker)
    move = SchoolMove.objects.get()
    everybody_is_asked(desk, cast, move)
    advocate = desk(cast.advocate)
    advocate.go(move.get_absolute_url())
    advocate.press("Decide")
    advocate.answer({"What do you decide?": Pick("Approve"), "Why": "Everybody is for it, and a bus goes to the door."})
    advocate.press("Decide")
    advocate.told("The decision is kept")
    coordinator = desk(cast.coordinator)
    coordinator.go(move.get_absolute_url())
    coordinator.press("Put on roll")
    coordinator.answer({"Which school?": Pick(BIRCH), "First day on roll": today()})
    coordinator.press("Put on roll")
    coordinator.told("The child is on the new school’s roll.")
    deliver_pending()
    place = Enrolment.objects.get(child=cast.amy, end=None)
    assert (place.school.name, SchoolMove.objects.get().state) == (BIRCH, MoveState.ON_ROLL)
    coordinator.navigate("Children")
    coordinator.follow(AMY)
    expect(coordinator.fact("School")).to_contain_text(BIRCH)
    assert Pep.objects.open().get(child=cast.amy).school == place.school
    advocate.go(move.get_absolute_url())
    advocate.look("move-on-roll")
    advocate.press("Close the case")
    advocate.answer({"Why?": "She has settled in."})
    advocate.press("Save")
    advocate.told("The case is closed.")


def everybody_is_asked(desk: SitDown, cast: Cast, move: SchoolMove) -> None:
    """The school and the reviewing officer answer for themselves; the advocate writes down what the others say."""
    for one in (cast.teacher, cast.reviewer):
        kind = "teacher_now" if one == cast.teacher else "iro"
        person = desk(one)
        person.go(move.consultations.get(consultee=kind).get_absolute_url())
        person.sees(WHY)
        person.answer(
            {
                "What do you say to the move?": Pick("For the move"),
                "Why, and what the child would need": "A start on a Monday.",
            }
        )
        person.press("Send")
        person.told("It is written down. Thank you.")
    advocate = desk(cast.other_advocate)
    for view in move.consultations.filter(view=""):
        advocate.go(view.get_absolute_url())
        advocate.answer({"What do they say?": Pick("For the move"), "In their words": "Yes please."})
        advocate.press("Save")
        advocate.told("It is written down.")
