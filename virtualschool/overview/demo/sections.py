"""What is written in the made-up PEPs' sections: through the actions field by field for some, loaded with the same records for most."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from peps import layouts
from peps.actions import writing
from peps.enums import SectionState
from peps.layouts.spec import ROW, ColumnSpec, FieldSpec, FieldType
from peps.models import Pep, PepAnswer, PepAuthor, PepSection
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import now, today
from virtualschool.overview.demo import words

SHARE_OF_OTHER_FIELDS = 0.2


def write(pep: Pep, sections: Iterable[PepSection], writer: User, rng: random.Random, *, beside: bool) -> None:
    """Each section as its writer would fill and finish it on the page."""
    for section in sections:
        section.pep = pep
        given = answers(section, pep, rng, writer, beside=beside)
        writing.save_answers(section=section, answers=given, seen={}, by=writer)
        writing.complete_section(section=section, by=writer)


def load(pep: Pep, sections: list[PepSection], writer: User, rng: random.Random, *, beside: bool) -> None:
    """The same in five statements: answers, author, sections, and the two records that the actions keep of each section."""
    rows = {section: answers(section, pep, rng, writer, beside=beside) for section in sections}
    PepAnswer.objects.bulk_create(
        PepAnswer(section=section, field=key, value=value, written_by=writer, written_at=now())
        for section, given in rows.items()
        for key, value in given.items()
    )
    PepAuthor.objects.bulk_create([PepAuthor(pep=pep, user=writer, since=now())], ignore_conflicts=True)
    PepSection.objects.filter(pk__in=[section.pk for section in sections]).update(
        state=SectionState.COMPLETE, completed_by=writer, completed_at=now()
    )
    AuditEvent.objects.bulk_create(
        event
        for section, given in rows.items()
        for event in (
            record("pep.written", writer, section, pep.child_id, data={"fields": list(given), "aside": 0}),
            record("pep.section_completed", writer, section, pep.child_id, data={"section": section.key}),
        )
    )


def record(
    verb: str,
    by: User | None,
    subject: Any,
    child_id: int,
    *,
    why: str = "",
    data: Any = None,
    at: datetime | None = None,
) -> AuditEvent:
    """An event as ``audit.log.record`` writes it, to be written with many."""
    return AuditEvent(
        verb=verb,
        by=str(by.pk) if by else "",
        by_name=str(by) if by else "",
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        child_id=str(child_id),
        why=why,
        data=data or {},
        at=at or now(),
    )


def answers(
    section: PepSection, pep: Pep, rng: random.Random, adult: User, *, beside: bool = True
) -> dict[str, object]:
    """What is asked of what the adult who writes it reads, and ``beside`` it a few things that need not be."""
    spec = layouts.of_version(pep.layout).section(section.key)
    fields = spec.readable(pep.phase, pep.kind, adult.role_class.reads, pep.year_group)
    without_money = pep.phase in {"P", "S"} and pep.school_id is None
    return {
        spec.key: say(spec, rng, adult)
        for spec in fields
        if spec.required
        or spec.needed
        or spec.key in words.TABLES
        or (beside and _beside(spec, rng))
        or (spec.key == "no_pupil_premium_because" and without_money)
    }


def _beside(spec: FieldSpec, rng: random.Random) -> bool:
    """Things that are said now and then; never a reason why something is missing that is there."""
    return rng.random() < SHARE_OF_OTHER_FIELDS and not any(
        part in spec.key for part in ("because", "not_asked", "not_known", "no_place")
    )


def say(spec: FieldSpec | ColumnSpec, rng: random.Random, adult: User) -> object:
    """A made-up answer of the field's type."""
    if isinstance(spec, FieldSpec) and spec.type is FieldType.TABLE:
        return _rows(spec, rng, adult)
    if spec.type is FieldType.NUMBER:
        return _number(spec, rng)
    if spec.type is FieldType.DATE:
        return (today() - timedelta(days=rng.randint(3, 30))).isoformat()
    if spec.type is FieldType.YES_NO:
        return "Yes" if rng.random() < 0.7 else "No"
    if spec.type is FieldType.CHOICE:
        return rng.choice(spec.choices[:4])
    if spec.type is FieldType.CHOICES:
        return [rng.choice(spec.choices)]
    if spec.type is FieldType.OWN_WORDS:
        return rng.choice(words.MY_WORDS).format(adult=adult)
    if spec.key == "what_adults_understood":
        return rng.choice(words.UNDERSTOOD).format(adult=adult)
    if spec.key == "no_pupil_premium_because":
        return words.NO_MONEY
    return rng.choice(_in_words(spec))


def _in_words(spec: FieldSpec | ColumnSpec) -> Sequence[str]:
    """What is thought of for the question, else its own example of a good answer, else something that fits anywhere."""
    example = (spec.example,) if isinstance(spec, FieldSpec) and spec.example else ()
    return words.TEXT.get(spec.key) or example or (words.OTHER_TEXT if spec.type is FieldType.TEXT else words.LONG_TEXT)


def _rows(spec: FieldSpec, rng: random.Random, adult: User) -> list[dict[str, object]]:
    """Rows of a table: those thought of for it, else its named rows or one, with what each must say."""
    if spec.key in words.TABLES:
        return [dict(row) for row in words.TABLES[spec.key]]
    said = [
        {column.key: say(column, rng, adult) for column in spec.columns if column.required} for _ in spec.rows or "."
    ]
    return [{ROW: name, **row} for name, row in zip(spec.rows, said, strict=True)] if spec.rows else said


def _number(spec: FieldSpec | ColumnSpec, rng: random.Random) -> int:
    low, high = int(spec.at_least or 0), int(spec.at_most or 100)
    if high == 100:  # a share of something, such as attendance
        return rng.randint(80, 100)
    return rng.randint(low + (high - low) // 4, low + (high - low) // 2)
