"""A page left open says before its session ends, lets one stay, and keeps whoever is still typing."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import personas
from tests.frontend.looking import WIDTHS, Watcher
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db(transaction=True)
WARNING = 5 * 60
SOON, OVER = "You will be signed out in 5 minutes", "You have been signed out."


@pytest.fixture
def left_open(page: Page, live_server: LiveServer, settings) -> Page:
    """The search page of somebody whose session says so after two seconds."""
    settings.SESSION_IDLE_AGE = timedelta(seconds=WARNING + 2)
    client = Client()
    client.force_login(personas.person("vsh"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(live_server.url + reverse("overview:search"))
    expect(page.get_by_text(SOON)).to_be_hidden()
    return page


def renewals() -> int:
    return AccessLog.objects.filter(route="overview:help", method="HEAD").count()


def test_it_says_so_and_one_stays(left_open: Page) -> None:
    expect(left_open.get_by_role("alert")).to_contain_text(SOON)
    watcher = Watcher(left_open)
    assert [watcher.faults(width=width) for width in WIDTHS] == [[], []]
    left_open.get_by_role("button", name="Stay signed in").click()
    expect(left_open.get_by_text(SOON)).to_be_hidden()
    assert renewals() == 1


def test_whoever_is_typing_stays_without_being_asked(left_open: Page) -> None:
    left_open.get_by_label("Name, id or UPN").fill("am")
    with left_open.expect_response(lambda response: response.request.method == "HEAD"):
        pass
    expect(left_open.get_by_text(SOON)).to_be_hidden()
    assert renewals() == 1


def test_somebody_whose_session_is_over_is_told_before_words_are_sent_in_vain(left_open: Page) -> None:
    expect(left_open.get_by_text(SOON)).to_be_visible()
    Session.objects.all().delete()
    left_open.get_by_role("button", name="Stay signed in").click()
    expect(left_open.get_by_text(OVER)).to_be_visible()


def test_nobody_is_told_who_is_not_signed_in(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{reverse('overview:accessibility')}")
    expect(page.locator("[data-vs-session]")).to_have_count(0)
