"""Who looked: one row for each answered page, with the children it showed; refusals too."""

import uuid
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch, reverse

from tests.factories.accounts import OrganisationFactory, UserFactory
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.log import record
from virtualschool.audit.middleware import AuditContextMiddleware
from virtualschool.audit.models import AccessLog, Change
from virtualschool.kernel.dates import LONDON

pytestmark = pytest.mark.django_db


@pytest.fixture
def dpo(client):
    user = UserFactory(role="dpo", name="Dina Protection", email="dina@council.example")
    client.force_login(user)
    return user


@pytest.fixture
def request_(rf: RequestFactory):
    request = rf.get("/children/")
    request.user = UserFactory(role="ala")
    request.request_id = "r1"
    request.resolver_match = ResolverMatch(
        print, (), {"child": uuid.UUID(int=1), "year": 3}, "detail", namespaces=["children"]
    )
    return request


def last() -> AccessLog:
    return AccessLog.objects.latest("id")


class TestShown:
    def test_a_row_says_who_saw_whom(self, request_):
        access.shown(request_, [7, 5], fields=["identity"])
        access.shown(request_, 7, fields=["education"], reason="a meeting")
        access.write(request_, HttpResponse())
        row = last()
        assert (row.user_id, row.role, row.request_id) == (str(request_.user.pk), "ala", "r1")
        assert (row.method, row.route, row.status, row.kind) == ("GET", "children:detail", 200, AccessKind.LIST)
        assert (row.child_ids, row.fields, row.reason) == ([5, 7], ["education", "identity"], "a meeting")
        assert row.objects_named == ["00000000-0000-0000-0000-000000000001"]

    def test_one_child_is_a_view(self, request_):
        access.shown(request_, 5)
        access.write(request_, HttpResponse())
        assert last().kind == AccessKind.VIEW

    def test_records_of_a_child_count(self, request_):
        note, team = OrganisationFactory(), OrganisationFactory()
        note.child_id = 11
        access.shown(request_, [note, team])
        access.shown(request_, note)
        access.write(request_, HttpResponse())
        assert last().child_ids == [11]

    @pytest.mark.parametrize("kind", [AccessKind.PRINT, AccessKind.EXPORT, AccessKind.SEARCH, AccessKind.BREAK_GLASS])
    def test_a_named_kind_is_kept(self, request_, kind):
        access.shown(request_, [1, 2], kind=kind)
        access.write(request_, HttpResponse())
        assert last().kind == kind

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_refusal_is_denied_whatever_was_meant(self, request_, status):
        access.shown(request_, kind=AccessKind.PRINT)
        access.write(request_, HttpResponse(status=status))
        assert (last().kind, last().status) == (AccessKind.DENIED, status)

    def test_a_post_is_an_act(self, request_):
        request_.method = "POST"
        access.write(request_, HttpResponse())
        assert last().kind == AccessKind.ACT

    def test_one_response_has_one_row(self, request_):
        access.write(request_, HttpResponse())
        access.write(request_, HttpResponse())
        assert AccessLog.objects.count() == 1


class TestRequests:
    def test_each_answer_carries_its_own_id(self, client, dpo):
        first, second = (client.get(reverse("audit:access")) for _ in range(2))
        ids = list(AccessLog.objects.order_by("id").values_list("request_id", flat=True))
        assert ids == [first["X-Request-ID"], second["X-Request-ID"]]
        assert len(set(ids)) == 2

    def test_reading_the_log_is_logged(self, client, dpo):
        client.get(reverse("audit:changes"), {"child": "12"})
        row = last()
        assert (row.user_id, row.kind, row.route, row.child_ids) == (
            str(dpo.pk),
            AccessKind.AUDIT,
            "audit:changes",
            [12],
        )

    @pytest.mark.parametrize("name", ["audit:access", "audit:changes", "audit:events"])
    def test_others_are_refused_and_that_is_logged(self, client, name):
        user = UserFactory(role="vsh")
        client.force_login(user)
        response = client.get(reverse(name))
        assert response.status_code == 403
        assert (last().user_id, last().kind, last().route) == (str(user.pk), AccessKind.DENIED, name)
        assert last().request_id == response["X-Request-ID"]

    def test_a_stranger_is_asked_to_sign_in_and_leaves_no_row(self, client):
        assert client.get(reverse("audit:access")).status_code == 302
        assert AccessLog.objects.count() == 0

    def test_an_address_that_leads_nowhere_is_not_logged(self, client, dpo):
        assert client.get("/no/such/page/").status_code == 404
        assert AccessLog.objects.count() == 0

    def test_what_a_request_changes_carries_its_id_and_user(self, rf):
        """On pages without a door too, such as those of sign-in."""
        user = UserFactory()

        def answer(request):
            middleware.process_view(request, None, (), {})
            OrganisationFactory()
            return HttpResponse()

        middleware, request = AuditContextMiddleware(answer), rf.post("/")
        request.user = user
        response = middleware(request)
        change = Change.objects.latest("id")
        assert (change.user_id, change.request_id) == (str(user.pk), response["X-Request-ID"])


