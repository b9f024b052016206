import django_filters
from django.db.models import Q

from children.enums import RelationKind
from children.models import Child, Relationship, School
from peps import planner
from peps.filters import CaseloadFilter, terms
from peps.models import Pep
from virtualschool.accounts.models import Membership, User
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import SearchFilterForm
from virtualschool.rulebook import calendars
from virtualschool.rulebook.schoolyear import academic_year

TEACHING = (Membership.Position.DESIGNATED_TEACHER, Membership.Position.DEPUTY)
PEOPLE = ["school", "teacher", "social_worker", "coordinator"]


def this_term() -> str:
    year, name = calendars.load().term_of(today()).key
    return f"{year}-{name}"


def this_month() -> str:
    return f"{today():%Y-%m}"


def months() -> list[tuple[str, str]]:
    """Those of the last school year, of this and of the next: no meeting is planned or recorded further off."""
    year = academic_year(today())
    found = [(9 + place, year - 1) for place in range(36)]
    return [_month(year + (month - 1) // 12, (month - 1) % 12 + 1) for month, year in found]


def _month(year: int, month: int) -> tuple[str, str]:
    first = today().replace(year=year, month=month, day=1)
    return f"{first:%Y-%m}", f"{first:%B %Y}"


def workers(kind: RelationKind):
    """Who today is that kind of worker of a child whom the reader reaches."""

    def found(request):
        ties = Relationship.objects.filter(kind=kind, child__in=Child.objects.visible_to(request.user).values("pk"))
        return User.objects.filter(pk__in=ties.current(today()).values("user")).order_by("name", "pk")

    return found


def teachers(request):
    """The designated teachers and deputies of the schools of the PEPs that the reader sees."""
    schools = Pep.objects.visible_to(request.user).values("school__organisation")
    members = Membership.objects.filter(position__in=TEACHING, organisation__in=schools).current(today())
    return User.objects.filter(pk__in=members.values("user")).order_by("name", "pk")


def _person(label: str, queryset, method: str) -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(
        label=label, queryset=queryset, method=method, to_field_name="uuid", empty_label="Anybody"
    )


class PeopleFilter(CaseloadFilter):
    """Cuts PEPs, already the reader's own, by who has to be at the table."""

    school = django_filters.CharFilter(label="School", method="at_school", help_text="Name, or URN")
    teacher = _person("Designated teacher", teachers, "of_teacher")
    social_worker = _person("Social worker", workers(RelationKind.SOCIAL_WORKER), "of_social_worker")
    coordinator = _person("PEP coordinator", workers(RelationKind.COORDINATOR), "of_coordinator")

    def at_school(self, rows, name, value):
        schools = School.objects.visible_to(self.request.user).filter(Q(name__icontains=value) | Q(urn=value))
        return rows.filter(school__in=schools)

    def of_teacher(self, rows, name, value):
        members = Membership.objects.filter(user=value, position__in=TEACHING).current(today())
        return rows.filter(school__organisation__in=members.values("organisation"))

    def of_social_worker(self, rows, name, value):
        return rows.filter(child__in=Child.objects.related_to([value], RelationKind.SOCIAL_WORKER, today()))

    def of_coordinator(self, rows, name, value):
        return rows.filter(child__in=Child.objects.related_to([value], RelationKind.COORDINATOR, today()))


class PlannerFilter(PeopleFilter):
    """Cuts the plan of one term."""

    STANDS = (
        ("without", "No meeting yet"),
        ("planned", "Planned"),
        ("late", "Late, not held"),
        ("held", "Held"),
    )
    term = django_filters.ChoiceFilter(
        label="Term", choices=terms, method="in_term", empty_label=None, initial=this_term
    )
    meeting = django_filters.ChoiceFilter(label="Meeting", choices=STANDS, method="stands", empty_label="All")

    class Meta:
        model = Pep
        form = SearchFilterForm
        fields = ["term", "meeting", *PEOPLE, "q", "mine"]

    def in_term(self, rows, name, value):
        year, _, term = value.partition("-")
        return rows.in_term(int(year), term)

    def stands(self, rows, name, value):
        return rows.filter(planner.standings(today())[value])


class MonthFilter(PeopleFilter):
    """Cuts the calendar: the month is no question to the PEPs, the page asks it of their meetings."""

    month = django_filters.ChoiceFilter(
        label="Month", choices=months, method="later", empty_label=None, initial=this_month
    )

    class Meta:
        model = Pep
        form = SearchFilterForm
        fields = ["month", *PEOPLE, "q", "mine"]

    def later(self, rows, name, value):
        return rows
