import django_filters
from django.db.models import Q

from children.models import School
from pupil_premium.enums import ReleaseState
from pupil_premium.models import Release
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm
from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.enums import TermName

YEARS_BACK = 3


def terms() -> list[tuple[str, str]]:
    """The terms of this academic year and the two before, the newest first."""
    this = schoolyear.academic_year(today())
    names = list(reversed(TermName.choices))
    return [
        (f"{year}:{name}", f"{label} {schoolyear.year_words(year)}")
        for year in range(this, this - YEARS_BACK, -1)
        for name, label in names
    ]


class ReleaseFilter(django_filters.FilterSet):
    """Cuts a list of lines that is already the reader's own."""

    state = django_filters.ChoiceFilter(label="State", choices=ReleaseState.choices, empty_label="All")
    school = django_filters.CharFilter(label="School", method="at_school", help_text="Name, or URN")
    term = django_filters.ChoiceFilter(
        label="Term of the PEP", choices=terms, method="in_term", empty_label="Every term"
    )

    class Meta:
        model = Release
        form = FilterForm
        fields = ["state", "school", "term"]

    def at_school(self, rows, name, value):
        return rows.filter(school__in=School.objects.filter(Q(name__icontains=value) | Q(urn=value)))

    def in_term(self, rows, name, value):
        year, term = value.split(":")
        return rows.filter(pep__academic_year=int(year), pep__term=term)
