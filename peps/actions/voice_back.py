"""You said, we did: what became of the child's words, and giving it back to them."""

from dataclasses import dataclass

from django.db import transaction

from peps import policies_voice as policies
from peps.actions.stepping import locked
from peps.actions.writing import digest
from peps.enums import GivenBackHow, WhatWeDid
from peps.models import GivenBack, Pep, YouSaid
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, require


@dataclass(frozen=True)
class Answered:
    """What the child said, in their words, and what was done or why it could not be."""

    said: str
    outcome: WhatWeDid | str
    answer: str


@transaction.atomic
def add_answer(*, pep: Pep, facts: Answered, by: User) -> YouSaid:
    """Raises:
    Refused: when ``by`` may not, or the meeting is yet to come.
    Conflict: when the very same stands there already.
    """
    pep = locked(pep)
    require(policies.can_answer_child(by, pep))
    if YouSaid.objects.filter(pep=pep, said=facts.said, answer=facts.answer).exists():
        raise Conflict("This is written already.")
    row = YouSaid.objects.create(
        pep=pep, said=facts.said, outcome=WhatWeDid(facts.outcome), answer=facts.answer, by=by, at=now()
    )
    log.record("voice.you_said_added", by=by, subject=row)
    return row


def fingerprint(row: YouSaid) -> str:
    """What a page carries of the row that it shows."""
    return _fingerprint(Answered(row.said, row.outcome, row.answer))


@transaction.atomic
def change_answer(*, row: YouSaid, facts: Answered, seen: str, by: User) -> YouSaid:
    """What was given back before stays as it was given. The very same again changes nothing.

    Args:
        seen: the fingerprint of the row that the writer was shown.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when somebody else changed it meanwhile, or took it out.
    """
    held = _held(row)
    require(policies.can_change_answer(by, held))
    if _fingerprint(facts) == fingerprint(held):
        return held
    if fingerprint(held) != seen:
        raise Conflict("Somebody else changed this while you were writing. Open it again to see both.")
    held.said, held.outcome, held.answer = facts.said, WhatWeDid(facts.outcome), facts.answer
    held.by, held.at = by, now()
    held.save(update_fields=["said", "outcome", "answer", "by", "at"])
    log.record("voice.you_said_changed", by=by, subject=held)
    return held


@transaction.atomic
def remove_answer(*, row: YouSaid, by: User) -> None:
    """Raises:
    Refused: when ``by`` may not.
    Conflict: when it is gone already.
    """
    held = _held(row)
    require(policies.can_change_answer(by, held))
    log.record("voice.you_said_removed", by=by, subject=held)
    held.delete()


def _held(row: YouSaid) -> YouSaid:
    """The row as it is now, with its PEP locked."""
    pep = locked(row.pep)
    held: YouSaid | None = YouSaid.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if held is None:
        raise Conflict("This is gone already.")
    held.pep = pep
    return held


def _fingerprint(facts: Answered) -> str:
    return digest([facts.said, str(facts.outcome), facts.answer])


@transaction.atomic
def give_back(*, pep: Pep, how: GivenBackHow | str, by: User) -> GivenBack:
    """That the child was told, or is handed a page.

    Raises:
        Refused: when ``by`` may not, or nothing is written.
    """
    pep = locked(pep)
    require(policies.can_give_back(by, pep))
    rows = [{"said": row.said, "outcome": row.outcome, "answer": row.answer} for row in pep.you_said.all()]
    given = GivenBack.objects.create(pep=pep, how=GivenBackHow(how), at=now(), by=by, rows=rows)
    log.record("voice.given_back", by=by, subject=pep, data={"how": given.how})
    return given
