"""Who reads a PEP, its sections and the names in it."""

from collections.abc import Collection

from peps import layouts
from peps.enums import Seat
from peps.models import Pep, PepSection
from peps.people import NAMED_FOR, WRITERS
from peps.policies.reach import CONTENT, ROLES
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_list(user: User) -> Verdict:
    """Roles that read PEPs."""
    if user.reads(FieldGroup.PEP):
        return ALLOW
    return refuse("Your role does not read PEPs.", ROLES)


def can_read(user: User, pep: Pep) -> Verdict:
    """The door has looked the PEP up through ``visible_to``; which parts the role reads is the layout's."""
    return can_list(user)


def can_read_section(user: User, section: PepSection) -> Verdict:
    """A section is read by roles that read at least one of its fields."""
    if readable_fields(user, section):
        return ALLOW
    title = layouts.of_version(section.pep.layout).section(section.key).title
    return refuse(f"Your role does not read “{title}”.", ROLES)


def readable_fields(user: User, section: PepSection) -> tuple[layouts.FieldSpec, ...]:
    """The section's fields that the person's role reads, of those this PEP asks."""
    return fields_in(user.role_class.reads, section)


def fields_in(groups: Collection[FieldGroup], section: PepSection) -> tuple[layouts.FieldSpec, ...]:
    """The section's fields of some kinds of information, of those this PEP asks."""
    spec = layouts.of_version(section.pep.layout).section(section.key)
    return spec.readable(section.pep.phase, section.pep.kind, groups, section.pep.year_group)


def can_name(user: User, seat: str) -> Verdict:
    """Whether the person reads, and so may write, the name of somebody without an account on the seat."""
    group = NAMED_FOR.get(Seat(seat))
    if group is None or user.reads(group):
        return ALLOW
    return refuse(f"Your role does not read the name of a {Seat(seat).label}: leave it out.", ROLES)


def can_take_by_name(user: User, seat: str) -> Verdict:
    """The seats that make it a PEP meeting are for people with accounts, so no name takes them."""
    if seat in WRITERS:
        return refuse(f"A {Seat(seat).label} comes with an account of their own.", CONTENT)
    return ALLOW
