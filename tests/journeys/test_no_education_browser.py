"""A young person past sixteen in no education: the PEP is written, met and sent in by the social worker, and nothing is paid for it."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests.factories.jobs import NightShardFactory
from tests.journeys.conftest import SitDown
from tests.journeys.travelling import Journey, sets_out
from tests.journeys.walking import PASSWORD, Choose, Desk, Pick
from tests.journeys.writing import CARER, HER_WORDS, VOICE, write, write_on
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY, TERMLY = "Amy Madeup", "Termly PEP"
NONE_YET = "In no course. Looks for bricklaying; the college has an open day."


@pytest.fixture
def journey(live_server) -> Journey:
    NightShardFactory(done=True)
    made = sets_out(year=12, at_school=False)
    User.objects.update(password=make_password(PASSWORD))
    for person in made.people.values():
        person.refresh_from_db()
    made.opened_at_night()
    return made


def test_post_16_in_no_education(journey: Journey, desk: SitDown) -> None:
    support, worker = desk(journey.people["support"]), desk(journey.people["socialworker"])
    a_meeting_is_planned(support)
    the_social_worker_comes_and_writes(worker)
    they_meet(support)
    a_target_is_set_without_money(worker)
    it_is_sent_in(worker)
    it_is_approved(desk(journey.people["ala"]))
    assert (journey.again().state, journey.released()) == ("complete", [])
    the_reviewing_officer_reads_it(desk(journey.people["iro"]))


def opens_the_pep(one: Desk) -> None:
    one.navigate("PEPs")
    one.follow(AMY)
    one.arrives(TERMLY)


def a_meeting_is_planned(support: Desk) -> None:
    """Nobody of a school is asked."""
    opens_the_pep(support)
    support.sees("Without a school place")
    support.look("pep-no-education")
    support.press("Plan the meeting")
    expect(support.fact("Social worker")).to_contain_text("Must come. Every PEP meeting")
    support.does_not_see("Designated teacher")
    support.answer({"Date of the meeting": today(), "Time": "10:30", "Where, or how to join": "The library in town"})
    support.press("Plan the meeting and invite")
    support.told("The meeting is planned and the invitations are out.")


def the_social_worker_comes_and_writes(worker: Desk) -> None:
    """Their own part, the part that a school would write, and the young person's own words."""
    worker.go("/")
    worker.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
    worker.answer({"Will you come?": Pick("I will come")})
    worker.press("Send my answer")
    worker.follow("Without a school place")
    worker.answer({"Why, and what has been tried": NONE_YET})
    worker.look("without-a-school-place")
    written = write_on(worker, TERMLY)
    worker.follow("Child and care")
    written += write_on(worker, TERMLY)
    assert VOICE in written
    worker.follow(CARER)
    write(worker, CARER)


def they_meet(support: Desk) -> None:
    opens_the_pep(support)
    support.press("Record that the meeting was held")
    support.answer({"Date of the next meeting": today() + timedelta(days=90)})
    support.answer_the_rest("Came")
    support.press("Record the meeting")
    support.told("It is recorded that the meeting was held.")


def a_target_is_set_without_money(worker: Desk) -> None:
    opens_the_pep(worker)
    worker.follow("Targets and Pupil Premium Plus")
    worker.press("Add a target")
    worker.answer({"What is it for?": Choose("Aspiration"), "Target: where the child will be": "Starts a course"})
    worker.answer_the_rest()
    worker.press("Save the target")
    worker.told("The target is saved.")


def it_is_sent_in(worker: Desk) -> None:
    """By the social worker, as there is no designated teacher; nobody asks why there is no Pupil Premium Plus."""
    opens_the_pep(worker)
    worker.follow("The meeting")
    write_on(worker, TERMLY)
    worker.press("Send the PEP in")
    worker.sees("Everything that is needed is there.")
    worker.press("Send the PEP in")
    worker.told("The PEP is with the Virtual School.")


def it_is_approved(advocate: Desk) -> None:
    advocate.panel("PEPs to quality-assure").get_by_role("link", name=AMY).click()
    advocate.press("Quality-assure this PEP")
    grading = advocate.within("#grading")
    grading.answer({"What do you decide?": Pick("Approve it"), "Reason": "Clear, and somebody acts"})
    grading.answer_the_rest("Green")
    grading.press("Send the answer")
    advocate.told("The PEP is approved.")


def the_reviewing_officer_reads_it(reviewer: Desk) -> None:
    opens_the_pep(reviewer)
    reviewer.follow("Read and print the whole PEP")
    reviewer.sees(NONE_YET, HER_WORDS, "Starts a course")
