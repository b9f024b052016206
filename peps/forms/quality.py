"""Grading a PEP by a rubric: a mark for each question, then what is decided."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.text import capfirst

from peps.actions.marking import Grading, Mark, Sheet
from peps.enums import Grade
from peps.models import PepCost, PepSection
from peps.rubrics import Question
from virtualschool.kernel.forms import PageForm
from virtualschool.kernel.money import pounds

APPROVE, RETURN = "approve", "return"
MARK, NOTE = "mark_", "note_"
FEEDBACK = ("praise", "must_fix", "next_time")
LONG = {"widget": forms.Textarea(attrs={"rows": 3}), "max_length": 4000, "required": False}


class MarkingForm(PageForm):
    """A mark, and a word to it, for each question that the PEP is asked. ``keep`` is sent to finish it later: then anything may be open."""

    submission = forms.IntegerField(widget=forms.HiddenInput)
    draft = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    reason = forms.CharField(label="Reason", **(LONG | {"required": True}))
    small_choices = True
    optional: tuple[str, ...] = ("draft",)

    def __init__(self, data: Any = None, *args: Any, sheet: Sheet, action: str = "", **kwargs: Any) -> None:
        self.sheet, self.action = sheet, action
        self.questions = sheet.rubric.asked_of(sheet.asked)
        self.keeps = bool(data) and "keep" in data
        self.base_fields = {**_marks(self.questions, sheet), **self.more(), **self.base_fields}
        super().__init__(data, *args, **kwargs)
        self.hints = {**self.hints, **{MARK + one.key: _hints(one) for one in self.questions}}
        if self.keeps:
            for name, field in self.fields.items():
                field.required = name == "submission"

    def more(self) -> dict[str, forms.Field]:
        return {}

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_action = self.action
        return helper

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.keeps:
            for key, words in self.sheet.problems(self.marks()).items():
                name = MARK + key if not given.get(MARK + key) else NOTE + key
                if name not in self.errors:
                    self.add_error(name, words)
        return given

    def marks(self) -> dict[str, Mark]:
        """The marks that were given."""
        given = self.cleaned_data
        return {
            one.key: Mark(Grade(given[MARK + one.key]), given.get(NOTE + one.key, ""))
            for one in self.questions
            if given.get(MARK + one.key)
        }

    def content(self) -> dict[str, Any]:
        """What the form holds, to be kept."""
        left_out = ("submission", "draft")
        return {name: value for name, value in self.cleaned_data.items() if value and name not in left_out}


class GradeForm(MarkingForm):
    """The Virtual School's answer: the marks, then the decision with the reason. The grade is the formula's unless departed from."""

    submit_label = "Send the answer"
    other_submits = (("keep", "Save and reckon, answer later"),)
    unmarked = ("agreed",)
    reveals = {
        "follow": {"depart": ["grade", "departed_why"]},
        "decision": {APPROVE: ["agreed"], RETURN: ["sections"]},
    }

    praise = forms.CharField(label="What is good", **LONG)
    must_fix = forms.CharField(label="What must be mended", **LONG)
    next_time = forms.CharField(label="What to do next time", **LONG)
    follow = forms.ChoiceField(
        label="Which grade?",
        choices=[
            ("formula", "The one that the formula makes of the marks"),
            ("depart", "Another, for a reason of its own"),
        ],
        initial="formula",
        widget=forms.RadioSelect,
    )
    grade = forms.ChoiceField(label="The grade", choices=[("", "Choose one"), *Grade.choices], required=False)
    departed_why = forms.CharField(label="Why another than the formula’s?", **LONG)
    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[(APPROVE, "Approve it"), (RETURN, "Return it")],
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, costs: Iterable[PepCost], sections: Iterable[tuple[PepSection, str]], **kwargs: Any
    ) -> None:
        self.costs, self.sections = list(costs), list(sections)
        super().__init__(*args, auto_id="grade_%s", **kwargs)
        self.order_fields(
            [
                *(prefix + one.key for one in self.questions for prefix in (MARK, NOTE)),
                *FEEDBACK,
                "follow",
                "grade",
                "departed_why",
                "reason",
                "decision",
            ]
        )
        self.fields["reason"].help_text = "The school and the social worker read this."
        if not self.costs:
            self.reveals = {**self.reveals, "decision": {RETURN: ["sections"]}}

    def more(self) -> dict[str, forms.Field]:
        back = forms.MultipleChoiceField(
            label="Sections to be mended",
            choices=[(section.key, title) for section, title in self.sections],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text="These open again, and only these.",
        )
        agreed = forms.MultipleChoiceField(
            label="Pupil Premium Plus lines that are agreed",
            choices=[(str(cost.pk), f"{cost.item}: {pounds(cost.total_pence)}{_waits(cost)}") for cost in self.costs],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text="What is not ticked is not agreed.",
        )
        return {"sections": back} | ({"agreed": agreed} if self.costs else {})

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.keeps:
            return given
        if given.get("follow") == "depart":
            for name, words in (
                ("grade", "Choose the grade"),
                ("departed_why", "Say why it is another than the formula’s"),
            ):
                if not given.get(name):
                    self.add_error(name, words)
        if given.get("decision") == RETURN and not given.get("sections") and "sections" not in self.errors:
            self.add_error("sections", "Choose the sections to be mended")
        return given

    @property
    def returns(self) -> bool:
        return bool(self.cleaned_data["decision"] == RETURN)

    def grading(self) -> Grading:
        given = self.cleaned_data
        departs = given["follow"] == "depart"
        return Grading(
            marks=self.marks(),
            reason=given["reason"],
            grade=given["grade"] if departs else "",
            departed_why=given["departed_why"] if departs else "",
            **{name: given[name] for name in FEEDBACK},
        )

    def agreed(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data.get("agreed", ())]


def marks_in(content: dict[str, Any], sheet: Sheet) -> dict[str, Mark]:
    """The marks that a kept draft holds, of questions and bands that there are."""
    return {
        one.key: Mark(Grade(content[MARK + one.key]), str(content.get(NOTE + one.key, "")))
        for one in sheet.rubric.asked_of(sheet.asked)
        if content.get(MARK + one.key) in sheet.rubric.bands
    }


def _marks(questions: Iterable[Question], sheet: Sheet) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for one in questions:
        fields[MARK + one.key] = forms.ChoiceField(
            label=one.title,
            help_text=" ".join(filter(None, (one.asks, _beside(one), sheet.gold_needs.get(one.key, "")))),
            choices=[(band.value, capfirst(str(band.label))) for band in sheet.rubric.bands],
            widget=forms.RadioSelect,
            error_messages={"required": f"Grade “{one.title}”"},
        )
        fields[NOTE + one.key] = forms.CharField(label=f"Note on “{one.title}”", max_length=1000, required=False)
    return fields


def _beside(question: Question) -> str:
    if not question.scored:
        return "It does not count for the grade."
    return f"It counts {question.weight} times." if question.weight > 1 else ""


def _hints(question: Question) -> dict[str, str]:
    return {band.value: words for band, words in question.words.items()}


def _waits(cost: PepCost) -> str:
    return " (needs an agreed exception first)" if cost.excluded_as and cost.exception_by_id is None else ""
