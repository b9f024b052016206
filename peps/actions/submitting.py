"""Sending a PEP in: only when nothing is missing, and whoever asks is told all of what is, by person."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from peps import layouts, notifications, policies, statements
from peps.actions.delegating import end_delegations
from peps.actions.stepping import hand_on, locked, move, wrote
from peps.enums import MeetingState, Owner, SectionState
from peps.layouts import SectionSpec
from peps.models import Pep, PepAnswer, PepMeeting, PepSection, PepTarget, VoiceStatement
from peps.people import People, people_of_all
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Refused, refuse, require
from virtualschool.rulebook import rules, schoolyear

# Answers that the gate looks at.
ASKED = ("my_words", "no_words_because", "no_pupil_premium_because")
# What the gate asks of each target, and what it calls it.
OF_A_TARGET = {"measure": "measure", "by_when": "date", "named_person": "named person"}


@dataclass(frozen=True)
class Missing:
    """One thing between a PEP and its being sent in, whom to ask for it, and the section or the meeting it is missing from."""

    words: str
    owner: Owner
    person: str
    section: PepSection | None = None
    meeting: PepMeeting | None = None


class NotReady(Refused):
    """The gate is shut; ``missing`` says by what."""

    def __init__(self, missing: list[Missing], source: str) -> None:
        super().__init__(refuse("Not ready to send in: " + "; ".join(one.words for one in missing) + ".", source))
        self.missing = missing


@dataclass
class _Draft:
    """A PEP with everything the gate looks at."""

    pep: Pep
    people: People
    pack: rules.Pack
    specs: dict[str, SectionSpec]
    sections: dict[str, PepSection]
    meeting: PepMeeting | None
    targets: list[PepTarget]
    last_targets: list[PepTarget]
    statements: list[VoiceStatement]
    found: list[Missing] = field(default_factory=list)

    def ask(self, words: str, key: str = "", owner: Owner | None = None, meeting: PepMeeting | None = None) -> None:
        section = self.sections.get(key)
        asked = owner or Owner(section.owner if section else Owner.DESIGNATED_TEACHER)
        self.found.append(Missing(words, asked, self.people.name_of_owner(asked), section, meeting))

    def said(self, key: str, name: str) -> bool:
        section = self.sections.get(key)
        return section is not None and name in statements.standing(section, section.answers.all(), self.statements)

    def done(self, key: str) -> bool:
        """Whether the section is finished, or this PEP has none."""
        section = self.sections.get(key)
        return section is None or section.other_form or section.state == SectionState.COMPLETE


@transaction.atomic
def submit_pep(*, pep: Pep, by: User) -> Pep:
    """Send the PEP to the Virtual School. From here its clock is the Virtual School's.

    Raises:
        Refused: when ``by`` may not.
        NotReady: with everything that is missing, by person.
    """
    pep = locked(pep)
    require(policies.can_submit(by, pep))
    (draft,) = _read([pep])
    missing = _missing(draft)
    if missing:
        raise NotReady(missing, rules.get("pep.submit.required", on=today()).source)
    move(pep, "submit", submission=pep.submission + 1, submitted_at=now(), submitted_by=by)
    PepSection.objects.filter(pep=pep).exclude(returned_why="").update(returned_why="")
    wrote(pep, by)
    end_delegations(pep, why="The PEP was sent in", by=by)
    hand_on(
        pep,
        rule_key="pep.approval",
        about="Answer to the PEP",
        started_on=today(),
        started_by="The PEP was sent in",
        by=by,
        round_of=pep.submission,
    )
    log.record("pep.submitted", by=by, subject=pep, data={"submission": pep.submission})
    notifications.submitted(pep, draft.people)
    return pep


def gate(pep: Pep) -> list[Missing]:
    """All that stands between the PEP and its being sent in; empty when it is ready.

    Every mandatory section finished and the meeting held, always; what the rule ``pep.submit.required`` names besides
    (Care Planning Regulations 2010, Schedule 1 paragraph 2). A constant number of queries.
    """
    return gates([pep])[pep.pk]


def gates(peps: Collection[Pep]) -> dict[int, list[Missing]]:
    """``gate`` of many PEPs, by their keys, in no more queries than for one. They come with their children and schools."""
    return {draft.pep.pk: _missing(draft) for draft in _read(peps)}


def needed_of_a_target() -> frozenset[str]:
    """The fields of a target without which a PEP is not sent in, besides those that every target has."""
    return frozenset(OF_A_TARGET if "targets" in rules.value("pep.submit.required", on=today()) else ())


def _missing(draft: _Draft) -> list[Missing]:
    for section in draft.sections.values():
        asked = draft.specs[section.key].mandatory and not section.other_form
        if asked and section.state != SectionState.COMPLETE:
            draft.ask(f"“{draft.specs[section.key].title}” is not finished", section.key)
    if draft.meeting is None:
        draft.ask("the meeting has not been held", owner=Owner.VIRTUAL_SCHOOL)
    for part in _needed(draft.pack):
        CHECKS.get(part, _nothing)(draft)
    return draft.found


def _needed(pack: rules.Pack) -> list[str]:
    """The parts that the council's rules ask for. That last targets are reviewed first is a rule of its own."""
    named: list[str] = list(pack.value("pep.submit.required"))
    first = pack.value("pep.targets.review_first") == "refuse" and "previous_targets" not in named
    return [*named, "previous_targets"] if first else named


