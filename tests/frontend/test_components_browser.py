"""The page of components in a real browser, wide and on the narrowest phone, fresh and with errors, with and without scripts."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.frontend.looking import WIDTHS, Watcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.frontend.urls_styleguide")]
SHOTS = os.environ.get("VS_SHOTS")


def shot(name: str) -> Path | None:
    return Path(SHOTS) / f"{name}.png" if SHOTS else None


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("query", ["", "?sent=1&year=6"])
def test_components_are_sound_at_every_width(page: Page, live_server: LiveServer, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    watcher = Watcher(page)
    page.goto(f"{live_server.url}/styleguide/{query}")
    expect(page.locator("body.js-enabled")).to_have_count(1)
    assert watcher.faults(width=width, shot=shot(f"styleguide-{width}{'-errors' if query else ''}")) == []


def test_what_a_choice_reveals_stays_hidden_until_it_is_chosen(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/styleguide/")
    reason = page.get_by_label("Why is it returned?").last
    expect(reason).to_be_hidden()
    page.get_by_label("Return to the school").check()
    expect(reason).to_be_visible()


def test_filters_stay_folded_until_they_are_used(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/styleguide/")
    expect(page.get_by_label("Name or UPN")).to_be_hidden()
    page.locator("summary", has_text="Filter").click()
    expect(page.get_by_label("Name or UPN")).to_be_visible()
    page.goto(f"{live_server.url}/styleguide/?year=6")
    expect(page.get_by_label("Name or UPN")).to_be_visible()


def test_the_error_summary_leads_to_the_field(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/styleguide/?sent=1")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Meeting date must be a real date").click()
    expect(page.locator("#id_held_on-day")).to_be_focused()


def test_the_page_works_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/styleguide/")
    expect(page.get_by_label("Why is it returned?").last).to_be_visible()
    page.locator("summary", has_text="Filter").click()
    expect(page.get_by_label("Name or UPN")).to_be_visible()
    context.close()
