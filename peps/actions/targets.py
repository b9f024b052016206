"""Targets and what they cost: what, why, by when, who; and no money for what Pupil Premium Plus does not pay for, unless two agree."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from peps import policies
from peps.actions.stepping import locked, move, wrote
from peps.actions.writing import digest
from peps.enums import PepState, SectionState
from peps.models import Pep, PepCost, PepSection, PepTarget
from peps.policies_premium import can_ask, is_in_its_years
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused, refuse, require
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import Pack


@dataclass(frozen=True)
class TargetFacts:
    """What is said of a target. Only ``area``, ``start_point`` and ``goal`` are needed to begin; the gate asks for the rest."""

    area: str
    start_point: str
    goal: str
    measure: str = ""
    by_when: date | None = None
    why: str = ""
    what: str = ""
    where: str = ""
    how_often: str = ""
    named_person: str = ""


@dataclass(frozen=True)
class CostFacts:
    """A costed line: sessions a week × weeks × price in pence. ``exception_reason`` is asked for by the council's list."""

    item: str
    price_pence: int
    sessions_a_week: int = 1
    weeks: int = 1
    category: str = ""
    exception_reason: str = ""


@transaction.atomic
def add_target(
    *, pep: Pep, facts: TargetFacts, by: User, key: UUID | None = None, before_review_why: str = ""
) -> PepTarget:
    """Set a target.

    Args:
        key: the form's own key, which makes a double click one target.
        before_review_why: why it is set although last targets wait for their review; kept with what was done.

    Raises:
        Refused: when ``by`` may not write the PEP's targets now.
    """
    pep = locked(pep)
    require(policies.can_keep_targets(by, pep))
    target, new = PepTarget.objects.get_or_create(uuid=key or uuid4(), pep=pep, defaults=asdict(facts))
    if not new:
        return target
    _targets_written(pep, by)
    log.record("pep.target_added", by=by, subject=target, why=before_review_why)
    return target


@transaction.atomic
def edit_target(*, target: PepTarget, facts: TargetFacts, version: int, by: User) -> PepTarget:
    """Change a target.

    Args:
        version: the target's version that the writer saw.

    Raises:
        Conflict: when somebody else changed it meanwhile.
    """
    target = _locked_target(target)
    require(policies.can_keep_targets(by, target.pep))
    if target.version != version:
        raise Conflict("Somebody else changed this target while you were writing. Open it again to see both.")
    for name, value in asdict(facts).items():
        setattr(target, name, value)
    target.version += 1
    target.save(update_fields=[*asdict(facts), "version"])
    _targets_written(target.pep, by)
    log.record("pep.target_changed", by=by, subject=target)
    return target


@transaction.atomic
def remove_target(*, target: PepTarget, by: User) -> None:
    """Take a target out with its costs; the change history keeps them."""
    target = _locked_target(target)
    require(policies.can_remove_target(by, target))
    log.record("pep.target_removed", by=by, subject=target)
    _targets_written(target.pep, by)
    target.delete()


@transaction.atomic
def review_target(
    *, target: PepTarget, outcome: PepTarget.Outcome | str, evidence: str, by: User, seen: str
) -> PepTarget:
    """Say in the next PEP what became of a target of the last one.

    Args:
        seen: the fingerprint (``reviewed``) of the review that the writer was shown; empty when there was none.

    Raises:
        Refused: when ``by`` may not write the review in the PEP that follows, or none that is open asks for it.
        Conflict: when somebody else reviewed it meanwhile and said something else (the same twice is one review), or it has been removed.
    """
    following = _reviewed_in(target, by)
    target = _held_target(target)
    standing = reviewed(target)
    target.outcome, target.evidence = PepTarget.Outcome(outcome), evidence
    if standing == reviewed(target):
        return target
    if seen != standing:
        raise Conflict("Somebody else reviewed this target while you were writing.")
    target.save(update_fields=["outcome", "evidence"])
    _section_written(following, "last_targets", by)
    log.record("pep.target_reviewed", by=by, subject=target, data={"outcome": target.outcome})
    return target


def reviewed(target: PepTarget) -> str:
    """A fingerprint of what was said of a target; empty while nothing was."""
    return digest(f"{target.outcome}\n{target.evidence}") if target.outcome else ""


