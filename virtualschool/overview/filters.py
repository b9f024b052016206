"""What the roll is filtered by. A filter narrows a queryset that is the reader's own already; it never widens it."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from children.enums import SenStatus
from children.filters import CASELOAD
from children.models import Alert, CareEpisode, CarePlacement, Child, Enrolment, Relationship, SenRecord
from peps.models import Pep
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import SearchFilterForm
from virtualschool.kernel.searching import SearchFilterSet
from virtualschool.rulebook import schoolyear

YEARS = [(str(year), schoolyear.curriculum_year_words(year)) for year in range(14)]


class TickFilter(django_filters.Filter):
    """Ticked or not; what is not ticked asks nothing, so that a panel without a tick counts as unused."""

    field_class = forms.BooleanField


class RollFilter(SearchFilterSet):
    """Name or id, year, phase, school, need, PEP, and whose caseload."""

    q = django_filters.CharFilter(label="Name, id or UPN", method="by_name", max_length=100)
    year = django_filters.ChoiceFilter(label="Year group", choices=YEARS, method="by_year")
    phase = django_filters.ChoiceFilter(label="Phase", choices=list(schoolyear.PHASES.items()), method="by_phase")
    school = django_filters.CharFilter(label="School name or URN", method="by_school", max_length=100)
    education = django_filters.ChoiceFilter(
        label="Education",
        choices=[("none", "No school"), ("ehcp", "EHC plan"), ("support", "SEN support")],
        method="by_education",
    )
    placed = django_filters.ChoiceFilter(
        label="Placed", choices=[("in", "In our area"), ("out", "Outside our area")], method="by_area"
    )
    care = django_filters.ChoiceFilter(
        label="Care", choices=[("counted", "Without short breaks"), ("short", "Short breaks only")], method="by_care"
    )
    pep = django_filters.ChoiceFilter(
        label="PEP",
        choices=[("overdue", "Overdue"), ("open", "Open"), ("none", "None open")],
        method="by_pep",
    )
    legal_status = django_filters.CharFilter(label="Legal status code", method="by_legal_status", max_length=2)
    alerts = TickFilter(label="With open alerts", method="by_alerts")
    mine = TickFilter(label="My caseload only", method="by_mine")

    class Meta:
        model = Child
        fields: list[str] = []
        form = SearchFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = {
            "pep": FieldGroup.PEP,
            "legal_status": FieldGroup.LEGAL,
            "placed": FieldGroup.LEGAL,
            "care": FieldGroup.LEGAL,
        }
        for name, group in groups.items():
            if not self.request.user.reads(group):
                del self.filters[name]

    def by_name(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.named_like(value)

    def by_year(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.in_years(int(value))

    def by_phase(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.in_phases([value])

    def by_school(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.filter(_today(Enrolment, Q(school__name__icontains=value) | Q(school__urn=value)))

    def by_education(self, children: QuerySet, name: str, value: str) -> QuerySet:
        if value == "none":
            return children.without_a_school()
        status = SenStatus.EHCP if value == "ehcp" else SenStatus.SUPPORT
        return children.filter(_today(SenRecord, Q(status=status)))

    def by_area(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.filter(_today(CarePlacement, Q(out_of_area=value == "out")))

    def by_care(self, children: QuerySet, name: str, value: str) -> QuerySet:
        counted = children.counted().values("pk")
        return children.filter(pk__in=counted) if value == "counted" else children.exclude(pk__in=counted)

    def by_pep(self, children: QuerySet, name: str, value: str) -> QuerySet:
        peps = Pep.objects.overdue() if value == "overdue" else Pep.objects.open()
        has = Exists(peps.filter(child=OuterRef("pk")))
        return children.exclude(has) if value == "none" else children.filter(has)

    def by_legal_status(self, children: QuerySet, name: str, value: str) -> QuerySet:
        return children.filter(_today(CareEpisode, Q(legal_status=value.upper())))

    def by_alerts(self, children: QuerySet, name: str, value: bool | None) -> QuerySet:
        if not value:
            return children
        alerts = Alert.objects.visible_to(self.request.user).open()
        return children.filter(Exists(alerts.filter(child=OuterRef("pk"))))

    def by_mine(self, children: QuerySet, name: str, value: bool | None) -> QuerySet:
        return (
            children.filter(_today(Relationship, Q(user=self.request.user, kind__in=CASELOAD))) if value else children
        )


def _today(model: Any, what: Q | None = None) -> Exists:
    """The child has such a row whose period holds today."""
    return Exists(model._base_manager.filter(periods.on(today()), what or Q(), child=OuterRef("pk")))
