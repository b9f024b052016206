from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_read_operations(user: User) -> Verdict:
    """Whoever keeps the service running sees its nights and what failed."""
    if user.may(Act.READ_OPERATIONS):
        return ALLOW
    return refuse(
        "Only those who keep the service running see its nights.",
        "The service's roles: Virtual School Head, coordinator, business support",
    )
