"""The designated teacher leaves in the middle of a PEP: what was open on her desk is gone, and the next one goes on where she stopped."""

import pytest
from playwright.sync_api import expect

from peps.enums import PepState
from peps.models import PepAnswer
from tests.journeys.conftest import Cast, SitDown, person
from tests.journeys.travelling import night
from tests.journeys.walking import Desk, Pick
from tests.journeys.writing import write, write_on
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY = "Amy Madeup"
ADULT, READER = "Key adult at school", "Ms Reader, every morning"
ATTENDANCE = "Attendance and suspension"


def test_another_designated_teacher(cast: Cast, desk: SitDown) -> None:
    next_one = person("teacher", name="Nina Next")
    coordinator, first = desk(cast.coordinator), desk(cast.teacher)
    a_meeting_is_planned(coordinator)
    she_begins(first)
    somebody_else_is_appointed(coordinator, next_one)
    her_open_page_is_gone(first)
    night()
    second = desk(next_one)
    the_seat_is_hers_now(second)
    she_goes_on(second)
    authorship_stays(cast, next_one)
    the_first_one_finds_nothing(first)


def a_meeting_is_planned(coordinator: Desk) -> None:
    coordinator.navigate("PEPs")
    coordinator.follow(AMY)
    coordinator.press("Plan the meeting")
    coordinator.answer({"Date of the meeting": today(), "Time": "3pm", "Where, or how to join": "School library"})
    coordinator.press("Plan the meeting and invite")
    coordinator.sees("Tess Teacher")


def she_begins(first: Desk) -> None:
    """One section is finished, the next is open on her desk."""
    first.go("/")
    first.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
    first.answer({"Will you come?": Pick("I will come")})
    first.press("Send my answer")
    first.arrives("Initial PEP")
    first.follow("Education now")
    first.answer({ADULT: READER})
    write(first, "Education now")
    first.arrives(ATTENDANCE)


def somebody_else_is_appointed(coordinator: Desk, next_one: User) -> None:
    coordinator.go("/people/designated-teachers/")
    coordinator.follow("Ash School")
    coordinator.arrives("Designated teacher")
    coordinator.answer({"Email address": next_one.email})
    coordinator.press("Save")
    coordinator.told("Nina Next is designated teacher of Ash School")


def her_open_page_is_gone(first: Desk) -> None:
    """What she presses now is not taken, her words stay on her page, and from then on there is no such PEP."""
    page = first.page.url
    first.answer_the_rest()
    first.press("Save and mark as finished")
    expect(first.page.locator("[data-vs-saved] [role=status]")).to_contain_text(
        "Not saved: you can no longer open this section"
    )
    first.go("/")
    first.does_not_see(AMY)
    assert {line for line in first.watcher.said if "Failed to load resource" not in line} == {f"404: {page}"}
    first.watcher.said.clear()
    first.go(page, status=404)
    first.arrives("Page not found")
    first.does_not_see("Amy")


def the_seat_is_hers_now(second: Desk) -> None:
    second.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
    second.answer({"Will you come?": Pick("I will come")})
    second.press("Send my answer")
    second.arrives("Initial PEP")
    second.sees("Designated teacher, Nina Next: accepted")
    second.look("pep-next-teacher")


def she_goes_on(second: Desk) -> None:
    """She reads what was finished, by whom, and writes what was not."""
    expect(second.main).to_contain_text("Tess Teacher")
    second.follow("Education now")
    second.sees(READER)
    second.page.go_back()
    second.follow(ATTENDANCE)
    assert write_on(second, "Initial PEP")[:2] == [ATTENDANCE, "Attainment and progress"]


def authorship_stays(cast: Cast, next_one: User) -> None:
    rows = PepAnswer.objects.filter(section__pep=cast.pep, field__in=("key_adult", "attendance_percent"))
    assert dict(rows.values_list("field", "written_by")) == {
        "key_adult": cast.teacher.pk,
        "attendance_percent": next_one.pk,
    }
    assert cast.pep.state == PepState.PREPARING


def the_first_one_finds_nothing(first: Desk) -> None:
    first.navigate("PEPs")
    first.does_not_see(AMY)
    first.go("/search/")
    first.answer({"Name, id or UPN": "Madeup"})
    first.press("Search")
    first.sees("No child that you work with matches")
