"""A section given to a colleague: the designated teacher answers for the PEP, whoever teaches the child writes what they know.

The colleague reaches that section of that child's plan and nothing else. What was given ends when it is taken back or given to
somebody else, when the PEP is sent in or cancelled, and when either of them leaves the school.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from children import access
from children.enums import GrantKind
from children.models import Child, Enrolment
from peps import notifications, policies, workflow
from peps.actions.stepping import locked_section
from peps.models import Pep, PepSection, SectionDelegation
from virtualschool.accounts.actions import name_colleague
from virtualschool.accounts.models import Membership, User
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Refused, refuse, require

LEFT = "The colleague left the school"
CHILD_LEFT = "The child left the school"


@transaction.atomic
def delegate(*, section: PepSection, colleague: User, by: User, words: str = "") -> SectionDelegation:
    """Ask a colleague at the child's school to write one section. It is taken from whoever had it before.

    The colleague gets a place at the school when they have none; asked again, nothing changes.

    Raises:
        Refused: when ``by`` may not give it, or the colleague's account is not one of a school.
    """
    section = locked_section(section)
    require(policies.can_delegate(by, section))
    if section.pep.school is None:
        raise Refused(refuse("This child has no school whose colleagues could be asked.", policies.GUIDANCE))
    if colleague.pk == by.pk:
        raise Refused(refuse("You write this section already. Name a colleague.", policies.GUIDANCE))
    standing = standing_delegation(section)
    if standing is not None and standing.colleague_id == colleague.pk:
        return standing
    name_colleague(organisation=section.pep.school.organisation, user=colleague, by=by)
    if standing is not None:
        _end(standing, "It was given to somebody else", by)
    return _give(section, colleague, words, by)


@transaction.atomic
def withdraw(*, delegation: SectionDelegation, by: User) -> SectionDelegation:
    """Take a section back. What the colleague wrote stays.

    Raises:
        Conflict: when it had ended already.
    """
    section = locked_section(delegation.section)
    require(policies.can_withdraw(by, section))
    held = SectionDelegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    if held.until is not None:
        raise Conflict("This has ended already.")
    held.section = section
    _end(held, "It was taken back", by)
    return held


def end_delegations(pep: Pep, *, why: str, by: User | None) -> int:
    """End all that was given away of a PEP, in the transaction of what ended it."""
    return _end_each(_open_ones().filter(section__pep=pep), why, by)


@transaction.atomic
def end_lapsed() -> int:
    """Write down the end of what nobody reaches any more: the colleague or the child has no place at the PEP's school today.

    Returns:
        how many ended.
    """
    place = Membership.objects.current().filter(
        user=OuterRef("colleague"), organisation=OuterRef("section__pep__school__organisation"), user__is_active=True
    )
    lapsed = _open_ones().filter(~Exists(place))
    closed = _open_ones().exclude(section__pep__state__in=workflow.WRITABLE)
    return _end_each(lapsed, LEFT, None) + _end_each(closed, "The PEP was sent in", None) + _end_at_schools_left()


@transaction.atomic
def end_at_school_left(*, child: int) -> int:
    """A child's place at a school ended: what its colleagues were given ends with it, unless that day is still to come.

    Returns:
        how many ended.
    """
    return _end_at_schools_left(section__pep__child=child)


def _end_at_schools_left(**of: int) -> int:
    place = Enrolment.objects.current(today()).filter(
        child=OuterRef("section__pep__child"), school=OuterRef("section__pep__school")
    )
    return _end_each(_open_ones().filter(~Exists(place), **of), CHILD_LEFT, None)


def _open_ones() -> QuerySet[SectionDelegation]:
    return SectionDelegation.objects.filter(until__isnull=True).select_related("section")


def standing_delegation(section: PepSection) -> SectionDelegation | None:
    """To whom the section is given now."""
    return section.delegations.filter(until__isnull=True).select_related("colleague", "by").first()


def _give(section: PepSection, colleague: User, words: str, by: User) -> SectionDelegation:
    given = SectionDelegation.objects.create(section=section, colleague=colleague, by=by, words=words, since=now())
    access.grant(
        child=Child.objects.get(pk=section.pep.child_id),
        user=colleague,
        kind=GrantKind.DELEGATION,
        matter=given.matter,
        reason="A section of the PEP to write",
        by=by,
    )
    log.record("pep.section_given", by=by, subject=section, data={"to": colleague.pk, "section": section.key})
    notifications.asked(given)
    return given


def _end_each(delegations: Iterable[SectionDelegation], why: str, by: User | None) -> int:
    held = list(delegations)
    for one in held:
        _end(one, why, by)
    return len(held)


def _end(delegation: SectionDelegation, why: str, by: User | None) -> None:
    delegation.until, delegation.ended_why = max(now(), delegation.since), why
    delegation.save(update_fields=["until", "ended_why"])
    access.close(matter=delegation.matter, by=by)
    log.record("pep.section_taken_back", by=by, subject=delegation.section, why=why)
