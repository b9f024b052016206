"""Of school age and on no school's roll: the figure, the panel of the home page, the roll's filter and tag, and the night mean the same."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from children.checks.registry import CHECKS
from children.models import Child
from tests import personas
from tests.factories.children import ChildFactory, EnrolmentFactory
from virtualschool.kernel.dates import today
from virtualschool.overview import figures
from virtualschool.overview.homes import work

pytestmark = pytest.mark.django_db
EVERYBODY = {"nursery", "reception", "leaving", "older", "guest", "breaks"}


@pytest.fixture
def children(clock):
    """By their first names; of the autumn of 2026 the reception child is four and the leaving one fifteen."""
    born = {
        "nursery": date(2022, 9, 1),
        "reception": date(2022, 8, 31),
        "leaving": date(2010, 9, 1),
        "older": date(2010, 8, 31),
    }
    clock.move_to(datetime(2026, 6, 1, 12, tzinfo=ZoneInfo("Europe/London")))
    facts = {"in_care": True, "known_from": date(2025, 1, 1)}
    for name, day in born.items():
        ChildFactory(first_names=name, date_of_birth=day, **facts)
    guest = ChildFactory(first_names="guest", date_of_birth=date(2015, 1, 1), **facts)
    EnrolmentFactory(child=guest, kind="guest")
    ChildFactory(
        first_names="breaks", date_of_birth=date(2015, 1, 1), in_short_breaks=True, known_from=date(2025, 1, 1)
    )


@pytest.mark.parametrize(
    ("on", "without"),
    [
        ("2026-06-26", {"leaving", "older"}),  # the last Friday in June
        ("2026-06-27", {"leaving"}),  # those of Year 11 are past it
        ("2026-08-31", {"leaving"}),
        ("2026-09-01", {"leaving", "reception"}),  # Reception begins
        ("2027-06-25", {"leaving", "reception"}),
        ("2027-06-26", {"reception"}),
    ],
)
def test_they_all_mean_the_same_children(client, clock, children, on, without):
    clock.move_to(datetime.fromisoformat(f"{on}T12:00").replace(tzinfo=ZoneInfo("Europe/London")))
    user = personas.person("vsh")
    client.force_login(user)
    roll = client.get(reverse("overview:roll")).context["pages"].rows
    tagged = {
        child.first_names
        for child, row in zip(roll, client.get(reverse("overview:roll")).context["table"].rows, strict=True)
        if any(cell.cell.tag and cell.cell.tag["text"] == "No school" for cell in row)
    }
    by_id = {child.pk: child.first_names for child in Child.objects.all()}
    night = CHECKS["education.no_school"].find(on=today(), children=Child.objects.on_roll())
    got = {
        "figure": {child.first_names for child in figures.known()["no-school"].children(user)},
        "panel": {item["title"].split()[0] for item in work.no_school(user).items},
        "filter": {
            child.first_names
            for child in client.get(f"{reverse('overview:roll')}?education=none").context["pages"].rows
        },
        "tag": tagged,
        "night": {by_id[finding.child_id] for finding in night},
    }
    assert {child.first_names for child in roll} == EVERYBODY
    assert got == dict.fromkeys(got, without)
