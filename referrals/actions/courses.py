"""Recording courses: several at once, a change of one, its end, and a school's word that its list is whole.

Each is told by somebody on a day. What is sent twice is one; what is there already in other words is said, never written over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from children.constraints import told
from children.models import Child, School
from referrals.coursematch import code_key, subject_key
from referrals.enums import AwardingBody, CourseStage, Coursework, Tier
from referrals.models import ChildCourse, SchoolCourse, WholeList
from referrals.policies import courses as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.schoolyear import words as day_words

MOST = 30
LONGEST_KEY = 120  # of the column; one letter may be written out as eighteen
STALE = "Somebody changed this course meanwhile. Open it again and see what it says now."
OVER = "This course was ended. Record it anew if it is taught again."


@dataclass(frozen=True)
class Told:
    """Who told us, and when."""

    by: str
    on: date


@dataclass(frozen=True)
class CourseFacts:
    """One course. What is empty is not known."""

    subject: str
    awarding_body: str = ""
    specification_code: str = ""
    tier: str = ""

    def row(self) -> dict[str, Any]:
        """As it is kept.

        Raises:
            ValidationError: for a subject without a letter or of letters that stand for many, or a choice that there is not.
        """
        key = subject_key(self.subject)
        if not key:
            raise ValidationError({"subject": "Enter a subject"})
        if len(key) > LONGEST_KEY:
            raise ValidationError({"subject": "Enter the subject in fewer and plainer letters"})
        known = {"awarding_body": AwardingBody, "tier": Tier}
        if any(getattr(self, name) and getattr(self, name) not in kind.values for name, kind in known.items()):
            raise ValidationError("Choose an awarding body and a tier from the list")
        code = self.specification_code.strip()
        return {**asdict(self), "subject": self.subject.strip(), "subject_key": key, "specification_code": code}


@dataclass(frozen=True)
class TakenFacts(CourseFacts):
    """One that a young person takes."""

    coursework: str = Coursework.UNKNOWN
    exam_on: date | None = None


@transaction.atomic
def add_for_child(
    *, child: Child, stage: CourseStage | str, courses: Sequence[TakenFacts], by: User, told_by: Told
) -> list[ChildCourse]:
    """Record what a young person takes, several at once.

    Returns:
        those that were new.

    Raises:
        Refused: when ``by`` may not.
        ValidationError: without any, with a day to come, or where a subject is recorded already and says something else.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    require(policies.can_record_for(by, child))
    _fits(told_by, courses)
    there = {(one.stage, one.subject_key): one for one in ChildCourse.objects.taken().filter(child=child)}
    stage, made = CourseStage(stage), []
    for facts in courses:
        row = facts.row()
        known = there.get((stage, row["subject_key"]))
        if known is None:
            made.append(_created(ChildCourse, row, told_by, by, child=child, stage=stage))
            there[stage, row["subject_key"]] = made[-1]
        elif not _says(known, row):
            raise ValidationError(f"{known.subject} is recorded already and says something else. Change it there.")
    for one in made:
        log.record("course.added", by=by, subject=one, child=child, data={"subject": one.subject})
    return made


@transaction.atomic
def change(*, course: ChildCourse, seen: int, facts: TakenFacts, by: User, told_by: Told) -> ChildCourse:
    """Say it anew: what was told, by whom and when.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it was changed since the page was drawn, or ended.
        ValidationError: for a day to come, or a subject that is recorded beside it.
    """
    locked = _locked(ChildCourse, course)
    require(policies.can_change(by, locked))
    _fits(told_by, [facts])
    _change(locked, seen, facts.row(), told_by, by)
    return locked


@transaction.atomic
def end(*, course: ChildCourse, on: date, by: User) -> ChildCourse:
    """It was stopped: it stays as history.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it was ended on another day.
        ValidationError: for a day to come.
    """
    locked = _locked(ChildCourse, course)
    require(policies.can_change(by, locked))
    _end(locked, on, by)
    return locked


@transaction.atomic
def add_for_school(
    *, school: School, stage: CourseStage | str, courses: Sequence[CourseFacts], by: User, told_by: Told
) -> list[SchoolCourse]:
    """Record what a school teaches, several at once; what is there already, word for word, stays as it is.

    Returns:
        those that were new.

    Raises:
        Refused: when ``by`` may not.
        ValidationError: without any, or with a day to come.
    """
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    require(policies.can_record_at(by, school))
    _fits(told_by, courses)
    stage = CourseStage(stage)
    there = {_natural(one) for one in SchoolCourse.objects.taught().filter(school=school, stage=stage)}
    made = []
    for facts in courses:
        one = SchoolCourse(school=school, stage=stage, **facts.row(), **_source(told_by, by))
        if _natural(one) not in there:
            _save(one)
            there.add(_natural(one))
            made.append(one)
            log.record("school_course.added", by=by, subject=one, data={"subject": one.subject, "school": school.urn})
    return made


