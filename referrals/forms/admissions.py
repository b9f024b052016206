from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.text import capfirst

from children.forms.schools import SchoolChoiceForm
from children.models import School
from referrals.actions.admissions import GROUNDED, StepFacts
from referrals.enums import ApplicationEvent as E
from referrals.enums import RefusalGround
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

SEEN = "The admissions officer reads this. Say nothing here of the home or of why the child is in care."
ASKED = {
    E.OFFER: "What was said of the place?",
    E.WAIT: "What was said of the waiting list?",
    E.FAIR_ACCESS: "What was said?",
    E.REFUSE: "What was said?",
    E.CONSULT: "What was the school told, and by whom?",
    E.NOTIFY: "What did the school say, and to whom was notice given?",
    E.REFER: "What did the school refer, and from whom is it known?",
    E.UPHOLD: "What did the adjudicator decide, and from which day?",
    E.ELSEWHERE: "Which school did the adjudicator name?",
    E.ASK: "What was asked for, and by whom?",
    E.DECLINE: "What was answered?",
    E.DIRECT: "Who directed the school, and from which day?",
    E.ACCEPT: "What was agreed of the first day?",
    E.WITHDRAW: "Why?",
}


def facts_field() -> forms.CharField:
    return forms.CharField(
        label="What should the school know to say yes?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        required=False,
        help_text=SEEN,
    )


def sent_field() -> GovukDateField:
    return GovukDateField(
        label="On which day was it sent?",
        initial=today,
        not_future=True,
        help_text="Today, unless it was sent on paper or by another system before. The school’s days count from it.",
    )


def key_field() -> forms.UUIDField:
    return forms.UUIDField(widget=forms.HiddenInput, required=False)


class ApplyForm(SchoolChoiceForm):
    """For a child without a school: any school."""

    submit_label = "Apply for this place"
    facts = facts_field()
    on = sent_field()
    emergency = forms.BooleanField(label="This is an emergency: the child is out of school", required=False)
    key = key_field()
    unmarked = ("school_chosen", "emergency")
    field_order = ("school", "school_chosen", "facts", "on", "emergency", "key")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class ApplyInEmergencyForm(ApplyForm):
    """For a case that was acted on before anybody approved: any school, which the case then proposes."""

    emergency = None
    unmarked = ("school_chosen",)
    field_order = ("school", "school_chosen", "facts", "on", "key")


class ApplyForMoveForm(PageForm):
    """For an approved move: one of its schools."""

    submit_label = "Apply for this place"
    school = forms.ChoiceField(label="Which school?", widget=forms.RadioSelect)
    facts = facts_field()
    on = sent_field()
    key = key_field()

    def __init__(self, *args: Any, schools: Sequence[School], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.schools = {str(school.uuid): school for school in schools}
        self.fields["school"].choices = [(key, school.name) for key, school in self.schools.items()]
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()

    @property
    def chosen_school(self) -> School:
        return self.schools[self.cleaned_data["school"]]


class StepForm(PageForm):
    """One step: the day, the ground where a school does not admit, and the words."""

    submit_label = "Save"
    ground = forms.ChoiceField(
        label="On which ground, as the school says?",
        choices=[(value, capfirst(label)) for value, label in RefusalGround.choices],
        widget=forms.RadioSelect,
    )
    on = GovukDateField(label="On which day?", not_future=True)
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, help_text=SEEN)

    def __init__(self, *args: Any, event: E, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
        self.fields["words"].label = ASKED[event]
        if event in (E.OFFER, E.ACCEPT):
            self.fields["words"].required = False
        if event not in GROUNDED:
            del self.fields["ground"]
        if event == E.WITHDRAW:
            self.submit_kind = "warning"

    def step(self) -> StepFacts:
        given = self.cleaned_data
        return StepFacts(given["on"], given["words"], given.get("ground", ""))


class PutRightForm(PageForm):
    """The last step was recorded by mistake. ``seen`` is the step that the page showed."""

    submit_label = "Put it right"
    submit_kind = "warning"
    words = forms.CharField(
        label="What was wrong?", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, help_text=SEEN
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
