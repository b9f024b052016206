"""Pages with one form: what a refused action leaves behind, and where its words stand."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import RequestFactory

from tests.factories.accounts import OrganisationFactory
from virtualschool.accounts.models import Organisation
from virtualschool.kernel.formpages import attempt, sent
from virtualschool.kernel.forms import PageForm

pytestmark = pytest.mark.django_db


class Naming(PageForm):
    name = forms.CharField(required=False)


def bound() -> Naming:
    form = Naming({"name": "Anything"})
    assert form.is_valid()
    return form


def refused_after_writing(error: ValidationError) -> None:
    OrganisationFactory()
    raise error


def test_an_action_gives_what_it_gives() -> None:
    form = bound()
    assert (attempt(form, lambda: 3), form.errors) == (3, {})


def test_nothing_stays_of_what_a_refused_action_wrote() -> None:
    before = Organisation.objects.count()
    with transaction.atomic():  # as a request has it
        assert attempt(bound(), lambda: refused_after_writing(ValidationError("Not so"))) is None
    assert Organisation.objects.count() == before


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValidationError("Not so"), {"__all__": ["Not so"]}),
        (ValidationError({"name": "Not this name"}), {"name": ["Not this name"]}),
        (ValidationError({"start": "Not this day"}), {"__all__": ["Not this day"]}),
    ],
)
def test_the_words_stand_under_the_field_that_they_name_or_above_the_form(
    error: ValidationError, shown: dict[str, list[str]]
) -> None:
    form = bound()
    attempt(form, lambda: refused_after_writing(error))
    assert form.errors == shown


def test_a_form_that_was_sent_with_nothing_in_it_was_sent_all_the_same() -> None:
    ask = RequestFactory()
    assert [sent(ask.get("/")) is None, sent(ask.post("/")) is None] == [True, False]
