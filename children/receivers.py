"""What the roll hears from below and tells above, through the event ledger."""

from typing import Any

from django.dispatch import receiver

from children import clocks
from virtualschool.accounts.models import Membership
from virtualschool.accounts.signals import teachers_changed
from virtualschool.jobs.events import emit
from virtualschool.rulebook.models import TermDate
from virtualschool.rulebook.signals import calendars_changed


@receiver(teachers_changed, sender=Membership, dispatch_uid="children.tell_of_teachers")
def tell_of_teachers(organisation: int, event: int, **kwargs: Any) -> None:
    """A school's designated teacher changed: an event with the school, written in the same transaction."""
    kind = "school.teachers_changed"
    emit(kind, key=f"{kind}:{organisation}:{event}", data={"organisation": organisation})


@receiver(calendars_changed, sender=TermDate, dispatch_uid="children.reckon_missing")
def reckon_missing(**kwargs: Any) -> None:
    """Terms were loaded: clocks that waited for them have a date."""
    clocks.reckon_missing()