@transaction.atomic
def add_cost(*, target: PepTarget, facts: CostFacts, by: User, key: UUID | None = None) -> PepCost:
    """Ask for money for a target.

    Args:
        key: the form's own key, which makes a double click one line.

    Raises:
        Refused: when the grant is not for the child's year group (rule ``pp.years``); or the line is one that Pupil Premium
            Plus does not pay for (rule ``pp.excluded``) and no reason for an exception is given, or the council makes none.
    """
    target = _locked_target(target)
    require(can_ask(by, target))
    excluded = excluded_as(facts.item, rules.pack(today(), "pp.excluded"))
    if excluded:
        _refuse_excluded(excluded, facts.exception_reason)
    given = asdict(facts) | ({} if excluded else {"exception_reason": ""})
    asked = {"excluded_as": excluded, "asked_by": by, **given}
    cost, new = PepCost.objects.get_or_create(uuid=key or uuid4(), target=target, defaults=asked)
    if not new:
        return cost
    _targets_written(target.pep, by)
    log.record("pep.cost_asked", by=by, subject=cost, data={"pence": cost.total_pence, "excluded_as": excluded})
    return cost


@transaction.atomic
def remove_cost(*, cost: PepCost, by: User) -> None:
    """Take a costed line out; the change history keeps it."""
    target = _locked_target(cost.target)
    cost = PepCost.objects.get(pk=cost.pk)
    cost.target = target
    require(policies.can_change_cost(by, cost))
    log.record("pep.cost_removed", by=by, subject=cost, data={"pence": cost.total_pence})
    _targets_written(target.pep, by)
    cost.delete()


@transaction.atomic
def agree_exception(*, cost: PepCost, by: User) -> PepCost:
    """A second person agrees that an excluded line may be paid for, for the reason given.

    Raises:
        Refused: when ``by`` asked for it, or has not the power.
        Conflict: when the line needs no exception, or has one.
    """
    pep = locked(cost.target.pep)
    cost = PepCost.objects.select_for_update(of=("self",)).select_related("target__pep").get(pk=cost.pk)
    require(policies.can_agree_exception(by, cost) & is_in_its_years(pep))
    if not cost.excluded_as or cost.exception_by_id or not pep.is_open:
        raise Conflict("This line waits for no exception.")
    cost.exception_by = by
    cost.save(update_fields=["exception_by"])
    log.record(
        "pep.exception_agreed", by=by, subject=cost, why=cost.exception_reason, data={"excluded_as": cost.excluded_as}
    )
    return cost


def excluded_as(item: str, pack: Pack) -> str:
    """The heading of the council's not-for-PP+ list that a line's words suggest; empty for none. Whole words, one or many."""
    said = f" {' '.join(''.join(letter if letter.isalnum() else ' ' for letter in item.lower()).split())} "
    for heading in pack.value("pp.excluded"):
        words = pack.value("pp.excluded.words").get(heading, [heading.replace("_", " ")])
        if any(f" {word}{plural} " in said for word in words for plural in ("", "s")):
            return str(heading)
    return ""


def _refuse_excluded(heading: str, reason: str) -> None:
    pack = rules.pack(today(), "pp.excluded")
    named = heading.replace("_", " ")
    if pack.value("pp.excluded.exception") == "refused":
        raise Refused(refuse(f"Pupil Premium Plus does not pay for {named}.", pack.get("pp.excluded").source))
    if not reason.strip():
        words = (
            f"Pupil Premium Plus does not pay for {named}. Give a reason for an exception; a second person agrees it."
        )
        raise Refused(refuse(words, pack.get("pp.excluded").source))


def _reviewed_in(target: PepTarget, by: User) -> Pep:
    """The PEP, held, in which the target is reviewed: without one nobody may."""
    found = policies.reviewed_in(target)
    following = locked(found) if found else None
    require(policies.can_review_target(by, target, following))
    if following is None:
        raise Conflict("The next PEP has been opened just now. Save the review again.")
    return following


def _locked_target(target: PepTarget) -> PepTarget:
    pep = locked(target.pep)
    found = _held_target(target)
    found.pep = pep
    return found


def _held_target(target: PepTarget) -> PepTarget:
    rows = PepTarget.objects.select_for_update(of=("self",)).select_related("pep")
    found: PepTarget | None = rows.filter(pk=target.pk).first()
    if found is None:
        raise Conflict("This target has been removed.")
    return found


def _targets_written(pep: Pep, by: User) -> None:
    _section_written(pep, "targets", by)


def _section_written(pep: Pep, key: str, by: User) -> None:
    """Whoever writes targets is an author, and the section they belong to is begun."""
    if pep.state == PepState.PLANNED:
        move(pep, "start")
    PepSection.objects.filter(pep=pep, key=key, state=SectionState.NOT_STARTED).update(state=SectionState.STARTED)
    wrote(pep, by)
