"""A child comes into care: searched for first, entered once, with the initial PEP and its clock at once; and leaves by mistake."""

from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from children.models import Clock
from peps.enums import PepState
from peps.models import Pep
from tests.factories.children import born_for_year
from tests.journeys.conftest import Cast, SitDown, person
from tests.journeys.walking import Choose, Desk, Pick
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

BEA = "Bea Newby"


def test_the_initial_pep_is_there_at_once_and_goes_with_leaving_care(cast: Cast, desk: SitDown) -> None:
    support, coordinator = desk(person("data")), desk(cast.coordinator)
    came = today() - timedelta(days=3)
    nobody_matches(support)
    a_child_is_entered(support, came)
    due_on = the_pep_and_its_clock_are_there(coordinator)
    the_clock_explains_itself(coordinator, came, due_on)
    nobody_is_entered_twice(support)
    leaving_care_cancels_it(support, coordinator)
    undone_it_opens_anew(support, coordinator)


def nobody_matches(support: Desk) -> None:
    support.press("New to care")
    support.arrives("New to care")
    support.look("new-to-care")
    support.answer({"Last name": "Newby", "Date of birth": born_for_year(8)})
    support.press("Search")
    support.sees("Nobody matches.")


def a_child_is_entered(support: Desk, came: date) -> None:
    support.press("Add a new child")
    expect(support.box("Last name")).to_have_value("Newby")
    expect(support.question("Date of birth").get_by_label("Year")).to_have_value(str(born_for_year(8).year))
    support.look("new-to-care-details")
    support.answer(
        {
            "Council’s id": "C000202",
            "First names": "Bea",
            "Date care started": came,
            "Legal status": Choose("Full care order (C2)"),
            "What does it mean for the child’s school?": Pick("Stays at the school, and nothing changes there"),
            "Type of care placement": Choose("Other foster carer, neither (U6)"),
        }
    )
    support.press("Add to the roll")
    support.told(f"{BEA} is on the roll.")
    support.arrives(BEA)
    expect(support.fact("In care")).to_contain_text(f"since {long_date(came)}")
    support.look("child-business-support")


def the_pep_and_its_clock_are_there(coordinator: Desk) -> date:
    """Answers the day on which the page says that the PEP is due."""
    coordinator.navigate("Children")
    coordinator.follow(BEA)
    coordinator.arrives(BEA)
    pep = Pep.objects.get(child__child_id="C000202")
    expect(coordinator.fact("Initial PEP")).to_contain_text("planned")
    expect(coordinator.fact("Initial PEP")).to_contain_text(f"due {long_date(pep.due_on)}")
    clock = coordinator.main.locator(".vs-clock").first
    expect(clock).to_contain_text("Initial PEP")
    expect(clock).to_contain_text("Set by law: The social worker starts the first PEP after a child enters care")
    coordinator.look("child-coordinator")
    clock.get_by_role("link", name="How this date was worked out").click()
    return pep.due_on


def the_clock_explains_itself(coordinator: Desk, came: date, due_on: date) -> None:
    coordinator.arrives("How this date was worked out")
    expect(coordinator.fact("Rule")).to_contain_text("10 working days")
    expect(coordinator.fact("What binds it")).to_have_text("Law or statutory guidance")
    expect(coordinator.fact("Source")).to_contain_text("statutory guidance, February 2018")
    expect(coordinator.fact("Started")).to_contain_text(long_date(came))
    expect(coordinator.fact("Started")).to_contain_text("The child came into care")
    expect(coordinator.fact("Due by the end of")).to_have_text(long_date(due_on))
    texts = coordinator.main.locator("ol.govuk-list--number li").all_inner_texts()
    counted = [a_date(text) for text in texts]
    skipped = coordinator.main.get_by_role("table", name="Days not counted").get_by_role("rowheader").all_inner_texts()
    assert len(counted) == 10
    assert counted[-1] == due_on
    assert all(day.weekday() < 5 for day in counted)
    assert len(counted) + len(skipped) == (due_on - came).days
    coordinator.look("clock")


def a_date(words: str) -> date:
    """5 September 2026."""
    return datetime.strptime(words, "%d %B %Y").replace(tzinfo=LONDON).date()


def nobody_is_entered_twice(support: Desk) -> None:
    support.go("/children/new/")
    support.answer({"Last name": "newby", "Date of birth": born_for_year(8)})
    support.press("Search")
    support.sees("is on the roll now.")
    support.follow(BEA)
    support.arrives(BEA)


def leaving_care_cancels_it(support: Desk, coordinator: Desk) -> None:
    address = support.page.url
    support.follow("Record leaving care")
    support.answer({"Date care ended": today(), "Why did care end?": Choose("Home to parents, planned (E4A)")})
    support.look("leaving-care")
    support.press("Record that the child left care")
    support.told(f"It is recorded that {BEA} left care.")
    support.look("leavers")
    coordinator.go(address, status=404)
    pep = Pep.objects.get(child__child_id="C000202")
    why = f"The child left care on {long_date(today())}"
    assert (pep.state, pep.cancelled_why) == (PepState.CANCELLED, why)
    clocks = Clock.objects.filter(child__child_id="C000202").values_list("state", "stopped_why")
    assert set(clocks) == {("cancelled", why)}


def undone_it_opens_anew(support: Desk, coordinator: Desk) -> None:
    support.press(f"Undo {BEA}")
    support.answer({"Why is it undone?": "Another child was meant"})
    support.press("Undo")
    support.told(f"{BEA} is on the roll again.")
    coordinator.navigate("PEPs")
    rows = coordinator.main.get_by_role("row").filter(has_text=BEA)
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Planned")).to_have_count(1)
    rows.filter(has_text="Cancelled").get_by_role("link").click()
    coordinator.stands("Cancelled")
    expect(coordinator.fact("Cancelled")).to_have_text(f"The child left care on {long_date(today())}")
    coordinator.look("pep-cancelled")
