"""A PEP's words as the reader's role may read them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.text import capfirst

from peps import layouts, policies, record, statements
from peps.actions.snapshot import OF_MEETINGS
from peps.actions.submitting import needed_of_a_target
from peps.enums import CostCategory, MeetingState, TargetArea
from peps.layouts import FieldSpec
from peps.models import MeetingAction, Pep, PepAnswer, PepCost, PepSection, PepTarget, VoiceStatement
from peps.views import common
from peps.views.files import in_whole
from peps.views.records import shown
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.money import pounds

LEFT_OPEN = "Optional, not answered"
OTHER_FORM = "Written in another phase’s form"


def section_cards(
    groups: Collection[FieldGroup],
    pep: Pep,
    known: record.Facts | None = None,
    voices: Collection[str] = statements.EVERYBODY,
) -> list[dict[str, Any]]:
    """Every section that holds any of these kinds of information, with its answers, files and what the record knows beside
    them; last the files of the meetings. Of what was said it holds the words of ``voices`` alone.

    A constant number of queries.
    """
    said = statements.of(pep)
    answers = Prefetch("answers", PepAnswer.objects.select_related("written_by"))
    files, of_meetings = in_whole(groups, pep, voices)
    known, lines = known or record.Record(pep), layouts.Lines(pep.opened_on)
    cards = []
    for section in pep.sections.prefetch_related(answers).order_by("position"):
        section.pep = pep
        rows = [
            *answer_rows(groups, section, said, lines, voices),
            *statements.rows(groups, section, said, voices),
        ]
        if rows:
            facts = record.beside(known, section.key, groups)
            title = common.section_title(section)
            kept = files.get(section.key, [])
            cards.append({"key": section.key, "title": title, "rows": [*facts, *rows], "files": kept})
    if of_meetings:
        cards.append({"key": OF_MEETINGS, "title": "Files of the meetings", "rows": [], "files": of_meetings})
    return cards


def answer_rows(
    groups: Collection[FieldGroup],
    section: PepSection,
    said: Iterable[VoiceStatement] = (),
    lines: layouts.Lines | None = None,
    voices: Collection[str] = statements.EVERYBODY,
) -> list[dict[str, Any]]:
    """A section's questions of these kinds of information, and their answers. What was ``said`` by a link is asked of nobody again."""
    given = {answer.field: (answer.value, answer.writers) for answer in section.answers.all()}
    pep, spec = section.pep, layouts.of_version(section.pep.layout).section(section.key)
    others, asked = (
        tuple(one for one in found if statements.may_have(one, section.key, voices))
        for found in (
            spec.of_other_forms(pep.phase, pep.kind, groups, pep.year_group),
            policies.fields_in(groups, section),
        )
    )
    if section.other_form:
        return other_form_rows(asked + others, given)
    asked_still = unanswered_by(asked, given, statements.answered_by(section, said))
    rows = question_rows(asked_still, given, lines or layouts.Lines(pep.opened_on))
    return [*rows, *other_form_rows(others, given)]


def other_form_rows(asked: Iterable[FieldSpec], given: Mapping[str, tuple[Any, str]]) -> list[dict[str, Any]]:
    """What was answered while the PEP was in another phase's form: it stays, and says so."""
    said = [one for one in asked if one.key in given and not layouts.empty(given[one.key][0])]
    rows = [_answered(one, *given[one.key]) for one in said]
    return [row | {"lines": [*row.get("lines", []), OTHER_FORM]} for row in rows]


def unanswered_by(
    asked: Iterable[FieldSpec], given: Mapping[str, tuple[Any, str]], by_link: Collection[str]
) -> list[FieldSpec]:
    """The questions but for those that nobody wrote an answer to because words by a link are there."""
    return [spec for spec in asked if spec.key in given or spec.key not in by_link]


