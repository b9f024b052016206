import django_filters
from django.contrib.auth import get_user_model

from virtualschool.audit.enums import AccessKind, Verb
from virtualschool.audit.models import AccessLog, AuditEvent, Change
from virtualschool.kernel.forms import FilterForm, GovukDateField


class DateFilter(django_filters.DateFilter):
    field_class = GovukDateField


class AuditFilter(django_filters.FilterSet):
    """What the three logs have in common: who, about which child, from when until when."""

    user = django_filters.CharFilter(
        label="Who", method="by_user", help_text="An email address, or the number of a user"
    )
    child = django_filters.NumberFilter(label="Child", method="of_child", help_text="The number of a child")
    since = DateFilter(label="From", field_name="at", lookup_expr="date__gte")
    until = DateFilter(label="Until", field_name="at", lookup_expr="date__lte")

    user_field = "user_id"

    def by_user(self, rows, name, value):
        """An address that nobody has finds nothing."""
        if not value.isdecimal():
            found = get_user_model().objects.filter(email__iexact=value).values_list("pk", flat=True).first()
            value = "nobody" if found is None else str(found)
        return rows.filter(**{self.user_field: value})

    def of_child(self, rows, name, value):
        return rows.of_child(int(value)) if abs(value) < 2**63 else rows.none()


class AccessFilter(AuditFilter):
    kind = django_filters.ChoiceFilter(label="What", choices=AccessKind.choices, empty_label="Anything")

    class Meta:
        model = AccessLog
        form = FilterForm
        fields = ["user", "child", "kind", "since", "until"]


class ChangeFilter(AuditFilter):
    table = django_filters.CharFilter(label="Table", field_name="table_name")
    row = django_filters.CharFilter(
        label="Record", field_name="row_id", help_text="The number of a record in the table"
    )
    verb = django_filters.ChoiceFilter(label="What", choices=Verb.choices, empty_label="Anything")

    class Meta:
        model = Change
        form = FilterForm
        fields = ["user", "child", "table", "row", "verb", "since", "until"]


class EventFilter(AuditFilter):
    verb = django_filters.CharFilter(label="What", help_text="As it stands in the log, such as pep_submitted")

    user_field = "by"

    class Meta:
        model = AuditEvent
        form = FilterForm
        fields = ["user", "child", "verb", "since", "until"]
