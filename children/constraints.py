"""What the database refuses, told to people: a violated constraint becomes a form error with the constraint's own message."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from psycopg2.errors import UniqueViolation

PLAIN = "This is recorded already, or does not fit with what is recorded."


@contextmanager
def told() -> Iterator[None]:
    """Do the writes inside a savepoint.

    Raises:
        ValidationError: in place of an ``IntegrityError`` whose constraint is named in our models, or that says that the same is
            there already; others go on as they are.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        words = _messages().get(_constraint(error))
        if words is None and isinstance(error.__cause__, UniqueViolation):
            words = PLAIN
        if words is None:
            raise
        raise ValidationError(words, code="constraint") from error


def _constraint(error: IntegrityError) -> str:
    """The name of the violated constraint, from the driver's diagnostics."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


@cache
def _messages() -> dict[str, str]:
    """The message of each named constraint of every model; the plain one where its author wrote none."""
    constraints = [constraint for model in apps.get_models() for constraint in model._meta.constraints]
    return {
        constraint.name: PLAIN
        if constraint.violation_error_message == constraint.default_violation_error_message
        else str(constraint.get_violation_error_message())
        for constraint in constraints
    }
