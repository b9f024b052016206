"""Teams and services are kept by administrators."""

import pytest
from django.urls import reverse

from tests.factories.accounts import OrganisationFactory, UserFactory
from virtualschool.accounts.models import Organisation

pytestmark = pytest.mark.django_db
ADD = {"kind": "team", "name": "Through care north", "code": "TCN"}


@pytest.fixture
def administrator(client):
    person = UserFactory(role="data", is_administrator=True)
    client.force_login(person)
    return person


def test_a_team_is_added_and_listed(client, administrator):
    answer = client.post(reverse("accounts:add_organisation"), ADD, follow=True)
    team = Organisation.objects.get(code="TCN")
    assert (team.kind, team.name) == ("team", "Through care north")
    assert "Through care north" in answer.content.decode()


def test_a_code_is_one_teams(client, administrator):
    OrganisationFactory(kind="team", code="TCN")
    answer = client.post(reverse("accounts:add_organisation"), ADD)
    assert (answer.status_code, Organisation.objects.filter(name=ADD["name"]).count()) == (200, 0)


def test_nobody_else_adds_one(client):
    client.force_login(UserFactory(role="vsh"))
    assert client.post(reverse("accounts:add_organisation"), ADD).status_code == 403
    assert client.get(reverse("accounts:organisations")).status_code == 403
    assert not Organisation.objects.filter(code="TCN").exists()


@pytest.mark.parametrize("number", [1, 25])
def test_the_list_asks_as_often_for_one_as_for_many(client, administrator, django_assert_num_queries, number):
    OrganisationFactory.create_batch(number, kind="team")
    with django_assert_num_queries(11):
        assert client.get(reverse("accounts:organisations")).status_code == 200
