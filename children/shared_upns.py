"""A UPN that several children hold is a question for a person, and never a sign that they are one.

It is told on each of them, and stands as an alert with each who is on the roll until it is shared no longer. Who changes a
number says so at once; the night's check of the same name finds what nobody said.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from children import alerts, upn
from children.evidence import evidence, fact
from children.models import Alert, Child
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today

CHECK = "roll.duplicate_upn"
GROUP = FieldGroup.IDENTITY


@dataclass(frozen=True)
class Shared:
    """One child who shares a number, as an alert keeps it."""

    child: Child
    natural_key: str
    evidence: dict[str, Any]


def holders(upns: Iterable[str]) -> dict[str, list[Child]]:
    """The children who hold each of the numbers now; sealed records hold none, and a reason for having none is no number."""
    found: dict[str, list[Child]] = defaultdict(list)
    numbers = set(upns).difference({""}, upn.UNKNOWN)
    for child in Child.objects.filter(upn__in=numbers, sealed=False).order_by("pk"):
        found[child.upn].append(child)
    return found


def who_else(child: Child, sharing: Iterable[Child]) -> str:
    """Who else holds the child's number; empty when nobody does."""
    others = sorted(other.child_id for other in sharing if other.child_id != child.child_id)
    if not others:
        return ""
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"It is also the UPN of child {others[0]}{more}."


def doubt(child: Child, sharing: Iterable[Child]) -> str:
    """Why the child's number is doubted: its own fault, and who else holds it."""
    return " ".join(filter(None, (upn.problem(child.upn), who_else(child, sharing))))


def one_at_a_time() -> None:
    """Until the transaction ends nobody else changes a number: of two who take one number at once, the later sees the earlier."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [CHECK])


@transaction.atomic
def settle(*upns: str) -> None:
    """Some child took one of these numbers, or gave it up: say on each who holds it now what is doubted, and watch."""
    for sharing in holders(upns).values():
        for child in sharing:
            words = doubt(child, sharing)
            if words != child.upn_problem:
                child.upn_problem = words
                child.save(update_fields=["upn_problem"])
    watch()


def watch() -> None:
    """Open an alert for every child on the roll who shares a number and has none, and resolve those that hold no longer."""
    shared = {one.natural_key: one for one in found(Child.objects.on_roll())}
    known = set(Alert.objects.open().filter(check_name=CHECK).values_list("natural_key", flat=True))
    for key in known - shared.keys():
        alerts.resolve(check_name=CHECK, natural_key=key)
    for key in shared.keys() - known:
        one = shared[key]
        alerts.report(
            child=one.child, check_name=CHECK, natural_key=key, evidence=one.evidence, on=today(), group=GROUP
        )


def found(children: "QuerySet[Any]") -> list[Shared]:
    """Those of the children who share a number with anybody, on the roll or not. Two queries, or one when nobody does."""
    theirs = children.exclude(upn__in=["", *upn.UNKNOWN]).order_by()
    holding = Child.objects.filter(sealed=False, upn__in=theirs.values("upn"))
    numbers = holding.values("upn").annotate(times=Count("pk")).filter(times__gt=1)
    by_number = holders(numbers.values_list("upn", flat=True))
    everybody = {child.pk: child for sharing in by_number.values() for child in sharing}
    asked = children.filter(pk__in=everybody).order_by("pk").values_list("pk", flat=True) if everybody else []
    return [_shared(everybody[pk], by_number[everybody[pk].upn]) for pk in asked]


def _shared(child: Child, sharing: Iterable[Child]) -> Shared:
    """Others by the council's id and without a way to them: not everybody who reads of this child reaches those."""
    facts = [
        fact(other.known_from, f"Child {other.child_id} has it too, known here from this day")
        for other in sharing
        if other.pk != child.pk
    ]
    told = evidence(f"The UPN {child.upn} is also that of another child", *facts)
    return Shared(child, f"upn:{child.upn}:{child.pk}", told)
