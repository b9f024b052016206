"""Keeping a grading that is not finished. It decides nothing."""

from typing import Any

from django.db import transaction

from peps import policies, workflow
from peps.actions.stepping import locked
from peps.models import GradingDraft, Pep
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
    kind = GradingDraft.Kind.FIRST
    standing = GradingDraft.objects.select_related("by").filter(pep=pep, submission=submission, kind=kind).first()
    if standing is not None and standing.version != version:
        raise SavedMeanwhile(standing)
    draft = standing or GradingDraft(pep=pep, submission=submission, kind=kind, version=0)
    draft.content, draft.by, draft.at, draft.version = content, by, now(), draft.version + 1
    draft.save()
    log.record("pep.grading_kept", by=by, subject=draft, child=pep.child_id, data={"submission": submission})
    return draft


def draft_of(pep: Pep) -> GradingDraft | None:
    """The draft of the answer to the PEP's last sending in."""
    kind = GradingDraft.Kind.FIRST
    drafts = GradingDraft.objects.select_related("by").filter(pep=pep, submission=pep.submission, kind=kind)
    found: GradingDraft | None = drafts.first()
    return found
