"""The health page says how the service is and nothing about anybody; the page of nights is for those who keep it running."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.urls import reverse

from tests.factories.accounts import UserFactory
from tests.factories.jobs import DeliveryFactory, NightShardFactory
from tests.factories.rulebook import set_rule
from virtualschool.accounts import roles
from virtualschool.jobs import outbox, policies, views
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


class TestHealth:
    def test_anybody_may_ask(self, client):
        NightShardFactory(done=True)
        response = client.get(reverse("jobs:health"))
        assert response.status_code == 200
        assert response.json() == {
            "status": "ok",
            "redis": True,
            "night": {"last_complete": "2026-11-09", "stale": False},
            "pending": {"deliveries": 0, "deliveries_failed": 0, "shards": 0, "shards_failed": 0},
            "mail_held": False,
        }

    def test_a_stale_night_is_told(self, client):
        NightShardFactory(for_date=today() - timedelta(days=9), done=True)
        found = client.get(reverse("jobs:health")).json()
        assert (found["status"], found["night"]["stale"]) == ("degraded", True)

    def test_how_late_a_night_may_be_follows_the_councils_rule(self, client, clock):
        set_rule("night.stale_hours", 72, from_=today())
        NightShardFactory(done=True)
        clock.shift(27 * 3600)
        assert client.get(reverse("jobs:health")).json()["night"]["stale"] is False

    def test_what_failed_is_told_in_numbers(self, client):
        NightShardFactory(done=True)
        DeliveryFactory(failed=True)
        found = client.get(reverse("jobs:health")).json()
        assert (found["status"], found["pending"]["deliveries_failed"]) == ("degraded", 1)

    def test_without_redis_people_can_still_work(self, client, no_redis):
        NightShardFactory(done=True)
        response = client.get(reverse("jobs:health"))
        assert (response.status_code, response.json()["status"], response.json()["redis"]) == (200, "degraded", False)

    @pytest.mark.parametrize("error", [OperationalError, InterfaceError])
    def test_without_the_database_nobody_can(self, client, monkeypatch, error):
        def away():
            raise error("connection refused")

        monkeypatch.setattr(views, "night_watch", away)
        response = client.get(reverse("jobs:health"))
        assert (response.status_code, response.json()) == (503, {"status": "down"})

    def test_it_begins_no_transaction(self):
        assert views.health._non_atomic_requests == {"default"}


class TestNights:
    def rows(self, response, name: str) -> list[list[str]]:
        return [[cell.cell.text for cell in row] for row in response.context[name].rows]

    @pytest.fixture
    def keeper(self, client):
        user = UserFactory(role="data")
        client.force_login(user)
        return user

    def test_it_shows_nights_and_what_failed(self, client, keeper):
        NightShardFactory(for_date=today() - timedelta(days=2), done=True)
        NightShardFactory(failed=True)
        DeliveryFactory(failed=True)
        response = client.get(reverse("jobs:nights"))
        assert [row[:3] + row[6:] for row in self.rows(response, "nights")] == [
            ["09/11/2026", "checks", "1 of 1", "ValueError: no"],
            ["08/11/2026", "checks", "1 of 1", ""],
        ]
        assert self.rows(response, "failed") == [
            ["thing.happened", "tests.consumer", "1", "10/11/2026 10:00", "ValueError: no"]
        ]
        assert "The last complete night is that of 8 November 2026" in response.content.decode()

    def test_it_warns(self, client, keeper):
        outbox.hold("restored")
        content = client.get(reverse("jobs:nights")).content.decode()
        assert "The checks have not run yet." in content
        assert "Mail is held." in content

    @pytest.mark.parametrize("role", roles.ROLES)
    def test_who_may(self, role):
        verdict = policies.can_read_operations(UserFactory.build(role=role))
        assert bool(verdict) is (role in {"vsh", "coordinator", "data"})

    def test_others_are_told_why_not(self, client):
        client.force_login(UserFactory(role="teacher"))
        response = client.get(reverse("jobs:nights"))
        assert response.status_code == 403
        assert "Only those who keep the service running see its nights." in response.content.decode()

    @pytest.mark.parametrize("count", [1, 50])
    def test_the_queries_do_not_grow(self, client, keeper, count, django_assert_num_queries):
        for number in range(count):
            NightShardFactory(shard=number, of=count, done=True)
            DeliveryFactory(failed=True)
        client.get(reverse("jobs:nights"))  # the first answer of a session writes the session down
        with django_assert_num_queries(12):  # the page and the banner of its layout ask for the last night and its rule
            client.get(reverse("jobs:nights"))
