"""What only the owner of the tables may do, done as the owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def owner(*, triggers: bool = True) -> Iterator[Any]:
    """A cursor of the tables' owner; with ``triggers=False`` that of an intruder who switched the triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        if not triggers:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE vs_app")


def run(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows that a statement answers, run as the service."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []
