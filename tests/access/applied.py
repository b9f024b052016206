"""Words of their own in what is kept for a change of school: courses, and applications for places."""

from typing import Any

from children.models import Child
from referrals.models import SchoolCourse
from tests.access.declared import WITH_CHILDREN
from virtualschool.accounts.models import User


def plant(nest: Any, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """Into what a young person takes; whoever reads education reads it."""
    _set(records["course"], subject=nest.word("education", side), told_by=nest.word("education", side))


def plant_beside(nest: Any, course: SchoolCourse) -> None:
    """Into what a school teaches, which is of no child."""
    _set(
        course,
        subject=nest.word("taught", readers=WITH_CHILDREN),
        told_by=nest.word("taught", readers=WITH_CHILDREN),
    )


def _set(record: Any, **fields: Any) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(**fields)
    record.refresh_from_db()
