"""A word of its own in every sensitive place of the world, so that a page that shows what its reader does not read gives itself away.

Where a word is planted says who may read it: the kind of information by the roles' own table in `declared`, and whose child it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from children.models import CarePlacement, Child, HealthReturn, ReturnRow
from peps import layouts
from peps.enums import Seat
from peps.layouts import FieldType
from peps.models import PepMeeting, PepSection
from tests.access import applied, attended, moved
from tests.access.declared import ADVOCATES, IMPORT, KEEP_ROLL, NOBODY, READ_SEN, READS, WITH_CHILDREN, Roles
from tests.factories.children import AlertFactory, ChildFileFactory, ClockFactory, NoteFactory
from tests.factories.peps import (
    MeetingInvitationFactory,
    PepAnswerFactory,
    PepCostFactory,
    PepReviewFactory,
    PepSetAsideFactory,
    PepVersionFactory,
)
from tests.factories.referrals import RiskAdditionFactory, SenStepFactory
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import now

SEALED = "sealed"
WORDS = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.OWN_WORDS)
# Address, carer and birth family are in no output unless it asks for them by name. These do, for the roles that read them:
# whoever is asked to a meeting by name stands in the meeting's own pages, and in the list of those asked.
ASKS_FOR_PEOPLE = frozenset({"peps:meeting", "peps:hold", "peps:detail", "peps:read"})
# Of the words that `Nest.word` makes, in small letters: looking for all of them at once is much quicker than for each of hundreds.
FORM = re.compile(r"(?=(zq[a-z]+[0-9]+x))")
GUARDED = ("address", "carer", "birth_family", "adoption_link")


@dataclass(frozen=True)
class Canary:
    """A word, what it is, and who may read it. ``side``: whose child it tells of; empty for what tells of none."""

    word: str
    group: str
    readers: Roles
    side: str = ""
    pages: frozenset[str] | None = None

    def allowed(self, role: str, sides: tuple[str, ...], page: str) -> bool:
        """Whether somebody may read the word on the page."""
        if self.pages is not None and page not in self.pages:
            return False
        return role in self.readers and (not self.side or self.side in sides)


@dataclass
class Nest:
    """The words that are planted."""

    canaries: list[Canary] = field(default_factory=list)
    _formed: dict[str, Canary] = field(default_factory=dict)
    _others: list[Canary] = field(default_factory=list)

    def word(
        self, group: str, side: str = "", *, readers: Roles | None = None, pages: frozenset[str] | None = None
    ) -> str:
        """A new word that stands nowhere else; it begins with a capital, as sentences do."""
        word = f"Zq{group.replace('_', '')}{side}{len(self.canaries)}x"
        if pages is None and group in GUARDED:
            pages = frozenset()
        return self._plant(Canary(word, group, READS.get(group, NOBODY) if readers is None else readers, side, pages))

    def known(self, word: str, group: str, side: str) -> str:
        """A word that has to have a form of its own, such as a postcode."""
        return self._plant(Canary(word, group, READS[group], side, frozenset()))

    def _plant(self, canary: Canary) -> str:
        self.canaries.append(canary)
        low = canary.word.lower()
        if FORM.findall(low) == [low]:
            self._formed[low] = canary
        else:
            self._others.append(canary)
        return canary.word

    def seen(self, text: str) -> list[Canary]:
        """The words that stand in a text, in either case."""
        low = text.lower()
        formed = [self._formed[word] for word in set(FORM.findall(low)) & self._formed.keys()]
        return formed + [one for one in self._others if one.word.lower() in low]

    def leaks(self, text: str, role: str, sides: tuple[str, ...], page: str) -> list[str]:
        return [f"{page} shows {one.word}" for one in self.seen(text) if not one.allowed(role, sides, page)]


def plant(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """Into everything that is kept of a child and may be read by some and not by all."""
    above = (attended.plant, applied.plant, moved.plant)
    for step in (_home, _care, _written, _watched, _pep, _meetings, _money, _risk, _sen, *above):
        step(nest, side, child, records, workers)


def plant_beside(nest: Nest, records: dict[str, Any]) -> None:
    """Into the registers that no role outside the Virtual School reads."""
    _set(
        records["record"],
        name=nest.word("previously", readers=ADVOCATES),
        agreed_by=nest.word("agreed", readers=ADVOCATES),
    )
    _set(records["judgement"], source=nest.word("judgement", readers=WITH_CHILDREN))
    _set(records["enquiry"], question=nest.word("enquiry", readers=ADVOCATES))
    hosted = KEEP_ROLL | ADVOCATES
    _set(records["hosted"], name=nest.word("hosted", readers=hosted), asked_of_us=nest.word("asked", readers=hosted))
    remark = {
        "file": "roll.csv",
        "line": 2,
        "column": "UPN",
        "value": nest.word("import", readers=IMPORT),
        "reason": "No",
    }
    _set(records["run"], report={"refused": [remark], "flagged": []})
    attended.plant_mapping(nest, records["mapping"])
    applied.plant_beside(nest, records["school_course"])


# ---------------------------------------------------------------- places


def _set(record: Any, **fields: Any) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(**fields)
    record.refresh_from_db()


def _home(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    area = f"Q{side[0].upper()}9"
    CarePlacement.objects.filter(child=child).update(
        address=nest.word("address", side),
        carer_name=nest.word("carer", side),
        carer_telephone=nest.word("carer", side),
        postcode=nest.known(f"{area} 1AA", "address", side),
    )
    child.care_episodes.update(
        home_postcode=nest.known(f"{area} 2AA", "birth_family", side),
        placement_postcode=nest.known(f"{area} 3AA", "address", side),
    )


def _care(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    _set(child, return_fields={"NOTE": nest.word("return", side)})
    HealthReturn.objects.create(child=child, year=2026, flags={"NOTE": nest.word("health", side)})
    row = {"CHILD": child.child_id, "NOTE": nest.word("adoption_link", side)}
    ReturnRow.objects.create(child=child, year=2026, table="ad1", row_key=side, row=row)


def _written(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    NoteFactory(
        child=child,
        author=workers["ala"],
        subject=nest.word("narrative", side),
        body=nest.word("narrative", side),
    )
    for group in ("education", "health", "legal", "narrative", "voice", "pep", "attendance"):
        words = {name: nest.word(group, side) for name in ("title", "original_name")}
        ChildFileFactory(child=child, uploaded_by=workers["ala"], field_group=group, **words)
    ChildFileFactory(child=child, title=nest.word("removed", side), removed=True)


def _watched(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    for group in ("education", "attendance", "pep", "voice", "health", "legal", "money", "narrative"):
        told = {
            "sentence": nest.word(group, side),
            "facts": [{"on": "2026-11-02", "words": nest.word(group, side), "href": ""}],
        }
        AlertFactory(child=child, field_group=group, evidence=told)
        ClockFactory(child=child, field_group=group, about=nest.word(group, side), started_by=nest.word(group, side))


def _pep(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """An answer to every question of the PEP that is prepared, and of the one that is sent in."""
    for key in ("pep", "pep_submitted"):
        for section, spec in _questions(records[key]):
            PepAnswerFactory(
                section=section,
                field=spec.key,
                value=_said(spec, nest.word(spec.reads.value, side)),
                written_by=workers["socialworker"],
            )
    PepSetAsideFactory(
        section=records["section_social_work"],
        field="change_words",
        by=workers["socialworker"],
        value=nest.word("narrative", side),
    )
    PepReviewFactory(
        pep=records["pep_submitted"], submission=7, decision="returned", grade="amber", reason=nest.word("pep", side)
    )
    _version(nest, side, records["pep_complete"])
    for key in ("pep_file", "pep_file_complete"):
        _set(records[key].file, title=nest.word("legal", side))
    _set(records["target"], goal=nest.word("pep", side), why=nest.word("pep", side))


def _version(nest: Nest, side: str, pep: Any) -> None:
    """A later version as it stood, with a word in every answer, and what was asked for in money."""
    said: dict[str, Any] = {}
    for section, spec in _questions(pep):
        said.setdefault(section.key, {})[spec.key] = {
            "value": _said(spec, nest.word(spec.reads.value, side)),
            "by": "Somebody",
        }
    cost = {"item": nest.word("money", side), "category": "tuition", "sessions_a_week": 1, "weeks": 1}
    cost |= {"price_pence": 100, "total_pence": 100, "agreed": True}
    target = {"area": "english", "start_point": "40", "goal": nest.word("pep", side), "costs": [cost]}
    last = {"goal": nest.word("education", side), "outcome": "met", "evidence": nest.word("education", side)}
    held = {"held_at": now().isoformat(), "key_points": nest.word("pep", side)}
    file = {"place": "my_views", "kind": "drawing", "title": nest.word("voice", side), "sha256": "0", "reads": "voice"}
    content = {"layout": pep.layout, "phase": pep.phase, "kind": pep.kind, "sections": said, "targets": [target]}
    content |= {"last_targets": [last], "files": [file], "meeting": held}
    PepVersionFactory(pep=pep, number=2, why=nest.word("pep", side), content=content)


def _questions(pep: Any) -> Iterator[tuple[PepSection, Any]]:
    layout = layouts.of_version(pep.layout)
    for section in PepSection.objects.filter(pep=pep):
        for spec in layout.section(section.key).fields_for(pep.phase, pep.kind, pep.year_group):
            if spec.type in WORDS or any(column.type in WORDS for column in spec.columns):
                yield section, spec


def _said(spec: Any, word: str) -> Any:
    """The word as an answer: itself, or in every column of a table that takes words."""
    row = {column.key: word for column in spec.columns if column.type in WORDS}
    return [{"row": spec.rows[0], **row} if spec.rows else row] if row else word


def _meetings(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    for meeting in PepMeeting.objects.filter(pep__child=child):
        for seat, group in ((Seat.CARER, "carer"), (Seat.PARENT, "birth_family")):
            name = nest.word(group, side, pages=ASKS_FOR_PEOPLE)
            why = nest.word(group, side, pages=frozenset({"peps:meeting"}))
            MeetingInvitationFactory(
                meeting=meeting, seat=seat, user=None, name=name, response="declined", declined_why=why
            )


def _money(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    _set(records["cost"], item=nest.word("money", side, readers=READS["money"] & READS["pep"]))
    PepCostFactory(
        target=records["target"],
        item=nest.word("money", side, readers=READS["money"] & READS["pep"]),
        excluded_as="statutory",
        exception_reason=nest.word("money", side, readers=READS["money"] & READS["pep"]),
    )
    _set(records["release"].cost, item=nest.word("money", side))
    elsewhere = READS["money"] - {"teacher"}
    _set(records["release_elsewhere"].cost, item=nest.word("elsewhere", side, readers=elsewhere))


def _risk(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """What is said of a risk is narrative."""
    words = {name: nest.word("narrative", side) for name in ("why", "would_help")}
    _set(records["report"], **words)
    RiskAdditionFactory(report=records["report"], words=nest.word("narrative", side))


def _sen(nest: Nest, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """What the SEN team is asked and says is read by it, by who opens matters, and by social workers."""
    for key in ("sen_review", "sen_notice"):
        _set(records[key], reason=nest.word("sen", side, readers=READ_SEN))
        SenStepFactory(matter=records[key], words=nest.word("sen", side, readers=READ_SEN))


def seal(nest: Nest, child: Child) -> None:
    """From now on nobody may read any of the names."""
    names: dict[str, Callable[[], str]] = dict.fromkeys(
        ("first_names", "last_name", "known_as"), lambda: nest.word("sealed", SEALED)
    )
    _set(child, sealed=True, **{name: make() for name, make in names.items()})
    child.periods_of_care.update(end=now().date(), end_reason="E11")
