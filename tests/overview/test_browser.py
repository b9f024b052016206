"""Each role's home, list, child and figures in a real browser: axe, the console, and no wider than a phone."""

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import personas
from tests.frontend.looking import WIDTHS, Watcher
from tests.overview import scene
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES, Act

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("VS_SHOTS")


@pytest.fixture
def cast() -> personas.Cast:
    return scene.fill(personas.cast())


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])


def paths_of(user: User, cast: personas.Cast) -> dict[str, str]:
    """What the role opens of the pages looked at here."""
    paths = {"home": "/", "more": reverse("overview:more")}
    if user.role != "dpo":
        paths |= {"roll": reverse("overview:roll"), "child": cast.amy.get_absolute_url()}
    if user.may(Act.READ_DASHBOARD):
        paths["dashboard"] = reverse("overview:dashboard")
    return paths


def faults_of(page: Page, address: str, name: str) -> list[str]:
    """What is wrong with a page at each width."""
    watcher = Watcher(page)
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, name
    found = []
    for width in WIDTHS:
        shot = Path(SHOTS) / f"{name}-{width}.png" if SHOTS else None
        found += [f"{name} {width}: {fault}" for fault in watcher.faults(width=width, shot=shot)]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role_are_sound(page: Page, live_server: LiveServer, cast: personas.Cast, role: str) -> None:
    sign_in(page, live_server, cast[role])
    faults = []
    for name, path in paths_of(cast[role], cast).items():
        faults += faults_of(page, live_server.url + path, f"{role}-{name}")
    assert faults == []


def test_children_are_ticked_all_at_once_and_allocated(
    page: Page, live_server: LiveServer, cast: personas.Cast
) -> None:
    sign_in(page, live_server, cast.data)
    page.goto(live_server.url + reverse("overview:roll"))
    page.get_by_label("Select all").press("Space")
    assert [box.is_checked() for box in page.get_by_label("Choose ").all()] == [True, True]
    page.get_by_role("button", name="Allocate the ticked children").click()
    expect(page.locator("h1")).to_have_text("Allocate children")
    expect(page.locator("main li").filter(has_text="Madeup")).to_have_text(["Amy Madeup", "Bob Madeup"])


def test_one_is_ticked_without_a_script(browser, live_server: LiveServer, cast: personas.Cast) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server, cast.manager)
    page.goto(live_server.url + reverse("overview:roll"))
    page.get_by_label("Choose Amy Madeup").check()
    page.get_by_role("button", name="Allocate the ticked children").click()
    expect(page.locator("main li").filter(has_text="Madeup")).to_have_text(["Amy Madeup"])
