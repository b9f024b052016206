"""A move that cannot wait: the child moves before anybody approves (regulation 10(3)), and an account of it is due."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from children import clocks
from peps.enums import PepState
from peps.models import Pep
from referrals.actions.moves import ACCOUNT, EDUCATION, ask, clocks_of, end, held, refuse_home, start, step, tell_sen
from referrals.enums import MoveState
from referrals.models import SchoolMove
from referrals.moving.gathering import outlook_of
from referrals.moving.stops import needs_nominated_officer
from referrals.notifications import moves as notifications
from referrals.policies import moves as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require
from virtualschool.rulebook import rules


@transaction.atomic
def act_now(*, move: SchoolMove, why: str, by: User, on: date | None = None) -> SchoolMove:
    """It cannot wait. An account is due, and education without delay.

    Home education, another year group and a school below the line stay refused. ``on``: the day on which the child had to move; today
    unless another is said. Both clocks count from it.

    Raises:
        Refused: also after a refusal, for whoever proposed the move and for anybody outside the Virtual School.
        ValidationError: for a day to come, or one further back than a move is looked for that nobody accounted for.
    """
    case = held(move)
    require(policies.can_act(by, case))
    return emergency(case, why=why, by=by, on=_day(on or today()))


def emergency(case: SchoolMove, *, why: str, by: User | None, on: date) -> SchoolMove:
    """Let a held case go on as an emergency of the day."""
    refuse_home(case)
    case.emergency = True
    _declare(case, why, by, on)
    step(case, "act", "emergency")
    _tell(case, why, by)
    ask(case, outlook_of(case))
    return case


def declare(case: SchoolMove, *, why: str, by: User | None, on: date) -> SchoolMove:
    """The child had to move to another home at once, while the case is past a draft: its account is due and its clocks run, and what is
    proposed or approved stays as it is. Nothing is let past whoever decides.
    """
    _declare(case, why, by, on)
    _tell(case, why, by)
    return case


@transaction.atomic
def account_for(*, move: SchoolMove, words: str, by: User) -> SchoolMove:
    """Give the account of an emergency: what happened, who was told, what was done for the child's education.

    Raises:
        Refused: while nobody has said whether the school could be kept; the question is always asked.
    """
    case = held(move)
    require(policies.can_account(by, case))
    case.account, case.accounted_on, case.accounted_by = words, today(), by
    case.save(update_fields=["account", "accounted_on", "accounted_by"])
    for clock in clocks_of(case).filter(rule__key=ACCOUNT):
        clocks.meet_clock(clock, today(), by=by)
    log.record("move.accounted", by=by, subject=case)
    complete_with_pep(case)
    return case


def complete_with_pep(case: SchoolMove) -> bool:
    """Close a held case once the PEP at the new school is approved and no account is owed.

    Returns:
        whether it was closed.
    """
    if case.state != MoveState.ON_ROLL or case.owes_account or case.new_place is None:
        return False
    approved = Pep.objects.filter(child=case.child_id, school=case.new_place.school_id, state=PepState.COMPLETE)
    if not approved.filter(completed_on__gte=case.new_place.start).exists():
        return False
    end(case, "complete", "The PEP at the new school was approved.", None)
    return True


def _declare(case: SchoolMove, why: str, by: User | None, on: date) -> None:
    case.acted_on, case.acted_why, case.acted_by = on, why, by
    case.account, case.accounted_on, case.accounted_by = "", None, None
    case.save(
        update_fields=["acted_on", "acted_why", "acted_by", "account", "accounted_on", "accounted_by"],
    )
    start(case, ACCOUNT, by)
    if case.changes_school:
        start(case, EDUCATION, by)


def _tell(case: SchoolMove, why: str, by: User | None) -> None:
    turn = log.record("move.acted", by=by, subject=case, why=why, data={"on": case.acted_on}).pk
    tell_sen(case, by)
    guarded = needs_nominated_officer(outlook_of(case).facts.year, rules.pack(case.wanted_on, "move."))
    notifications.tell_of_emergency(case, turn, nominated=guarded)
    notifications.tell_asked(case, turn)


def _day(on: date) -> date:
    furthest = today() - timedelta(days=rules.value("move.unaccounted", on=today()))
    if not furthest <= on <= today():
        raise ValidationError({"on": "Give the day on which the child had to move: today, or one of the last months"})
    return on
