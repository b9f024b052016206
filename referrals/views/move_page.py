"""How the page of a school move is drawn: the case, its stops with their rules, who was asked, the schools, the clocks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from children import judgements
from children.clocks import standing
from children.models import Clock, School
from referrals import workflow
from referrals.actions.moves import clocks_of
from referrals.enums import Consultee, Destination, MoveState, MoveView
from referrals.models import Consultation, SchoolMove
from referrals.moving.lost import Lost, lost_of
from referrals.moving.stops import Asked, Outlook, Stop
from referrals.policies import moves as policies
from referrals.policies.admissions import can_apply_for_move
from referrals.sen_matters import of_move
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import Verdict
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import curriculum_year_words

Row = dict[str, Any]
TAGS: dict[str, str] = {
    MoveState.DRAFT: "draft",
    MoveState.PROPOSED: "waiting",
    MoveState.APPROVED: "approved",
    MoveState.REFUSED: "refused",
    MoveState.ACTED: "at_risk",
    MoveState.APPLIED: "submitted",
    MoveState.OFFERED: "planned",
    MoveState.ON_ROLL: "held",
    MoveState.COMPLETE: "complete",
    MoveState.WITHDRAWN: "closed",
}
VIEW_TAGS = {MoveView.FOR: "met", MoveView.AGAINST: "refused", MoveView.MIXED: "waiting", MoveView.UNASKED: "missing"}


def tag(move: SchoolMove) -> dict[str, str]:
    return {"text": capfirst(move.get_state_display()), "status": TAGS[move.state]}


def summary(move: SchoolMove, user: User, ahead: Outlook) -> list[Row]:
    """The case in short. The circumstances are narrative."""
    rows: list[Row] = [
        {"key": "Child", "value": move.child.name, "href": move.child.get_absolute_url()},
        {"key": "State", "value": "", "tag": tag(move), "lines": [f"since {long_date(move.since)}"]},
        {"key": "What would change", "value": capfirst(move.what)},
        {
            "key": "From",
            "value": move.from_place.school.name if move.from_place else "",
            "missing": "no school when the case was opened",
        },
        {
            "key": "Wanted from",
            "value": long_date(move.wanted_on),
            "lines": [f"the child is in {curriculum_year_words(ahead.facts.year)} then"],
        },
        {"key": "Why", "value": move.reason},
    ]
    if user.reads(FieldGroup.NARRATIVE):
        rows.append({"key": "Circumstances", "value": move.circumstances, "missing": "nothing more was said"})
    reads = user.reads(FieldGroup.NARRATIVE)
    return [*rows, *_keep(move, reads), *_emergency(move, user), *_outcome(move, reads)]


def _keep(move: SchoolMove, reads: bool) -> list[Row]:
    if move.from_place is None:
        return []
    if move.keep_possible is None:
        return [{"key": "Keeping the school", "value": "", "missing": "not thought through yet"}]
    journey = [f"{move.keep_miles} miles"] if move.keep_miles is not None else []
    journey += [f"{move.keep_minutes} minutes one way"] if move.keep_minutes is not None else []
    lines = [", ".join(journey), f"Who would pay: {move.get_keep_payer_display()}"]
    lines += [move.keep_words] if reads else []
    value = "It could be kept, or tried" if move.keep_possible else "It cannot be kept"
    return [{"key": "Keeping the school", "value": value, "lines": lines}]


def _emergency(move: SchoolMove, user: User) -> list[Row]:
    if move.acted_on is None:
        return []
    reads = user.reads(FieldGroup.NARRATIVE)
    by = f"{move.acted_by.name}, " if move.acted_by else ""
    acted = {
        "key": "Emergency",
        "value": move.acted_why if reads else "It could not wait",
        "lines": [f"{by}{long_date(move.acted_on)}"],
    }
    given = f"{move.accounted_by.name}, {long_date(move.accounted_on)}" if move.accounted_by else ""
    return [
        acted,
        {
            "key": "Account",
            "value": move.account if reads or not move.account else "It was given",
            "missing": "still to be given",
            "lines": [given] if given else [],
        },
    ]


def _outcome(move: SchoolMove, reads: bool) -> list[Row]:
    rows: list[Row] = []
    if move.new_place is not None:
        rows.append(
            {
                "key": "New school",
                "value": move.new_place.school.name,
                "lines": [f"from {long_date(move.new_place.start)}"],
            }
        )
    if move.ended_on:
        rows.append({"key": "Closed", "value": long_date(move.ended_on), "lines": [move.ended_words] if reads else []})
    return rows


def stops(move: SchoolMove, ahead: Outlook, user: User) -> Table:
    """Each stop with its state, its reason, its source, and for the head the way to an exception."""
    excepts = bool(policies.can_except(user, move)) if any(stop.excepted for stop in ahead.stops) else False
    return table(
        "What stands before this move",
        [Column("Stop", header=True), Column("Now"), Column("Source")],
        [
            [
                Cell(str(stop.key.label), hint=stop.about, lines=(stop.reason,)),
                _stop_now(move, stop, excepts),
                stop.source,
            ]
            for stop in ahead.stops
        ],
        empty="Nothing",
    )


def _stop_now(move: SchoolMove, stop: Stop, excepts: bool) -> Cell:
    if stop.settled:
        return Cell("", tag={"text": "Settled", "status": "met"})
    if stop.by_whom:
        done = move.decided_on is not None
        words = "Decided" if done else f"By {stop.by_whom}"
        return Cell("", tag={"text": words, "status": "met" if done else "waiting"})
    if stop.excepted and excepts:
        href = reverse("moves:exception", args=[move.uuid, stop.key])
        return Cell(
            "Make an exception",
            href=f"{href}?school={stop.urn}" if stop.urn else href,
            tag={"text": "Refused", "status": "refused"},
        )
    return Cell(
        "", tag={"text": "Refused" if stop.excepted else "Open", "status": "refused" if stop.excepted else "overdue"}
    )


def consulted(move: SchoolMove, ahead: Outlook, user: User) -> Table:
    """Everybody who is asked: why, by which source, and what they said."""
    rows = {one.consultee: one for one in move.consultations.select_related("answered_by", "move")}
    may = bool(policies.can_consult(user, move))
    return table(
        "Who is asked",
        [Column("Who", header=True), Column("What they say"), Column("Source")],
        [_asked(asked, rows.get(asked.who), user, may) for asked in ahead.consultees],
        empty="Nobody",
    )


def _asked(asked: Asked, row: Consultation | None, user: User, may: bool) -> list[Any]:
    hint = f"{asked.why}. The law asks that they truly are." if asked.must else f"{asked.why}."
    who = Cell(capfirst(str(Consultee(asked.who).label)), hint=hint)
    if row is None:
        return [who, Cell("Asked when the move is proposed"), asked.source]
    href = row.get_absolute_url() if may or row.view else ""
    if not row.view:
        text = "Write down what they say" if may else f"Asked on {long_date(row.asked_on)}"
        return [who, Cell(text, href=href if may else "", tag={"text": "Waiting", "status": "waiting"}), asked.source]
    said = capfirst(row.get_view_display())
    if not row.stands:
        said = f"{said}, of what was proposed before"
    by = said_by(row, named=row.consultee not in policies.NAMED and policies.reads_name(user, row))
    cell = Cell(
        row.words if policies.reads_view(user, row) else "",
        href="",
        tag={"text": said, "status": VIEW_TAGS[MoveView(row.view)] if row.stands else "waiting"},
        hint=by,
    )
    return [who, cell, asked.source]


def said_by(view: Consultation, *, named: bool) -> str:
    """Who said it, or who wrote it down, and when. The name of a carer or a parent stands on no page of the case, only on their own."""
    by = (view.who if named else "") or (view.answered_by.name if view.answered_by else "")
    return f"{by}, {long_date(view.answered_on)}" if by else long_date(view.answered_on)


def proposed(move: SchoolMove, ahead: Outlook, user: User) -> Table:
    """The schools in their order: how each stands, the year taught, and the courses beside the child's. Why this school is narrative."""
    reads = user.reads(FieldGroup.NARRATIVE)
    rows = list(move.schools.select_related("school"))
    standings = judgements.standings([one.school for one in rows], move.wanted_on)
    waiting = {one.name: one.unplanned for one in ahead.facts.schools}
    drawn = []
    for one in rows:
        stands = standings[one.school_id]
        taught = one.year_group if one.year_group is not None else ahead.facts.year
        drawn.append(
            [
                Cell(one.school.name, href=one.school.get_absolute_url(), hint=one.why if reads else ""),
                curriculum_year_words(taught),
                Cell(stands.words, tag=stands.tag),
                _courses(move, one.school, waiting[one.school.name]),
            ]
        )
    columns = [Column("School", header=True), Column("Year taught"), Column("Inspection"), Column("Courses")]
    return table("Schools proposed", columns, drawn, empty="No school is proposed")


