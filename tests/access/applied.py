"""Words of their own in what is kept for a change of school: courses, and applications for places."""

from typing import Any

from children.models import Child
from referrals.models import SchoolCourse
from tests.access.declared import READ_APPLICATIONS, WITH_CHILDREN
from tests.factories.admissions import ApplicationStepFactory
from virtualschool.accounts.models import User


def plant(nest: Any, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """Into what a young person takes, which whoever reads education reads, and what is said of a school place."""
    said = {"readers": READ_APPLICATIONS}
    _set(records["application"], facts=nest.word("application", side, **said))
    ApplicationStepFactory(application=records["application"], words=nest.word("application", side, **said))
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
