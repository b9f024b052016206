"""Look-ups on rule rows."""

from datetime import date
from typing import Any, Self

from django.db.models import QuerySet

from virtualschool.kernel import periods


class RuleQuerySet(QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Rules are no secret from the people who work by them: everyone signed in reads all of them."""
        return self if user.is_authenticated and user.is_active else self.none()

    def standing(self) -> Self:
        """All but changes that were withdrawn before their day came."""
        return self.filter(withdrawn_at__isnull=True)

    def in_force(self, on: date) -> Self:
        return self.standing().filter(periods.on(on, start="effective_from", end="effective_to"))
