"""A colleague covers leave, from the page to the children and back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import personas
from virtualschool.accounts.models import Cover
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def sent(colleague, start, end) -> dict[str, object]:
    dates = {
        f"{name}-{part}": getattr(day, part)
        for name, day in (("start", start), ("end", end))
        for part in ("day", "month", "year")
    }
    return {"email": colleague.email, "reason": "Annual leave", **dates}


def test_from_the_first_day_until_the_first_day_back_and_no_longer(client, clock):
    cast = personas.cast()
    away, colleague = cast.socialworker, cast.outsiders["socialworker"]
    client.force_login(away)
    path = reverse("accounts:cover_for", args=[away.uuid])
    assert client.post(path, sent(colleague, today() + DAY, today() + 8 * DAY)).status_code == 302

    def opens_amy(days: int) -> int:
        clock.move_to(f"2026-11-{10 + days}T12:00:00+00:00")
        client.logout()
        client.force_login(colleague)
        return client.get(cast.amy.get_absolute_url()).status_code

    assert [opens_amy(days) for days in (0, 1, 7, 8)] == [404, 200, 200, 404]


def test_it_ends_at_once_when_it_is_ended(client):
    cast = personas.cast()
    colleague = cast.outsiders["iro"]
    client.force_login(cast.iro)
    client.post(reverse("accounts:cover_for", args=[cast.iro.uuid]), sent(colleague, today(), today() + 8 * DAY))
    client.force_login(colleague)
    assert [client.get(child.get_absolute_url()).status_code for child in (cast.amy, cast.bob)] == [200, 200]
    client.post(reverse("accounts:end_cover", args=[Cover.objects.get().uuid]))
    assert [client.get(child.get_absolute_url()).status_code for child in (cast.amy, cast.bob)] == [404, 200]
