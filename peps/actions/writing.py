"""Writing in a PEP: nobody's words are lost, and nobody's are written over unseen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from peps import layouts, policies, statements, workflow
from peps.actions.moving import section_of
from peps.actions.stepping import locked, locked_section, move, wrote
from peps.enums import PepState, SectionState, Settle
from peps.layouts import ROW, FieldSpec
from peps.models import Pep, PepAnswer, PepSection, PepSetAside
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import ALLOW, Conflict, Refused, Verdict, refuse, require


class Incomplete(Refused):
    """A section that cannot be finished: ``fields`` are the questions without an answer."""

    def __init__(self, fields: tuple[FieldSpec, ...]) -> None:
        super().__init__(refuse("Still to be answered: " + "; ".join(spec.label for spec in fields)))
        self.fields = fields


@dataclass(frozen=True)
class Seen:
    """What a writer was shown: the answer's version (0: there was none) and its fingerprint.

    ``aside``: the answer of theirs that was set aside while they were typing; what they type on belongs to it.
    """

    version: int
    digest: str
    aside: int = 0

    def __str__(self) -> str:
        return f"{self.version}:{self.digest}" + (f":{self.aside}" if self.aside else "")


NOTHING_SEEN = Seen(0, "")


@dataclass
class Saved:
    """Which fields were written, those of them that had no answer, and what was set aside: somebody else had saved it meanwhile."""

    written: list[str] = field(default_factory=list)
    set_aside: list[PepSetAside] = field(default_factory=list)
    new: list[PepAnswer] = field(default_factory=list, repr=False)


def digest(value: Any) -> str:
    """A fingerprint of an answer; empty for no answer."""
    plain = tidy(value)
    return "" if layouts.empty(plain) else hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def tidy(value: Any) -> Any:
    """An answer in the form it is kept: lines end as on one system, so that a browser's own line ends are no change."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, list):
        return [tidy(one) for one in value]
    if isinstance(value, dict):
        return {key: tidy(one) for key, one in value.items()}
    return "" if value is None else value


@transaction.atomic
def save_answers(*, section: PepSection, answers: Mapping[str, Any], seen: Mapping[str, Seen], by: User) -> Saved:
    """Save what the writer changed, field by field.

    A field whose value is what its writer was shown is left alone, whatever it has become. A field that somebody else saved
    meanwhile is not written over: the writer's answer is set aside, to choose with both in view (``settle``).

    Args:
        answers: values by field; text, numbers, ISO dates, lists of text or of rows, true or false.
        seen: what the writer was shown of each field; without it, that there was no answer.

    Raises:
        Refused: when ``by`` may not write it, does not read one of the fields, or would change a child's own words.
    """
    section = locked_section(section)
    require(policies.can_write_section(by, section))
    specs = {spec.key: spec for spec in policies.readable_fields(by, section)}
    if unknown := set(answers) - set(specs):
        raise Refused(refuse(f"Your role does not write: {', '.join(sorted(unknown))}.", policies.ROLES))
    standing = {answer.field: answer for answer in section.answers.select_related("written_by")}
    saved = Saved()
    for key, value in answers.items():
        _save_one(saved, section, specs[key], standing.get(key), tidy(value), seen.get(key, NOTHING_SEEN), by)
    PepAnswer.objects.bulk_create(saved.new)
    if saved.written or saved.set_aside:
        _begin(section, by)
        log.record("pep.written", by=by, subject=section, data={"fields": saved.written, "aside": len(saved.set_aside)})
    return saved


