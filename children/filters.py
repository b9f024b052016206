import django_filters
from django.db.models import Q

from children.checks.registry import CHECKS
from children.enums import RelationKind
from children.models import Alert, Child, School
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import FilterForm

CASELOAD = (
    RelationKind.SOCIAL_WORKER,
    RelationKind.IRO,
    RelationKind.ADVOCATE,
    RelationKind.COORDINATOR,
    RelationKind.SUPPORT,
)
ANSWERS = [("no", "Waiting for an answer"), ("yes", "Answered")]


def checks() -> list[tuple[str, str]]:
    """Every check with its words, in the order of the words."""
    return sorted(((one.name, one.words) for one in CHECKS.values()), key=lambda pair: pair[1])


class AlertFilter(django_filters.FilterSet):
    """Cuts a list of alerts that is already the reader's own."""

    check = django_filters.ChoiceFilter(label="What", field_name="check_name", choices=checks, empty_label="Anything")
    school = django_filters.CharFilter(label="School", method="at_school", help_text="Name, or URN")
    answered = django_filters.ChoiceFilter(label="Answer", method="by_answer", choices=ANSWERS, empty_label="All")
    mine = django_filters.ChoiceFilter(
        label="Children", method="of_mine", choices=[("yes", "My own caseload")], empty_label="All that I work with"
    )

    class Meta:
        model = Alert
        form = FilterForm
        fields = ["check", "school", "answered", "mine"]

    def at_school(self, rows, name, value):
        schools = School.objects.visible_to(self.request.user).filter(Q(name__icontains=value) | Q(urn=value))
        return rows.filter(child__in=Child.objects.enrolled_at(schools))

    def by_answer(self, rows, name, value):
        return rows.unanswered() if value == "no" else rows.exclude(answer="")

    def of_mine(self, rows, name, value):
        mine = Child.objects.none()
        for kind in CASELOAD:
            mine = mine | Child.objects.related_to([self.request.user], kind, today())
        return rows.filter(child__in=mine)
