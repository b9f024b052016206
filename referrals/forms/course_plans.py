from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst

from referrals.actions.course_plans import PlanFacts
from referrals.courseplans import PlannedLine
from referrals.enums import KeepCourse
from virtualschool.kernel.forms import PageForm

KEEPS = [("", "Choose one"), *((value, capfirst(label)) for value, label in KeepCourse.choices)]


class MatchForm(PageForm):
    """For each line without a match: what becomes of it, and in words. What is left empty stays without a plan."""

    submit_label = "Save these plans"
    bold_labels = False
    mark_optional = False

    def __init__(self, data: Any = None, *, lines: Sequence[PlannedLine], **kwargs: Any):
        self.lines = [one for one in lines if not one.line.matches]
        self.base_fields = {name: field for one in self.lines for name, field in _fields(one).items()}
        super().__init__(data, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        for one in self.lines:
            keep, words, _ = _names(one)
            if given.get(words) and not given.get(keep):
                self.add_error(keep, f"Select what becomes of {one.line.subject}")
            if given.get(keep) and not given.get(words) and words not in self.errors:
                self.add_error(words, f"Say what the plan for {one.line.subject} is")
        if not self.errors and not self.plans():
            self.add_error(None, "Say for at least one course what becomes of it")
        return given

    def plans(self) -> dict[int, PlanFacts]:
        found = {}
        for one in self.lines:
            keep, words, seen = (self.cleaned_data.get(name) for name in _names(one))
            if keep and words:
                found[one.line.key] = PlanFacts(keep, words, seen or one.line.outcome)
        return found


def _names(one: PlannedLine) -> tuple[str, str, str]:
    key = one.line.key
    return f"keep_{key}", f"words_{key}", f"seen_{key}"


def _fields(one: PlannedLine) -> dict[str, forms.Field]:
    keep, words, seen = _names(one)
    plan, subject = one.plan, one.line.subject
    return {
        keep: forms.ChoiceField(
            label=f"{subject}: what becomes of it?",
            choices=KEEPS,
            required=False,
            initial=plan.keep if plan else "",
            help_text=one.line.sentence,
        ),
        words: forms.CharField(
            label=f"{subject}: the plan in words",
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=2000,
            required=False,
            initial=plan.words if plan else "",
        ),
        seen: forms.CharField(widget=forms.HiddenInput, max_length=11, required=False, initial=one.line.outcome),
    }
