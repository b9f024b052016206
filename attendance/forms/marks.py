from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from attendance import codes
from attendance.actions.marks import Pair
from children.models import Child, Enrolment
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm, GovukDateField, PageForm


class WhichDayForm(FilterForm):
    """Which day's marks, and for whoever reaches the whole roll, at which school."""

    submit_label = "Show this day"
    submit_kind = "secondary"
    on = GovukDateField(label="Which day?", required=False)
    school = forms.ChoiceField(label="School", required=False)

    def __init__(self, *args, children, whole_roll: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not whole_roll:
            del self.fields["school"]
            return
        places = Enrolment.objects.filter(periods.on(today()), child__in=children)
        names = places.order_by("school__name").values_list("school__uuid", "school__name").distinct()
        self.fields["school"].choices = [("", "Choose a school"), *((str(key), name) for key, name in names)]

    def clean_on(self) -> date | None:
        on = self.cleaned_data["on"]
        if on and on > today():
            raise ValidationError("This day is to come: it has no marks yet.")
        return on


class MarksForm(PageForm):
    """A morning and an afternoon for each child, as they stand; one left empty stays as it is."""

    submit_label = "Save marks"
    mark_optional = False
    bold_labels = False

    def __init__(self, *args, children: list[Child], on: date, held: dict[int, Pair], **kwargs):
        self.children = children
        self.day = on
        super().__init__(*args, **kwargs)
        offered = [("", "No mark"), *((one.code, f"{one.code}  {one.meaning}") for one in codes.in_use(on))]
        for child in children:
            for half, words, code in zip(
                ("am", "pm"), ("morning", "afternoon"), held.get(child.pk, (None, None)), strict=True
            ):
                self.fields[f"{half}_{child.uuid}"] = forms.ChoiceField(
                    label=f"{child.name}, {words}", choices=offered, required=False, initial=code or ""
                )

    def marks(self) -> dict[int, Pair]:
        """What was chosen, by child."""
        chosen = self.cleaned_data
        return {
            child.pk: (chosen[f"am_{child.uuid}"] or None, chosen[f"pm_{child.uuid}"] or None)
            for child in self.children
        }
