"""When to try again, and what to keep of an error."""

import traceback
from datetime import timedelta

LONGEST = timedelta(hours=6)


def delay(attempts: int) -> timedelta:
    """One minute after the first failure, doubling, six hours at most: nothing is ever given up."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 20)), LONGEST)


def describe(error: BaseException) -> str:
    """The kind of error and its first line. PostgreSQL gives rows' values on later lines, and those may be a child's."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:500]


def frames(error: BaseException) -> str:
    """Where it came from, for the log: places in the code and no values, which a whole traceback would end with."""
    return "".join(traceback.format_tb(error.__traceback__))