def _courses(move: SchoolMove, school: School, waiting: int | None) -> Cell:
    if waiting is None:
        return Cell("Not asked before Year 10")
    href = reverse("courses:match", args=[move.uuid, school.uuid])
    return Cell(f"{waiting} to settle" if waiting else "All have a match or a plan", href=href)


def running(move: SchoolMove, user: User) -> list[Row]:
    """The clocks of the case, each leading to how it was worked out."""
    found: QuerySet[Clock] = clocks_of(move).filter(pk__in=Clock.objects.visible_to(user)).select_related("rule")
    return [
        {
            "due_on": clock.due_on,
            "kind": clock.rule.kind,
            "state": standing(clock),
            "words": clock.rule.words,
            "href": clock.get_absolute_url(),
            "label": capfirst(clock.about),
        }
        for clock in found.order_by("due_on", "pk")
    ]


def clocks_ahead(move: SchoolMove, ahead: Outlook) -> list[Row]:
    """The clocks that such a move starts: what each rule says, what starts it, and its source."""
    if move.state not in workflow.MOVE_OPEN:
        return []
    pack = rules.pack(move.wanted_on)
    found = [(pack.get(one.rule_key), one.started_by) for one in ahead.clocks]
    return [
        {
            "key": rule.words,
            "value": f"{rule.value} {rule.unit.label}",
            "lines": [f"from when {started}", f"{capfirst(rule.kind_label)}. Source: {rule.source}"],
        }
        for rule, started in found
    ]


