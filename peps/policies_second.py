"""Who marks a PEP a second time, who writes what two markers agreed, and who adds a PEP to the sample."""

from collections.abc import Iterable

from django.db.models import QuerySet

from peps.models import Pep, SecondMark
from peps.policies import SEPARATION, can_grade, reaches
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

GRADERS = "PEPs are marked a second time by the Area Learning Advocates and the Virtual School Head."
ST_HELENS = "St Helens Virtual School: termly moderation of PEPs"


def can_moderate(user: User) -> Verdict:
    """Those who grade PEPs; each list is of the children they reach."""
    return ALLOW if user.may(Act.GRADE_PEPS) else refuse(GRADERS, ST_HELENS)


def can_read_second(user: User, mark: SecondMark) -> Verdict:
    """The door has looked it up through ``visible_to``; the page shows the first marks to nobody until the second are there."""
    return can_moderate(user)


def can_mark_second(user: User, mark: SecondMark) -> Verdict:
    """Whoever might have answered the PEP and did not: neither its writer nor its first marker."""
    if user.pk == mark.review.by_id:
        return refuse("You marked this PEP first, so somebody else marks it now.", SEPARATION)
    return can_grade(user, mark.pep)


def unseen_grades(user: User, peps: Iterable[int] | QuerySet[Pep]) -> frozenset[int]:
    """Of these PEPs, given by their keys or as a query, those of which the person is shown no grade, no marks and no reason on any page.

    A second marking that waits for them, or that they have begun, is done blind. One query for those who grade, none for others.
    """
    if not user.may(Act.GRADE_PEPS):
        return frozenset()
    return frozenset(
        SecondMark.objects.blind_to(user)
        .filter(pep__in=peps.values("pk") if isinstance(peps, QuerySet) else list(peps))
        .values_list("pep", flat=True)
    )


def can_agree(user: User, mark: SecondMark) -> Verdict:
    """Either of the two markers, or the head, who is told when they lie apart; once there are two."""
    if mark.waits:
        return refuse("There is nothing to agree before it is marked a second time.", ST_HELENS)
    if user.pk not in (mark.by_id, mark.review.by_id) and not user.may(Act.OVERRIDE):
        return refuse("What was agreed is written by one of the two markers, or by the Virtual School Head.", ST_HELENS)
    return can_moderate(user) & _works_with(user, mark.pep)


def can_add_second(user: User, pep: Pep) -> Verdict:
    """Those who grade, for a child they work with."""
    return can_moderate(user) & _works_with(user, pep)


def _works_with(user: User, pep: Pep) -> Verdict:
    if reaches(user, pep):
        return ALLOW
    return refuse("You do not work with this child now.", SEPARATION)