@transaction.atomic
def change_at_school(*, course: SchoolCourse, seen: int, facts: CourseFacts, by: User, told_by: Told) -> SchoolCourse:
    """Say it anew. Raises as ``change`` does."""
    locked = _locked(SchoolCourse, course)
    require(policies.can_change_school_course(by, locked))
    _fits(told_by, [facts])
    _change(locked, seen, facts.row(), told_by, by)
    return locked


@transaction.atomic
def end_at_school(*, course: SchoolCourse, on: date, by: User) -> SchoolCourse:
    """It is not taught any more. Raises as ``end`` does."""
    locked = _locked(SchoolCourse, course)
    require(policies.can_change_school_course(by, locked))
    _end(locked, on, by)
    return locked


@transaction.atomic
def say_whole(*, school: School, stage: CourseStage | str, whole: bool, by: User, told_by: Told) -> WholeList:
    """The school said that what is recorded is its whole list for these years, or that it is not. Said twice it is one.

    Raises:
        Refused: when ``by`` may not.
        ValidationError: for a day to come, or a whole list with nothing on it.
    """
    School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    require(policies.can_record_at(by, school))
    _fits_source(told_by)
    stage = CourseStage(stage)
    if whole and not SchoolCourse.objects.taught().filter(school=school, stage=stage).exists():
        raise ValidationError("Record what the school teaches before saying that this is all")
    last = WholeList.objects.filter(school=school, stage=stage).last()
    if last is not None and (last.whole, last.told_by, last.told_on) == (whole, told_by.by, told_by.on):
        return last
    made = WholeList.objects.create(school=school, stage=stage, whole=whole, **_source(told_by, by))
    log.record("school_courses.whole", by=by, subject=made, data={"school": school.urn, "stage": stage, "whole": whole})
    return made


# ---------------------------------------------------------------- parts

Kept = TypeVar("Kept", ChildCourse, SchoolCourse)


def _fits(told_by: Told, courses: Sequence[CourseFacts]) -> None:
    _fits_source(told_by)
    if not courses:
        raise ValidationError({"courses": "Enter at least one course"})
    if len(courses) > MOST:
        raise ValidationError({"courses": f"Enter {MOST} courses at a time, and the others after"})


def _fits_source(told_by: Told) -> None:
    if told_by.on > today():
        raise ValidationError({"told_on": "The day on which we were told must be today or in the past"})
    if not told_by.by.strip():
        raise ValidationError({"told_by": "Say who told us"})


def _source(told_by: Told, by: User) -> dict[str, Any]:
    return {"told_by": told_by.by.strip(), "told_on": told_by.on, "recorded_by": by}


def _created(kind: type[Kept], row: dict[str, Any], told_by: Told, by: User, **of: Any) -> Kept:
    one = kind(**row, **of, **_source(told_by, by))
    _save(one)
    return one


def _save(one: models.Model, fields: Iterable[str] | None = None) -> None:
    with told():
        one.save(update_fields=fields)


def _says(known: ChildCourse, row: dict[str, Any]) -> bool:
    """Whether what is kept is just this, a code written in another way included."""
    names = ("awarding_body", "tier", "coursework", "exam_on")
    same_code = code_key(known.specification_code) == code_key(row["specification_code"])
    return same_code and all(getattr(known, name) == row[name] for name in names)


def _natural(one: SchoolCourse) -> tuple[str, ...]:
    return one.subject_key, one.awarding_body, one.specification_code, one.tier


def _locked(kind: type[Kept], course: Kept) -> Kept:
    found: Kept | None = kind._default_manager.select_for_update(of=("self",)).filter(pk=course.pk).first()
    if found is None:
        raise Conflict("This course is not there any more.")
    return found


def _change(locked: Kept, seen: int, row: dict[str, Any], told_by: Told, by: User) -> None:
    if locked.ended_on is not None:
        raise Conflict(OVER)
    wanted: dict[str, Any] = {**row, **_source(told_by, by)}
    if locked.version == seen + 1 and all(getattr(locked, name) == value for name, value in wanted.items()):
        return  # sent a second time
    if locked.version != seen:
        raise Conflict(STALE)
    before = locked.what
    for name, value in wanted.items():
        setattr(locked, name, value)
    locked.version += 1
    _save(locked, [*wanted, "version"])
    log.record("course.changed", by=by, subject=locked, data={"before": before, "now": locked.what})


def _end(locked: Kept, on: date, by: User) -> None:
    if locked.ended_on == on:
        return
    if locked.ended_on is not None:
        raise Conflict(f"This course was ended on {day_words(locked.ended_on)}.")
    if on > today():
        raise ValidationError({"on": "The day must be today or in the past"})
    locked.ended_on = on
    locked.version += 1
    _save(locked, ["ended_on", "version"])
    log.record("course.ended", by=by, subject=locked, data={"on": on})
