"""Opening a school move, saying what it is, proposing it, taking it back and ending it."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from children import clocks
from children.actions.common import locked
from children.constraints import told
from children.models import Child, Clock, Enrolment, School
from children.moving import same_school
from referrals import workflow
from referrals.actions import sen
from referrals.enums import Consultee, Destination, MoveState, StopKey
from referrals.models import Consultation, ProposedSchool, RiskReport, SchoolMove
from referrals.moving.gathering import UNDECIDED, has_plan, leaving, outlook_of
from referrals.moving.stops import Outlook
from referrals.notifications import moves as notifications
from referrals.policies import moves as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import events
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused, refuse, require
from virtualschool.rulebook import schoolyear

ACCOUNT = "move.account_after_emergency"
EDUCATION = "education.emergency"
ABOUT = {
    ACCOUNT: "Account of the emergency move",
    EDUCATION: "Suitable full-time education after the emergency",
}
FIRST_YEAR, LAST_YEAR = 0, 13


@dataclass(frozen=True, kw_only=True)
class MoveFacts:
    """What a case says of itself."""

    destination: Destination | str
    wanted_on: date
    reason: str
    changes_care: bool = False
    circumstances: str = ""


@dataclass(frozen=True, kw_only=True)
class KeepFacts:
    """Whether the school could be kept: miles and minutes one way, who pays for the journey, and in words why or why not."""

    possible: bool
    miles: Decimal | None
    minutes: int | None
    payer: str
    words: str


@transaction.atomic
def open_move(*, child: Child, facts: MoveFacts, by: User | None, report: RiskReport | None = None) -> SchoolMove:
    """Open the case of a child, as a draft. A child has one open case.

    Raises:
        Refused: when ``by`` does not propose moves, or does not work with the child.
        Conflict: when there is an open case; it is named.
        ValidationError: for a child who is not of school years on the day.
    """
    child = locked(child)
    if by is not None:
        require(policies.can_open(by, child))
    if SchoolMove.objects.open().filter(child=child).exists():
        raise Conflict("This child has an open school move already. Go on with that one.")
    _refuse_wrong_year(child, facts.wanted_on)
    if report is not None and report.child_id != child.pk:
        raise ValidationError("The report is about another child.")
    move = SchoolMove(child=child, report=report, since=today(), opened_on=today(), opened_by=by, **asdict(facts))
    move.from_place = leaving(move)
    with told():
        move.save()
    log.record("move.opened", by=by, subject=move, data={"destination": move.destination})
    return move


@transaction.atomic
def change_facts(*, move: SchoolMove, facts: MoveFacts, by: User) -> SchoolMove:
    """Say otherwise what the case is; only while it is a draft, or an emergency that was acted on."""
    case = held(move)
    require(policies.can_write(by, case))
    _refuse_wrong_year(case.child, facts.wanted_on)
    changed = asdict(facts)
    other = (facts.destination, facts.changes_care, _year(case, facts.wanted_on)) != (
        case.destination,
        case.changes_care,
        _year(case, case.wanted_on),
    )
    if facts.destination != Destination.HOME:
        case.exceptions.filter(stop=StopKey.HOME).delete()
    if facts.destination != Destination.SCHOOL:
        case.exceptions.filter(school__isnull=False).delete()
        case.schools.all().delete()
    for name, value in changed.items():
        setattr(case, name, value)
    with told():
        case.save(update_fields=list(changed))
    _follow_roll(case)
    if case.emergency:
        refuse_home(case)
    log.record("move.changed", by=by, subject=case)
    if other:
        _another(case, by)
    return case


@transaction.atomic
def answer_keep(*, move: SchoolMove, keep: KeepFacts, by: User) -> SchoolMove:
    """Say whether the school could be kept. The question is always asked."""
    case = held(move)
    require(policies.can_answer_keep(by, case))
    case.keep_possible, case.keep_miles, case.keep_minutes = keep.possible, keep.miles, keep.minutes
    case.keep_payer, case.keep_words = keep.payer, keep.words
    case.save(update_fields=["keep_possible", "keep_miles", "keep_minutes", "keep_payer", "keep_words"])
    log.record("move.keep_answered", by=by, subject=case, data={"possible": keep.possible, "minutes": keep.minutes})
    return case


@transaction.atomic
def add_school(
    *, move: SchoolMove, school: School, by: User, year_group: int | None = None, why: str = ""
) -> ProposedSchool:
    """Propose a school, after those proposed before.

    Raises:
        ValidationError: when it is the present school, is closed by the day, or is proposed already.
    """
    case = held(move)
    require(policies.can_write(by, case))
    if case.from_place is not None and case.from_place.school_id == school.pk:
        moved = "If the child has moved there already, the case is wanted from the day of that move."
        raise ValidationError({"school": f"The child is on this school's roll then. Nothing would move. {moved}"})
    if not school.is_open or (school.closed_on is not None and school.closed_on <= case.wanted_on):
        raise ValidationError({"school": f"{school.name} is closed by then."})
    own = schoolyear.curriculum_year(case.child.date_of_birth, case.wanted_on)
    order = case.schools.count() + 1
    with told():
        one = ProposedSchool.objects.create(
            move=case, school=school, order=order, year_group=None if year_group == own else year_group, why=why
        )
    log.record("move.school_added", by=by, subject=case, data={"school": school.urn, "year_group": one.year_group})
    _another(case, by, added=True)
    return one


@transaction.atomic
def drop_school(*, move: SchoolMove, school: School, by: User) -> None:
    """Take a proposed school out; exceptions made for it go with it."""
    case = held(move)
    require(policies.can_write(by, case))
    if not case.schools.filter(school=school).delete()[0]:
        raise Conflict("This school is not proposed any more.")
    case.exceptions.filter(school=school).delete()
    log.record("move.school_dropped", by=by, subject=case, data={"school": school.urn})
    _another(case, by)


@transaction.atomic
def propose(*, move: SchoolMove, by: User) -> SchoolMove:
    """Propose it: everybody who must be asked is asked, the SEN officers are told, and those who decide hear of it at once.

    Raises:
        Refused: when a stop that the proposer can settle is open; the first is told, with its source.
    """
    case = held(move)
    require(policies.can_propose(by, case))
    ahead = outlook_of(case)
    for stop in ahead.open:
        if stop.key in (StopKey.KEEP, StopKey.SCHOOL):
            raise Refused(refuse(stop.reason, stop.source))
    case.proposed_by, case.proposed_on = by, today()
    case.decided_by = case.decided_on = None
    step(case, "propose", "proposed_by", "proposed_on", "decided_by", "decided_on")
    turn = log.record("move.proposed", by=by, subject=case).pk
    ask(case, ahead)
    tell_sen(case, by)
    notifications.tell_asked(case, turn)
    notifications.tell_deciders(case, turn, nominated=ahead.has(StopKey.NOMINATED), head=ahead.has(StopKey.HEAD))
    return case


@transaction.atomic
def revise(*, move: SchoolMove, why: str, by: User) -> SchoolMove:
    """Take it back to a draft. What was said stays; exceptions, the approval and the hurry do not hold for what is proposed next.

    An emergency that was acted on stays on record, and its account is owed all the same.
    """
    case = held(move)
    require(policies.can_revise(by, case))
    _refuse_arrived(case)
    case.exceptions.all().delete()
    case.emergency, case.decided_by, case.decided_on = False, None, None
    step(case, "revise", "emergency", "decided_by", "decided_on")
    turn = log.record("move.revised", by=by, subject=case, why=why).pk
    data = {"child": case.child_id, "move": case.pk}
    events.emit("move.taken_back", key=f"move.taken_back:{case.pk}:{turn}", data=data)
    return case


@transaction.atomic
def withdraw(*, move: SchoolMove, words: str, by: User) -> SchoolMove:
    """The move does not happen."""
    case = held(move)
    require(policies.can_withdraw(by, case))
    _refuse_arrived(case)
    return end(case, "withdraw", words, by)


def end(case: SchoolMove, event: str, words: str, by: User | None) -> SchoolMove:
    """Close a held case: what still ran is cancelled, and the SEN officers' notice ends. An account that is owed stays due."""
    case.ended_on, case.ended_words = today(), words
    step(case, event, "ended_on", "ended_words")
    for clock in clocks_of(case).exclude(rule__key=ACCOUNT if case.owes_account else ""):
        clocks.cancel_clock(clock, today(), "The school move was closed", by=by)
    sen.close_of_move(matter=case.matter, by=by, why="The school move was closed")
    log.record(f"move.{case.state}", by=by, subject=case, why=words)
    data = {"child": case.child_id, "move": case.pk, "state": case.state}
    events.emit("move.ended", key=f"move.ended:{case.pk}", data=data)
    return case


