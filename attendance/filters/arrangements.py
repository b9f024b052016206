import django_filters

from attendance import arrangements
from attendance.enums import TimetableReason
from attendance.models import ReducedTimetable
from children.filters import CASELOAD
from children.models import Child
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm

MINE = [("yes", "My own caseload")]


class ArrangementFilter(django_filters.FilterSet):
    """Cuts a register that is already the reader's own."""

    mine = django_filters.ChoiceFilter(
        label="Children", method="of_mine", choices=MINE, empty_label="All that I work with"
    )

    def of_mine(self, rows, name, value):
        mine = Child.objects.none()
        for kind in CASELOAD:
            mine = mine | Child.objects.related_to([self.request.user], kind, today())
        return rows.filter(child__in=mine)

    @property
    def qs(self):
        """Nothing when a filter is not understood: dropping it would show, and export, more than was asked for."""
        return super().qs if self.is_valid() else self.queryset.none()


class TimetableFilter(ArrangementFilter):
    STATES = (
        ("running", "Running"),
        ("not_agreed", "Not agreed"),
        ("late", "Past review or end"),
        ("ended", "Ended"),
    )
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    reason = django_filters.ChoiceFilter(label="Main reason", choices=TimetableReason.choices, empty_label="Any")

    class Meta:
        model = ReducedTimetable
        form = FilterForm
        fields = ["state", "reason", "mine"]

    def in_state(self, rows, name, value):
        if value == "not_agreed":
            return rows.not_agreed(arrangements.parties(today()))
        return rows.late(today()) if value == "late" else rows.filter(state=value)
