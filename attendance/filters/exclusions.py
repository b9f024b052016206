"""The list of suspensions and permanent exclusions, cut by what somebody looks for."""

import django_filters

from attendance import workflow
from attendance.enums import ExclusionKind, ExclusionState
from attendance.models import Exclusion
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm

WHICH = [
    ("now", "Away from school now"),
    ("proposed", "Permanent exclusion proposed"),
    ("open", "Waiting for governors or a review"),
    ("year", "This academic year"),
]


class ExclusionFilter(django_filters.FilterSet):
    """Cuts a list that is already the reader's own."""

    which = django_filters.ChoiceFilter(label="Which", choices=WHICH, method="of_which", empty_label="All")
    kind = django_filters.ChoiceFilter(
        label="Kind", choices=[(value, words.capitalize()) for value, words in ExclusionKind.choices], empty_label="Any"
    )

    class Meta:
        model = Exclusion
        form = FilterForm
        fields = ["which", "kind"]

    @property
    def qs(self):
        """Nothing when a filter is not understood: dropping it would show more than was asked for."""
        return super().qs if not self.is_bound or self.is_valid() else self.queryset.none()

    def of_which(self, rows, name, value):
        if value == "now":
            return rows.away(today())
        if value == "proposed":
            return rows.proposed()
        if value == "open":
            waiting = [ExclusionState.GOVERNORS, ExclusionState.REVIEW]
            permanent = rows.filter(kind=ExclusionKind.PERMANENT, state__in=workflow.BEFORE_FINAL)
            return rows.filter(state__in=waiting) | permanent
        return rows.exclude(state=ExclusionState.STRUCK).in_year(today())
