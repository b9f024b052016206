"""New to care, what changes in care, and leaving it."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from children import schooling, upn
from children.actions.care import ChildFacts, PlacementFacts
from children.enums import EducationAnswer
from children.forms.common import capitalised, codes
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

UPN_HINT = "A letter and 12 characters, such as A123456789012."
CHOOSE = "Choose one"
NARROW = forms.TextInput(attrs={"class": "govuk-input--width-10", "spellcheck": "false", "autocomplete": "off"})


class ChildSearchForm(PageForm):
    """Somebody who comes back, or whom another team has entered already, must not be made twice."""

    submit_label = "Search"
    unmarked = ("last_name", "date_of_birth", "upn", "child_id")

    last_name = forms.CharField(label="Last name", max_length=120, required=False)
    date_of_birth = GovukDateField(label="Date of birth", required=False, not_future=True)
    upn = forms.CharField(label="UPN", max_length=20, required=False, help_text=UPN_HINT)
    child_id = forms.CharField(label="Council’s id", max_length=10, required=False, widget=NARROW)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = cleaned.get("last_name") and cleaned.get("date_of_birth")
        if not self.errors and not (named or cleaned.get("upn") or cleaned.get("child_id")):
            raise ValidationError("Enter a last name with a date of birth, a UPN, or the council’s id")
        return cleaned

    def terms(self) -> dict[str, Any]:
        """What to look for."""
        found = {name: self.cleaned_data.get(name) or "" for name in ("last_name", "child_id")}
        return found | {
            "upn": upn.normal(self.cleaned_data.get("upn") or ""),
            "date_of_birth": self.cleaned_data.get("date_of_birth"),
        }


class PlacementFields(forms.Form):
    """Where and with whom the child lives. Address and carer are asked only of those whose role reads them."""

    placement_type = forms.ChoiceField(label="Type of care placement")
    provider = forms.ChoiceField(label="Provider", required=False)
    ofsted_urn = forms.CharField(label="Ofsted URN of the home or agency", max_length=8, required=False, widget=NARROW)
    area_code = forms.RegexField(
        r"^[0-9]{3}$", label="Council area it lies in", required=False, help_text="Its three-digit code.", widget=NARROW
    )
    out_of_area = forms.BooleanField(label="Outside our area", required=False)
    carer_name = forms.CharField(label="Carer’s name", max_length=200, required=False)
    carer_telephone = forms.CharField(label="Carer’s telephone", max_length=40, required=False)
    address = forms.CharField(label="Address", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    postcode = forms.CharField(label="Postcode", max_length=8, required=False, widget=NARROW)

    names = (
        "placement_type",
        "provider",
        "ofsted_urn",
        "area_code",
        "out_of_area",
        "carer_name",
        "carer_telephone",
        "address",
        "postcode",
    )
    guarded = {
        "carer_name": FieldGroup.CARER,
        "carer_telephone": FieldGroup.CARER,
        "address": FieldGroup.ADDRESS,
        "postcode": FieldGroup.ADDRESS,
    }

    def prepare(self, user: User) -> None:
        self.fields["placement_type"].choices = codes("PLACE", empty=CHOOSE)
        self.fields["provider"].choices = codes("PLACE_PROVIDER", empty="None")
        for name, group in self.guarded.items():
            if not user.reads(group):
                del self.fields[name]

    def placement(self) -> PlacementFacts:
        return PlacementFacts(**{name: self.cleaned_data[name] for name in self.names if name in self.fields})


class EducationField(forms.Form):
    """What becomes of the child's school. Whether an answer is owed is the action's to say: it knows the child and the day."""

    education = forms.ChoiceField(
        label="What does it mean for the child’s school?",
        choices=capitalised(EducationAnswer.choices),
        widget=forms.RadioSelect,
        required=False,
    )
    unmarked = ("education",)
    hints: ClassVar[dict[str, dict[str, str]]] = {
        "education": {
            EducationAnswer.UNDISTURBED: "Nothing changes for the school. No further step.",
            EducationAnswer.DISTURBED: "A much longer journey, days missed, or exams near. In Years 10 and 11 this is settled first.",
            EducationAnswer.MOVES: "A school move is planned and decided before the child starts there. Also for a child without a school.",
            EducationAnswer.EMERGENCY: "Act now. It is accounted for afterwards, and the school place has its own deadline.",
        }
    }


class EnterCareForm(EducationField, PlacementFields, PageForm):
    """A child comes into care: who they are (for a new one), and how care started."""

    submit_label = "Add to the roll"

    returning = forms.UUIDField(widget=forms.HiddenInput, required=False)
    child_id = forms.CharField(label="Council’s id", max_length=10, widget=NARROW)
    first_names = forms.CharField(label="First names", max_length=120)
    last_name = forms.CharField(label="Last name", max_length=120)
    known_as = forms.CharField(label="Known as", max_length=120, required=False)
    date_of_birth = GovukDateField(label="Date of birth", not_future=True)
    sex = forms.ChoiceField(label="Sex", required=False)
    ethnicity = forms.ChoiceField(label="Ethnicity", required=False)
    upn = forms.CharField(label="UPN", max_length=13, required=False, help_text=UPN_HINT)
    is_unaccompanied = forms.BooleanField(label="Unaccompanied asylum-seeking child", required=False)
    start = GovukDateField(label="Date care started", not_future=True)
    legal_status = forms.ChoiceField(label="Legal status")
    need = forms.ChoiceField(label="Category of need", required=False)

    identity = (
        "child_id",
        "first_names",
        "last_name",
        "known_as",
        "date_of_birth",
        "sex",
        "ethnicity",
        "upn",
        "is_unaccompanied",
    )
    field_order = ("returning", *identity, "start", "legal_status", "need", "education", *PlacementFields.names)

    def __init__(self, *args: Any, user: User, returning: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(user)
        self.fields["education"].help_text = f"For a child {schooling.AGES}."
        self.fields["legal_status"].choices = codes("LS", empty=CHOOSE)
        self.fields["need"].choices = codes("CIN", empty="Not known")
        self.fields["sex"].choices = codes("SEX", empty="Not known")
        self.fields["ethnicity"].choices = codes("ETHNIC", empty="Not known")
        if returning:
            for name in self.identity:
                del self.fields[name]

    def clean_upn(self) -> str:
        """A doubtful number is kept and flagged; only what cannot be one is refused."""
        return upn.normal(self.cleaned_data["upn"])

    def facts(self) -> ChildFacts | None:
        """Who a new child is; None for one who comes back."""
        if "child_id" not in self.fields:
            return None
        return ChildFacts(**{name: self.cleaned_data[name] for name in self.identity})


class LegalStatusForm(PageForm):
    submit_label = "Record the legal status"

    on = GovukDateField(label="From which date?", subject="Date", not_future=True)
    legal_status = forms.ChoiceField(label="Legal status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["legal_status"].choices = codes("LS", empty=CHOOSE)


class PlacementForm(EducationField, PlacementFields, PageForm):
    """The child lives elsewhere. School is asked of no child who is too young for one today, and so was on every day before."""

    submit_label = "Record the care placement"

    on = GovukDateField(label="When did the child move?", subject="Date", not_future=True)
    same_carer = forms.ChoiceField(
        label="Is it with the same carer?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(label="Reason for the change")
    legal_status = forms.ChoiceField(label="Legal status, if it changed on the same day", required=False)

    field_order = ("on", "education", "same_carer", "reason", "legal_status", *PlacementFields.names)

    def __init__(self, *args: Any, user: User, child: Child, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(user)
        if schooling.too_young(child.date_of_birth, today()):
            del self.fields["education"]
        self.fields["reason"].choices = codes("REASON_PLACE_CHANGE", empty=CHOOSE)
        self.fields["legal_status"].choices = codes("LS", empty="It did not change")


class EducationForm(EducationField, PageForm):
    """The answer alone, for the placement and over the answer that its reader saw."""

    submit_label = "Save the answer"

    placement = forms.UUIDField(widget=forms.HiddenInput)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=9)

    field_order = ("placement", "was", "education")


class LeaveForm(PageForm):
    submit_label = "Record that the child left care"
    submit_kind = "warning"

    on = GovukDateField(
        label="Date care ended",
        help_text="The first day on which the child is no longer in care.",
        not_future=True,
    )
    reason = forms.ChoiceField(label="Why did care end?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [pair for pair in codes("REC", empty=CHOOSE) if pair[0] != "X1"]


class ReopenForm(PageForm):
    submit_label = "Undo"

    child = forms.UUIDField(widget=forms.HiddenInput)
    why = forms.CharField(label="Why is it undone?", max_length=200)
