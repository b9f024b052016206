"""Children whose main school has closed, until their place is carried on or the next one recorded."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from children.checks.registry import Finding, check
from children.closures import closed_by
from children.evidence import evidence, fact
from children.models import Enrolment
from children.querysets import ChildQuerySet
from virtualschool.kernel import periods
from virtualschool.rulebook.schoolyear import words


@check("education.school_closed", words="On the roll of a school that has closed")
def school_closed(*, on: date, children: ChildQuerySet) -> Iterable[Finding]:
    """A closed school teaches nobody, so the record does not know where the child is taught."""
    places = Enrolment.objects.main().filter(periods.on(on), closed_by(on, "school__"), child__in=children.counted(on))
    rows = places.order_by("pk").values_list("pk", "child", "school__name", "school__closed_on", "school__uuid")
    for pk, child, name, closed_on, uuid in rows:
        told = fact(closed_on, f"{name} closed", reverse("children:school", args=[uuid]))
        sentence = f"Still on the roll of {name}, which closed on {words(closed_on)}"
        yield Finding(child, f"closed:{pk}", evidence(sentence, told))
