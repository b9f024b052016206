"""When an application for a school place may go on. Who may is ``policies``; what happens then is ``actions``."""

from collections.abc import Iterable
from typing import Any

from referrals.enums import ApplicationEvent as E
from referrals.enums import ApplicationState as S
from virtualschool.kernel.workflow import Workflow, move

OPEN = (
    S.SENT,
    S.WAITING_LIST,
    S.FAIR_ACCESS,
    S.REFUSED,
    S.REPRESENTATIONS,
    S.NOTICE,
    S.ADJUDICATOR,
    S.ASKED,
    S.DIRECTED,
    S.OFFERED,
)
# The school has yet to say something.
WAITING = (S.SENT, S.WAITING_LIST, S.FAIR_ACCESS)
DIRECTING = (S.REPRESENTATIONS, S.NOTICE, S.ADJUDICATOR, S.ASKED)

# A maintained school is directed by the council (School Standards and Framework Act 1998, section 97A) unless it goes to the adjudicator,
# who decides (section 97B); an academy by the Secretary of State alone. A place may be offered until the last moment.
APPLICATION = Workflow(
    move(E.OFFER, [*WAITING, S.REFUSED, *DIRECTING], S.OFFERED),
    move(E.WAIT, [S.SENT, S.REFUSED], S.WAITING_LIST),
    move(E.FAIR_ACCESS, [S.SENT, S.WAITING_LIST, S.REFUSED], S.FAIR_ACCESS),
    move(E.REFUSE, WAITING, S.REFUSED),
    move(E.CONSULT, [S.REFUSED], S.REPRESENTATIONS),
    move(E.NOTIFY, [S.REPRESENTATIONS], S.NOTICE),
    move(E.REFER, [S.NOTICE], S.ADJUDICATOR),
    move(E.UPHOLD, [S.ADJUDICATOR], S.DIRECTED),
    move(E.ELSEWHERE, [S.ADJUDICATOR], S.ELSEWHERE),
    move(E.ASK, [S.REFUSED], S.ASKED),
    move(E.DECLINE, [S.REPRESENTATIONS, S.NOTICE, S.ASKED], S.REFUSED),
    move(E.DIRECT, [S.NOTICE, S.ASKED], S.DIRECTED),
    move(E.ACCEPT, [S.OFFERED, S.DIRECTED], S.ACCEPTED),
    move(E.WITHDRAW, OPEN, S.WITHDRAWN),
)


def standing(steps: Iterable[Any]) -> list[Any]:
    """The steps that were not put right, in their order: each ``put_right`` takes back the last that stood."""
    found: list[Any] = []
    for step in steps:
        if step.event != E.PUT_RIGHT:
            found.append(step)
        elif found:
            found.pop()
    return found


def state_after(steps: Iterable[Any]) -> S:
    """The state to which these steps lead; the first sends the application."""
    state = S.SENT
    for step in steps:
        if step.event != E.SENT:
            state = S(APPLICATION.target(state, step.event))
    return state
