from typing import Any

from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

READ_AUDIT = "read_audit"


def can_read_audit(user: Any) -> Verdict:
    """Whoever reviews access reads the logs. The roles are an upper app's: theirs is asked for by the name of the act."""
    if READ_AUDIT in user.role_class.does:
        return ALLOW
    return refuse("Only the data protection officer reads the audit.", "The service's roles: data protection officer")
