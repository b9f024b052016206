"""Opening and cancelling a PEP, and answering one that was sent in."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from peps.enums import Grade, PepKind
from peps.models import PepCost, PepSection
from virtualschool.kernel.forms import GovukDateField, PageForm
from virtualschool.kernel.money import pounds

BY_HAND = [
    (PepKind.REVIEW.value, "Termly PEP"),
    (PepKind.NOT_ON_ROLL.value, "Interim PEP, no school"),
    (PepKind.SEN_JOINED.value, "PEP with annual review"),
]
HINTS = {
    "gold": "Exceptional in nearly every part",
    "green": "Effective and complete",
    "amber": "Accepted; must be better next time",
    "red": "Goes back; never approved",
}


class OpenForm(PageForm):
    submit_label = "Open the PEP"

    kind = forms.ChoiceField(label="Which kind?", choices=BY_HAND, widget=forms.RadioSelect)
    why = forms.CharField(label="Why is it opened?", max_length=200)
    due_on = GovukDateField(label="When is its meeting due?", not_past=True)


class CancelForm(PageForm):
    submit_label, submit_kind = "Cancel this PEP", "warning"

    why = forms.CharField(label="Why is it cancelled?", max_length=200, help_text="What was written stays in it.")


class DecisionForm(PageForm):
    """A grade with its reason, for the sending in that the page showed."""

    submission = forms.IntegerField(widget=forms.HiddenInput)
    grade = forms.ChoiceField(label="Grade", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="The school and the social worker read this.",
    )
    grades: tuple[Grade, ...] = ()

    def __init__(self, *args: Any, action: str = "", more: dict[str, forms.Field] | None = None, **kwargs: Any) -> None:
        self.action = action
        self.base_fields = {**self.base_fields, **(more or {})}
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [(grade.value, str(grade.label).capitalize()) for grade in self.grades]  # type: ignore[attr-defined]
        self.hints = {"grade": {grade.value: HINTS[grade.value] for grade in self.grades}}

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_action = self.action
        return helper


class ApproveForm(DecisionForm):
    submit_label = "Approve"
    unmarked = ("agreed",)
    grades = (Grade.GOLD, Grade.GREEN, Grade.AMBER)

    def __init__(self, *args: Any, costs: Iterable[PepCost], **kwargs: Any) -> None:
        lines = [(str(cost.pk), f"{cost.item}: {pounds(cost.total_pence)}{_waits(cost)}") for cost in costs]
        agreed = forms.MultipleChoiceField(
            label="Pupil Premium Plus lines that are agreed",
            choices=lines,
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text="What is not ticked is not agreed.",
        )
        super().__init__(*args, auto_id="approve_%s", more={"agreed": agreed} if lines else {}, **kwargs)

    def agreed(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data.get("agreed", ())]


class ReturnForm(DecisionForm):
    submit_label, submit_kind = "Return this PEP", "secondary"
    grades = (Grade.AMBER, Grade.RED)

    def __init__(self, *args: Any, sections: Iterable[tuple[PepSection, str]], **kwargs: Any) -> None:
        back = forms.MultipleChoiceField(
            label="Sections to be mended",
            choices=[(section.key, title) for section, title in sections],
            widget=forms.CheckboxSelectMultiple,
            help_text="These open again, and only these.",
        )
        super().__init__(*args, auto_id="return_%s", more={"sections": back}, **kwargs)


def _waits(cost: PepCost) -> str:
    return " (needs an agreed exception first)" if cost.excluded_as and cost.exception_by_id is None else ""
