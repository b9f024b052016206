import django_filters

from peps.filters import terms
from peps.models import SecondMark
from virtualschool.kernel.forms import FilterForm


class SecondMarkFilter(django_filters.FilterSet):
    """Cuts the list of second markings: what waits, what is marked, what is not agreed yet."""

    STATES = (("waiting", "Waits for my marks"), ("marked", "Marked"), ("open", "Marked, nothing agreed yet"))
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    term = django_filters.ChoiceFilter(label="Term", choices=terms, method="in_term", empty_label="All terms")

    class Meta:
        model = SecondMark
        form = FilterForm
        fields = ["state", "term"]

    @property
    def qs(self):
        """None when a filter is not understood."""
        return super().qs if self.is_valid() else self.queryset.none()

    def in_state(self, rows, name, value):
        if value == "waiting":
            return rows.waiting()
        return rows.marked().filter(note="") if value == "open" else rows.marked()

    def in_term(self, rows, name, value):
        year, _, term = value.partition("-")
        return rows.filter(pep__academic_year=int(year), pep__term=term)
