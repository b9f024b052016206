"""The questions of a school move."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from children.forms.schools import SchoolChoiceForm
from referrals.actions.move_decisions import Conditions, could_be_nominated
from referrals.actions.moves import KeepFacts, MoveFacts
from referrals.enums import Destination, MoveView, Payer
from referrals.forms.risk import said
from referrals.models import SchoolMove
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.forms import GovukDateField, PageForm

LONG = 8000
READERS = "The Virtual School’s head and advocates, the social worker and their manager read this; the school and whoever keeps the roll do not."
# What changes, as people say it: the destination, and whether the home changes too.
KINDS = {
    "school": (Destination.SCHOOL, False, "The school, from the same home"),
    "both": (Destination.SCHOOL, True, "The home and the school"),
    "care": (Destination.SAME, True, "The home; the school stays, but education is disrupted"),
    "home": (Destination.HOME, False, "Somebody asks for home education"),
}


def words_field(label: str, rows: int = 4, **more: Any) -> forms.CharField:
    """A box for sentences."""
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=LONG, **more)


class MoveForm(PageForm):
    """What the case is. The circumstances of the home are asked of those who read narrative."""

    submit_label = "Save"
    kind = forms.ChoiceField(
        label="What would change?",
        choices=[(key, words) for key, (_, _, words) in KINDS.items()],
        widget=forms.RadioSelect,
    )
    wanted_on = GovukDateField(label="From which day?", subject="Date", help_text="The stops are those of that day.")
    reason = words_field(
        "Why can the school not be kept as it is?",
        help_text="Everybody who is asked reads this, the school too. Leave the home and the family out of it.",
    )
    circumstances = words_field(
        "What else should those who decide know?",
        required=False,
        help_text="Only the social worker, their manager and the Virtual School’s advocates read this.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.reads(FieldGroup.NARRATIVE):
            del self.fields["circumstances"]

    def facts(self) -> MoveFacts:
        given = self.cleaned_data
        destination, changes_care, _ = KINDS[given["kind"]]
        return MoveFacts(
            destination=destination,
            changes_care=changes_care,
            wanted_on=given["wanted_on"],
            reason=given["reason"],
            circumstances=given.get("circumstances", ""),
        )

    @staticmethod
    def of(move: SchoolMove) -> dict[str, Any]:
        """What stands, to begin the form with."""
        now = (move.destination, move.changes_care)
        kind = next((key for key, (where, care, _) in KINDS.items() if (where, care) == now), "")
        return {
            "kind": kind,
            "wanted_on": move.wanted_on,
            "reason": move.reason,
            "circumstances": move.circumstances,
        }


class KeepForm(PageForm):
    """Could the child keep the school?"""

    possible = forms.ChoiceField(
        label="Could the child keep this school?",
        choices=[("yes", "Yes, or it could be tried"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    miles = forms.DecimalField(
        label="How many miles is it from the home?",
        min_value=0,
        max_value=999,
        max_digits=5,
        decimal_places=1,
        required=False,
    )
    minutes = forms.IntegerField(
        label="How many minutes one way, from door to door?", min_value=0, max_value=600, required=False
    )
    payer = forms.ChoiceField(label="Who would pay for the journey?", choices=said(Payer), widget=forms.RadioSelect)
    words = words_field("Why, or why not?", help_text=READERS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and given.get("miles") is None and given.get("minutes") is None:
            raise ValidationError("Enter the miles or the minutes of the journey")
        return given

    def facts(self) -> KeepFacts:
        given = self.cleaned_data
        return KeepFacts(**{**given, "possible": given["possible"] == "yes"})


class ProposedSchoolForm(SchoolChoiceForm):
    submit_label = "Propose this school"

    year_group = forms.IntegerField(
        label="Year group it would teach the child in",
        min_value=-2,
        max_value=14,
        required=False,
        help_text="Only when it is not the year group of the child’s age.",
    )
    why = words_field("Why this school?", rows=3, required=False, help_text=READERS)


class ViewForm(PageForm):
    """What somebody who was asked says."""

    said = forms.ChoiceField(label="What do they say?", choices=said(MoveView), widget=forms.RadioSelect)
    words = words_field("In their words", help_text="Where nobody could be asked: why not.")
    who = forms.CharField(label="Who said it", max_length=120, required=False)


class OwnViewForm(PageForm):
    """What the person who is asked says themself."""

    submit_label = "Send"
    said = forms.ChoiceField(
        label="What do you say to the move?",
        choices=[pair for pair in said(MoveView) if pair[0] != MoveView.UNASKED],
        widget=forms.RadioSelect,
    )
    words = words_field("Why, and what the child would need")


class ExceptionForm(PageForm):
    submit_label = "Make the exception"
    submit_kind = "warning"
    reason = words_field("Why is this child an exception?", help_text=READERS)


class DecisionForm(PageForm):
    """Yes or no. The four conditions are asked of the nominated officer alone."""

    submit_label = "Decide"
    outcome = forms.ChoiceField(
        label="What do you decide?", choices=[("approve", "Approve"), ("refuse", "Refuse")], widget=forms.RadioSelect
    )
    wishes = words_field(
        "The child’s wishes and feelings were ascertained: how, and what they are", rows=3, required=False
    )
    provision = words_field(
        "The education proposed promotes achievement and is consistent with the PEP: how", rows=3, required=False
    )
    teacher = words_field("The designated teacher was consulted: when, and what was said", rows=3, required=False)
    officer = words_field(
        "The Independent Reviewing Officer was consulted: when, and what was said", rows=3, required=False
    )
    words = words_field("Why", help_text=READERS)
    conditions = ("wishes", "provision", "teacher", "officer")
    unmarked = conditions

    def __init__(self, *args: Any, nominated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if nominated:
            self.reveals = {"outcome": {"approve": list(self.conditions)}}
        else:
            for name in self.conditions:
                del self.fields[name]

    def decision(self) -> dict[str, Any]:
        given = self.cleaned_data
        told = Conditions(**{name: given[name] for name in self.conditions if name in given})
        return {"approved": given["outcome"] == "approve", "words": given["words"], "conditions": told}


class ActForm(PageForm):
    submit_label = "Act now"
    submit_kind = "warning"
    on = GovukDateField(
        label="On which day did the child have to move?", subject="Date", help_text="What is due counts from this day."
    )
    why = words_field("Why can it not wait?")


class AccountForm(PageForm):
    submit_label = "Give the account"
    words = words_field("What happened, who was told, and what was done for the child’s education?", rows=8)


class WhyForm(PageForm):
    """A deed that asks for its reason; the page says which."""

    words = words_field("Why?", rows=3, help_text=READERS)


class OnRollForm(PageForm):
    """Which of the proposed schools, and from when."""

    submit_label = "Put on roll"
    school = forms.ChoiceField(label="Which school?", widget=forms.RadioSelect)
    start = GovukDateField(label="First day on roll", help_text="A date to come is a planned start.")

    def __init__(self, *args: Any, schools: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = schools


class NominationForm(PageForm):
    submit_label = "Record the nomination"
    user = forms.ChoiceField(label="Who is nominated?")
    start = GovukDateField(label="From which day?", subject="Date")
    authority = forms.CharField(
        label="Who nominated them, and where is it written?",
        max_length=200,
        help_text="Such as a letter of the Director of Children’s Services, or the scheme of delegation.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.uuid): user for user in could_be_nominated(by)}
        self.fields["user"].choices = [("", "Choose one"), *((key, user.name) for key, user in self.people.items())]

    def person(self) -> User:
        return self.people[self.cleaned_data["user"]]


class NominationEndForm(PageForm):
    submit_label = "End the nomination"
    submit_kind = "warning"
    on = GovukDateField(label="From which day do they hold it no more?", subject="Date")
