"""Keeping a grading that is not finished. It decides nothing."""

from typing import Any

from django.db import transaction

from peps import policies, workflow
from peps.actions.stepping import locked
from peps.models import GradingDraft, Pep, SecondMark
from peps.policies_second import can_mark_second
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, require


class SavedMeanwhile(Conflict):
    """Somebody else saved the draft since the page was drawn; ``standing`` is theirs."""

    def __init__(self, standing: GradingDraft) -> None:
        super().__init__(f"{standing.by} has saved this grading since you opened the page. Both are shown.")
        self.standing = standing


@transaction.atomic
def save_draft(*, pep: Pep, submission: int, content: dict[str, Any], version: int, by: User) -> GradingDraft:
    """Keep what the form holds until it is finished.

    Args:
        version: the draft's version that the page showed; 0 when it showed none.

    Raises:
        Refused: for whoever may not grade it.
        Conflict: when it has been decided or sent in again; ``SavedMeanwhile`` when another draft stands.
    """
    pep = locked(pep)
    require(policies.can_grade(by, pep))
    if pep.submission != submission or pep.state not in workflow.WITH_VIRTUAL_SCHOOL:
        raise Conflict("This PEP has been decided, or sent in again, since you opened the page.")
    return _kept(pep, submission, GradingDraft.Kind.FIRST, content, version, by)


@transaction.atomic
def save_second_draft(*, mark: SecondMark, content: dict[str, Any], version: int, by: User) -> GradingDraft:
    """The same of a second marking. Whoever may not mark it, its first marker too, is never shown it.

    Raises:
        Refused: for whoever may not mark it a second time.
        Conflict: when it has been marked; ``SavedMeanwhile`` when another draft stands.
    """
    pep = locked(mark.pep)
    mark = SecondMark.objects.select_related("review", "by").get(pk=mark.pk)
    mark.pep = pep
    require(can_mark_second(by, mark))
    if not mark.waits:
        raise Conflict(f"{mark.by} has marked this PEP a second time already.")
    return _kept(pep, mark.review.submission, GradingDraft.Kind.SECOND, content, version, by)


def draft_of(pep: Pep) -> GradingDraft | None:
    """The draft of the answer to the PEP's last sending in."""
    return _standing(pep, pep.submission, GradingDraft.Kind.FIRST)


def second_draft_of(mark: SecondMark) -> GradingDraft | None:
    """The draft of a second marking, for those alone who may mark it."""
    return _standing(mark.pep, mark.review.submission, GradingDraft.Kind.SECOND)


def end_draft(draft: GradingDraft | None, by: User, seen: int | None) -> None:
    """A draft that has done its work goes.

    Args:
        seen: the version that the page showed; None when no page did.

    Raises:
        SavedMeanwhile: when somebody else saved it since: it is looked at first.
    """
    if draft is None:
        return
    if seen is not None and draft.version != seen and draft.by != by:
        raise SavedMeanwhile(draft)
    draft.delete()


def _standing(pep: Pep, submission: int, kind: str) -> GradingDraft | None:
    drafts = GradingDraft.objects.select_related("by").filter(pep=pep, submission=submission, kind=kind)
    found: GradingDraft | None = drafts.first()
    return found


def _kept(pep: Pep, submission: int, kind: str, content: dict[str, Any], version: int, by: User) -> GradingDraft:
    standing = _standing(pep, submission, kind)
    if standing is not None and standing.version != version:
        raise SavedMeanwhile(standing)
    draft = standing or GradingDraft(pep=pep, submission=submission, kind=kind, version=0)
    draft.content, draft.by, draft.at, draft.version = content, by, now(), draft.version + 1
    draft.save()
    data = {"submission": submission, "kind": kind}
    log.record("pep.grading_kept", by=by, subject=draft, child=pep.child_id, data=data)
    return draft
