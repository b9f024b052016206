"""When an application for a school place may go on. Who may is ``policies``; what happens then is ``actions``."""

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
    S.ASKED,
    S.DIRECTED,
    S.OFFERED,
)
# The school has yet to say something.
WAITING = (S.SENT, S.WAITING_LIST, S.FAIR_ACCESS)
DIRECTING = (S.REPRESENTATIONS, S.NOTICE, S.ASKED)

# A maintained school is directed by the council (School Standards and Framework Act 1998, section 97A), an academy by the Secretary
# of State alone; a place may be offered until the last moment.
APPLICATION = Workflow(
    move(E.OFFER, [*WAITING, S.REFUSED, *DIRECTING], S.OFFERED),
    move(E.WAIT, [S.SENT], S.WAITING_LIST),
    move(E.FAIR_ACCESS, [S.SENT, S.WAITING_LIST], S.FAIR_ACCESS),
    move(E.REFUSE, WAITING, S.REFUSED),
    move(E.CONSULT, [S.REFUSED], S.REPRESENTATIONS),
    move(E.NOTIFY, [S.REPRESENTATIONS], S.NOTICE),
    move(E.ASK, [S.REFUSED], S.ASKED),
    move(E.DECLINE, [S.ASKED], S.REFUSED),
    move(E.DIRECT, [S.NOTICE, S.ASKED], S.DIRECTED),
    move(E.ACCEPT, [S.OFFERED, S.DIRECTED], S.ACCEPTED),
    move(E.WITHDRAW, OPEN, S.WITHDRAWN),
)