def question_rows(
    asked: Iterable[FieldSpec], given: Mapping[str, tuple[Any, str]], lines: layouts.Lines
) -> list[dict[str, Any]]:
    """Questions with their answers, each given with who wrote it down. What was left open and may be stands in one row at the end."""
    values = {key: value for key, (value, _) in given.items()}
    rows, left_open = [], []
    for spec in asked:
        if not layouts.empty(values.get(spec.key)):
            rows.append(_answered(spec, *given[spec.key]))
        elif spec.missing(values, lines):
            rows.append({"key": spec.label, "value": "", "missing": "Not answered"})
        else:
            left_open.append(spec.label)
    return [*rows, {"key": LEFT_OPEN, "value": "; ".join(left_open)}] if left_open else rows


def _answered(spec: FieldSpec, value: Any, by: str) -> dict[str, Any]:
    row = {"key": spec.label, "value": "", **shown(spec, value)}
    if spec.kept_as_given:
        row["lines"] = [*row["lines"], f"Written down by {by}"]
    return row


def decided_rows(pep: Pep) -> list[dict[str, Any]]:
    """The actions of the meeting that was held: what, who, by when, and whether it is done. One query."""
    actions = MeetingAction.objects.filter(meeting__pep=pep, meeting__state=MeetingState.HELD)
    return [
        {
            "key": one.what,
            "value": "",
            "lines": [
                f"{one.named_person}, by {long_date(one.by_when)}",
                f"Done on {long_date(one.done_on)}" if one.done_on else "Not done yet",
            ],
        }
        for one in actions
    ]


def target_cards(user: User, targets: QuerySet[PepTarget]) -> list[dict[str, Any]]:
    """Targets with what the person reads of their costs. Three queries."""
    needed = needed_of_a_target()
    costs = Prefetch("costs", PepCost.objects.visible_to(user).select_related("exception_by", "agreed_by"))
    return [
        {
            "target": target,
            "title": f"Target {place}: {target.goal}",
            "rows": target_rows(target, needed),
            "costs": [cost_row(cost) for cost in target.costs.all()],
            "total": pounds(sum(cost.total_pence for cost in target.costs.all())),
        }
        for place, target in enumerate(targets.prefetch_related(costs), 1)
    ]


def target_rows(target: PepTarget, needed: Collection[str] | None = None) -> list[dict[str, Any]]:
    """What is said of a target. What the gate asks for is missing; the rest is optional."""
    area = _capital(TargetArea(target.area).label) if target.area in TargetArea.values else target.area
    facts: Iterable[tuple[str, str, Any]] = (
        ("area", "For", area),
        ("start_point", "Now", target.start_point),
        ("goal", "Target", target.goal),
        ("measure", "Measured by", target.measure),
        ("by_when", "By when", long_date(target.by_when) if target.by_when else ""),
        ("why", "Why", target.why),
        ("what", "What is done", target.what),
        ("where", "Where", target.where),
        ("how_often", "How often", target.how_often),
        ("named_person", "Who sees to it", target.named_person),
    )
    needed = needed_of_a_target() if needed is None else needed
    rows: list[dict[str, Any]] = [
        {"key": key, "value": value, "missing": "Missing" if name in needed else "Optional, not said"}
        for name, key, value in facts
    ]
    if target.outcome:
        rows.append(
            {"key": "What became of it", "value": _capital(target.get_outcome_display()), "lines": [target.evidence]}
        )
    return rows


def cost_row(cost: PepCost) -> dict[str, Any]:
    """A costed line in words: what, how much, and whether it is agreed."""
    kind = CostCategory(cost.category).label if cost.category in CostCategory.values else cost.category
    sum_words = (
        f"{cost.sessions_a_week} a week × {cost.weeks} weeks × {pounds(cost.price_pence)} = {pounds(cost.total_pence)}"
    )
    return {"cost": cost, "item": cost.item, "kind": _capital(kind), "sum": sum_words, "state": _cost_state(cost)}


def _cost_state(cost: PepCost) -> str:
    if cost.agreed is not None:
        return f"{'Agreed' if cost.agreed else 'Not agreed'} by {cost.agreed_by}"
    if not cost.excluded_as:
        return "Asked for"
    heading = cost.excluded_as.replace("_", " ")
    if cost.exception_by:
        return f"On the council’s list of what is not paid for ({heading}); exception agreed by {cost.exception_by}"
    return f"On the council’s list of what is not paid for ({heading}); waits for a second person"


def _capital(words: Any) -> str:
    return capfirst(str(words))
