"""What people say of a school move, exceptions from its stops, the decision, and what follows it until the child is on the new roll."""

from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import clocks
from children.actions import schools
from children.constraints import told
from children.models import Enrolment, School
from children.moving import same_school
from referrals.actions import sen
from referrals.actions.moves import EDUCATION, clocks_of, end, held, refuse_home, step
from referrals.enums import Destination, MoveState, MoveView, StopKey
from referrals.models import Consultation, MoveDecision, MoveException, NominatedOfficer, SchoolMove
from referrals.moving.gathering import outlook_of
from referrals.moving.stops import Outlook
from referrals.notifications import moves as notifications
from referrals.policies import moves as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused, refuse, require


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The four conditions of regulation 10(2), each in words: what satisfies the nominated officer."""

    wishes: str = ""
    provision: str = ""
    teacher: str = ""
    officer: str = ""


@transaction.atomic
def record_view(*, view: Consultation, said: MoveView | str, words: str, who: str, by: User) -> Consultation:
    """Write down what somebody who was asked says; a child's words as given. Said again, it replaces what stood, kept in the history.

    Raises:
        ValidationError: for somebody whom the law has consulted and who is said not to have been asked.
    """
    case = held(view.move)
    row = Consultation.objects.select_for_update(of=("self",)).get(pk=view.pk)
    row.move = case
    allowed = policies.can_answer_view(by, row)
    require(allowed if allowed else policies.can_write_down(by, row))
    _refuse_unasked(case, row, MoveView(said))
    row.view, row.words, row.who = said, words, who
    row.answered_on, row.answered_by, row.version = today(), by, case.version
    with told():
        row.save(update_fields=["view", "words", "who", "answered_on", "answered_by", "version"])
    log.record("move.view_recorded", by=by, subject=case, data={"consultee": row.consultee, "view": row.view})
    return row


@transaction.atomic
def make_exception(
    *, move: SchoolMove, stop: StopKey | str, reason: str, by: User, school: School | None = None
) -> MoveException:
    """The head's exception from a stop that leaves one, and from just what stands there: another judgement or year is another stop.

    Raises:
        Refused: for anybody but the head, for whoever proposed the move, and where the council's rule allows no exception.
    """
    case = held(move)
    require(policies.can_except(by, case))
    about = school.urn if school else ""
    found = [one for one in outlook_of(case).stops if one.key == stop and one.urn == about]
    if not found:
        raise Conflict("This stop does not stand before the move any more.")
    if not found[0].excepted:
        raise Refused(refuse(found[0].reason, found[0].source))
    if found[0].settled:
        raise Conflict("There is an exception from this already.")
    with told():
        row = MoveException.objects.create(
            move=case, stop=stop, school=school, excepted=found[0].what, reason=reason, by=by, on=today()
        )
    log.record("move.exception_made", by=by, subject=case, why=reason, data={"stop": str(stop), "about": about})
    return row


@transaction.atomic
def decide(
    *, move: SchoolMove, approved: bool, words: str, by: User, conditions: Conditions | None = None
) -> SchoolMove:
    """Approve or refuse. The stops are reckoned again, under the lock: what the page showed may be old.

    Raises:
        Refused: when it is not this person's to decide, or a stop is open (the first is told, with its source).
        ValidationError: when the nominated officer approves without each of the four conditions.
    """
    case = held(move)
    ahead = outlook_of(case)
    require(policies.can_decide(by, case, ahead))
    if approved and ahead.open:
        raise Refused(refuse(ahead.open[0].reason, ahead.open[0].source))
    told_conditions = conditions or Conditions()
    nomination = _nomination(by) if ahead.has(StopKey.NOMINATED) else None
    if approved and nomination is not None:
        _refuse_missing(told_conditions)
    with told():
        MoveDecision.objects.create(
            move=case,
            approved=approved,
            by=by,
            on=today(),
            words=words,
            wanted_on=case.wanted_on,
            year=ahead.facts.year,
            nomination=nomination,
            covered=_covered(ahead),
            **asdict(told_conditions),
        )
    case.decided_by, case.decided_on = by, today()
    step(case, "approve" if approved else "refuse", "decided_by", "decided_on")
    if not approved:
        sen.close_of_move(matter=case.matter, by=by, why="The school move was refused")
    event = log.record("move.approved" if approved else "move.refused", by=by, subject=case, why=words)
    notifications.tell_decided(case, event.pk)
    return case


@transaction.atomic
def applied(*, move: SchoolMove, by: User) -> SchoolMove:
    """A place was applied for; the application keeps its own record."""
    case = held(move)
    require(policies.can_apply_for(by, case))
    step(case, "apply")
    log.record("move.applied", by=by, subject=case)
    return case


@transaction.atomic
def offered(*, move: SchoolMove, school: School, by: User) -> SchoolMove:
    """A school offered a place: those who keep the roll are told."""
    case = held(move)
    step(case, "offer")
    log.record("move.offered", by=by, subject=case, data={"school": school.urn})
    notifications.tell_offered(case, school.pk)
    return case


@transaction.atomic
def put_on_roll(*, move: SchoolMove, school: School, start: date, by: User) -> Enrolment:
    """Begin the place at one of the proposed schools; the guards of the roll look at the case once more.

    Raises:
        Refused, Conflict, ValidationError: as ``children.actions.schools.enrol``.
    """
    case = held(move)
    require(policies.can_enrol(by, case))
    proposed = case.schools.filter(school=school).first()
    if proposed is None or case.destination != Destination.SCHOOL:
        raise ValidationError({"school": "The case does not propose this school."})
    there = Enrolment.objects.main().current(start).filter(child=case.child, school=school).first()
    if there is not None and not same_school(case.from_place, there):
        arrived(case, there, by=by)  # the roll knew it before the case
        return there
    place = schools.enrol(child=case.child, school=school, start=start, by=by, year_group=proposed.year_group)
    arrived(case, place, by=by)
    return place


def arrived(case: SchoolMove, place: Enrolment, *, by: User | None) -> None:
    """The child has a place on the new roll, through the case or beside it."""
    case.new_place = place
    step(case, "enrol", "new_place")
    for clock in clocks_of(case).filter(rule__key=EDUCATION):
        clocks.meet_clock(clock, max(place.start, clock.started_on), by=by)
    log.record("move.on_roll", by=by, subject=case, data={"school": place.school.urn, "start": place.start})


@transaction.atomic
def complete(*, move: SchoolMove, words: str, by: User) -> SchoolMove:
    """The case has led to where it should, or to a home with the same school."""
    case = held(move)
    require(policies.can_complete(by, case))
    refuse_home(case)
    if case.destination == Destination.SCHOOL and case.state != MoveState.ON_ROLL:
        raise ValidationError(
            "The child is not on the new school's roll yet. Withdraw the case if the move does not happen."
        )
    if case.owes_account:
        raise ValidationError("The account of the emergency is still to be given.")
    return end(case, "complete", words, by)


@transaction.atomic
def nominate(*, user: User, start: date, authority: str, by: User) -> NominatedOfficer:
    """Record whom the council nominated for regulation 10, and since when.

    Raises:
        Refused: for whoever may not record this nomination, above all their own.
        ValidationError: for somebody who does not reach the whole roll, or is nominated in that time already; for a day before today, for what was decided until now was decided without it.
    """
    require(policies.can_nominate(by) & policies.can_nominate_this(by, user))
    if not user.is_active or user.role not in policies.NOMINABLE:
        raise ValidationError({"user": "A nominated officer reads the records of every child in care."})
    if start < today():
        raise ValidationError(
            {"start": "A nomination counts from today or a later day: it covers nothing that was decided before."}
        )
    with told():
        row = NominatedOfficer.objects.create(user=user, start=start, authority=authority, nominated_by=by)
    log.record("move.nominated", by=by, subject=row, why=authority, data={"user": user.pk, "start": start})
    return row


@transaction.atomic
def end_nomination(*, officer: NominatedOfficer, on: date, by: User) -> NominatedOfficer:
    """The first day on which they hold it no more. One that has not begun is cancelled on its first day: it never holds."""
    require(policies.can_end_nomination(by, officer))
    row = NominatedOfficer.objects.select_for_update(of=("self",)).get(pk=officer.pk)
    if row.end is not None:
        raise Conflict("This nomination has an end already.")
    if on < row.start or (on == row.start and row.start <= today()):
        raise ValidationError({"on": "It ends after the day on which it began."})
    row.end = on
    row.save(update_fields=["end"])
    log.record("move.nomination_ended", by=by, subject=row, data={"end": on})
    return row


def could_be_nominated(by: User) -> "list[User]":
    """Of those who decide moves for every child, the heads and the advocates: whose nomination this person may record."""
    found = User.objects.filter(is_active=True, role__in=policies.NOMINABLE).order_by("name", "pk")
    return [user for user in found if policies.can_nominate_this(by, user)]


def _refuse_unasked(case: SchoolMove, row: Consultation, said: MoveView) -> None:
    if said != MoveView.UNASKED:
        return
    must = {str(asked.who): asked for asked in outlook_of(case).consultees if asked.must}
    if row.consultee in must:
        words = f"In this year the law has this person consulted before the move. {must[row.consultee].source}."
        raise ValidationError({"view": words})


def _nomination(by: User) -> NominatedOfficer | None:
    found: NominatedOfficer | None = NominatedOfficer.objects.current().filter(user=by).first()
    return found


def _refuse_missing(conditions: Conditions) -> None:
    missing = [name for name, words in asdict(conditions).items() if not words.strip()]
    if missing:
        raise ValidationError({name: "Say what satisfies you of this (regulation 10(2))." for name in missing})


def _covered(ahead: Outlook) -> list[str]:
    return sorted({str(stop.key) for stop in ahead.stops})
