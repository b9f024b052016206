from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q

from children.filters import CASELOAD
from children.models import CareReview, Child, School
from peps import reviews, workflow
from peps.enums import ConcernState, PepState
from peps.models import Concern, Pep
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm, SearchFilterForm
from virtualschool.kernel.searching import SearchFilterSet
from virtualschool.rulebook.enums import TermName
from virtualschool.rulebook.schoolyear import FIRST_YEAR, LAST_YEAR, academic_year, curriculum_year_words, year_words

YES = [("yes", "Yes")]


def terms() -> list[tuple[str, str]]:
    """The terms of this school year and the three before, the latest first."""
    this = academic_year(today())
    names = [(name.value, str(name.label)) for name in reversed(TermName)]
    return [
        (f"{year}-{name}", f"{label} {year_words(year)}") for year in range(this, this - 4, -1) for name, label in names
    ]


def years() -> list[tuple[str, str]]:
    return [(str(year), curriculum_year_words(year)) for year in range(FIRST_YEAR, LAST_YEAR + 1)]


class PepFilter(SearchFilterSet):
    """Cuts a list of PEPs that is already the reader's own."""

    q = django_filters.CharFilter(label="Child", method="named", help_text="Name, council’s id or UPN")
    state = django_filters.MultipleChoiceFilter(
        label="State", choices=PepState.choices, widget=forms.CheckboxSelectMultiple
    )
    term = django_filters.ChoiceFilter(label="Term", choices=terms, method="in_term", empty_label="All terms")
    year = django_filters.ChoiceFilter(label="Year group", choices=years, method="in_year", empty_label="All years")
    school = django_filters.CharFilter(label="School", method="at_school", help_text="Name, or URN")
    overdue = django_filters.ChoiceFilter(label="Overdue", choices=YES, method="is_overdue", empty_label="All")
    to_grade = django_filters.ChoiceFilter(
        label="Quality assurance", choices=[("yes", "Waits for my answer")], method="is_to_grade", empty_label="All"
    )
    mine = django_filters.ChoiceFilter(
        label="Children", choices=[("yes", "My own caseload")], method="of_mine", empty_label="All that I work with"
    )

    class Meta:
        model = Pep
        form = SearchFilterForm
        fields = ["q", "state", "term", "year", "school", "overdue", "to_grade", "mine"]

    def __init__(self, data, *args, request, **kwargs):
        super().__init__(data, *args, request=request, **kwargs)
        if not request.user.may(Act.GRADE_PEPS):
            del self.filters["to_grade"]

    def named(self, rows, name, value):
        return rows.filter(child__in=Child.objects.visible_to(self.request.user).named_like(value))

    def in_term(self, rows, name, value):
        year, _, term = value.partition("-")
        return rows.in_term(int(year), term)

    def in_year(self, rows, name, value):
        return rows.filter(child__in=Child.objects.in_years(int(value)))

    def at_school(self, rows, name, value):
        schools = School.objects.visible_to(self.request.user).filter(Q(name__icontains=value) | Q(urn=value))
        return rows.filter(school__in=schools)

    def is_overdue(self, rows, name, value):
        return rows.overdue()

    def is_to_grade(self, rows, name, value):
        return rows.to_grade().gradable_by(self.request.user)

    def of_mine(self, rows, name, value):
        mine = Child.objects.none()
        for kind in CASELOAD:
            mine = mine | Child.objects.related_to([self.request.user], kind, today())
        return rows.filter(child__in=mine)


class CaseloadFilter(SearchFilterSet):
    """Cuts rows of children, or a list of children, that is already the reader's own. ``path`` leads from a row to its child."""

    path = "child"
    q = django_filters.CharFilter(label="Child", method="named", help_text="Name, council’s id or UPN")
    mine = django_filters.ChoiceFilter(
        label="Children", choices=[("yes", "My own caseload")], method="of_mine", empty_label="All that I work with"
    )

    def named(self, rows, name, value):
        children = Child.objects.visible_to(self.request.user).named_like(value)
        return rows.filter(**{f"{self.path}__in": children})

    def of_mine(self, rows, name, value):
        mine = Child.objects.none()
        for kind in CASELOAD:
            mine = mine | Child.objects.related_to([self.request.user], kind, today())
        return rows.filter(**{f"{self.path}__in": mine.values("pk")})


class ReviewFilter(CaseloadFilter):
    """Cuts the review diary: when, and whether the PEP is there."""

    SPANS = (("past", "Just past"), ("14", "Next two weeks"), ("42", "Next six weeks"), ("coming", "All to come"))
    when = django_filters.ChoiceFilter(label="When", choices=SPANS, method="in_span", empty_label="All")
    pep = django_filters.ChoiceFilter(
        label="PEP for the review",
        choices=[("ready", "Ready"), ("missing", "Not ready")],
        method="is_ready",
        empty_label="All",
    )

    class Meta:
        model = CareReview
        form = SearchFilterForm
        fields = ["q", "when", "pep", "mine"]

    def in_span(self, rows, name, value):
        if value == "past":
            return rows.filter(on__lt=today())
        coming = rows.filter(on__gte=today())
        return coming.filter(on__lte=today() + timedelta(days=int(value))) if value.isdigit() else coming

    def is_ready(self, rows, name, value):
        cut = reviews.ready if value == "ready" else reviews.not_ready
        return cut(rows, reviews.terms(today()))


class UnplannedFilter(CaseloadFilter):
    """Cuts the children of whom no next review is known."""

    path = "pk"

    class Meta:
        model = Child
        form = SearchFilterForm
        fields = ["q", "mine"]


class ConcernFilter(django_filters.FilterSet):
    """Cuts the list of concerns: what is open, and what waits for the reader."""

    STATES = (("open", "Open"), ("answered", "Answered, to be accepted"), ("over", "Over"))
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    mine = django_filters.ChoiceFilter(
        label="Answer", choices=[("yes", "Waits for my answer")], method="of_mine", empty_label="All"
    )

    class Meta:
        model = Concern
        form = FilterForm
        fields = ["state", "mine"]

    @property
    def qs(self):
        """None when a filter is not understood."""
        return super().qs if self.is_valid() else self.queryset.none()

    def in_state(self, rows, name, value):
        states = {"open": workflow.CONCERN_OPEN, "answered": [ConcernState.ANSWERED]}
        return rows.filter(state__in=states[value]) if value in states else rows.exclude(state__in=states["open"])

    def of_mine(self, rows, name, value):
        return rows.to_answer(self.request.user)
