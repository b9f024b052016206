"""What every action on the roll begins with."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Verdict, require

ADULT = 18  # years: care starts before that (Children Act 1989 s105)


def locked(child: Child) -> Child:
    """The child's row as it is now, held until the end of the transaction: what is done to a child is done in turn."""
    row: Child = Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    return row


def permitted(policy: Callable[..., Verdict], by: User | None, *records: Any) -> None:
    """Ask the policy, unless the service itself acts.

    Raises:
        Refused: when it says no.
    """
    if by is not None:
        require(policy(by, *records))


def not_to_come(on: date, words: str) -> None:
    """What happened cannot have happened tomorrow.

    Raises:
        ValidationError: with ``words``.
    """
    if on > today():
        raise ValidationError(words, code="future")


def as_seen(facts: object) -> str:
    """What a page was drawn from, as a short sign that its form carries: another sign when it is sent is a stale page.

    Args:
        facts: frozen dataclasses, dates and plain values, whose words name all that they hold.
    """
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:20]
