"""Putting right the last step of an application for a school place: it was recorded by mistake, and everything stands as before it."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import clocks
from children.models import Clock
from referrals import admissions_workflow, workflow
from referrals.actions import moves
from referrals.actions.admissions import CANCELS, GROUNDED, MEETS, STARTS, StepFacts, hold, write
from referrals.enums import ApplicationEvent as E
from referrals.enums import ApplicationState, MoveState, RefusalGround
from referrals.models import Application, ApplicationStep
from referrals.notifications import admissions as notifications
from referrals.policies import admissions as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require


@transaction.atomic
def put_right(*, application: Application, seen: int, words: str, by: User) -> Application:
    """Take back the last step that stands; it stays in the history, with who took it back and why.

    Args:
        seen: the step that the page showed as the last. Sent twice it is taken back once.

    Raises:
        Refused: when ``by`` may not, the application has ended, or nothing was answered yet.
        Conflict: when another step was taken meanwhile.
        ValidationError: without words.
    """
    held = hold(application)
    steps = list(held.steps.all())
    if steps and steps[-1].event == E.PUT_RIGHT and steps[-1].by_id == by.pk and _took_back(steps, seen):
        return held
    require(policies.can_put_right(by, held))
    stand = admissions_workflow.standing(steps)
    if stand[-1].pk != seen:
        raise Conflict("Another step was recorded meanwhile. Look at the application again.")
    if not words.strip():
        raise ValidationError({"words": "Say what was wrong"})
    _restore(held, stand[:-1], by)
    if stand[-1].event == E.OFFER:
        _take_back_offer(held, by)
    notifications.tell_applicant(held, write(held, E.PUT_RIGHT, StepFacts(today(), words), by))
    return held


def _took_back(steps: list[ApplicationStep], seen: int) -> bool:
    """Whether the very last step took back the one that was seen."""
    before = admissions_workflow.standing(steps[:-1])
    return bool(before) and before[-1].pk == seen


def _restore(held: Application, stand: list[ApplicationStep], by: User) -> None:
    """The state, the day of the answer and the clocks as the steps that stand leave them."""
    held.state = admissions_workflow.state_after(stand)
    held.answered_on = next((one.on for one in reversed(stand) if one.event in policies.ANSWERS), None)
    grounds = [one.ground for one in stand if one.event in GROUNDED]
    held.challenge = bool(grounds) and grounds[-1] == RefusalGround.BEHAVIOUR
    held.save(update_fields=["state", "answered_on", "challenge"])
    run = _running_after(stand)
    newest = {clock.rule.key: clock for clock in _clocks_of(held)}
    for key, clock in newest.items():
        if key in run:
            clocks.restart_clock(clock, run[key], by=by)
        else:
            clocks.cancel_clock(clock, today(), "The step that started it was put right", by=by)


def _running_after(stand: list[ApplicationStep]) -> dict[str, date]:
    """The rules whose clocks run after these steps, each with the day on which it started."""
    run: dict[str, date] = {}
    for one in stand:
        event = E(one.event)
        for key in (*MEETS.get(event, ()), *CANCELS.get(event, ((), ""))[0]):
            run.pop(key, None)
        run |= {key: one.on for key, _, _ in STARTS.get(event, ())}
    return run


def _clocks_of(held: Application) -> list[Clock]:
    return list(Clock.objects.filter(matter=held.matter).select_related("rule").order_by("pk"))


def _take_back_offer(held: Application, by: User) -> None:
    """The school move waits for an answer again, unless another school has offered."""
    if held.move is None:
        return
    others = Application.objects.filter(move=held.move, state=ApplicationState.OFFERED).exclude(pk=held.pk)
    case = moves.held(held.move)
    if case.state == MoveState.OFFERED and workflow.MOVE.allows(case.state, "apply") and not others.exists():
        moves.step(case, "apply")
        log.record("move.offer_put_right", by=by, subject=case, data={"school": held.school.urn})
