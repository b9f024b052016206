"""What the registers of attendance are filtered by. A filter narrows what is the reader's own already; it never widens it."""

import django_filters

from attendance import arrangements
from attendance.enums import LeaveKind, LeaveState, TimetableReason
from attendance.models import AlternativeProvision, LeaveRequest, ReducedTimetable
from attendance.provision import standings as provisionchecks
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


class ProvisionFilter(ArrangementFilter):
    STATES = (
        ("running", "Running"),
        ("unchecked", "Checks overdue"),
        ("late", "Past review or end"),
        ("ended", "Ended"),
    )
    REGISTERED = (("yes", "Registered school"), ("no", "Not registered"))
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    registered = django_filters.ChoiceFilter(
        label="Provider", choices=REGISTERED, method="is_registered", empty_label="All"
    )

    class Meta:
        model = AlternativeProvision
        form = FilterForm
        fields = ["state", "registered", "mine"]

    def in_state(self, rows, name, value):
        if value == "unchecked":
            return rows.checks_overdue(provisionchecks.rule(today()).value, today())
        return rows.late(today()) if value == "late" else rows.filter(state=value)

    def is_registered(self, rows, name, value):
        return rows.filter(school__isnull=value == "no")


class LeaveFilter(ArrangementFilter):
    WHEN = (("coming", "To come, or under way"), ("past", "Past"))
    state = django_filters.ChoiceFilter(
        label="State", choices=[("open", "Not decided"), *LeaveState.choices], method="in_state", empty_label="All"
    )
    kind = django_filters.ChoiceFilter(label="For", choices=LeaveKind.choices, empty_label="Anything")
    when = django_filters.ChoiceFilter(label="When", choices=WHEN, method="in_time", empty_label="Any time")

    class Meta:
        model = LeaveRequest
        form = FilterForm
        fields = ["state", "kind", "when", "mine"]

    def in_state(self, rows, name, value):
        return rows.open() if value == "open" else rows.filter(state=value)

    def in_time(self, rows, name, value):
        return rows.filter(end__gt=today()) if value == "coming" else rows.filter(end__lte=today())
