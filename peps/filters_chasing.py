import django_filters
from django.db.models import Q, QuerySet

from children.models import School
from peps.chasing import Debtor
from peps.filters import terms
from peps.models import Pep
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm
from virtualschool.kernel.searching import Search

OWING = ("socialworker", "manager", "teacher", "ala", "vsh", "coordinator", "support", "iro")
# What a part is called in the filter when nobody has it.
ROLE_OF_SEAT = {
    "social_worker": "socialworker",
    "designated_teacher": "teacher",
    "advocate": "ala",
    "coordinator": "coordinator",
}


class ChaseFilter(django_filters.FilterSet):
    """Cuts who owes what: the PEPs by school and term, then the people by role, and to those who are late."""

    search = Search()
    school = django_filters.CharFilter(label="School", method="at_school", help_text="Name, or URN")
    term = django_filters.ChoiceFilter(label="Term", choices=terms, method="in_term", empty_label="All terms")
    role = django_filters.ChoiceFilter(
        label="Role", choices=[(name, ROLES[name].title) for name in OWING], method="later", empty_label="All roles"
    )
    late = django_filters.ChoiceFilter(
        label="Late", choices=[("yes", "Only those who are late")], method="later", empty_label="All who owe something"
    )

    class Meta:
        model = Pep
        form = FilterForm
        fields = ["school", "term", "role", "late"]

    @property
    def qs(self) -> QuerySet[Pep]:
        """Nothing when a filter is not understood: dropping it would show more than was asked for."""
        return super().qs if self.is_valid() else self.queryset.none()

    def at_school(self, rows, name, value):
        schools = School.objects.visible_to(self.request.user).filter(Q(name__icontains=value) | Q(urn=value))
        return rows.filter(school__in=schools)

    def in_term(self, rows, name, value):
        year, _, term = value.partition("-")
        return rows.in_term(int(year), term)

    def later(self, rows, name, value):
        """Not a question to the PEPs: ``people`` asks it of the people."""
        return rows

    def people(self, found: list[Debtor]) -> list[Debtor]:
        """Those of the role, and those who are late, when that was asked."""
        if not self.is_valid():
            return []
        role, late = self.form.cleaned_data.get("role"), self.form.cleaned_data.get("late")
        of_role = [one for one in found if not role or role == _role(one)]
        return [one for one in of_role if not late or one.first_due_on < today()]


def _role(one: Debtor) -> str:
    return one.person.role if one.person else ROLE_OF_SEAT.get(one.seat, "")