def _read(peps: Collection[Pep]) -> list[_Draft]:
    keys, people, pack = [pep.pk for pep in peps], people_of_all(peps, today()), rules.pack(today(), "p")
    answers = Prefetch("answers", PepAnswer.objects.filter(field__in=ASKED))
    sections = _by_pep(PepSection.objects.filter(pep__in=keys).prefetch_related(answers))
    meetings = _by_pep(PepMeeting.objects.filter(pep__in=keys, state=MeetingState.HELD).prefetch_related("invitations"))
    targets = _by_pep(
        PepTarget.objects.filter(pep__in=[*keys, *(pep.previous_id for pep in peps if pep.previous_id)])
        .order_by("pk")
        .prefetch_related("costs")
    )
    said = _by_pep(VoiceStatement.objects.filter(pep__in=keys))
    return [
        _Draft(
            pep=pep,
            people=people[pep.pk],
            pack=pack,
            specs={spec.key: spec for spec in layouts.of_version(pep.layout)},
            sections={row.key: row for row in sections[pep.pk]},
            meeting=next(iter(meetings[pep.pk]), None),
            targets=targets[pep.pk],
            last_targets=targets[pep.previous_id] if pep.previous_id else [],
            statements=said[pep.pk],
        )
        for pep in peps
    ]


def _by_pep(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.pep_id].append(row)
    return found


def _nothing(draft: _Draft) -> None:
    """A part that other parts answer for."""


def _voice(draft: _Draft) -> None:
    if not (draft.said("my_views", "my_words") or draft.said("my_views", "no_words_because")):
        draft.ask("the child's own words are not there, nor why not", "my_views")


def _targets(draft: _Draft) -> None:
    if not draft.targets:
        draft.ask("there is no target", "targets")
    for place, target in enumerate(draft.targets, 1):
        lacking = _lacking(target)
        if lacking:
            draft.ask(f"target {place} has no {_and(lacking)}", "targets")


def _lacking(target: PepTarget) -> list[str]:
    return [words for name, words in OF_A_TARGET.items() if not getattr(target, name)]


def _pupil_premium(draft: _Draft) -> None:
    answered = draft.said("targets", "no_pupil_premium_because") or any(target.costs.all() for target in draft.targets)
    if not answered and _has_premium(draft):
        draft.ask("no Pupil Premium Plus is asked for, nor is it said why not", "targets")


def _has_premium(draft: _Draft) -> bool:
    """Whether the child was in a year that this grant is for (rule ``pp.years``) when the PEP was opened."""
    first, last = draft.pack.value("pp.years")
    return bool(first <= schoolyear.curriculum_year(draft.pep.child.date_of_birth, draft.pep.opened_on) <= last)


def _next_date(draft: _Draft) -> None:
    if draft.meeting is not None and draft.meeting.next_meeting_on is None:
        draft.ask("the next meeting has no date", "meeting", meeting=draft.meeting)


def _attendees(draft: _Draft) -> None:
    if draft.meeting is not None and any(not one.attendance for one in draft.meeting.invitations.all()):
        draft.ask("it is not recorded who came to the meeting", "meeting")


def _previous_targets(draft: _Draft) -> None:
    if "last_targets" in draft.sections and any(not target.outcome for target in draft.last_targets):
        draft.ask("not every target of the last PEP has been reviewed", "last_targets")


def _section(key: str, words: str) -> Callable[[_Draft], None]:
    def check(draft: _Draft) -> None:
        if not draft.done(key) and not draft.specs[key].mandatory:
            draft.ask(words, key)

    return check


CHECKS: dict[str, Callable[[_Draft], None]] = {
    "voice": _voice,
    "targets": _targets,
    "pupil_premium": _pupil_premium,
    "next_date": _next_date,
    "attendees": _attendees,
    "previous_targets": _previous_targets,
    "attainment": _section("attainment", "attainment is not finished"),
    "attendance": _section("attendance", "attendance is not finished"),
    "transition": _section("moving_on", "the plan for moving on is not finished"),
    "carer": _section("carer_views", "the carer's views are not finished"),
}


def _and(words: Iterable[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
