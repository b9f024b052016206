"""Who a child is, corrected by those who keep the roll. The council's id is never changed: every file names the child by it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies, shared_upns, upn
from children.actions.common import ADULT, as_seen, locked, not_to_come
from children.constraints import told
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.schoolyear import age

STALE = "Somebody changed who this child is while you had the page open."


@dataclass(frozen=True, kw_only=True)
class IdentityFacts:
    """Who a child is. ``upn`` is the number, or the return's reason for having none (UN1 to UN5)."""

    date_of_birth: date
    first_names: str = ""
    last_name: str = ""
    known_as: str = ""
    sex: str = ""
    ethnicity: str = ""
    first_language: str = ""
    interpreter_needed: bool = False
    upn: str = ""
    uln: str = ""
    is_unaccompanied: bool = False
    unaccompanied_until: date | None = None

    @property
    def seen(self) -> str:
        """The sign that a form made from these carries."""
        return as_seen(self)


@dataclass(frozen=True)
class Corrected:
    """The child as it is now, and which facts changed: none when everything was so already."""

    child: Child
    changed: tuple[str, ...]


def facts_of(child: Child) -> IdentityFacts:
    """Who the child is now."""
    names = [field.name for field in fields(IdentityFacts) if field.name != "upn"]
    reason = str(child.return_fields.get("UPN", ""))
    return IdentityFacts(upn=child.upn or reason, **{name: getattr(child, name) for name in names})


def upn_fields(given: str, return_fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a UPN as given fills: a number, kept however doubtful, with its fault; or the reason for having none."""
    number = upn.normal(given)
    reason = number if number in upn.UNKNOWN else ""
    kept = {name: text for name, text in return_fields.items() if name != "UPN"}
    return {
        "upn": "" if reason else number,
        "upn_problem": upn.problem(number),
        "return_fields": kept | ({"UPN": reason} if reason else {}),
    }


@transaction.atomic
def correct_identity(*, child: Child, facts: IdentityFacts, seen: str, by: User) -> Corrected:
    """Put right who a child is, as it was when ``seen`` was read. Whatever follows from the date of birth is reckoned from it anew.

    A UPN that changes leaves the one before as the former one; a UPN that another child holds too is told on both, with an alert.

    Raises:
        Refused: when ``by`` does not keep the roll, or does not reach the child.
        Conflict: when somebody changed it meanwhile, to something else than this.
        ValidationError: when nothing is left of the name, or the dates do not fit the child's time in care.
    """
    if upn.normal(facts.upn) != child.upn:
        shared_upns.one_at_a_time()
    child = locked(child)
    require(policies.can_keep_roll_of(by, child))
    held = facts_of(child)
    changed = tuple(name for name, value in asdict(facts).items() if value != getattr(held, name))
    if not changed:
        return Corrected(child, ())
    if seen != held.seen:
        raise Conflict(STALE)
    _refuse_unlikely(child, facts, changed)
    former = child.upn
    values = _values(child, facts, changed)
    for name, value in values.items():
        setattr(child, name, value)
    with told():
        child.save(update_fields=list(values))
    record("child.identity_corrected", by=by, subject=child, data={"changed": list(changed)})
    if former != child.upn:
        shared_upns.settle(former, child.upn)
        child.refresh_from_db(fields=["upn_problem"])
    return Corrected(child, changed)


def _values(child: Child, facts: IdentityFacts, changed: tuple[str, ...]) -> dict[str, Any]:
    """The fields to write."""
    values = {name: getattr(facts, name) for name in changed}
    if "upn" in changed:
        values |= upn_fields(facts.upn, child.return_fields)
        if child.upn not in ("", values["upn"], *upn.UNKNOWN):
            values["former_upn"] = child.upn
    return values


def _refuse_unlikely(child: Child, facts: IdentityFacts, changed: tuple[str, ...]) -> None:
    if {"first_names", "last_name"} & set(changed) and not (facts.first_names or facts.last_name):
        raise ValidationError({"last_name": "Enter first names, a last name, or both."})
    if "date_of_birth" in changed:
        _refuse_wrong_birth(child, facts.date_of_birth)
    until = facts.unaccompanied_until
    if until is not None and not facts.is_unaccompanied:
        raise ValidationError({"unaccompanied_until": "Only an unaccompanied child stops being one."})
    if until is not None and until <= facts.date_of_birth:
        raise ValidationError({"unaccompanied_until": "This must be after the child was born."})


def _refuse_wrong_birth(child: Child, born: date) -> None:
    not_to_come(born, "The child must have been born today or before.")
    for start in child.periods_of_care.order_by("start").values_list("start", flat=True):
        if born > start:
            raise ValidationError(
                {"date_of_birth": f"The child came into care on {long_date(start)}, before this date."}
            )
        if age(born, start) >= ADULT:
            raise ValidationError(
                {"date_of_birth": f"The child would have been 18 when care started on {long_date(start)}."}
            )
