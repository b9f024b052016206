"""What an inspection found of a school: recorded, put right, and taken out when it never was."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.actions.common import as_seen, not_to_come, permitted
from children.constraints import told
from children.inspection import (
    EVERY_SCHOOL,
    FIRST_REPORT_CARD,
    OVERALL,
    REGISTER,
    SAFEGUARDING,
    Area,
    Grade,
    Kind,
    Point,
    Safeguarding,
    lines,
    name_of,
)
from children.models import School, SchoolJudgement
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict

STALE = "Somebody changed this outcome while you had the page open."


@dataclass(frozen=True, kw_only=True)
class JudgementFacts:
    """``on``: the day of the inspection. ``outcome``: a grade under ``overall``, or a point for each area and safeguarding."""

    kind: str
    on: date
    source: str
    outcome: Mapping[str, str] = field(default_factory=dict)


def facts_of(judgement: SchoolJudgement) -> JudgementFacts:
    return JudgementFacts(
        kind=str(judgement.kind),
        on=judgement.on,
        source=judgement.source,
        outcome=dict(sorted(judgement.outcome.items())),
    )


def seen_of(judgement: SchoolJudgement) -> str:
    """The sign that a form drawn from this outcome carries."""
    return as_seen(facts_of(judgement))


@transaction.atomic
def record_judgement(*, school: School, facts: JudgementFacts, by: User | None) -> SchoolJudgement:
    """Told the same twice it is one outcome.

    Raises:
        Refused: when ``by`` does not keep schools.
        ValidationError: when it does not fit together, or another outcome of that kind and day is there.
    """
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    permitted(policies.can_keep_judgements, by, school)
    refuse_unfitting(facts)
    known = SchoolJudgement.objects.filter(school=school, kind=facts.kind, on=facts.on).first()
    if known is not None and known.outcome == facts.outcome:
        return known
    with told():
        judgement: SchoolJudgement = SchoolJudgement.objects.create(school=school, **asdict(facts))
    record("school_judgement.recorded", by=by, subject=judgement, data=_data(judgement))
    return judgement


@transaction.atomic
def correct_judgement(*, judgement: SchoolJudgement, facts: JudgementFacts, seen: str, by: User) -> SchoolJudgement:
    """Put right what was recorded of an inspection. What the register said needs another source than the register.

    Raises:
        Refused: when ``by`` does not keep schools.
        Conflict: when somebody changed it, or took it out, since ``seen`` was read.
        ValidationError: as ``record_judgement``.
    """
    judgement = _as_it_is(judgement)
    permitted(policies.can_correct_judgement, by, judgement)
    known = facts_of(judgement)
    if known == facts:
        return judgement
    if seen != seen_of(judgement):
        raise Conflict(STALE)
    refuse_unfitting(facts)
    if known.source == facts.source == REGISTER:
        raise ValidationError({"source": "You are correcting what the register says. Enter where you have it from."})
    for name, value in asdict(facts).items():
        setattr(judgement, name, value)
    with told():
        judgement.save(update_fields=["kind", "on", "outcome", "source"])
    record("school_judgement.corrected", by=by, subject=judgement, data={"was": _words(known), **_data(judgement)})
    return judgement


@transaction.atomic
def remove_judgement(*, judgement: SchoolJudgement, reason: str, seen: str, by: User) -> None:
    """Take out an outcome that is none of this school's. The history keeps what it said.

    Raises:
        Refused: when ``by`` does not keep schools.
        Conflict: when somebody changed it, or took it out, since ``seen`` was read.
    """
    judgement = _as_it_is(judgement)
    permitted(policies.can_correct_judgement, by, judgement)
    if seen != seen_of(judgement):
        raise Conflict(STALE)
    record("school_judgement.removed", by=by, subject=judgement, why=reason, data=_data(judgement))
    judgement.delete()


def refuse_unfitting(facts: JudgementFacts) -> None:
    """An outcome has the parts of its kind, each with one of the official words, and a day on which there was that kind.

    Raises:
        ValidationError: naming the part that does not fit.
    """
    not_to_come(facts.on, "The inspection must have been today or before.")
    if (facts.kind == Kind.REPORT_CARD) != (facts.on >= FIRST_REPORT_CARD):
        which = "Overall grades were given until" if facts.kind == Kind.GRADE else "There are report cards from"
        day = "9 November 2025" if facts.kind == Kind.GRADE else long_date(FIRST_REPORT_CARD)
        raise ValidationError({"on": f"{which} {day}."})
    known = _parts(facts.kind)
    wrong = {
        part: ["Choose one of the official words."]
        for part, word in facts.outcome.items()
        if word not in known.get(part, ())
    }
    needed = (OVERALL,) if facts.kind == Kind.GRADE else (*EVERY_SCHOOL, SAFEGUARDING)
    missing = {
        part: [f"Select the outcome of {name_of(part).lower()}."] for part in needed if part not in facts.outcome
    }
    if wrong or missing:
        raise ValidationError(wrong | missing)


def _parts(kind: str) -> dict[str, list[str]]:
    if kind == Kind.GRADE:
        return {OVERALL: Grade.values}
    return {**dict.fromkeys(Area.values, Point.values), SAFEGUARDING: Safeguarding.values}


def _as_it_is(judgement: SchoolJudgement) -> SchoolJudgement:
    """The row as it is now, held; with its school, which the policy asks about."""
    rows = SchoolJudgement.objects.select_related("school").select_for_update(of=("self",))
    found: SchoolJudgement | None = rows.filter(pk=judgement.pk).first()
    if found is None:
        raise Conflict("Somebody took this outcome out while you had the page open.")
    return found


def _words(facts: JudgementFacts) -> str:
    return f"{facts.on.isoformat()}: {'; '.join(lines(facts.outcome))}"


def _data(judgement: SchoolJudgement) -> dict[str, str]:
    return {"school": judgement.school.urn, "kind": str(judgement.kind), "is": _words(facts_of(judgement))}
