"""What the ledger of lost education is asked for."""

from typing import Any

from django import forms

from attendance.lost.cohort import ANY
from attendance.lost.reasons import Owner, Reason
from children.models import Enrolment
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm
from virtualschool.kernel.periods import on
from virtualschool.rulebook import schoolyear

EVERYBODY = ("", "All children")


class SpanForm(FilterForm):
    """Over which days."""

    submit_label = "Show"
    submit_kind = "secondary"
    over = forms.ChoiceField(label="Time", required=False)

    def __init__(self, *args: Any, spans: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, initial={"over": "term"}, **kwargs)
        self.fields["over"].choices = [(key, span.words) for key, span in spans.items()]

    def asked(self, name: str) -> str:
        """What was chosen; nothing when it was not understood."""
        return str(self.cleaned_data.get(name) or "") if self.is_valid() else ""


class LostForm(SpanForm):
    """Which children, and what they lost."""

    reason = forms.ChoiceField(
        label="Why",
        required=False,
        choices=[
            EVERYBODY,
            (ANY, "Any lost education"),
            *((one.value, one.label.capitalize()) for one in Reason),
        ],
    )
    owner = forms.ChoiceField(
        label="Who acts",
        required=False,
        choices=[("", "Anybody"), *((one.value, one.label[0].upper() + one.label[1:]) for one in Owner)],
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "All"), *schoolyear.PHASES.items()])
    school = forms.ChoiceField(label="School", required=False)

    def __init__(self, *args: Any, children: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rolls = Enrolment.objects.filter(on(today()), child__in=children)
        names = rolls.order_by("school__name").values_list("school__uuid", "school__name").distinct()
        self.fields["school"].choices = [("", "All schools"), *((str(key), name) for key, name in names)]
