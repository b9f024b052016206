from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.text import capfirst

from attendance import weekgrid
from attendance.actions.timetables import ReviewFacts, TimetableFacts
from attendance.enums import Party, ReviewOutcome, TimetableReason
from attendance.models.timetables import Step
from children.models import Enrolment
from virtualschool.kernel.dates import today
from virtualschool.kernel.formrows import RowsField, RowsWidget
from virtualschool.kernel.forms import GovukDateField, PageForm, use_plain_words

LONGEST = 4000
SEEN = "Everybody who reads this child’s attendance reads this. Name no illness."


def said(choices: Any) -> list[tuple[str, str]]:
    """The choices as a form says them, with a capital."""
    return [(value, capfirst(label)) for value, label in choices]


def long_text(label: str, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=LONGEST, **more)


def hours_box(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=40, decimal_places=1, **more)


def week_field(label: str, **more: Any) -> RowsField:
    """A tick for each half day of the week."""
    boxes: dict[str, forms.Field] = {
        "am": forms.BooleanField(label="Morning", required=False),
        "pm": forms.BooleanField(label="Afternoon", required=False),
    }
    return RowsField(label=label, widget=RowsWidget(boxes, names=weekgrid.DAYS), **more)


def steps_field(label: str, **more: Any) -> RowsField:
    """Rows of a day and the hours from then on."""
    boxes: dict[str, forms.Field] = {
        "on": GovukDateField(label="From", required=False),
        "hours": hours_box("Hours a week", required=False),
    }
    for box in boxes.values():
        use_plain_words(box)
    return RowsField(label=label, widget=RowsWidget(boxes, row="Step"), **more)


def steps_of(rows: Iterable[Mapping[str, Any]]) -> list[Step]:
    return [Step(row["on"], row["hours"]) for row in rows]


class KeyForm(PageForm):
    """A form of something new: sent twice it is one."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class PlaceForm(KeyForm):
    """About one of the child's places; asked for only where there are several."""

    enrolment = forms.ChoiceField(label="Which school?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, places: Iterable[Enrolment], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.places = {str(place.uuid): place for place in places}
        self.fields["enrolment"].choices = [(key, place.school.name) for key, place in self.places.items()]
        if len(self.places) < 2:
            del self.fields["enrolment"]

    def place(self) -> Any:
        """The place that was chosen, or the only one; None for a child without any."""
        chosen = self.cleaned_data.get("enrolment")
        return self.places[chosen] if chosen else next(iter(self.places.values()), None)


def _refuse_half_steps(form: forms.Form) -> list[Step]:
    rows = form.cleaned_data.get("steps") or []
    if any("on" not in row or "hours" not in row for row in rows):
        form.add_error("steps", "Give each step a day and its hours a week")
        return []
    return steps_of(rows)


class TimetableForm(PlaceForm):
    submit_label = "Record this timetable"
    unmarked = ("pattern", "steps")

    start = GovukDateField(label="First day of the reduced timetable")
    end = GovukDateField(
        label="First day full time again", help_text="It always has an end. To go on it needs a new reason then."
    )
    hours = hours_box("Hours a week at school", help_text="As agreed, such as 12.5")
    pattern = week_field("When is the child at school?", required=False)
    reason = forms.ChoiceField(label="Main reason", choices=said(TimetableReason.choices), widget=forms.RadioSelect)
    why = long_text("Why, and what is done meanwhile?", help_text=SEEN)
    steps = steps_field(
        "The way back to full time",
        help_text="The last step is full time. Leave a row empty that you do not need.",
        required=False,
    )
    review_on = GovukDateField(label="Review on")
    school_on = GovukDateField(label="The school agreed on", required=False, not_future=True)
    carer_on = GovukDateField(label="The carer or parent agreed on", required=False, not_future=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.steps = _refuse_half_steps(self)
        return given

    def facts(self) -> TimetableFacts:
        names = ("start", "end", "hours", "reason", "why", "review_on")
        pattern = weekgrid.from_rows(self.cleaned_data["pattern"])
        return TimetableFacts(pattern=pattern, steps=self.steps, **{name: self.cleaned_data[name] for name in names})

    def agreed(self) -> dict[Party, date]:
        given = {Party.SCHOOL: self.cleaned_data["school_on"], Party.CARER: self.cleaned_data["carer_on"]}
        return {party: on for party, on in given.items() if on}


class RoundForm(PageForm):
    """For the round that the page showed."""

    round = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=9999)


class AnswerForm(RoundForm):
    """What one of the parties says."""

    submit_label = "Save this answer"

    party = forms.ChoiceField(label="Who?", widget=forms.RadioSelect)
    agrees = forms.ChoiceField(
        label="Is it agreed?", choices=[("yes", "Yes, agreed"), ("no", "No, not agreed")], widget=forms.RadioSelect
    )
    on = GovukDateField(label="On which day?", not_future=True)
    words = long_text("What was said", rows=3, required=False, help_text="Needed where it is not agreed.")

    def __init__(self, *args: Any, parties: Iterable[Party], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.parties = list(parties)
        self.fields["party"].choices = [(party.value, capfirst(party.label)) for party in self.parties]
        self.fields["on"].initial = today
        if len(self.parties) == 1:
            del self.fields["party"]

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        party = given.get("party") or self.parties[0]
        return {
            "round_seen": given["round"],
            "party": party,
            "agrees": given["agrees"] == "yes",
            "on": given["on"],
            "words": given["words"],
        }


class ReviewForm(RoundForm):
    submit_label = "Save this review"
    unmarked = ("pattern", "steps")
    outcome = forms.ChoiceField(
        label="What came of the review?",
        choices=said(ReviewOutcome.choices[:2]),
        widget=forms.RadioSelect,
    )
    end = GovukDateField(label="New first day full time", required=False)
    steps = steps_field("The way back to full time", required=False)
    hours = hours_box("Hours a week from now on", required=False)
    pattern = week_field("When is the child at school?", required=False)
    words = long_text("Why, in words", help_text=f"To go on it needs a new reason. {SEEN}")
    review_on = GovukDateField(label="Next review on")
    reveals = {
        "outcome": {
            ReviewOutcome.EXTENDED.value: ["end", "steps"],
            ReviewOutcome.MORE_HOURS.value: ["hours", "pattern"],
        }
    }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.steps = _refuse_half_steps(self)
        if given.get("outcome") == ReviewOutcome.EXTENDED and not given.get("end") and "end" not in self.errors:
            self.add_error("end", "Enter new first day full time")
        if (
            given.get("outcome") == ReviewOutcome.MORE_HOURS
            and given.get("hours") is None
            and "hours" not in self.errors
        ):
            self.add_error("hours", "Enter hours a week from now on")
        return given

    def facts(self) -> ReviewFacts:
        names = ("outcome", "words", "review_on", "end", "hours")
        pattern = weekgrid.from_rows(self.cleaned_data["pattern"])
        return ReviewFacts(pattern=pattern, steps=self.steps, **{name: self.cleaned_data[name] for name in names})


class EndForm(PageForm):
    """The last word on a timetable or a provision."""

    submit_label = "Save"
    submit_kind = "warning"

    on = GovukDateField(label="First day without it")
    words = long_text("How did it end?", rows=3)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