class TestPages:
    def rows(self, client, name: str, **query: str) -> list[list[str]]:
        response = client.get(reverse(name), query)
        assert response.status_code == 200
        return [[cell.cell.text for cell in row] for row in response.context["table"].rows]

    def test_who_looked(self, client, dpo):
        AccessLog.objects.create(
            user_id=str(dpo.pk), method="GET", route="children:detail", status=200, kind=AccessKind.VIEW, child_ids=[4]
        )
        [row] = self.rows(client, "audit:access", child="4")
        assert row == ["10/11/2026 10:00:00", "Dina Protection", "opened a record", "children:detail", "4", "200"]

    def test_what_changed_is_named_without_its_values(self, client, dpo):
        team = OrganisationFactory(name="North team")
        team.name = "Secret name"
        team.save()
        response = client.get(reverse("audit:changes"), {"table": "accounts_organisation", "verb": "U"})
        [row] = response.context["table"].rows
        assert (row[2].cell.text, row[2].cell.hint, row[3].cell.text) == (
            "changed",
            "name",
            f"accounts_organisation {team.pk}",
        )
        assert b"Secret name" not in response.content

    def test_what_was_done(self, client, dpo):
        record("team_renamed", by=dpo, subject=OrganisationFactory(), child=3, why="asked")
        record("other", by=None, subject=OrganisationFactory())
        [row] = self.rows(client, "audit:events", verb="team_renamed")
        assert row[1:3] == ["Dina Protection", "team_renamed"]
        assert row[4:] == ["3", "asked"]
        assert [row[1] for row in self.rows(client, "audit:events", verb="other")] == ["the service"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, 2),
            ({"user": "dina@council.example"}, 1),
            ({"user": "DINA@council.example"}, 1),
            ({"user": "99999"}, 1),
            ({"user": "nobody@council.example"}, 0),
            ({"user": "²"}, 0),
            ({"child": "4"}, 1),
            ({"child": "5"}, 0),
            ({"child": "99999999999999999999999"}, 0),
            ({"kind": "print"}, 1),
            ({"kind": "no such kind"}, 0),
            ({"since-day": "10", "since-month": "11", "since-year": "2026"}, 1),
            ({"until-day": "9", "until-month": "11", "until-year": "2026"}, 1),
            ({"since-day": "31", "since-month": "2", "since-year": "2026"}, 0),
            ({"before": "x"}, 2),
        ],
    )
    def test_the_log_is_filtered(self, client, dpo, query, found):
        common = {"method": "GET", "route": "x", "status": 200}
        earlier = datetime(2026, 11, 9, 23, 59, tzinfo=LONDON)
        AccessLog.objects.create(user_id=str(dpo.pk), kind=AccessKind.PRINT, at=earlier, **common)
        AccessLog.objects.create(user_id="99999", kind=AccessKind.VIEW, child_ids=[4, 6], **common)
        assert len(self.rows(client, "audit:access", **query)) == found

    def test_older_entries_are_one_step_away(self, client, dpo):
        rows = [
            AccessLog(user_id="1", kind=AccessKind.VIEW, method="GET", route=f"r{n}", status=200) for n in range(60)
        ]
        AccessLog.objects.bulk_create(rows)
        response = client.get(reverse("audit:access"), {"kind": "view"})
        assert [row[3].cell.text for row in response.context["table"].rows] == [f"r{n}" for n in range(59, 9, -1)]
        older = client.get(reverse("audit:access") + response.context["older"])
        assert [row[3].cell.text for row in older.context["table"].rows] == [f"r{n}" for n in range(9, -1, -1)]
        assert older.context["older"] == ""

    @pytest.mark.parametrize("count", [1, 50])
    def test_the_queries_do_not_grow(self, client, dpo, count, django_assert_num_queries):
        users = UserFactory.create_batch(count)
        AccessLog.objects.bulk_create(
            AccessLog(user_id=str(user.pk), kind=AccessKind.VIEW, method="GET", route="x", status=200) for user in users
        )
        client.get(reverse("audit:access"))
        with django_assert_num_queries(
            8
        ):  # the session, the user, two of the savepoint, the night's banner, rows, names, the log
            client.get(reverse("audit:access"), {"kind": "view"})
