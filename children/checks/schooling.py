"""Changes of care placement that a return brought without a word about school."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse

from children import schooling
from children.checks.placement import after_another
from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from children.models import CarePlacement
from children.querysets import ChildQuerySet
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import words

CHECK = schooling.UNANSWERED


@check(CHECK, words="A new care placement with no answer about school", rule=CHECK, group=FieldGroup.LEGAL)
def education_unanswered(*, on: date, children: ChildQuerySet) -> Iterable[Finding]:
    """Placements of today that began lately, since the child is known here, after another: a person recording one is asked at once."""
    rule = rules.find(CHECK, on=on)
    if rule is None:
        return
    rows = after_another(CarePlacement.objects.filter(periods.on(on), education="", child__in=children.counted(on)))
    lately = rows.filter(start__gt=on - timedelta(days=rule.value), start__gte=F("child__known_from"))
    columns = ("pk", "child_id", "start", "child__uuid", "child__date_of_birth")
    for row in lately.order_by("pk").values(*columns):
        if schooling.is_asked(row["child__date_of_birth"], row["start"]):
            yield Finding(row["child_id"], schooling.natural_key(row["pk"]), _evidence(row))


def _evidence(row: dict[str, Any]) -> dict[str, Any]:
    href = reverse("children:education_answer", args=[row["child__uuid"]])
    since = f"Lives elsewhere since {words(row['start'])}, and nobody has said what it means for school"
    return evidence(since, fact(row["start"], "A new care placement: say what it means for school", href))
