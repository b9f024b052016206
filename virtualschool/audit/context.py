"""Who is acting, in which request and why: told to PostgreSQL so that the history triggers can write it down.

The three values are settings of the transaction (``vs.user_id``, ``vs.request_id``, ``vs.why``), so they cannot outlive it on a
pooled connection. A wrapper on each connection states them before the first statement of every transaction, whoever opened it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_IDLE, _IN_ERROR, _UNKNOWN = 0, 3, 4  # libpq's PGTransactionStatusType


@dataclass(frozen=True)
class Context:
    """The acting user's id as text (empty for the service itself), the request, and the reason given."""

    user_id: str = ""
    request_id: str = ""
    why: str = ""


NOBODY = Context()
_acting: ContextVar[Context] = ContextVar("acting", default=NOBODY)


def current() -> Context:
    """Who is acting here and now."""
    return _acting.get()


@contextmanager
def acting(user_id: Any, request_id: str = "", why: str = "") -> Iterator[Context]:
    """Everything written inside is recorded as done by ``user_id`` (None: by the service), in as many transactions as it takes."""
    token = _acting.set(_context(user_id, request_id, why))
    try:
        yield _acting.get()
    finally:
        _acting.reset(token)


def apply_to_transaction(user_id: Any, request_id: str = "", why: str = "") -> None:
    """State who acts from here to the end of the transaction, and of the enclosing ``acting`` or request.

    Raises:
        TransactionManagementError: outside a transaction, where nothing could be stated.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Who is acting is stated inside a transaction.")
    act(user_id, request_id, why)
    _state(connection)


def act(user_id: Any, request_id: str = "", why: str = "") -> None:
    """Change who acts in the enclosing ``acting``: a request begins before it is known whose it is."""
    _acting.set(_context(user_id, request_id, why))


def _context(user_id: Any, request_id: str, why: str) -> Context:
    return Context("" if user_id is None else str(user_id), request_id, why)


def watch(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Put the wrapper on a new connection (``connection_created``)."""
    if connection.vendor == "postgresql" and _wrapper not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _wrapper)


def _wrapper(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    database = context["connection"]
    if (
        not database.in_atomic_block
        and current() != NOBODY
        and _writes(sql)
        and connections[database.alias] is database
    ):
        with transaction.atomic(using=database.alias):
            _state(database)
            return execute(sql, params, many, context)
    if database.in_atomic_block:
        _state(database)
    try:
        return execute(sql, params, many, context)
    finally:
        if str(sql).startswith("ROLLBACK TO"):
            database.stated_context = None  # the settings went back with the savepoint; what they are now is not known


def _writes(sql: Any) -> bool:
    """Whether a lone statement changes rows, and so needs a transaction in which to say who does it."""
    return str(sql).lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")


def _state(database: BaseDatabaseWrapper) -> None:
    """Tell the transaction who is acting, unless it knows. Past Django's cursors: it is no query of the page's."""
    if database.connection is None:
        database.ensure_connection()
    status = database.connection.info.transaction_status
    if status in (_IN_ERROR, _UNKNOWN):
        return
    known = NOBODY if status == _IDLE else getattr(database, "stated_context", None)
    wanted = current()
    if known != wanted:
        with database.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('vs.user_id', %s, true), set_config('vs.request_id', %s, true), set_config('vs.why', %s, true)",
                [wanted.user_id, wanted.request_id, wanted.why],
            )
    database.stated_context = wanted
