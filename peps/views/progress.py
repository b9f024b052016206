"""How far a PEP is, by person: how many of the required answers are there, and what still stands in the way of sending it in.

What is missing is the gate's, and which answers are required is the field list's: this page only counts and links them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from peps import layouts, policies, statements, workflow
from peps.actions.submitting import Missing, gate
from peps.enums import Owner
from peps.models import Pep, PepAnswer, PepSection, SectionDelegation
from peps.people import People
from peps.policies import Standing
from virtualschool.accounts.models import User


@dataclass
class Part:
    """What one person has to do: required answers, those that are there, and what the gate finds missing."""

    asked: int = 0
    answered: int = 0
    things: list[dict[str, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Never all of it while an answer is missing."""
        if not self.asked:
            return ""
        return f"{self.answered} of {self.asked} required answers, {100 * self.answered // self.asked}%"


def by_person(user: User, pep: Pep, at: Standing, sections: list[PepSection], people: People) -> list[dict[str, Any]]:
    """Each person's part while the PEP is being written, the order that of the sections. A constant number of queries."""
    if pep.state not in workflow.WRITABLE:
        return []
    given = _given(pep)
    parts: dict[str, Part] = {}
    for section, (asked, missing) in zip(sections, _counted(pep, sections), strict=True):
        part = parts.setdefault(_who(section, section.owner, given, people), Part())
        part.asked, part.answered = part.asked + asked, part.answered + asked - missing
    for one in gate(pep):
        part = parts.setdefault(_who(one.section, one.owner, given, people), Part())
        part.things.append({"text": capfirst(one.words), "href": _where(user, one, at, sections)})
    return [{"name": name, "words": part.words, "things": part.things} for name, part in parts.items()]


def owner_words(owner: str, people: People) -> str:
    """Who an owner is, by name where one person is meant."""
    label, known = str(Owner(owner).label), people.owning(owner)
    title = capfirst(label)
    named = owner in (Owner.SOCIAL_WORKER, Owner.DESIGNATED_TEACHER) and known
    return f"{title}: {known.name}" if named and known else title


def _given(pep: Pep) -> dict[int, SectionDelegation]:
    """Which sections are with a colleague."""
    standing = SectionDelegation.objects.filter(section__pep=pep, until__isnull=True).select_related("colleague")
    return {one.section_id: one for one in standing}


def _who(section: PepSection | None, owner: str, given: dict[int, SectionDelegation], people: People) -> str:
    if section is not None and section.pk in given:
        return f"Colleague: {given[section.pk].colleague.name}"
    return owner_words(owner, people)


def _counted(pep: Pep, sections: list[PepSection]) -> list[tuple[int, int]]:
    """For each section how many answers are required, and how many of them are missing. Two queries."""
    written: dict[int, list[PepAnswer]] = defaultdict(list)
    for answer in PepAnswer.objects.filter(section__pep=pep):
        written[answer.section_id].append(answer)
    lines, said = layouts.Lines.read(pep.opened_on), statements.of(pep)
    return [
        _required(pep, section, statements.standing(section, written[section.pk], said), lines) for section in sections
    ]


def _required(pep: Pep, section: PepSection, answers: dict[str, Any], lines: layouts.Lines) -> tuple[int, int]:
    """A question is required when its section could not be finished without it, as the other answers stand."""
    spec = layouts.of_version(pep.layout).section(section.key)
    if not spec.mandatory or section.other_form:
        return 0, 0
    fields = spec.fields_for(pep.phase, pep.kind, pep.year_group)
    missing = [one for one in fields if one.missing(answers, lines)]
    asked = [one for one in fields if one in missing or one.missing({**answers, one.key: ""}, lines)]
    return len(asked), len(missing)


def _where(user: User, missing: Missing, at: Standing, sections: list[PepSection]) -> str:
    """Where it is put right by whoever may, or read by whoever reads it; for the meeting, its page."""
    if missing.meeting is not None:
        return reverse("peps:meeting", args=[missing.meeting.uuid])
    section = next((one for one in sections if missing.section and one.pk == missing.section.pk), None)
    if section is None:
        return ""
    if policies.can_write_section(user, section, at):
        return reverse("peps:write", args=[section.uuid])
    return reverse("peps:section", args=[section.uuid]) if policies.can_read_section(user, section) else ""
