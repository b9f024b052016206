"""What is asked when a matter for the SEN team is opened, a school is consulted, and a step is recorded."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst

from children.forms.schools import SchoolChoiceForm
from children.models import LocalAuthority
from referrals.actions.sen import Opening
from referrals.actions.sen_steps import WORDED, StepFacts
from referrals.enums import CanMeet, ReviewOutcome, SenEvent, SenKind
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

SEEN = "SEN officers and social workers read this. Write nothing of the child’s story."
LONGEST = 4000


def said(choices: Any) -> list[tuple[str, str]]:
    """The choices as a form says them, with a capital."""
    return [(value, capfirst(str(label))) for value, label in choices]


def long_text(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, widget=area, max_length=LONGEST, required=required, help_text=help_text)


def councils(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *LocalAuthority.objects.order_by("name", "code").values_list("code", "name")]


class OpenForm(PageForm):
    """One matter for a child; a transfer between councils says between which, and when."""

    submit_label = "Open it and tell the SEN team"
    reveals: ClassVar = {"kind": {SenKind.HANDOVER.value: ["to_council", "moves_on"]}}

    kind = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect)
    to_council = forms.ChoiceField(label="Council that the child moves to", required=False)
    moves_on = GovukDateField(label="Day of the move", required=False)
    reason = long_text("What is asked of the SEN team?", help_text=SEEN)
    started_on = GovukDateField(label="Since when?", subject="Date", not_future=True)
    council = forms.ChoiceField(label="Council that holds the plan, or is asked for one", required=False)

    def __init__(self, *args: Any, kinds: dict[str, str], **kwargs: Any) -> None:
        """``kinds`` are those that fit the child, each with what its dates are counted by."""
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = said((one.value, one.label) for one in SenKind if one.value in kinds)
        if SenKind.HANDOVER not in kinds:
            self.reveals = {}
            for name in ("to_council", "moves_on"):
                del self.fields[name]
        self.fields["started_on"].initial = today
        self.fields["started_on"].help_text = "The day of the request, or on which the old council knew of the move."
        for name, empty in (("council", "As the plan says, or not known"), ("to_council", "Choose a council")):
            if name in self.fields:
                self.fields[name].choices = councils(empty)
        self.hints = {"kind": kinds}

    def clean(self) -> dict[str, Any]:
        """Answers that belong to another kind are no answers."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") != SenKind.HANDOVER:
            cleaned["to_council"], cleaned["moves_on"] = "", None
            for name in ("to_council", "moves_on"):
                self.errors.pop(name, None)
        return cleaned

    def facts(self) -> Opening:
        names = ("reason", "started_on", "council", "to_council", "moves_on")
        return Opening(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})


class ConsultForm(SchoolChoiceForm):
    submit_label = "Record that the school was asked"

    on = GovukDateField(label="On which day was it asked?", subject="Date", not_future=True)
    reason = long_text("What is it asked?", help_text=SEEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class StepForm(PageForm):
    """A step with nothing but its day and its words. The other forms ask for more."""

    submit_label = "Record it"
    words_label = "In a few words"

    on = GovukDateField(label="On which day?", subject="Date", not_future=True)
    words = long_text("", required=False, help_text=SEEN)

    def __init__(self, *args: Any, event: SenEvent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
        self.fields["words"].label = self.words_label
        self.fields["words"].required = event in WORDED
        if event in WORDED:
            self.fields["words"].error_messages["required"] = "Say it in a few words"
        self.order_fields([*(name for name in self.fields if name not in ("on", "words")), "on", "words"])

    def facts(self) -> StepFacts:
        return StepFacts(**self.cleaned_data)


class AnswerForm(StepForm):
    words_label = "What must happen, and which schools are to be asked?"
    submit_label = "Send the answer"

    can_meet = forms.ChoiceField(
        label="Can the plan be met where the child goes?", choices=said(CanMeet.choices), widget=forms.RadioSelect
    )


class FinalForm(StepForm):
    council = forms.ChoiceField(label="Council that holds the plan")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["council"].choices = councils("Choose a council")


class MeetingForm(StepForm):
    meeting_on = GovukDateField(label="Day of the review meeting")


class PepForm(StepForm):
    pep_on = GovukDateField(
        label="Day of the PEP meeting", help_text="The SEN team reads no PEP; it is shown this day alone."
    )


class DecisionForm(StepForm):
    words_label = "Why?"

    outcome = forms.ChoiceField(
        label="What did the council decide?", choices=said(ReviewOutcome.choices), widget=forms.RadioSelect
    )


class NamedForm(StepForm):
    words_label = "Which school or setting?"


class ToldForm(StepForm):
    words_label = "What does the new council do with the plan?"


class WhyForm(StepForm):
    words_label = "Why?"


class CloseForm(WhyForm):
    submit_label = "Close this matter"
    submit_kind = "warning"


FORMS: dict[SenEvent, type[StepForm]] = {
    SenEvent.ANSWER: AnswerForm,
    SenEvent.ASSESS: StepForm,
    SenEvent.REFUSE: WhyForm,
    SenEvent.DRAFT: StepForm,
    SenEvent.FINALISE: FinalForm,
    SenEvent.NO_PLAN: WhyForm,
    SenEvent.PLAN_MEETING: MeetingForm,
    SenEvent.PEP_BESIDE: PepForm,
    SenEvent.HOLD: StepForm,
    SenEvent.DECIDE: DecisionForm,
    SenEvent.NAME_SCHOOL: NamedForm,
    SenEvent.ISSUE: StepForm,
    SenEvent.HAND_OVER: StepForm,
    SenEvent.TELL_PARENT: ToldForm,
    SenEvent.ACCEPT: StepForm,
    SenEvent.DECLINE: WhyForm,
    SenEvent.CLOSE: CloseForm,
}
