"""Who works with a child."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from children import policies
from children.enums import RelationKind
from children.forms.common import capitalised
from virtualschool.accounts.models import Organisation, User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm


def kinds_for(by: User) -> list[str]:
    """The kinds of worker that this person allocates."""
    return [str(kind) for kind in RelationKind] if by.may(Act.ALLOCATE) else [str(RelationKind.SOCIAL_WORKER)]


def workers_for(kind: str, by: User) -> list[tuple[str, str]]:
    """Whom this person may choose for a kind of work, by name."""
    if kind == RelationKind.TEAM:
        teams = Organisation.objects.teams().order_by("name")
        return [(str(team.uuid), team.name) for team in teams]
    people = User.objects.active().with_role(*policies.ROLES_FOR[kind]).order_by("name")
    if not by.may(Act.ALLOCATE):
        people = people.filter(pk__in=policies.colleagues(by))
    return [(str(person.uuid), f"{person.name}, {person.email}") for person in people]


class AllocateForm(PageForm):
    """Choose the worker, or the team, and from when."""

    submit_label = "Allocate"

    worker = forms.ChoiceField(label="Who?", error_messages={"required": "Select who works with the child"})
    start = GovukDateField(label="From which date?", subject="Date")

    def __init__(self, *args: Any, kind: str, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["worker"].choices = [("", "Choose one"), *workers_for(kind, by)]
        self.fields["worker"].label = capfirst(RelationKind(kind).label)
        self.fields["start"].initial = today

    def who(self) -> dict[str, Any]:
        """The arguments of the action that name the worker."""
        uuid = self.cleaned_data["worker"]
        if self.kind == RelationKind.TEAM:
            return {"team": Organisation.objects.get(uuid=uuid)}
        return {"user": User.objects.get(uuid=uuid)}


class ChosenChildren(forms.Form):
    """The children ticked on a list, carried from page to page."""

    chosen = forms.CharField(widget=forms.HiddenInput)

    def clean_chosen(self) -> list[UUID]:
        return read_uuids(self.cleaned_data["chosen"].split())


class AllocateManyKindForm(ChosenChildren, PageForm):
    submit_label = "Continue"
    kind = forms.ChoiceField(label="Which kind of worker?", choices=RelationKind.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = kinds_for(by)
        self.fields["kind"].choices = capitalised(pair for pair in RelationKind.choices if pair[0] in allowed)


class AllocateManyForm(ChosenChildren, AllocateForm):
    kind_chosen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind_chosen"].initial = self.kind


def read_uuids(words: list[str]) -> list[UUID]:
    """The ids, each once, in the order given.

    Raises:
        ValidationError: when one is no id.
    """
    try:
        return list(dict.fromkeys(UUID(word) for word in words))
    except ValueError as wrong:
        raise ValidationError("The list of children could not be read. Choose them again.") from wrong
