"""What somebody is at a school today: a role says what an account may do, a place what the person is there."""

from virtualschool.accounts.models import Membership, User
from virtualschool.accounts.roles import SCHOOL_ROLES

COLLEAGUE = "School colleague"
DEPUTY = "Deputy designated teacher"
ASKED = "Writes the part of a PEP that a designated teacher asked for, and reaches no child beyond it."


def title_of(user: User) -> str:
    """The role's title; of somebody at a school their place there. One query, for accounts of schools alone."""
    positions = _positions(user)
    if positions == {Membership.Position.COLLEAGUE}:
        return COLLEAGUE
    return DEPUTY if positions == {Membership.Position.DEPUTY} else user.role_class.title


def sentence_of(user: User) -> str:
    """What the person reaches and does, in a sentence."""
    return ASKED if _positions(user) == {Membership.Position.COLLEAGUE} else user.role_class.sentence


def _positions(user: User) -> set[str]:
    if user.role not in SCHOOL_ROLES:
        return set()
    return set(Membership.objects.current().filter(user=user).values_list("position", flat=True))
