"""What a child's timeline tells of attendance."""

from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.moments import Moment

KIND = "attendance"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Absences, for roles that read attendance."""
    if not user.reads(FieldGroup.ATTENDANCE):
        return []
    return []
