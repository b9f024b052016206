from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.text import capfirst

from referrals.actions.courses import CourseFacts, TakenFacts, Told
from referrals.enums import AwardingBody, CourseStage, Coursework, Tier
from virtualschool.kernel.dates import today
from virtualschool.kernel.formrows import MORE, RowsField, RowsWidget
from virtualschool.kernel.forms import GovukDateField, PageForm, use_plain_words

NOT_KNOWN = [("", "Not known")]
CODE_HINT = "It stands in the school’s exam entries, such as 8702 or 1ET0."


def said(choices: Any) -> list[tuple[str, str]]:
    return [(value, capfirst(label)) for value, label in choices]


def subject_box(**more: Any) -> forms.CharField:
    return forms.CharField(label="Subject", max_length=80, **more)


def body_box(**more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Awarding body", choices=[*NOT_KNOWN, *said(AwardingBody.choices)], required=False, **more
    )


def code_box(**more: Any) -> forms.CharField:
    return forms.CharField(label="Specification code", max_length=20, required=False, **more)


def tier_box() -> forms.ChoiceField:
    return forms.ChoiceField(label="Tier", choices=[("", "None, or not known"), *said(Tier.choices)], required=False)


def coursework_box() -> forms.ChoiceField:
    known = [pair for pair in said(Coursework.choices) if pair[0] != Coursework.UNKNOWN]
    return forms.ChoiceField(label="Coursework or practical work", choices=[*NOT_KNOWN, *known], required=False)


def taken(given: Mapping[str, Any]) -> TakenFacts:
    """The facts of one course; coursework of which nobody says anything is not known."""
    return TakenFacts(**{**given, "coursework": given.get("coursework") or Coursework.UNKNOWN})


def courses_field(*, with_work: bool) -> RowsField:
    """Rows of courses; the last row grows another."""
    boxes: dict[str, forms.Field] = {
        "subject": subject_box(required=False),
        "awarding_body": body_box(),
        "specification_code": code_box(),
        "tier": tier_box(),
    }
    if with_work:
        boxes["coursework"] = coursework_box()
    for box in boxes.values():
        use_plain_words(box)
    return RowsField(label="Courses", widget=RowsWidget(boxes, row="Course"), help_text=CODE_HINT)


class SourceForm(PageForm):
    """Who told us, and when: both stand last in every form of courses."""

    told_by = forms.CharField(
        label="Who told us?", max_length=120, help_text="Such as the exams officer of the school."
    )
    told_on = GovukDateField(label="On which day?", not_future=True)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["told_on"].initial = today

    def source(self) -> Told:
        return Told(self.cleaned_data["told_by"], self.cleaned_data["told_on"])


class StageForm(SourceForm):
    stage = forms.ChoiceField(label="For which years?", choices=said(CourseStage.choices), widget=forms.RadioSelect)
    field_order = ("stage", "courses", "exam_on", "told_by", "told_on")


class CoursesForm(StageForm):
    """Several courses of a school at once."""

    submit_label = "Save these courses"
    unmarked = ("courses",)
    courses = courses_field(with_work=False)

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any):
        self.growing = data is not None and MORE.format("courses") in data
        super().__init__(data, *args, **kwargs)

    def is_valid(self) -> bool:
        """Asking for one more row sends nothing in."""
        return super().is_valid() and not self.growing

    def full_clean(self) -> None:
        if self.growing:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.rows = given.get("courses") or []
        if any(not row.get("subject") for row in self.rows):
            self.add_error("courses", "Give each course a subject")
        elif "courses" in given and not self.rows:
            self.add_error("courses", "Enter at least one course")
        return given

    def facts(self) -> list[Any]:
        return [CourseFacts(**row) for row in self.rows]


class TakenForm(CoursesForm):
    """Several courses of a young person at once."""

    courses = courses_field(with_work=True)
    exam_on = GovukDateField(
        label="When are the exams?", required=False, help_text="The first day, where it is the same for all of these."
    )

    def facts(self) -> list[Any]:
        return [taken({**row, "exam_on": self.cleaned_data["exam_on"]}) for row in self.rows]


class SeenForm(SourceForm):
    """A change of what the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=99999)
    subject = subject_box()
    awarding_body = body_box()
    specification_code = code_box(help_text=CODE_HINT)
    tier = tier_box()
    field_order = ("seen", "subject", "awarding_body", "specification_code", "tier", "coursework", "exam_on")
    unmarked = ("awarding_body", "tier", "coursework")
    names: tuple[str, ...] = ("subject", "awarding_body", "specification_code", "tier")

    def given(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.names}

    def facts(self) -> Any:
        return CourseFacts(**self.given())


class TakenChangeForm(SeenForm):
    names = (*SeenForm.names, "coursework", "exam_on")
    coursework = coursework_box()
    exam_on = GovukDateField(label="When is the exam?", required=False, subject="The day of the exam")

    def facts(self) -> Any:
        return taken(self.given())


class EndForm(PageForm):
    submit_label = "End this course"
    submit_kind = "warning"
    on = GovukDateField(label="From which day is it not taken or taught any more?", not_future=True)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class WholeForm(SourceForm):
    """Whether the list is whole."""

    stage = forms.ChoiceField(label="For which years?", choices=said(CourseStage.choices), widget=forms.RadioSelect)
    whole = forms.ChoiceField(
        label="Is what is recorded all that the school teaches in these years?",
        choices=[("yes", "Yes, this is the whole list"), ("no", "No, or not any more")],
        widget=forms.RadioSelect,
        help_text="Only a whole list lets us say that a course is not offered.",
    )
    field_order = ("stage", "whole", "told_by", "told_on")

    def given(self) -> dict[str, Any]:
        return {"stage": self.cleaned_data["stage"], "whole": self.cleaned_data["whole"] == "yes"}