@transaction.atomic
def settle(*, aside: PepSetAside, choice: Settle | str, by: User) -> None:
    """Choose between two answers to one question: the one that stands, the one that was set aside, or one under the other.

    Whoever may write the section chooses, so that nobody has to wait for a colleague who is away. Both are kept only of answers
    in words; the child's own words are never replaced, another's record of them is added.

    Raises:
        Refused: when the section is closed to ``by``, or ``by`` would replace a child's words that somebody else wrote down.
        Conflict: when it was settled already.
    """
    section = locked_section(aside.section)
    found = PepSetAside.objects.filter(pk=aside.pk, section=section).first()
    if found is None:
        raise Conflict("This has been settled already.")
    require(policies.can_write_section(by, section))
    if choice != Settle.STANDING:
        spec = layouts.of_version(section.pep.layout).section(section.key).field(found.field)
        answer = section.answers.select_related("written_by").filter(field=found.field).first()
        if spec is not None and choice == Settle.ASIDE:
            require(_may_change(spec, answer, by))
        if spec is not None and spec.kept_as_given:
            _add_own_words(section, answer, found, keep=choice == Settle.BOTH)
        else:
            value = _both(answer.value, found.value) if choice == Settle.BOTH and answer else found.value
            _write(section, found.field, answer, value, by)
        _begin(section, by)
    found.delete()
    log.record("pep.settled", by=by, subject=section, data={"field": found.field, "choice": str(choice)})


@transaction.atomic
def complete_section(*, section: PepSection, by: User) -> PepSection:
    """Finish a section.

    Raises:
        Refused: when ``by`` may not, or it is agreed at the meeting and that is yet to come.
        Incomplete: when a required question has no answer.
        Conflict: when answers of it were set aside and not settled.
    """
    section = locked_section(section)
    require(policies.can_complete_section(by, section))
    missing = missing_fields(section)
    if missing:
        raise Incomplete(missing)
    if section.set_aside.exists():
        raise Conflict("Two people wrote one answer of this section. Choose between them first.")
    if section.pep.state == PepState.PLANNED:
        move(section.pep, "start")
    section.state = workflow.SECTION.target(section.state, "complete")
    section.completed_by, section.completed_at = by, now()
    section.save(update_fields=["state", "completed_by", "completed_at"])
    wrote(section.pep, by)
    log.record("pep.section_completed", by=by, subject=section, data={"section": section.key})
    return section


@transaction.atomic
def reopen_section(*, section: PepSection, by: User) -> PepSection:
    """Open a finished section again, while the PEP is open to writing."""
    section = locked_section(section)
    require(policies.can_reopen_section(by, section))
    section.state = workflow.SECTION.target(section.state, "reopen")
    section.completed_by, section.completed_at = None, None
    section.save(update_fields=["state", "completed_by", "completed_at"])
    log.record("pep.section_reopened", by=by, subject=section, data={"section": section.key})
    return section


@transaction.atomic
def add_section(*, pep: Pep, key: str, by: User) -> PepSection:
    """Add a section that the PEP was opened without, such as a reduced timetable.

    Raises:
        Refused: when ``by`` may not, or the layout has no such section for this PEP.
        Conflict: when the PEP has it.
    """
    pep = locked(pep)
    require(policies.can_add_section(by, pep))
    addable = {spec.key: spec for spec in layouts.of_version(pep.layout).addable(pep.phase, pep.kind)}
    if key not in addable:
        raise Refused(refuse("This PEP has no such section.", policies.CONTENT))
    section, new = section_of(pep, addable[key])
    if not new:
        raise Conflict("The PEP has this section already.")
    log.record("pep.section_added", by=by, subject=section, data={"section": key})
    return section


def missing_fields(section: PepSection) -> tuple[FieldSpec, ...]:
    """The required questions without an answer, written by an adult or given by a link."""
    spec = layouts.of_version(section.pep.layout).section(section.key)
    answers = statements.standing(section, section.answers.all())
    pep, lines = section.pep, layouts.Lines(section.pep.opened_on)
    return spec.missing(pep.phase, pep.kind, answers, lines, pep.year_group)


