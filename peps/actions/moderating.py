"""The second marking of an approved PEP. It never changes the first decision."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from children import alerts
from children.evidence import evidence, fact
from peps import moderation
from peps import policies_second as policies
from peps.actions.drafting import end_draft, second_draft_of
from peps.actions.marking import Mark, sheet_again
from peps.actions.stepping import locked
from peps.enums import Decision
from peps.models import Pep, PepReview, SecondMark
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import LONDON, now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import rules

CHECK = "pep.marks_apart"


def draw(review: PepReview) -> SecondMark | None:
    """Whether an approval is in its term's sample, settled in the transaction that approves."""
    if not moderation.drawn(review.pep, today()):
        return None
    drawn: SecondMark = SecondMark.objects.create(pep=review.pep, review=review, drawn_at=now())
    return drawn


@transaction.atomic
def add_by_hand(*, pep: Pep, why: str, by: User) -> SecondMark:
    """Have a PEP marked a second time that was not drawn.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it is not approved by a rubric, or is marked a second time already.
        ValueError: without a reason.
    """
    pep = locked(pep)
    require(policies.can_add_second(by, pep))
    if not why.strip():
        raise ValueError("A PEP is added with a reason.")
    review = PepReview.objects.filter(pep=pep, decision=Decision.APPROVED).exclude(rubric="").last()
    if review is None:
        raise Conflict("Only a PEP that was approved by a rubric is marked a second time.")
    if SecondMark.objects.filter(review=review).exists():
        raise Conflict("This PEP is in the sample already.")
    mark: SecondMark = SecondMark.objects.create(pep=pep, review=review, drawn_at=now(), added_by=by, added_why=why)
    log.record("pep.second_marking_added", by=by, subject=mark, child=pep.child_id, why=why)
    return mark


@transaction.atomic
def mark_second(
    *, mark: SecondMark, marks: Mapping[str, Mark], reason: str, by: User, seen_draft: int | None = None
) -> SecondMark:
    """Mark it by the rubric of the first marking; grades that lie too far apart are told the head at once. A kept draft ends.

    Args:
        seen_draft: the version of the kept draft that the page showed; None when no page did.

    Raises:
        Refused: for the first marker, and for whoever may not have graded it.
        Conflict: when it has been marked meanwhile, or somebody else kept a later draft than the page showed.
        ValueError: for a question without its mark, or without a reason.
    """
    mark = _locked(mark)
    require(policies.can_mark_second(by, mark))
    if not mark.waits:
        raise Conflict(f"{mark.by} has marked this PEP a second time already.")
    sheet = sheet_again(mark)
    problems = sheet.problems(marks)
    if problems or not reason.strip():
        raise ValueError("; ".join(problems.values()) or "A marking has its reason.")
    end_draft(second_draft_of(mark), by, seen_draft)
    reckoned = sheet.overall(marks)
    mark.marks, mark.grade, mark.working = sheet.kept(marks), reckoned.grade, reckoned.words
    mark.reason, mark.by, mark.at = reason, by, now()
    mark.save(update_fields=["marks", "grade", "working", "reason", "by", "at"])
    log.record("pep.second_marked", by=by, subject=mark, child=mark.child_id, data={"grade": mark.grade})
    book = rules.load(moderation.APART)
    if lies_apart(mark, book):
        alerts.report(
            child=mark.pep.child,
            check_name=CHECK,
            natural_key=key_of(mark),
            evidence=evidence_of(mark),
            on=today(),
            rule=book.get(moderation.APART, on=today()),
            group=FieldGroup.MARKING,
        )
    return mark


@transaction.atomic
def agree(*, mark: SecondMark, words: str, by: User) -> SecondMark:
    """Write, once, what the two made of their difference. The decision stays.

    Raises:
        Refused: when ``by`` is neither of the two nor the head, or nobody marked it a second time.
        Conflict: when it has been written.
        ValueError: without words.
    """
    mark = _locked(mark)
    require(policies.can_agree(by, mark))
    if mark.note:
        raise Conflict(f"{mark.note_by} has written what was agreed.")
    if not words.strip():
        raise ValueError("What was agreed is said in words.")
    mark.note, mark.note_by, mark.note_at = words, by, now()
    mark.save(update_fields=["note", "note_by", "note_at"])
    log.record("pep.second_marking_agreed", by=by, subject=mark, child=mark.child_id)
    alerts.resolve(check_name=CHECK, natural_key=key_of(mark))
    return mark


def lies_apart(mark: SecondMark, book: rules.Book) -> bool:
    """Whether the grade that stands and the second one are as far apart as the head wants to know (rule ``pep.qa.apart``)."""
    return bool(_bands(mark) >= book.value(moderation.APART, on=_day(mark)))


def key_of(mark: SecondMark) -> str:
    return f"second:{mark.pk}"


def evidence_of(mark: SecondMark) -> dict[str, Any]:
    """What the alert says: that they differ, and neither grade, for not everybody who reads it marks PEPs."""
    href = reverse("peps:quality", args=[mark.pep.uuid])
    bands = _bands(mark)
    said = f"Two markings of a PEP lie {bands} bands apart, and what was agreed is not written yet"
    return evidence(said, fact(_day(mark), "Marked a second time", href))


def _bands(mark: SecondMark) -> int:
    return moderation.apart(mark.review.grade, mark.grade) or 0


def _day(mark: SecondMark) -> Any:
    return mark.at.astimezone(LONDON).date()  # type: ignore[union-attr]  # asked of what is marked alone


def _locked(mark: SecondMark) -> SecondMark:
    """It as it is now, with its PEP held."""
    pep = locked(mark.pep)
    rows = SecondMark.objects.select_for_update(of=("self",)).select_related("review__by", "by", "note_by")
    found: SecondMark = rows.get(pk=mark.pk)
    found.pep = pep
    return found
