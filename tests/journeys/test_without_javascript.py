"""The core of the work without scripts, and by keyboard alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from peps.enums import PepState
from referrals.models import RiskReport
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import PASSWORD, Pick
from tests.journeys.writing import SOCIAL_WORK, write
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY = "Amy Madeup"
MOST_TABS = 40


class TestWithoutScripts:
    def test_a_pep_is_planned_answered_written_held_and_not_sent_in_unready(self, cast: Cast, desk: SitDown) -> None:
        pep = cast.pep.get_absolute_url()
        coordinator = desk(cast.coordinator, java_script_enabled=False)
        expect(coordinator.page.locator("body.js-enabled")).to_have_count(0)
        coordinator.go(pep)
        coordinator.press("Plan the meeting")
        coordinator.answer({"Date of the meeting": today(), "Time": "10:30", "Where, or how to join": "School library"})
        coordinator.press("Plan the meeting and invite")
        coordinator.told("The meeting is planned and the invitations are out.")

        worker = desk(cast.socialworker, java_script_enabled=False)
        worker.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
        expect(worker.box("Why can you not come?")).to_be_visible()
        worker.answer({"Will you come?": Pick("I will come")})
        worker.press("Send my answer")
        worker.follow(SOCIAL_WORK[0])
        write(worker, SOCIAL_WORK[0])
        worker.arrives(SOCIAL_WORK[1])

        coordinator.go(pep)
        coordinator.press("Record that the meeting was held")
        coordinator.arrives("Record the meeting")
        for came in coordinator.main.get_by_label("Came", exact=True).all():
            came.check()
        coordinator.press("Record the meeting")
        coordinator.told("It is recorded that the meeting was held.")

        teacher = desk(cast.teacher, java_script_enabled=False)
        teacher.go(pep)
        teacher.press("Send the PEP in")
        teacher.sees("It cannot be sent in yet.", "There is no target", "“Education now” is not finished")
        worked_out = teacher.main.get_by_role("heading", level=2)
        expect(worked_out.filter(has_text="Social worker: Sam Worker")).to_have_count(1)
        teacher.does_not_see("“Child and care” is not finished")
        assert cast.pep.state == PepState.MEETING_HELD

    def test_a_refusal_unfolds(self, cast: Cast, desk: SitDown) -> None:
        coordinator = desk(cast.coordinator, java_script_enabled=False)
        coordinator.go(reverse("peps:schedule", args=[cast.pep.uuid]))
        tomorrow = today() + timedelta(days=1)
        coordinator.answer({"Date of the meeting": tomorrow, "Time": "10:30", "Where, or how to join": "Here"})
        coordinator.press("Plan the meeting and invite")
        refused = coordinator.refused("Record that the meeting was held")
        expect(refused.get_by_text("it is recorded on its day or later")).to_be_visible()

    def test_a_risk_is_reported(self, cast: Cast, desk: SitDown) -> None:
        worker = desk(cast.socialworker, java_script_enabled=False)
        worker.press("Tell us a care placement or school place is at risk")
        worker.press("Continue")
        expect(worker.page.get_by_role("alert")).to_contain_text("Select a child")
        worker.answer({"Which child?": Pick(AMY), "What is at risk?": Pick("School place")})
        worker.press("Continue")
        worker.answer(
            {"Why is it at risk?": "Sent home three times", "How soon might it break down?": Pick("Within a week")}
        )
        worker.press("Report it")
        worker.arrives("Reported")
        assert RiskReport.objects.values_list("at_risk", "why").get() == ("school_place", "Sent home three times")


class TestByKeyboardAlone:
    def test_signing_in_and_reporting_a_risk(self, cast: Cast, page: Page, live_server) -> None:
        page.goto(live_server.url)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main-content")).to_be_focused()
        tab_to(page, page.get_by_label("Email"))
        page.keyboard.type(cast.socialworker.email)
        tab_to(page, page.get_by_label("Password", exact=True))
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Your work")

        tab_to(page, page.get_by_role("button", name="Tell us a care placement or school place is at risk"))
        page.keyboard.press("Space")
        expect(page.locator("main")).to_contain_text("Step 1 of 2")
        tab_to(page, page.get_by_label(AMY))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_label("Care placement"))
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("School place")).to_be_checked()
        tab_to(page, page.get_by_role("button", name="Continue"))
        page.keyboard.press("Enter")

        expect(page.locator("main")).to_contain_text("Step 2 of 2")
        tab_to(page, page.get_by_role("button", name="Report it"))
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        tab_to(page, page.locator(".govuk-error-summary").get_by_role("link").first)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Why is it at risk?")).to_be_focused()
        page.keyboard.type("Sent home three times")
        tab_to(page, page.get_by_label("Today or already"))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Report it"))
        page.keyboard.press("Space")
        expect(page.locator("h1")).to_have_text("Reported")


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until the control has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if control.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{MOST_TABS} times Tab did not lead to {control}")
