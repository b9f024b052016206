from typing import Any

from django import forms

from attendance.actions.leave import LeaveFacts
from attendance.enums import LeaveKind
from attendance.forms.timetables import SEEN, PlaceForm, long_text, said
from attendance.leave import rules as leaverules
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

SUPPORTS = [("no", "No"), ("yes", "Yes")]


class LeaveForm(PlaceForm):
    submit_label = "Ask for leave"

    start = GovukDateField(label="First day away from school")
    end = GovukDateField(label="First day back at school")
    kind = forms.ChoiceField(label="What is it for?", choices=said(LeaveKind.choices), widget=forms.RadioSelect)
    purpose = long_text("In your words", rows=3, help_text=f"Say whose wish it is. {SEEN}")
    exceptional = long_text("What makes it truly exceptional?", rows=3, required=False)

    def facts(self) -> LeaveFacts:
        names = ("start", "end", "kind", "purpose", "exceptional")
        return LeaveFacts(**{name: self.cleaned_data[name] for name in names})


class OpinionForm(PageForm):
    """Whether somebody supports it, and why. Not supporting stands first: it is what happens without an exception."""

    submit_label = "Send"

    supports = forms.ChoiceField(label="Do you support it?", choices=SUPPORTS, widget=forms.RadioSelect)
    words = long_text("Why?", help_text=SEEN)

    def given(self) -> dict[str, Any]:
        return {"supports": self.cleaned_data["supports"] == "yes", "words": self.cleaned_data["words"]}


class DecisionForm(PageForm):
    submit_label = "Record the decision"

    decision = forms.ChoiceField(label="What did the head teacher decide?", widget=forms.RadioSelect)
    on = GovukDateField(label="On which day?", not_future=True)
    words = long_text("The school’s reason", rows=3, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        granted = [(code, f"Granted, marked {code}: {words}") for code, words in leaverules.codes().items()]
        self.fields["decision"].choices = [("not", "Not granted"), *granted]
        self.fields["on"].initial = today

    def given(self) -> dict[str, Any]:
        chosen = self.cleaned_data["decision"]
        code = "" if chosen == "not" else chosen
        return {"code": code, "on": self.cleaned_data["on"], "words": self.cleaned_data["words"]}


class WithdrawForm(PageForm):
    submit_label = "Withdraw the request"
    submit_kind = "warning"

    words = long_text("Why?", rows=3)
