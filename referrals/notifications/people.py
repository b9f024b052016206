"""Who of those whom a record names works with the child still: nobody is told of a page that would not open for them."""

from collections.abc import Iterable
from typing import Any

from children.enums import RelationKind
from children.models import Child
from virtualschool.accounts.models import User


def readers(record: Any, people: Iterable[User | None]) -> list[User]:
    """Each of them once, who may open the record today. One query a person."""
    named = {user.pk: user for user in people if user is not None and user.is_active}
    rows = type(record).objects
    return [user for user in named.values() if rows.visible_to(user).filter(pk=record.pk).exists()]


def social_workers(child: Child) -> list[User]:
    """Those of today."""
    ties = child.relationships.of_kind(RelationKind.SOCIAL_WORKER).current().values("user")
    return list(User.objects.filter(pk__in=ties, is_active=True).order_by("name", "pk"))
