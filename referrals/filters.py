import django_filters

from referrals.enums import AtRisk, RiskState
from referrals.models import RiskReport
from virtualschool.kernel.forms import FilterForm

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
