import django_filters
from django.db.models import Q, QuerySet

from virtualschool.accounts.models import Organisation, User
from virtualschool.accounts.roles import CHOICES
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm


class PeopleFilter(django_filters.FilterSet):
    """Accounts by name or address, role, and whether they are open."""

    q = django_filters.CharFilter(label="Name or email address", method="by_text", max_length=100)
    role = django_filters.ChoiceFilter(label="Role", choices=CHOICES)
    open = django_filters.ChoiceFilter(
        label="Account", choices=[("yes", "Open"), ("no", "Closed")], method="by_open", empty_label="Any"
    )

    class Meta:
        model = User
        fields: list[str] = []
        form = FilterForm

    def by_text(self, people: QuerySet, name: str, value: str) -> QuerySet:
        return people.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def by_open(self, people: QuerySet, name: str, value: str) -> QuerySet:
        return people.filter(is_active=value == "yes")


class TeachersFilter(django_filters.FilterSet):
    """Schools by name or URN, and those without a designated teacher today."""

    q = django_filters.CharFilter(label="School name or URN", method="by_text", max_length=100)
    teacher = django_filters.ChoiceFilter(
        label="Designated teacher", choices=[("none", "None today")], method="by_teacher", empty_label="Any"
    )

    class Meta:
        model = Organisation
        fields: list[str] = []
        form = FilterForm

    def by_text(self, schools: QuerySet, name: str, value: str) -> QuerySet:
        return schools.filter(Q(name__icontains=value) | Q(code=value))

    def by_teacher(self, schools: QuerySet, name: str, value: str) -> QuerySet:
        return schools.exclude(
            Q(memberships__position="designated_teacher", memberships__start__lte=today())
            & (Q(memberships__end__isnull=True) | Q(memberships__end__gt=today()))
        )
