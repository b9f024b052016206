"""How late a night may be: jobs watches, the rulebook knows, and neither knows the other."""

from datetime import date, timedelta

from virtualschool.rulebook import rules


def lateness(on: date) -> timedelta:
    """The rule ``night.stale_hours`` as it stands on a day. One query."""
    return timedelta(hours=rules.value("night.stale_hours", on=on))
