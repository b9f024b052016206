"""Who brings the council's files in."""

from children.models import ImportRun
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_import(user: User) -> Verdict:
    """Reads files into the roll: business support and the Virtual School Head."""
    if user.may(Act.IMPORT):
        return ALLOW
    return refuse("Files are imported by business support and the Virtual School Head.", "Roles of the Virtual School")


def can_see_run(user: User, run: ImportRun) -> Verdict:
    """Reads what an import did, and confirms or discards a previewed one; it need not be their own."""
    return can_import(user)
