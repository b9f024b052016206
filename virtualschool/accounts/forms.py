"""What is asked when accounts, cover and the register of designated teachers are kept."""

from typing import Any

from django import forms

from virtualschool.accounts import policies
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.accounts.roles import CHOICES, SUPPORT, TEACHER
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm


class _RoleFields(PageForm):
    role = forms.ChoiceField(label="Role", choices=[(name, title) for name, title in CHOICES], widget=forms.RadioSelect)
    phases = forms.MultipleChoiceField(
        label="Phases a PEP support officer works in",
        choices=User.Phase.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reveals = {"role": {SUPPORT.name: ["phases"]}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") == SUPPORT.name and not cleaned.get("phases"):
            self.add_error("phases", "Select at least one phase")
        if cleaned.get("role") != SUPPORT.name:
            cleaned["phases"] = []
        return cleaned


class InviteForm(_RoleFields):
    """A new account."""

    submit_label = "Send the invitation"
    name = forms.CharField(label="Full name", max_length=120)
    email = forms.EmailField(label="Email address", max_length=254)
    telephone = forms.CharField(label="Telephone number", max_length=40, required=False)
    field_order = ["name", "email", "telephone", "role", "phases"]


class RoleForm(_RoleFields):
    """Another role."""

    submit_label = "Change the role"


class ReasonForm(PageForm):
    """Why an account is closed."""

    submit_label = "Close this account"
    submit_kind = "warning"
    why = forms.CharField(label="Why is the account closed?", max_length=200)


class JoinForm(PageForm):
    """Into which team or service."""

    submit_label = "Add"
    organisation = forms.ModelChoiceField(label="Team or service", queryset=Organisation.objects.none())
    start = GovukDateField(label="From which day?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Organisation.objects.exclude(kind=Organisation.Kind.SCHOOL).order_by("name")
        self.fields["organisation"].queryset = others


class CoverForm(PageForm):
    """Who covers, and when."""

    submit_label = "Arrange cover"
    email = forms.EmailField(label="Email address of the colleague who covers")
    start = GovukDateField(label="First day of cover")
    end = GovukDateField(label="First day back")
    reason = forms.CharField(label="Why?", max_length=200)

    def __init__(self, *args: Any, away: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.away = away

    def clean_email(self) -> User:
        """The colleague; the field's value is the person from here on."""
        found = User.objects.active().filter(email__iexact=self.cleaned_data["email"]).first()
        if found is None:
            raise forms.ValidationError("There is no open account with this email address")
        verdict = policies.covers_the_same_work(self.away, found)
        if not verdict:
            raise forms.ValidationError(verdict.reason)
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", "The first day back must be after the first day of cover")
        if end and end <= today():
            self.add_error("end", "The first day back must be in the future")
        return cleaned

    def arranged(self) -> dict[str, Any]:
        """What the action is told."""
        given = self.cleaned_data
        return {"covered_by": given["email"], **{name: given[name] for name in ("start", "end", "reason")}}


class TeacherForm(PageForm):
    """Who is a school's designated teacher or deputy from a day on; a person without an account is invited."""

    submit_label = "Save"
    deputy = forms.ChoiceField(
        label="As what?",
        choices=[("no", "Designated teacher"), ("yes", "Deputy designated teacher")],
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(label="Email address", max_length=254)
    name = forms.CharField(
        label="Full name",
        max_length=120,
        required=False,
        help_text="Only for somebody who has no account yet; they are invited.",
    )
    start = GovukDateField(label="From which day?")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        email = cleaned.get("email")
        if not email:
            return cleaned
        cleaned["person"] = User.objects.filter(email__iexact=email).first()
        if cleaned["person"] is None and not cleaned.get("name"):
            self.add_error("name", "Enter the full name: there is no account with this email address")
        elif cleaned["person"] is not None:
            self._check(cleaned["person"])
        return cleaned

    def _check(self, person: User) -> None:
        if person.role != TEACHER.name:
            self.add_error("email", "This account is not a designated teacher’s")
        elif not person.is_active:
            self.add_error("email", "This account is closed. An account administrator can open it again")


class LeaveForm(PageForm):
    """When somebody stops belonging to a team, a service or a school."""

    submit_label = "Save"
    end = GovukDateField(label="First day on which it no longer holds")


class TeacherLeavesForm(LeaveForm):
    """Which of a school's people stops."""

    who = forms.ChoiceField(label="Who?", widget=forms.RadioSelect)
    field_order = ["who", "end"]

    def __init__(self, *args: Any, people: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_person = {str(row.user.uuid): row for row in people}
        self.fields["who"].choices = [
            (key, f"{row.user.name}, {row.get_position_display()}") for key, row in self.by_person.items()
        ]

    def clean_who(self) -> Membership:
        """The place that ends; the field's value is it from here on."""
        return self.by_person[self.cleaned_data["who"]]


class OrganisationForm(PageForm):
    """A team or service."""

    submit_label = "Add"
    kind = forms.ChoiceField(
        label="What is it?",
        choices=[choice for choice in Organisation.Kind.choices if choice[0] != Organisation.Kind.SCHOOL],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="Name", max_length=200)
    code = forms.CharField(
        label="Code",
        max_length=20,
        required=False,
        help_text="The team's code in the council's systems, as the weekly roll gives it.",
    )
