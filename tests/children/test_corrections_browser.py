"""Correcting who a child is, and recording needs, in a real browser at both widths."""

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from children.models import SenRecord
from tests import personas
from tests.factories.children import SenRecordFactory
from tests.frontend.looking import WIDTHS, Watcher
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("VS_SHOTS")


@pytest.fixture
def amy(page: Page, live_server: LiveServer):
    """Amy, with business support signed in."""
    people = personas.cast()
    client = Client()
    client.force_login(people.data)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    return people.amy


def sound(page: Page, watcher: Watcher, name: str) -> None:
    faults = [
        watcher.faults(width=width, shot=Path(SHOTS) / f"{name}-{width}.png" if SHOTS else None) for width in WIDTHS
    ]
    assert faults == [[], []]


def test_the_date_is_asked_under_its_box(page: Page, live_server: LiveServer, amy):
    watcher = Watcher(page)
    page.goto(live_server.url + reverse("children:identity", args=[amy.uuid]))
    until = page.get_by_role("group", name="Unaccompanied until")
    expect(until).to_be_hidden()
    page.get_by_label("Unaccompanied asylum-seeking child").check()
    expect(until).to_be_visible()
    sound(page, watcher, "identity")
    page.get_by_label("Known as").fill("Ames")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("The details of Ames Madeup are corrected.")).to_be_visible()


def test_a_plan_is_asked_of_under_its_status(page: Page, live_server: LiveServer, amy):
    SenRecordFactory(child=amy, primary_need="ASD")
    watcher = Watcher(page)
    page.goto(live_server.url + reverse("children:need", args=[amy.uuid]))
    council = page.get_by_label("Council that maintains the plan")
    expect(council).to_be_hidden()
    page.get_by_label("Education, health and care plan").check()
    council.select_option("301")
    sound(page, watcher, "need")
    asked = page.get_by_role("group", name="From which date?")
    for label, part in zip(("Day", "Month", "Year"), (today().day, today().month, today().year), strict=True):
        asked.get_by_label(label).fill(str(part))
    page.get_by_role("button", name="Record needs").click()
    expect(page.get_by_text("The special educational needs are recorded.")).to_be_visible()
    kept = SenRecord.objects.get(child=amy, end=None)
    assert (kept.status, kept.maintained_by, kept.primary_need) == ("E", "301", "ASD")
