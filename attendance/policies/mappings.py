"""Who says how the files of marks are read: whoever imports them."""

from attendance.models import SourceMapping
from children.policies.imports import can_import
from virtualschool.accounts.models import User
from virtualschool.kernel.verdicts import Verdict


def can_keep_mapping(user: User, mapping: SourceMapping) -> Verdict:
    """Reads a mapping and changes it, and imports files by it."""
    return can_import(user)
