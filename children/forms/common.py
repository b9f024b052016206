"""What several of the roll's forms share: DfE codes as choices and a key against double clicks."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Q
from django.utils.text import capfirst

from children.codes import collection_year
from children.models import ReferenceCode
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import GovukDateField, PageForm

Choices = list[tuple[str, str]]


def codes(field: str, *, empty: str = "", held: str = "") -> Choices:
    """A code list as choices, in its own order: those valid in today's return. ``empty`` adds a first line without a code.

    Args:
        held: the code that is recorded now, so that a form does not lose one that has gone out of the list.
    """
    year = collection_year(today())
    valid = Q(first_year__isnull=True) | Q(first_year__lte=year), Q(last_year__isnull=True) | Q(last_year__gte=year)
    rows = ReferenceCode.objects.filter(*valid, field=field).order_by("pk").values_list("code", "meaning")
    found = capitalised((code, f"{meaning} ({code})") for code, meaning in rows)
    return with_held([("", empty), *found] if empty else found, held)


def with_held(choices: Choices, held: str) -> Choices:
    """The choices, and what is recorded now, should it not be among them."""
    known = not held or any(value == held for value, _ in choices)
    return choices if known else [*choices, (held, f"{held}, as recorded")]


def capitalised(choices: Iterable[tuple[str, str]]) -> Choices:
    """Choices whose words begin a line."""
    return [(value, capfirst(words)) for value, words in choices]


def rows_of(form: forms.BaseForm, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is recorded, as rows under the form's own labels and in the words of its choices."""
    return [
        {"key": form.fields[name].label, "value": _said(form.fields[name], value), "missing": "Nothing recorded"}
        for name, value in values.items()
    ]


def _said(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return long_date(value)
    choices = dict(getattr(field, "choices", ()))
    return str(choices.get(value, value)) if value else ""


class OnceForm(PageForm):
    """A form that makes something new: its hidden key makes a double click one thing."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class EndForm(PageForm):
    """The first day on which something no longer holds."""

    submit_kind = "warning"
    end = GovukDateField(label="End date", help_text="The first day on which it no longer holds.")

    def __init__(self, *args: Any, submit_label: str = "End", **kwargs: Any) -> None:
        self.submit_label = submit_label
        super().__init__(*args, **kwargs)
