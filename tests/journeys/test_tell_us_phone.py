"""A social worker tells the Virtual School of a risk on a phone: two screens, eight taps, and it stands with them at once.

What it costs is counted, not timed. Thumbs type some 36 words, 180 keys, a minute (Palin and others, "How do people type on mobile
devices?", 2019); a tap with what is read before it is given two seconds.
"""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from referrals.models import RiskReport
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import PHONE, Desk
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY = "Amy Madeup"
WHY = "The carer gave notice today after a row about school."
HELP = "A visit to the carers before Friday, and respite."
KEYS_A_SECOND, SECONDS_A_TAP, MINUTE = 180 / 60, 2, 60
ON_A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@dataclass
class Phone:
    """Counts what it costs: screens with something to fill in, taps, keys."""

    desk: Desk
    screens: int = 0
    taps: int = 0
    keys: int = 0

    def tap(self, control: Locator) -> None:
        control.tap()
        self.taps += 1

    def type(self, box: Locator, words: str) -> None:
        self.tap(box)
        self.desk.page.keyboard.type(words)
        self.keys += len(words)

    def seconds(self) -> float:
        """What so many keys and taps take somebody of middling speed."""
        return self.keys / KEYS_A_SECOND + self.taps * SECONDS_A_TAP

    def screen(self, caption: str) -> None:
        """A screen that asks something."""
        self.desk.sees(caption)
        self.desk.page.wait_for_load_state()
        self.screens += self.desk.main.locator("form").count()
        self.desk.look(caption.lower().replace(" ", "-"))


def test_two_screens_and_it_stands_at_once(cast: Cast, desk: SitDown) -> None:
    advocate, head = desk(cast.advocate), desk(cast.head)
    for one in (advocate, head):
        expect(one.panel("Care placements and school places at risk")).to_contain_text(
            "No care placement or school place is reported at risk."
        )

    worker = desk(cast.socialworker, **ON_A_PHONE)
    phone = Phone(worker)
    worker.look("home-social-worker")
    phone.tap(worker.main.get_by_role("button", name="Tell us a care placement or school place is at risk"))
    phone.screen("Step 1 of 2")
    phone.tap(worker.question("Which child?").get_by_text(AMY))
    phone.tap(worker.question("What is at risk?").get_by_text("Care placement"))
    phone.tap(worker.main.get_by_role("button", name="Continue"))
    phone.screen("Step 2 of 2")
    worker.sees(f"{AMY}: care placement")
    phone.type(worker.box("Why is it at risk?"), WHY)
    phone.tap(worker.question("How soon might it break down?").get_by_text("Within a week"))
    phone.type(worker.box("What would help?"), HELP)
    phone.tap(worker.main.get_by_role("button", name="Report it"))
    worker.arrives("Reported")
    assert (phone.screens, phone.taps, phone.keys) == (2, 8, len(WHY) + len(HELP))
    assert phone.seconds() < MINUTE
    assert RiskReport.objects.values_list("why", "would_help").get() == (WHY, HELP)
    expect(worker.main.get_by_role("listitem")).to_have_text(
        ["Alan Advocate, Area Learning Advocate", "Vera Head, Virtual School Head"]
    )
    worker.look("reported")

    for one in (advocate, head):
        one.page.reload()
        risks = one.panel("Care placements and school places at risk")
        expect(risks.get_by_role("listitem")).to_have_count(1)
        expect(risks).to_contain_text(AMY)
        expect(risks).to_contain_text(f"care placement, within a week; reported {long_date(today())}")
    expect(advocate.panel("My caseload: alerts")).to_contain_text(AMY)
    expect(head.panel("New since yesterday")).to_contain_text(AMY)
    head.look("home-head")


def test_it_stands_beside_what_the_child_page_says(cast: Cast, desk: SitDown) -> None:
    """From the child's own page, and read there by the advocate, who makes the plan that the reporter sees."""
    worker = desk(cast.socialworker, **ON_A_PHONE)
    worker.go(cast.amy.get_absolute_url())
    worker.look("child")
    worker.follow("Tell us a place is at risk")
    worker.question("What is at risk?").get_by_text("School place").tap()
    worker.press("Continue")
    worker.answer({"Why is it at risk?": WHY})
    worker.question("How soon might it break down?").get_by_text("Today or already").tap()
    worker.press("Report it")
    worker.follow("See the report")
    worker.look("report")

    advocate = desk(cast.advocate)
    advocate.go(cast.amy.get_absolute_url())
    advocate.sees("School place at risk", WHY)
    advocate.follow("School place at risk")
    advocate.press("Make a plan")
    advocate.answer({"What will be done, by whom and by when?": "Visit the school on Monday"})
    advocate.press("Save the plan")
    advocate.told("The plan is saved, and whoever reported it is told.")

    worker.page.reload()
    expect(worker.fact("Plan")).to_contain_text("Visit the school on Monday")