def clocks_of(move: SchoolMove) -> QuerySet[Clock]:
    """The clocks of a case."""
    return Clock.objects.filter(matter=move.matter)


def held(move: SchoolMove) -> SchoolMove:
    """The case as it is now, with its child, held until the end of the transaction; the child first, as everywhere."""
    locked(move.child)
    rows = SchoolMove.objects.select_for_update(of=("self",))
    case = rows.select_related("child", "from_place__school", "proposed_by").filter(pk=move.pk).first()
    if case is None:
        raise Conflict("This case is not there any more.")
    if case.state in UNDECIDED:
        _follow_roll(case)
    return case


def step(case: SchoolMove, event: str, *fields: str) -> None:
    """Apply the transition table and save."""
    case.state = workflow.MOVE.target(case.state, event)
    case.since = today()
    with told():
        case.save(update_fields=["state", "since", *fields])


def _follow_roll(case: SchoolMove) -> None:
    """Until it is decided, the case leaves the school that the child has, whatever the roll was when it was opened."""
    before, case.from_place = case.from_place, leaving(case)
    if case.from_place == before:
        return
    case.save(update_fields=["from_place"])
    if case.from_place is None or not same_school(before, case.from_place):  # its teacher said nothing yet
        case.consultations.filter(consultee=Consultee.TEACHER_NOW).update(version=0)


