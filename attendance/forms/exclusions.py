"""The forms of suspensions and permanent exclusions."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from attendance.actions.exclusions import REASONS, ExclusionFacts, facts_of
from attendance.enums import ExclusionKind
from attendance.models import Exclusion
from children.forms.common import codes
from children.models import Child, Enrolment, School
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

ONE_DAY = timedelta(days=1)
LONG = 4000
KINDS = [(value, words.capitalize()) for value, words in ExclusionKind.choices]
GIVEN = [("given", "It is given"), ("proposed", "The school thinks of it and has not decided")]
HALF_DAYS = 400


def _text(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=LONG, required=False, **more
    )


class ExclusionForm(PageForm):
    """What the school told. Only the kind, the dates and a reason have to be there: the rest can follow."""

    submit_label = "Record it"
    reveals: ClassVar = {"kind": {ExclusionKind.PERMANENT.value: ["stage"]}}
    unmarked = ("stage", "last", "sessions")

    school = forms.ChoiceField(label="Which school?")
    kind = forms.ChoiceField(label="What did the school do?", choices=KINDS, widget=forms.RadioSelect)
    stage = forms.ChoiceField(
        label="Has the head decided?", choices=GIVEN, widget=forms.RadioSelect, required=False, initial="given"
    )
    given_on = GovukDateField(
        label="When did the head give notice of it?",
        subject="Date of notice",
        required=False,
        not_future=True,
        help_text="Left empty, it is the first day away.",
    )
    start = GovukDateField(label="First day away", subject="First day")
    from_noon = forms.BooleanField(label="Only from the afternoon of that day", required=False)
    last = GovukDateField(
        label="Last day away",
        subject="Last day",
        required=False,
        help_text="Leave it empty for a permanent exclusion.",
    )
    until_noon = forms.BooleanField(label="Only the morning of the last day", required=False)
    sessions = forms.IntegerField(
        label="Half days away",
        required=False,
        min_value=1,
        max_value=HALF_DAYS,
        help_text="Left empty, they are counted from the school’s own days. A lunchtime is one half day.",
    )
    reason = forms.ChoiceField(label="Main reason")
    reason_2 = forms.ChoiceField(label="Second reason", required=False)
    reason_3 = forms.ChoiceField(label="Third reason", required=False)
    exam_missed = forms.BooleanField(label="The child misses a public exam or a national test by it", required=False)
    alternatives = _text("What was tried before, instead of this?")
    work_set = _text("What work is set and marked for the first five days?")
    child_says = _text("What does the child say about it?")
    told_carer_on = GovukDateField(label="When was the carer told?", subject="Date", required=False, not_future=True)
    told_social_worker_on = GovukDateField(
        label="When did the school tell the social worker?", subject="Date", required=False, not_future=True
    )
    told_virtual_school_on = GovukDateField(
        label="When did the school tell the Virtual School?", subject="Date", required=False, not_future=True
    )

    def __init__(self, *args: Any, child: Child, by: User, held: Exclusion | None = None, **kwargs: Any) -> None:
        if held is not None:
            kwargs["initial"] = _initial(held) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.schools = _schools(child, by) if held is None else {str(held.school.uuid): held.school}
        self._offer_schools()
        listed = codes(REASONS)
        for name in ("reason", "reason_2", "reason_3"):
            empty = "Choose one" if name == "reason" else "None"
            self.fields[name].choices = [("", empty), *listed]
        if not by.reads(FieldGroup.VOICE):
            del self.fields["child_says"]
        self.held = held

    def _offer_schools(self) -> None:
        field = self.fields["school"]
        field.choices = [(key, school.name) for key, school in self.schools.items()]
        if len(self.schools) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(self.schools))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") != ExclusionKind.PERMANENT and not given.get("last") and "last" not in self.errors:
            self.add_error("last", "Enter the last day away")
        if given.get("last") and given.get("start") and given["last"] < given["start"]:
            self.add_error("last", "The last day must be the first day or a later one")
        chosen = [given.get(name) for name in ("reason", "reason_2", "reason_3") if given.get(name)]
        if len(set(chosen)) < len(chosen):
            self.add_error("reason_2", "Choose each reason once")
        return given

    @property
    def proposed(self) -> bool:
        return self.cleaned_data["kind"] == ExclusionKind.PERMANENT and self.cleaned_data["stage"] == "proposed"

    def school_chosen(self) -> School:
        return self.schools[self.cleaned_data["school"]]

    def facts(self) -> ExclusionFacts:
        """The answers as the action takes them; what the writer does not read stays as it was."""
        given = self.cleaned_data
        says = given.get("child_says", self.held.child_says if self.held else "")
        names = ("kind", "start", "given_on", "from_noon", "until_noon", "sessions", "alternatives", "exam_missed")
        told = ("work_set", "told_carer_on", "told_social_worker_on", "told_virtual_school_on")
        return ExclusionFacts(
            **{name: given[name] for name in (*names, *told)},
            child_says=says,
            reasons=tuple(given[name] for name in ("reason", "reason_2", "reason_3") if given[name]),
            end=given["last"] + ONE_DAY if given["last"] else None,
        )


class CorrectExclusionForm(ExclusionForm):
    """The same, with a reason for the change."""

    submit_label = "Save the correction"
    reveals: ClassVar = {}
    why = forms.CharField(label="Why is it corrected?", max_length=400)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["stage"]
        self.fields["kind"].widget = forms.HiddenInput()


class ProvisionForm(PageForm):
    submit_label = "Save where the child is taught"
    where = forms.CharField(label="Where is the child taught meanwhile?", max_length=200)
    start = GovukDateField(label="From which day?", subject="Date")


class StepForm(PageForm):
    """One step: the day it happened, in a few words; for the governors, when they meet."""

    on = GovukDateField(label="On which day?", subject="Date", not_future=True)
    governors_on = GovukDateField(label="When do the governors meet?", subject="Date of the meeting", required=False)
    words = _text("In a few words")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, label: str, asks_meeting: bool, **kwargs: Any) -> None:
        self.submit_label = label
        super().__init__(*args, **kwargs)
        if not asks_meeting:
            del self.fields["governors_on"]


def _schools(child: Child, by: User) -> dict[str, School]:
    """Schools on whose roll the child is or has been, the newest first; of a designated teacher, their own."""
    places = Enrolment.objects.filter(child=child, start__lte=today(), school__in=School.objects.visible_to(by))
    rows = places.select_related("school").order_by("-start", "-pk")
    return {str(one.school.uuid): one.school for one in rows}


def _initial(held: Exclusion) -> dict[str, Any]:
    facts = facts_of(held)
    reasons = [*facts.reasons, "", "", ""]
    shown = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    last = facts.end - ONE_DAY if facts.end else None
    return shown | {"last": last, "reason": reasons[0], "reason_2": reasons[1], "reason_3": reasons[2]}
