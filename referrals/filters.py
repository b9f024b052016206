from datetime import timedelta

import django_filters
from django.utils.text import capfirst

from children.models import LocalAuthority
from referrals.enums import ApplicationState, AtRisk, Destination, MoveState, NoticeState, RiskState, SenKind
from referrals.models import Application, RiskReport, SchoolMove, SenMatter
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm

FOUR_WEEKS = timedelta(weeks=4)
STATES = [("open", "Open"), *RiskState.choices]


class RiskFilter(django_filters.FilterSet):
    """Cuts a list of reports that is already the reader's own."""

    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    at_risk = django_filters.ChoiceFilter(label="At risk", choices=AtRisk.choices, empty_label="Either")

    class Meta:
        model = RiskReport
        form = FilterForm
        fields = ["state", "at_risk"]

    def in_state(self, rows, name, value):
        return rows.open() if value == "open" else rows.filter(state=value)


class SenFilter(django_filters.FilterSet):
    """Cuts a list of matters, each with its ``due_on``, that is already the reader's own."""

    WHEN = (("late", "Overdue"), ("soon", "Due within four weeks"))
    STATES = (
        ("open", "Open"),
        ("waiting", "Moves without an answer"),
        ("no_pep", "Reviews with no PEP date"),
        ("closed", "Closed"),
    )

    kind = django_filters.ChoiceFilter(label="What", choices=SenKind.choices, empty_label="Anything")
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    when = django_filters.ChoiceFilter(label="Date", choices=WHEN, method="due", empty_label="Any")
    council = django_filters.ChoiceFilter(label="Council of the plan", empty_label="Any")

    class Meta:
        model = SenMatter
        form = FilterForm
        fields = ["kind", "state", "when", "council"]

    def __init__(self, *args, **kwargs):
        """The councils are those of the reader's own list."""
        super().__init__(*args, **kwargs)
        codes = self.queryset.order_by().values("council")
        known = LocalAuthority.objects.filter(code__in=codes).order_by("name", "code")
        self.filters["council"].extra["choices"] = list(known.values_list("code", "name"))

    def in_state(self, rows, name, value):
        if value == "waiting":
            return rows.filter(state=NoticeState.WAITING)
        if value == "no_pep":
            return rows.open().filter(kind=SenKind.REVIEW, pep_on__isnull=True)
        return rows.filter(closed_on__isnull=value == "open")

    def due(self, rows, name, value):
        if value == "late":
            return rows.filter(due_on__lt=today())
        return rows.filter(due_on__range=(today(), today() + FOUR_WEEKS))

    @property
    def qs(self):
        """Nothing when a filter is not understood: dropping it would show more than was asked for."""
        return super().qs if self.is_valid() else self.queryset.none()


MOVE_STATES = [("open", "Open"), *MoveState.choices]


class MoveFilter(django_filters.FilterSet):
    """Cuts a list of school moves that is already the reader's own."""

    state = django_filters.ChoiceFilter(label="State", choices=MOVE_STATES, method="in_state", empty_label="All")
    destination = django_filters.ChoiceFilter(label="Where to", choices=Destination.choices, empty_label="Any")
    emergency = django_filters.ChoiceFilter(
        label="Emergency", choices=[("yes", "Emergencies only")], method="emergencies", empty_label="All"
    )

    class Meta:
        model = SchoolMove
        form = FilterForm
        fields = ["state", "destination", "emergency"]

    def in_state(self, rows, name, value):
        return rows.open() if value == "open" else rows.filter(state=value)

    def emergencies(self, rows, name, value):
        return rows.filter(emergency=True)


class ApplicationFilter(django_filters.FilterSet):
    """Cuts a list of applications for school places that is already the reader's own."""

    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("open", "Open"),
            ("emergency", "Emergencies that are open"),
            *((value, capfirst(label)) for value, label in ApplicationState.choices),
        ],
        method="in_state",
        empty_label="All",
    )

    class Meta:
        model = Application
        form = FilterForm
        fields = ["state"]

    @property
    def qs(self):
        """Nothing when the filter is not understood: dropping it would show more than was asked for."""
        return super().qs if not self.is_bound or self.is_valid() else self.queryset.none()

    def in_state(self, rows, name, value):
        if value == "open":
            return rows.open()
        return rows.open().filter(emergency=True) if value == "emergency" else rows.filter(state=value)
