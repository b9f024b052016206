"""Who keeps targets and their costs, reviews the last ones, and agrees an exception."""

from django.db.models import Exists, OuterRef

from peps import workflow
from peps.models import Pep, PepCost, PepSection, PepTarget
from peps.policies.reach import CONTENT, Standing
from peps.policies.writing import can_write_section
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

AGREED = "Money was agreed for this when the PEP was approved, so it stays. Add another line instead."


def can_keep_targets(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Whoever may write the section of the new targets."""
    section = pep.sections.filter(key="targets").select_related("pep").first()
    return can_write_section(user, section, at) if section else refuse("This PEP has no targets section.", CONTENT)


def can_change_target(user: User, target: PepTarget, at: Standing | None = None) -> Verdict:
    return can_keep_targets(user, target.pep, at)


def can_remove_target(user: User, target: PepTarget) -> Verdict:
    """As its change, unless money was agreed for it."""
    if target.costs.filter(agreed=True).exists():
        return refuse(AGREED, CONTENT)
    return can_keep_targets(user, target.pep)


def can_change_cost(user: User, cost: PepCost, at: Standing | None = None) -> Verdict:
    """While nobody has agreed to it: what is agreed may have been paid."""
    if cost.agreed:
        return refuse(AGREED, CONTENT)
    return can_keep_targets(user, cost.target.pep, at)


def reviewed_in(target: PepTarget) -> Pep | None:
    """The PEP in which a target is reviewed: of those that follow, the first that asks for it and is open to writing."""
    asks = Exists(PepSection.objects.filter(pep=OuterRef("pk"), key="last_targets"))
    following: Pep | None = (
        Pep.objects.filter(asks, previous=target.pep_id, state__in=workflow.WRITABLE).order_by("pk").first()
    )
    return following


def can_review_target(user: User, target: PepTarget, following: Pep | None = None) -> Verdict:
    """Whoever may write the review of last targets, in the PEP that follows.

    Args:
        following: that PEP, by whoever holds it already.
    """
    following = following or reviewed_in(target)
    section = following.sections.filter(key="last_targets").first() if following else None
    if section is None:
        return refuse("Targets are reviewed in the next PEP, before new ones are set.", CONTENT)
    section.pep = following
    return can_write_section(user, section)


def can_agree_exception(user: User, cost: PepCost) -> Verdict:
    """A line on the council's list of what is not paid for: a second person with the power to, where the rule lets anybody."""
    rule = rules.get("pp.excluded.exception", on=today())
    if rule.value == "refused":
        return refuse("The council makes no exceptions from what Pupil Premium Plus does not pay for.", rule.source)
    if not user.may(Act.OVERRIDE):
        return refuse("An exception is agreed by the Virtual School Head.", rule.source)
    if cost.asked_by_id == user.pk:
        return refuse("Somebody other than the person who asked must agree to an exception.", rule.source)
    return ALLOW
