"""What the record said of a child when a PEP was completed: kept in the numbered version, and shown in its place ever after.

What the PEP itself says of its progress is not frozen: it moves on with the PEP. Address, carer and birth family are in no fact
(``peps.layouts.loader`` refuses one).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peps import layouts, workflow
from peps.enums import PepState
from peps.layouts import FactSpec
from peps.models import Pep, PepReview, PepVersion
from peps.record import Facts, Record, Words, lines_of
from virtualschool.kernel.formfields import long_date

OF_PROGRESS = frozenset({"state", "next_due", "left_to_do"})
COMPLETED = frozenset(workflow.CLOSED) - {PepState.CANCELLED}
KEPT_UNDER = "record"
NOT_KEPT = "What the record said of the child then was not kept with this version."
TODAYS = "This PEP was completed before the record was kept with it: what is shown of the record is as it stands today."


@dataclass(frozen=True)
class FrozenRecord:
    """The facts of one version, by their keys, and the day on which they were read."""

    pep: Pep
    on: date
    facts: Mapping[str, list[str]]

    def told(self, key: str) -> Words | None:
        return self.facts.get(key)

    @property
    def words(self) -> str:
        return f"What is shown of the record is as the record stood on {long_date(self.on)}."


def freeze(pep: Pep) -> dict[str, Any]:
    """Every fact of the PEP's layout, phase and sections as its page would show it today. A constant number of queries."""
    record = Record(pep)
    told = {fact.key: lines_of(record.told(fact.key)) for fact in _facts(pep)}
    return {"on": record.on, "facts": told}


def of_version(pep: Pep, content: Mapping[str, Any]) -> FrozenRecord | None:
    """What a version kept of the record; nothing for one that was kept before records were."""
    kept = content.get(KEPT_UNDER)
    return FrozenRecord(pep, date.fromisoformat(kept["on"]), kept["facts"]) if kept else None


def version_of(review: PepReview) -> PepVersion | None:
    """The version that an approval made: what was graded, whatever is written in the PEP since."""
    rows = PepVersion.objects.filter(pep=review.pep_id, content__review__submission=review.submission)
    return rows.order_by("number").last()


def last_version(pep: Pep) -> PepVersion | None:
    """Of a PEP that is complete its last version; of any other none, for it is written in again or was never complete."""
    if pep.state not in COMPLETED:
        return None
    return PepVersion.objects.filter(pep=pep).order_by("number").last()


def behind(pep: Pep) -> tuple[Facts, str]:
    """The record to show with a PEP, and what to say of it: of a completed one as it stood then, of any other today's and nothing."""
    if pep.state not in COMPLETED:
        return Record(pep), ""
    last = (
        PepVersion.objects.filter(pep=pep).order_by("-number").values_list(f"content__{KEPT_UNDER}", flat=True).first()
    )
    frozen = of_version(pep, {KEPT_UNDER: last})
    return (frozen, frozen.words) if frozen else (Record(pep), TODAYS)


def _facts(pep: Pep) -> Iterable[FactSpec]:
    layout, keys = layouts.of_version(pep.layout), set(pep.sections.values_list("key", flat=True))
    beside = (fact for section in layout if section.key in keys for fact in section.facts)
    return (fact for fact in (*layout.front, *beside) if pep.phase in fact.phases and fact.key not in OF_PROGRESS)
