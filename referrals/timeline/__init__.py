"""What this app knows for the child's timeline, each part already cut to what the reader's role reads."""

from children.models import Child
from referrals.timeline import admissions, moves, risk, sen
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

PARTS = (risk.moments, moves.moments, sen.moments, admissions.moments)


def moments(child: Child, *, user: User) -> list[Moment]:
    """Every part's moments. A constant number of queries."""
    return [moment for part in PARTS for moment in part(child, user=user)]