def _year(case: SchoolMove, on: date) -> int:
    return schoolyear.curriculum_year(case.child.date_of_birth, on)


def _another(case: SchoolMove, by: User | None, *, added: bool = False) -> None:
    """Another move than people were asked about: a draft asks them anew once it is proposed, an emergency at once.

    A first school named in an emergency takes nothing from what was said before.
    """
    acted = case.state == MoveState.ACTED
    asked = acted or case.proposed_on is not None
    if asked and not (acted and added):
        case.version += 1
        case.save(update_fields=["version"])
        sen.close_of_move(matter=case.matter, by=by, why="Another move is proposed now")
    if acted:
        follow_up(case, by)


def follow_up(case: SchoolMove, by: User | None) -> None:
    """Ask whoever has to be asked of a case that is under way, and tell the SEN officers where there is a plan."""
    ask(case, outlook_of(case))
    tell_sen(case, by)
    if case.emergency and case.changes_school:
        start(case, EDUCATION, by)


def _refuse_wrong_year(child: Child, on: date) -> None:
    year = schoolyear.curriculum_year(child.date_of_birth, on)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError({"wanted_on": "School moves are of children from Reception to Year 13 on that day."})


def refuse_home(case: SchoolMove) -> None:
    """Home education stays refused whatever the hurry, but for the head's exception.

    Raises:
        Refused: with the rule's source.
    """
    for stop in outlook_of(case).stops:
        if stop.key == StopKey.HOME and not stop.settled:
            raise Refused(refuse(stop.reason, stop.source))


def _refuse_arrived(case: SchoolMove) -> None:
    """A place at a proposed school that began since the case was opened is not taken back by taking back the case.

    Raises:
        Conflict: when there is one.
    """
    going_on = Q(end__isnull=True) | Q(end__gt=today())
    places = Enrolment.objects.main().filter(going_on, child=case.child, start__gte=case.opened_on)
    if places.filter(school__in=case.schools.values("school")).exists():
        raise Conflict("The child has a place at the proposed school already. End it on the roll first.")


def ask(case: SchoolMove, ahead: Outlook) -> None:
    """A row for everybody who is asked. Who spoke of the move as it stands keeps what they said; the others are asked anew."""
    Consultation.objects.bulk_create(
        (Consultation(move=case, consultee=asked.who, asked_on=today()) for asked in ahead.consultees),
        ignore_conflicts=True,
    )
    case.consultations.filter(version__lt=case.version).update(asked_on=today())


def tell_sen(case: SchoolMove, by: User | None) -> None:
    """Tell the SEN officers of a case of a child with a plan, once."""
    if has_plan(case.child, case.wanted_on):
        sen.tell_of_move(child=case.child, matter=case.matter, reason=case.reason, by=by)


def start(case: SchoolMove, rule_key: str, by: User | None) -> None:
    """Start a clock of an emergency on the day on which the child had to move; one that has stopped starts anew."""
    clock = clocks.start_clock(
        child=case.child,
        rule_key=rule_key,
        about=ABOUT[rule_key],
        matter=case.matter,
        started_on=case.acted_on or today(),
        started_by="acted on as an emergency",
        school_urn=case.from_place.school.urn if case.from_place else "",
        by=by,
    )
    if clock is not None and case.acted_on is not None:
        clocks.restart_clock(clock, case.acted_on, by=by)
