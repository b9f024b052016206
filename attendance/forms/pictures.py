"""What a picture of attendance is to be about."""

from typing import Any

from django import forms

from children.models import Enrolment
from virtualschool.kernel.forms import FilterForm
from virtualschool.rulebook import schoolyear

YEARS = 6


class WeeksForm(FilterForm):
    """An academic year, and one school or all."""

    submit_label = "Show"
    submit_kind = "secondary"
    year = forms.TypedChoiceField(label="Academic year", coerce=int, required=False)
    school = forms.ChoiceField(label="School", required=False)

    def __init__(self, *args: Any, children: Any, this: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = range(this, this - YEARS, -1)
        self.fields["year"].choices = [(str(year), schoolyear.year_words(year)) for year in years]
        rolls = Enrolment.objects.main().filter(child__in=children)
        names = rolls.order_by("school__name").values_list("school__uuid", "school__name").distinct()
        self.fields["school"].choices = [("", "All schools"), *((str(key), name) for key, name in names)]


class GroupsForm(FilterForm):
    """Which groups, and over which days."""

    submit_label = "Show"
    submit_kind = "secondary"
    by = forms.ChoiceField(label="Grouped by", required=False)
    over = forms.ChoiceField(label="Time", required=False)

    def __init__(self, *args: Any, kinds: dict[str, str], spans: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].choices = list(kinds.items())
        self.fields["over"].choices = [(key, span.words) for key, span in spans.items()]
