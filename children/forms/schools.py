"""Choosing a school by URN or by part of its name, and a child's place there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from children.enums import EnrolmentKind
from children.forms.common import capitalised
from children.models import School
from virtualschool.kernel.forms import GovukDateField, PageForm

SHOWN = 10


class SchoolChoiceForm(PageForm):
    """A text field that takes a URN or part of a name; when several schools match, they come back as radios to choose from.

    ``chosen_school`` is the school after cleaning. It needs no script, and no list of every school in England.
    """

    school = forms.CharField(
        label="School", max_length=200, help_text="Its URN, or part of its name, town or postcode."
    )
    school_chosen = forms.ChoiceField(label="Which of these schools?", widget=forms.RadioSelect, required=False)
    unmarked = ("school_chosen",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_school: School | None = None
        self.matches: list[School] = []
        self._offer(self._typed())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed, chosen = cleaned.get("school"), cleaned.get("school_chosen")
        if chosen:
            self.chosen_school = next(match for match in self.matches if str(match.uuid) == chosen)
        elif typed:
            self._decide(typed)
        return cleaned

    def _typed(self) -> str:
        return str(self.data.get(self.add_prefix("school"), "")).strip() if self.is_bound else ""

    def _offer(self, typed: str) -> None:
        """Radios for several matches; without a choice to make there is no such field."""
        self.matches = list(School.objects.found_by(typed)[: SHOWN + 1]) if typed else []
        if len(self.matches) < 2:
            del self.fields["school_chosen"]
            return
        self.fields["school_chosen"].choices = [(str(match.uuid), described(match)) for match in self.matches[:SHOWN]]

    def _decide(self, typed: str) -> None:
        exact = [match for match in self.matches if match.urn == typed]
        if exact or len(self.matches) == 1:
            self.chosen_school = (exact or self.matches)[0]
        elif not self.matches:
            self.add_error("school", ValidationError("No school matches. Check the URN or the name"))
        else:
            many = len(self.matches) > SHOWN
            more = f". Only the first {SHOWN} are shown: enter more of the name to see fewer" if many else ""
            self.add_error("school_chosen", ValidationError(f"Select the school{more}"))


def described(school: School) -> str:
    """Enough to tell two schools of one name apart."""
    where = f", {school.town}" if school.town else ""
    state = "" if school.is_open else f" ({school.get_status_display()})"
    return f"{school.name}{where}, URN {school.urn}{state}"


class EnrolForm(SchoolChoiceForm):
    submit_label = "Enrol"

    start = GovukDateField(label="First day on roll", help_text="A date to come is a planned start.")
    kind = forms.ChoiceField(
        label="Kind of place", choices=capitalised(EnrolmentKind.choices), widget=forms.RadioSelect
    )
    year_group = forms.IntegerField(
        label="Year group taught in",
        min_value=-2,
        max_value=14,
        required=False,
        help_text="Only when it is not the year group of the child’s age.",
    )
    hours_offered = forms.DecimalField(
        label="Hours offered a week", min_value=0, max_value=99, max_digits=4, decimal_places=1, required=False
    )


class EndEnrolmentForm(PageForm):
    submit_label = "End the enrolment"
    submit_kind = "warning"

    end = GovukDateField(label="End date", help_text="The first day on which the child is no longer on roll.")
    reason = forms.CharField(label="Reason", max_length=120)
