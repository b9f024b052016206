"""The ten commonest tasks cost what docs/daily-work.md says: each is done in a browser from the person's own first page, and counted."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests import personas
from tests.factories.jobs import NightShardFactory
from tests.factories.pupil_premium import GrantYearFactory
from tests.journeys.conftest import SitDown
from tests.journeys.counting import Cost, Counted
from tests.journeys.everyday import ANSWERS, SCHOOL, SOCIAL_WORK
from tests.journeys.walking import PASSWORD, Boxes, Choose, Desk, Pick
from tests.peps import stages
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY = "Amy Madeup"
TARGET = {
    "What is it for?": Choose("English"),
    "Now: where the child starts": "Reads 40 words a minute",
    "Target: where the child will be": "Reads 70 words a minute",
    "How it is measured": "Words a minute, read aloud",
    "By when": today() + timedelta(days=90),
    "Who sees to it": "Ms Reader",
}
TUITION = {
    "What is paid for": "Reading tuition",
    "Kind of support": Choose("One-to-one or small group tuition"),
    "Sessions a week": "2",
    "Weeks": "10",
    "Price of a session, in pounds": "25",
}
ROW = re.compile(
    r"^\| (?P<task>[^|]+?) \| (?P<who>[^|]+?) \| (?P<screens>\d+) \| (?P<presses>\d+) \| (?P<keys>\d+) \|$", re.M
)


def written() -> dict[str, Cost]:
    """What the page says each task costs."""
    text = Path(settings.BASE_DIR, "docs", "daily-work.md").read_text(encoding="utf-8")
    return {row["task"]: Cost(int(row["screens"]), int(row["presses"]), int(row["keys"])) for row in ROW.finditer(text)}


@pytest.fixture
def people(live_server) -> personas.Cast:
    """Everybody can sign in."""
    GrantYearFactory(pence=100_000_00)
    NightShardFactory(done=True)
    cast = personas.cast()
    User.objects.update(password=make_password(PASSWORD))
    return cast


def of(task: str) -> Cost:
    return written()[task]


def sits(desk: SitDown, user: User) -> Counted:
    return Counted(desk(user))


def test_an_invitation_is_answered(people: personas.Cast, desk: SitDown) -> None:
    stages.scheduled(stages.planned(people))
    worker = sits(desk, people.socialworker)
    worker.open("Invitations", f"PEP meeting for {AMY}")
    worker.answer({"Will you come?": Pick("I will come")})
    worker.press("Send my answer")
    worker.desk.told("Your answer is sent.")
    assert worker.cost() == of("Answer an invitation to a PEP meeting")


def test_a_social_worker_writes_their_part(people: personas.Cast, desk: SitDown) -> None:
    stages.accepted(stages.scheduled(stages.planned(people)))
    worker = sits(desk, people.socialworker)
    writes(worker, SOCIAL_WORK)
    assert worker.cost() == of("Write the social worker's part of a PEP")


def test_a_designated_teacher_writes_their_part(people: personas.Cast, desk: SitDown) -> None:
    stages.accepted(stages.scheduled(stages.planned(people)))
    teacher = sits(desk, people.teacher)
    writes(teacher, SCHOOL)
    assert teacher.cost() == of("Write the school's part of a PEP, before the meeting")


def test_a_target_is_set_and_costed(people: personas.Cast, desk: SitDown) -> None:
    story = stages.held(stages.accepted(stages.scheduled(stages.planned(people))))
    teacher = sits(desk, people.teacher)
    teacher.navigate("PEPs")
    teacher.follow(AMY)
    teacher.follow("Targets and Pupil Premium Plus")
    teacher.press("Add a target")
    teacher.answer(TARGET)
    teacher.press("Save the target")
    teacher.follow(f"Ask for Pupil Premium Plus for Target 1: {TARGET['Target: where the child will be']}")
    teacher.answer(TUITION)
    teacher.press("Ask for it")
    teacher.desk.told("The line is added.")
    assert story.pep.targets.get().costs.count() == 1
    assert teacher.cost() == of("Set a target and ask Pupil Premium Plus for it")


def test_a_school_marks_a_day(people: personas.Cast, desk: SitDown) -> None:
    teacher = sits(desk, people.teacher)
    teacher.navigate("Attendance")
    teacher.press("Enter marks")
    teacher.answer(
        {AMY: Boxes({"Morning": Choose("/  present, morning"), "Afternoon": Choose("\\  present, afternoon")})}
    )
    teacher.press("Save marks")
    teacher.desk.told("2 sessions have a new mark.")
    assert teacher.cost() == of("Enter a day's marks for one child")


def test_a_meeting_is_planned(people: personas.Cast, desk: SitDown) -> None:
    stages.planned(people)
    coordinator = sits(desk, people.coordinator)
    coordinator.navigate("PEPs")
    coordinator.follow(AMY)
    coordinator.press("Plan the meeting")
    coordinator.answer({"Date of the meeting": today(), "Time": "10:30", "Where, or how to join": "School library"})
    coordinator.press("Plan the meeting and invite")
    coordinator.desk.told("The meeting is planned and the invitations are out.")
    assert coordinator.cost() == of("Plan a PEP meeting and invite everybody")


def test_everybody_who_owes_is_reminded(people: personas.Cast, desk: SitDown) -> None:
    stages.scheduled(stages.planned(people))
    coordinator = sits(desk, people.coordinator)
    coordinator.navigate("PEPs")
    coordinator.follow("Who owes what")
    shown = coordinator.desk.main.get_by_role("button", name=re.compile(r"^Remind all \d+ shown$"))
    coordinator.press(shown.inner_text())
    coordinator.press("Send")
    coordinator.desk.told("remind")
    assert coordinator.cost() == of("Remind everybody who owes something")


def test_a_pep_is_graded_and_approved(people: personas.Cast, desk: SitDown) -> None:
    story = stages.submitted(
        stages.written(stages.held(stages.prepared(stages.accepted(stages.scheduled(stages.planned(people))))))
    )
    advocate = sits(desk, people.ala)
    advocate.open("PEPs to quality-assure", AMY)
    advocate.press("Quality-assure this PEP")
    advocate.desk.arrives("Quality assurance")
    advocate.presses += marked(advocate.desk)
    advocate.answer(
        {
            "Reason": "Strong voice, a clear target",
            "What do you decide?": Pick("Approve it"),
            "Pupil Premium Plus lines that are agreed": Pick("Reading tuition: £500.00"),
        }
    )
    advocate.press("Send the answer")
    advocate.desk.stands("Complete")
    assert story.again().grade == "green"
    assert advocate.cost() == of("Grade a PEP and approve it")


def test_a_risk_is_reported(people: personas.Cast, desk: SitDown) -> None:
    worker = sits(desk, people.socialworker)
    worker.press("Tell us a care placement or school place is at risk")
    worker.answer({"Which child?": Pick(AMY), "What is at risk?": Pick("Care placement")})
    worker.press("Continue")
    worker.answer({"Why is it at risk?": "Notice given", "How soon might it break down?": Pick("Within a week")})
    worker.press("Report it")
    worker.desk.arrives("Reported")
    assert worker.cost() == of("Tell the Virtual School of a risk")


def test_a_child_is_found_and_a_note_written(people: personas.Cast, desk: SitDown) -> None:
    worker = sits(desk, people.ala)
    worker.navigate("Children")
    worker.follow(AMY)
    worker.follow("Add a note")
    worker.answer({"Subject": "Call with school", "Note": "They will ring the carer on Monday."})
    worker.press("Save note")
    worker.desk.told("The note is saved.")
    assert worker.cost() == of("Find a child and write a note")


def test_each_task_on_the_page_is_measured() -> None:
    """A row nobody measures would go stale."""
    here = Path(__file__).read_text(encoding="utf-8")
    assert [task for task in written() if f'of("{task}")' not in here] == []
    assert len(written()) == 10


def marked(desk: Desk) -> int:
    """Green for every question of the rubric; answers how many there are."""
    asked = desk.main.get_by_role("group").filter(has=desk.page.get_by_label("Green", exact=True))
    for number in range(asked.count()):
        asked.nth(number).get_by_label("Green", exact=True).check()
    return asked.count()


def at_once(desk: Desk, section: str) -> bool:
    """Whether the section itself came, not a page with a link to it."""
    itself = desk.page.locator("h1").filter(has_text=section)
    expect(itself.or_(desk.main.get_by_role("link", name=section, exact=True)).first).to_be_visible()
    return itself.count() == 1


def writes(counted: Counted, sections: tuple[str, ...]) -> None:
    """From the first page: the first section in the list, and each that is finished leads to the next."""
    counted.open("Sections to write", AMY)
    if not at_once(counted.desk, sections[0]):
        counted.follow(sections[0])
    for title in sections:
        counted.desk.arrives(title)
        counted.answer(ANSWERS[title])
        counted.press("Save and mark as finished")
        counted.desk.told(f"“{title}” is finished.")
