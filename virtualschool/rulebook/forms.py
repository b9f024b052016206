"""Forms of the rulebook: a new value in its rule's own shape, a withdrawal, a year's term dates."""

import re
from datetime import date, timedelta
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms

from virtualschool.kernel.forms import GovukDateField, PageForm, use_plain_words
from virtualschool.rulebook.calendars import TERM_ORDER
from virtualschool.rulebook.shapes import Shape, WrongShape
from virtualschool.rulebook.shipped import Definition

ONE_DAY = timedelta(days=1)
MANY_LINES = ("texts", "ints", "map", "fields")
CLOSURE = re.compile(r"(\d{1,2}/\d{1,2}/\d{4}) to (\d{1,2}/\d{1,2}/\d{4})[:,]? (.{1,100})")


def plain(code: str) -> str:
    """A code as words: second_person -> Second person."""
    return code.replace("_", " ").capitalize()


class ShapedField(forms.CharField):
    """A value as text, read and checked by the rule's shape."""

    def __init__(self, shape: Shape, **kwargs: Any) -> None:
        self.shape = shape
        super().__init__(max_length=5000, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self.shape.read(text)
        except WrongShape as wrong:
            raise forms.ValidationError(str(wrong), code="shape") from wrong


def value_field(definition: Definition) -> ShapedField:
    """The field for a rule's value: radios for a choice, lines for a list, one line otherwise."""
    shape = definition.shape
    field = ShapedField(shape, label="New value", help_text=_hint(definition), required=shape.name not in MANY_LINES)
    if shape.name == "choice":
        field.widget = forms.RadioSelect(choices=[(code, plain(code)) for code in shape.choices])
    elif shape.name == "flag":
        field.widget = forms.RadioSelect(choices=[("yes", "Yes"), ("no", "No")])
    elif shape.name in MANY_LINES:
        field.widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    else:
        field.widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "spellcheck": "false"})
    return field


def _hint(definition: Definition) -> str:
    shape = definition.shape
    limits = []
    if definition.unit.label:
        limits.append(f"In {definition.unit.label}.")
    if shape.at_least is not None and shape.name == "int":
        limits.append(f"At least {shape.at_least}.")
    if shape.at_most is not None:
        limits.append(f"At most {shape.at_most}.")
    if shape.choices and shape.name != "choice":
        limits.append(f"Any of: {', '.join(shape.choices)}.")
    limits += [f"{plain(name)}: any of {', '.join(words)}." for name, words in shape.options.items()]
    return " ".join([*([definition.help] if definition.help else []), *limits])


class ChangeRuleForm(PageForm):
    """A new value, its first day, where it comes from and why."""

    submit_label = "Change this rule"

    value = forms.CharField()
    effective_from = GovukDateField(
        label="First day of the new value", help_text="Today or later. What is under way stays under the old value."
    )
    source = forms.CharField(
        label="Where the value comes from",
        required=False,
        max_length=400,
        help_text="For example a policy and its date.",
    )
    reason = forms.CharField(label="Why does it change?", widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)

    def __init__(self, definition: Definition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(definition)
        use_plain_words(self.fields["value"])


class WithdrawForm(PageForm):
    """Why a planned change is taken back."""

    submit_label = "Withdraw this change"
    submit_kind = "warning"

    reason = forms.CharField(label="Why is it withdrawn?", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class TermDatesForm(PageForm):
    """The council's terms and closures of one academic year. People give the last day; `terms` gives the day after it."""

    submit_label = "Save these dates"

    autumn_start = GovukDateField(label="Autumn term starts")
    autumn_last = GovukDateField(label="Autumn term's last day")
    spring_start = GovukDateField(label="Spring term starts")
    spring_last = GovukDateField(label="Spring term's last day")
    summer_start = GovukDateField(label="Summer term starts")
    summer_last = GovukDateField(label="Summer term's last day")
    closures = forms.CharField(
        label="Half-terms and other days without school",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="One a line, first and last day, such as: 26/10/2026 to 30/10/2026 Half-term",
    )
    source = forms.CharField(label="Where the dates come from", max_length=200)

    def layout(self) -> Layout:
        parts = [Fieldset(f"{term.label} term", f"{term.value}_start", f"{term.value}_last") for term in TERM_ORDER]
        return Layout(*parts, "closures", "source")

    def clean_closures(self) -> list[tuple[date, date, str]]:
        lines = [line.strip() for line in self.cleaned_data["closures"].splitlines()]
        return [_closure(line) for line in lines if line]

    def terms(self) -> dict[str, tuple[date, date]]:
        data = self.cleaned_data
        return {
            name: (data[f"{name}_start"], data[f"{name}_last"] + ONE_DAY)
            for name in (term.value for term in TERM_ORDER)
        }


def _closure(line: str) -> tuple[date, date, str]:
    found = CLOSURE.fullmatch(line)
    if not found:
        raise forms.ValidationError(
            f"Write first day, last day and name, such as 26/10/2026 to 30/10/2026 Half-term: {line}"
        )
    try:
        first, last = (date(*(int(part) for part in reversed(text.split("/")))) for text in found.groups()[:2])
    except ValueError as wrong:
        raise forms.ValidationError(f"That is no day of the calendar: {line}") from wrong
    if last < first:
        raise forms.ValidationError(f"The last day must not come before the first: {line}")
    return first, last + ONE_DAY, found.group(3).strip()
