"""What goes wrong is answered in words, with the right status, and a page that is hidden looks like one that is missing."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.factories.accounts import UserFactory
from virtualschool.kernel import context, errors

pytestmark = pytest.mark.urls("tests.kernel.urls_faults")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def bare_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without what upper apps register."""
    monkeypatch.setattr(context, "_suppliers", {})


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
class TestVerdicts:
    def test_a_refusal_tells_its_reason_and_source(self, visitor: Client) -> None:
        response = visitor.get("/fault/refused/")
        assert response.status_code == 403
        assert "You wrote part of this PEP." in words(response)
        assert "Source: Council rule: quality assurance" in words(response)

    def test_a_record_that_moved_on_is_409(self, visitor: Client) -> None:
        response = visitor.get("/fault/conflict/")
        assert response.status_code == 409
        assert "Somebody else approved it first." in words(response)

    def test_tampering_is_400(self, visitor: Client) -> None:
        response = visitor.get("/fault/suspicious/")
        assert (response.status_code, "tampered" in words(response)) == (400, False)

    def test_a_role_that_may_not_is_403(self, visitor: Client) -> None:
        assert visitor.get("/fault/denied/").status_code == 403

    def test_a_form_without_its_token_is_403(self) -> None:
        response = Client(enforce_csrf_checks=True, raise_request_exception=False).post("/fault/denied/")
        assert response.status_code == 403
        assert "open for too long" in words(response)


@pytest.mark.django_db
class TestMissing:
    def test_hidden_and_missing_are_the_same_to_the_byte(self, visitor: Client) -> None:
        visitor.force_login(UserFactory())
        hidden, missing = visitor.get("/fault/missing/"), visitor.get("/nowhere/at/all/")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.content == missing.content
        # Each answer has its own number for the log; nothing else differs.
        for response in (hidden, missing):
            response.headers.pop("X-Request-ID", None)
        assert set(hidden.headers.items()) == set(missing.headers.items())

    def test_the_address_is_not_repeated(self, visitor: Client) -> None:
        assert b"amy-example" not in visitor.get("/nowhere/amy-example/").content


class TestDatabaseAway:
    @pytest.mark.django_db
    @pytest.mark.parametrize("fault", ["away", "closed"])
    def test_a_view_without_its_database_is_503(self, visitor: Client, fault: str) -> None:
        response = visitor.get(f"/fault/{fault}/")
        assert (response.status_code, response["Retry-After"]) == (503, "30")
        assert "the service is unavailable" in words(response)

    @pytest.mark.django_db(transaction=True)
    def test_a_session_without_its_database_is_503(self, visitor: Client) -> None:
        """The session is read in a middleware, outside every view."""
        visitor.force_login(UserFactory())
        port = connection.settings_dict["PORT"]
        connection.close()
        connection.settings_dict["PORT"] = "1"
        try:
            response = visitor.get("/rules/")
            assert (response.status_code, response["Retry-After"]) == (503, "30")
        finally:
            connection.close()
            connection.settings_dict["PORT"] = port
        assert visitor.get("/nowhere/").status_code == 404

    def test_the_page_needs_no_database(self) -> None:
        """No database mark: a query would fail this test."""
        assert errors.service_away().status_code == 503


class TestBroken:
    @pytest.mark.django_db
    def test_a_fault_of_ours_is_500_without_details(self, visitor: Client) -> None:
        response = visitor.get("/fault/broken/")
        assert response.status_code == 500
        assert "ZeroDivisionError" not in words(response)

    def test_plain_words_when_the_page_itself_cannot_be_drawn(self, settings: Any, tmp_path: Path) -> None:
        settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]
        response = errors.service_away()
        assert (response.status_code, response["Content-Type"]) == (503, "text/plain; charset=utf-8")


@pytest.mark.django_db
@pytest.mark.urls("virtualschool.urls")
def test_too_many_tries_to_sign_in_are_told_to_wait(visitor: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    answers = {"login": "nobody@demo.example", "password": "no such password"}
    first, second = (visitor.post("/accounts/login/", answers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert "Wait a few minutes and try again." in words(second)


@pytest.mark.urls("virtualschool.urls")
def test_whoever_counts_tries_finds_the_page_by_the_urls() -> None:
    found = import_module("virtualschool.urls")
    assert found.handler429 is errors.handler429