def _save_one(
    saved: Saved, section: PepSection, spec: FieldSpec, answer: PepAnswer | None, value: Any, seen: Seen, by: User
) -> None:
    standing = digest(answer.value) if answer else ""
    if digest(value) in (seen.digest, standing):
        return
    if answer and answer.version != seen.version:
        saved.set_aside.append(_set_aside(section, spec.key, value, seen, by))
        return
    require(_may_change(spec, answer, by))
    if answer is None:
        saved.new.append(_answer(section, spec.key, value, by))
    else:
        _write(section, spec.key, answer, value, by)
    saved.written.append(spec.key)


def _set_aside(section: PepSection, key: str, value: Any, seen: Seen, by: User) -> PepSetAside:
    """Keep an answer that cannot be written. Words typed on in the same page go on in the same row; its history has the rest."""
    mine = PepSetAside.objects.filter(pk=seen.aside, section=section, field=key, by=by).first() if seen.aside else None
    if mine is None:
        return PepSetAside.objects.create(section=section, field=key, value=value, by=by, at=now())
    mine.value, mine.at = value, now()
    mine.save(update_fields=["value", "at"])
    return mine


def _may_change(spec: FieldSpec, answer: PepAnswer | None, by: User) -> Verdict:
    """The child's words stay as they were given: only the adult who wrote them down mends their own slip."""
    if not spec.kept_as_given or answer is None or layouts.empty(answer.value):
        return ALLOW
    if answer.written_by_id == by.pk and not answer.also_by:
        return ALLOW
    reason = f"“{spec.label}” are the child's own words, written down by {answer.writers}. Add what you understood beside them."
    return refuse(reason, policies.CONTENT)


def _write(section: PepSection, key: str, answer: PepAnswer | None, value: Any, by: User) -> None:
    if answer is None:
        _answer(section, key, value, by).save()
        return
    answer.value, answer.version, answer.written_by, answer.written_at = value, answer.version + 1, by, now()
    answer.save(update_fields=["value", "version", "written_by", "written_at"])


def _answer(section: PepSection, key: str, value: Any, by: User) -> PepAnswer:
    return PepAnswer(section=section, field=key, value=value, written_by=by, written_at=now())


def _add_own_words(section: PepSection, answer: PepAnswer | None, aside: PepSetAside, *, keep: bool) -> None:
    """The child's words belong to whoever wrote them down, not to whoever chose. A record is put under the one that stands."""
    if answer is None or layouts.empty(answer.value) or not keep:
        _write(section, aside.field, answer, aside.value, aside.by)
        return
    answer.value, answer.version = _both(answer.value, aside.value), answer.version + 1
    answer.also_by = [*answer.also_by, str(aside.by)]
    answer.save(update_fields=["value", "version", "also_by"])


def _both(standing: Any, aside: Any) -> Any:
    """One under the other, words as well as rows; of other answers, the one set aside."""
    if isinstance(standing, str) and isinstance(aside, str):
        return f"{standing}\n\n{aside}"
    if isinstance(standing, list) and isinstance(aside, list):
        return _rows_of_both(standing, aside)
    return aside


def _rows_of_both(standing: list[Any], aside: list[Any]) -> list[Any]:
    """Every row of both once. Two rows of one fixed name become one: what the second says, and what it leaves out as it stood."""
    named = {row[ROW]: row for row in aside if isinstance(row, dict) and ROW in row}
    kept = [{**row, **named.pop(row[ROW])} if _name_of(row) in named else row for row in standing]
    return [*kept, *(row for row in aside if row not in kept and (_name_of(row) is None or _name_of(row) in named))]


def _name_of(row: Any) -> Any:
    return row.get(ROW) if isinstance(row, dict) else None


def _begin(section: PepSection, by: User) -> None:
    """Words were written: the writer is an author, the section is begun, and so is the PEP."""
    if section.pep.state == PepState.PLANNED:
        move(section.pep, "start")
    event = "write_again" if section.state == SectionState.RETURNED else "write"
    state = workflow.SECTION.target(section.state, event)
    if state != section.state:
        section.state = state
        section.save(update_fields=["state"])
    wrote(section.pep, by)
