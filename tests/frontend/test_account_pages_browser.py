"""Signing in, the second factor, and the pages that say no, in a real browser at both widths."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.accounts import UserFactory
from tests.frontend.looking import WIDTHS, Watcher
from virtualschool.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kernel.urls_faults")]
SHOTS = os.environ.get("VS_SHOTS")
PASSWORD = "a-long-enough-pass-phrase"
Open = Callable[..., None]


def totp_code(secret: str) -> str:
    """The six numbers that an authenticator app shows for this secret now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def person() -> User:
    user = UserFactory(email="teacher@school.example")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def sound(page: Page, live_server: LiveServer) -> Open:
    """Opens an address and asserts that the page is sound at both widths."""

    def look(address: str, name: str, *, status: int = 200, act: Callable[[], Any] | None = None) -> None:
        watcher = Watcher(page)
        response = page.goto(live_server.url + address)
        assert response is not None
        assert response.status == status
        if act:
            act()
        expect(page.locator("h1")).to_have_count(1)
        faults = [
            watcher.faults(width=width, shot=Path(SHOTS) / f"{name}-{width}.png" if SHOTS else None) for width in WIDTHS
        ]
        assert faults == [[], []]

    return look


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )


class TestSigningIn:
    def test_the_page_and_its_errors(self, page: Page, sound: Open, settings: Any) -> None:
        settings.DEMO_SIGN_INS = [
            ("vsh@demo.example", "Virtual School Head"),
            ("socialworker@demo.example", "Social worker"),
        ]
        settings.DEMO_PASSWORD = "demonstration-only"
        sound("/accounts/login/", "login")
        expect(page.get_by_role("heading", name="Try it as")).to_be_visible()
        sound(
            "/accounts/login/",
            "login-errors",
            act=lambda: page.get_by_role("button", name="Sign in", exact=True).click(),
        )
        expect(page.get_by_role("link", name="Enter email")).to_be_visible()

    def test_a_made_up_person_is_filled_in(self, page: Page, live_server: LiveServer, settings: Any) -> None:
        settings.DEMO_SIGN_INS = [("vsh@demo.example", "Virtual School Head")]
        settings.DEMO_PASSWORD = "demonstration-only"
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_role("button", name="Fill in vsh@demo.example").click()
        expect(page.locator("input[name=login]")).to_have_value("vsh@demo.example")
        expect(page.locator("input[name=password]")).to_have_value("demonstration-only")

    def test_nobody_made_up_outside_demo_mode(self, client: Client, settings: Any) -> None:
        settings.DEMO_MODE, settings.DEMO_SIGN_INS, settings.DEMO_PASSWORD = (
            False,
            [("vsh@demo.example", "Head")],
            "secret-demo",
        )
        html = client.get("/accounts/login/").content.decode()
        assert ("vsh@demo.example" in html, "secret-demo" in html, "Training data" in html) == (False, False, False)

    def test_a_person_signs_in_and_out(self, page: Page, live_server: LiveServer, person: User) -> None:
        page.goto(f"{live_server.url}/accounts/login/?next=/accounts/password/change/")
        page.fill("input[name=login]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("h1")).to_have_text("Change your password")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


@pytest.mark.parametrize(
    "name",
    [
        "account_reset_password",
        "account_reset_password_done",
        "account_inactive",
        "account_reset_password_from_key_done",
    ],
)
def test_pages_for_anybody(sound: Open, name: str) -> None:
    sound(reverse(name), name)


def test_a_used_link_says_so(page: Page, sound: Open) -> None:
    sound("/accounts/password/reset/key/1-abc/", "reset-bad")
    expect(page.locator("h1")).to_have_text("This link does not work")


@pytest.mark.parametrize("name", ["account_logout", "account_change_password", "mfa_index", "account_reauthenticate"])
def test_pages_for_a_person(page: Page, live_server: LiveServer, sound: Open, person: User, name: str) -> None:
    sign_in(page, live_server, person)
    sound(reverse(name), name)


def test_an_authenticator_app_and_recovery_codes(
    page: Page, live_server: LiveServer, sound: Open, person: User
) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next=/accounts/2fa/totp/activate/")
    page.fill("input[name=login]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("h1")).to_have_text("Confirm that it is you")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("h1")).to_have_text("Set up an authenticator app")
    sound("/accounts/2fa/totp/activate/", "totp")
    code = totp_code(page.locator("code.vs-code").inner_text())
    page.get_by_label("Authenticator code").fill(code)
    page.get_by_role("button", name="Set up").click()
    expect(page.locator("h1")).to_have_text("Recovery codes")
    for address in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", ""):
        sound(f"/accounts/2fa/{address}", f"mfa-{address.replace('/', '-')}")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("input[name=login]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("h1")).to_have_text("Check that it is you")
    sound("/accounts/2fa/authenticate/", "mfa-authenticate")


@pytest.mark.parametrize(
    ("fault", "status"),
    [("refused", 403), ("conflict", 409), ("suspicious", 400), ("missing", 404), ("away", 503), ("broken", 500)],
)
def test_pages_that_say_no(sound: Open, fault: str, status: int) -> None:
    sound(f"/fault/{fault}/", f"fault-{fault}", status=status)
