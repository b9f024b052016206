"""Who takes figures of attendance away."""

from attendance.policies.marks import WHO_DOES_WHAT, can_read
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import Verdict, refuse


def can_take_away(user: User) -> Verdict:
    """Those who read attendance and may take lists away in a file."""
    allowed = can_read(user)
    if allowed and not user.may(Act.EXPORT):
        return refuse("Your role does not take figures away in a file.", WHO_DOES_WHAT)
    return allowed
