"""Words of their own in the records of attendance, by what they are in: each has to be seen by somebody, and by nobody who may not."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from attendance.enums import CheckKind, ReviewOutcome
from attendance.marking import record_marks
from attendance.models import MarkSource
from children.models import Child
from tests.access.declared import IMPORT, READS, TEACHER
from tests.factories.attendance import (
    ExclusionStepFactory,
    LeaveStepFactory,
    ProvisionCheckFactory,
    ProvisionReviewFactory,
    TimetableAgreementFactory,
    TimetableReviewFactory,
)
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.rulebook import schoolyear

READERS = READS["attendance"]
ELSEWHERE = READERS - {TEACHER}  # another school's suspension is not a designated teacher's


def plant(nest: Any, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """Into what is kept of a child's attendance."""
    for step in (_suspended, _reduced, _elsewhere, _away):
        step(nest, side, records, workers)
    _disputed(nest, side, child)


def plant_mapping(nest: Any, mapping: Any) -> None:
    """Into how a source's files are read, which only those read who import."""
    MarkSource.objects.filter(pk=mapping.source_id).update(name=nest.word("source", readers=IMPORT))
    mapping.source.refresh_from_db()
    _set(mapping, upn=nest.word("mapping", readers=IMPORT))


def _set(record: Any, **fields: Any) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(**fields)
    record.refresh_from_db()


def _suspended(nest: Any, side: str, records: dict[str, Any], workers: dict[str, User]) -> None:
    """What was tried before and where the child is taught is told with it; what the child says of it is the child's voice."""
    for key, readers in (("exclusion", READERS), ("exclusion_elsewhere", ELSEWHERE)):
        words = _words(nest, "suspension" if readers is READERS else "elsewhere", side, readers)
        told = {name: next(words) for name in ("alternatives", "work_set", "provision")}
        _set(records[key], provision_from=records[key].start, child_says=_voice(nest, side, readers), **told)
        ExclusionStepFactory(exclusion=records[key], event="give", words=next(words), by=workers["teacher"])


def _voice(nest: Any, side: str, readers: frozenset[str]) -> str:
    word: str = nest.word("voice", side, readers=READS["voice"] & readers)
    return word


def _reduced(nest: Any, side: str, records: dict[str, Any], workers: dict[str, User]) -> None:
    one, words = records["timetable"], _words(nest, "timetable", side)
    _set(one, why=next(words))
    TimetableAgreementFactory(timetable=one, agrees=False, words=next(words), by=workers["socialworker"])
    TimetableReviewFactory(timetable=one, outcome=ReviewOutcome.MORE_HOURS, words=next(words), by=workers["teacher"])


def _elsewhere(nest: Any, side: str, records: dict[str, Any], workers: dict[str, User]) -> None:
    one, words = records["provision"], _words(nest, "provision", side)
    _set(one, provider_name=next(words), why=next(words), studies=next(words))
    wrong = {"kind": CheckKind.VISIT, "satisfied": False, "words": next(words)}
    ProvisionCheckFactory(provision=one, by=workers["teacher"], **wrong)
    ProvisionReviewFactory(provision=one, words=next(words), by=workers["teacher"])


def _away(nest: Any, side: str, records: dict[str, Any], workers: dict[str, User]) -> None:
    one, words = records["leave"], _words(nest, "leave", side)
    _set(one, purpose=next(words), exceptional=next(words))
    for event, by in (("viewed", "socialworker"), ("answered", "ala")):
        LeaveStepFactory(leave=one, event=event, words=next(words), by=workers[by])


def _disputed(nest: Any, side: str, child: Child) -> None:
    """Two sources that differ over a day: the name of the second stands where the difference is listed."""
    on = date(schoolyear.academic_year(today()), 9, 10)
    record_marks([(child.pk, on, "/", "\\")], source="school")
    record_marks([(child.pk, on, "I", None)], source=nest.word("dispute", side, readers=READERS))


def _words(nest: Any, group: str, side: str, readers: frozenset[str] = READERS) -> Iterator[str]:
    while True:
        yield nest.word(group, side, readers=readers)