def lost(move: SchoolMove) -> Lost:
    return lost_of([move])[move.pk]


def sen_answer(move: SchoolMove, ahead: Outlook) -> str:
    """Whether the SEN officers were told, and answered; empty for a child without a plan."""
    if not ahead.facts.has_plan:
        return ""
    matter = of_move(move.matter)
    if matter is None:
        return "The SEN officers are told as soon as the move is proposed."
    told = f"The SEN officers were told on {long_date(matter.started_on)}"
    if matter.answered_on:
        return f"{told}, and answered on {long_date(matter.answered_on)}."
    return f"{told}, and have not answered yet."


@dataclass(frozen=True)
class Deed:
    """What may be done with a case: the page, its words, when it is offered at all, and whose it is."""

    name: str
    words: str
    may: Callable[..., Verdict]
    fits: Callable[[SchoolMove], bool]
    kind: str = "secondary"
    looks_ahead: bool = False  # whose it is hangs on the stops


def _at(event: str) -> Callable[[SchoolMove], bool]:
    return lambda move: workflow.MOVE.allows(move.state, event)


def _to_a_school(move: SchoolMove) -> bool:
    return move.destination == Destination.SCHOOL


def _writable(move: SchoolMove) -> bool:
    return move.state in workflow.MOVE_WRITABLE


def _permitted(move: SchoolMove) -> bool:
    return move.state in workflow.MOVE_PERMITTED and _to_a_school(move)


DEEDS = (
    Deed("propose", "Propose this move", policies.can_propose, _at("propose"), ""),
    Deed("edit", "Change what the case says", policies.can_write, _writable),
    Deed(
        "keep",
        "Could the school be kept?",
        policies.can_answer_keep,
        lambda move: (_writable(move) or move.owes_account) and move.from_place is not None,
    ),
    Deed("school", "Propose a school", policies.can_write, lambda move: _writable(move) and _to_a_school(move)),
    Deed("decide", "Decide", policies.can_decide, _at("approve"), "", looks_ahead=True),
    Deed("admissions:apply_for_move", "Apply for a school place", can_apply_for_move, _permitted, ""),
    Deed(
        "on_roll",
        "Put on roll",
        policies.can_enrol,
        lambda move: _at("enrol")(move) and _to_a_school(move),
        "",
    ),
    Deed(
        "account",
        "Give the account",
        policies.can_account,
        lambda move: move.owes_account,
        "",
    ),
    Deed("act", "It cannot wait", policies.can_act, _at("act"), "warning"),
    Deed(
        "complete",
        "Close the case",
        policies.can_complete,
        lambda move: move.state == MoveState.ON_ROLL or (_at("complete")(move) and not _to_a_school(move)),
    ),
    Deed("revise", "Take it back", policies.can_revise, _at("revise")),
    Deed("withdraw", "Withdraw", policies.can_withdraw, _at("withdraw")),
)


def _page(deed: Deed) -> str:
    return deed.name if ":" in deed.name else f"moves:{deed.name}"


def offers(move: SchoolMove, user: User, ahead: Outlook) -> tuple[list[Row], list[Row]]:
    """What may be done next, and why not, from the same table and policies as the actions."""
    verdicts = [
        (deed, deed.may(user, move, *([ahead] if deed.looks_ahead else []))) for deed in DEEDS if deed.fits(move)
    ]
    open_to = [
        {"text": deed.words, "href": reverse(_page(deed), args=[move.uuid]), "kind": deed.kind}
        for deed, verdict in verdicts
        if verdict
    ]
    refused = [
        {"text": deed.words, "reason": verdict.reason, "source": verdict.source}
        for deed, verdict in verdicts
        if not verdict
    ]
    return sorted(open_to, key=lambda one: one["kind"] != ""), refused
