"""The first administrator is invited from the command line, once."""

import pytest
from django.core.management import CommandError, call_command

from tests.factories.accounts import UserFactory
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
FIRST = {"name": "Ann Example", "email": "ann@council.example"}


def test_the_link_lets_the_person_choose_a_password(client, capsys):
    call_command("invite_administrator", **FIRST)
    link = capsys.readouterr().out.strip()
    page = client.get(link, follow=True)
    assert page.status_code == 200
    word = "a long enough phrase 7"
    client.post(page.request["PATH_INFO"], {"password1": word, "password2": word})
    person = User.objects.get()
    assert (person.is_administrator, person.role, person.check_password(word)) == (True, "data", True)
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == ["account.invited"]


def test_there_is_one_first_administrator():
    UserFactory(role="vsh", is_administrator=True)
    with pytest.raises(CommandError, match="There is an administrator already"):
        call_command("invite_administrator", **FIRST)
    assert User.objects.count() == 1


def test_an_address_has_one_account():
    UserFactory(role="vsh", email="ANN@council.example")
    with pytest.raises(CommandError, match="has? an account|There is an account"):
        call_command("invite_administrator", **FIRST)
    assert User.objects.count() == 1
