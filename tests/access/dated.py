"""Children about whom the day decides: who reaches each of them today, written down by hand.

Every child is made like Amy, known to one person of each role, and differs from her in one thing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from children.enums import EnrolmentKind, GrantKind
from children.models import Child
from tests.access.declared import (
    ADMISSIONS,
    DATA,
    DPO,
    EVERYBODY,
    IRO,
    MANAGER,
    NOBODY,
    SEN,
    SOCIAL_WORKER,
    SUPPORT,
    TEACHER,
    WHOLE_ROLL,
)
from tests.factories.accounts import CoverFactory, MembershipFactory, UserFactory
from tests.factories.children import (
    AccessGrantFactory,
    CareEpisodeFactory,
    CarePlacementFactory,
    ChildFactory,
    EnrolmentFactory,
    PeriodOfCareFactory,
    RelationshipFactory,
)
from tests.personas import Cast
from virtualschool.accounts.models import Membership, User
from virtualschool.kernel.dates import now, today

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LAST_NAME = "Datedchild"
KNOWN = EVERYBODY - {DPO}


def other(role: str) -> str:
    return f"other {role}"


@dataclass(frozen=True)
class Dated:
    """How the child differs, and who reaches the child: roles of the cast, and ``other …`` for its outsiders."""

    words: str
    reached_by: frozenset[str]
    care: dict[str, Any] = field(default_factory=dict)
    child: dict[str, Any] = field(default_factory=dict)
    ties: dict[str, Any] = field(default_factory=dict)
    grants: dict[str, Any] = field(default_factory=dict)
    then: Callable[[Child, Cast], Any] | None = None


def _moment(after: timedelta) -> datetime:
    return now() + after


def _enrolled(**fields: Any) -> Callable[[Child, Cast], Any]:
    return lambda child, people: EnrolmentFactory(child=child, school=people.other_school, **fields)


def _tied(kind: str, role: str, **fields: Any) -> Callable[[Child, Cast], Any]:
    return lambda child, people: RelationshipFactory(child=child, kind=kind, user=people.outsiders[role], **fields)


def _granted(role: str, **fields: Any) -> Callable[[Child, Cast], Any]:
    return lambda child, people: AccessGrantFactory(child=child, user=people.outsiders[role], **fields)


def cases() -> list[Dated]:
    """In order, so that a child is found again by its number."""
    start, tomorrow, yesterday = today() - 300 * DAY, today() + DAY, today() - DAY
    return [
        Dated("in care", KNOWN),
        # ------------------------------------------------------------ care
        Dated("leaves care today", NOBODY, care={"end": today()}),
        Dated("left care yesterday", NOBODY, care={"end": yesterday}),
        Dated("leaves care tomorrow", KNOWN, care={"end": tomorrow}),
        Dated("came into care today", KNOWN, care={"start": today()}),
        Dated("comes into care tomorrow", NOBODY, care={"start": tomorrow}),
        Dated("in a series of short breaks", KNOWN, care={"short_breaks": True}),
        Dated("sealed after an adoption", NOBODY, child={"sealed": True}),
        Dated("sealed and left", NOBODY, care={"end": yesterday}, child={"sealed": True}),
        # ------------------------------------------------------------ a school's roll
        Dated("left the school today", KNOWN - {TEACHER}, ties={"school__end": today()}),
        Dated("left the school yesterday", KNOWN - {TEACHER}, ties={"school__end": yesterday}),
        Dated("leaves the school tomorrow", KNOWN, ties={"school__end": tomorrow}),
        Dated("starts at the school today", KNOWN, ties={"school__start": today()}),
        Dated("starts at the school tomorrow", KNOWN - {TEACHER}, ties={"school__start": tomorrow}),
        Dated(
            "moved to another school today",
            KNOWN - {TEACHER} | {other(TEACHER)},
            ties={"school__end": today()},
            then=_enrolled(start=today()),
        ),
        Dated(
            "moves to another school tomorrow", KNOWN, ties={"school__end": tomorrow}, then=_enrolled(start=tomorrow)
        ),
        Dated(
            "on the roll of two schools",
            KNOWN | {other(TEACHER)},
            ties={"school__kind": EnrolmentKind.MAIN},
            then=_enrolled(kind=EnrolmentKind.SUBSIDIARY),
        ),
        Dated("guest at another school", KNOWN | {other(TEACHER)}, then=_enrolled(kind=EnrolmentKind.GUEST)),
        Dated("was a guest until today", KNOWN, then=_enrolled(kind=EnrolmentKind.GUEST, start=start, end=today())),
        # ------------------------------------------------------------ who works with the child
        Dated("social worker until today", KNOWN - {SOCIAL_WORKER}, ties={"social_worker__end": today()}),
        Dated("social worker until tomorrow", KNOWN, ties={"social_worker__end": tomorrow}),
        Dated("social worker from tomorrow", KNOWN - {SOCIAL_WORKER}, ties={"social_worker__start": tomorrow}),
        Dated(
            "given to another social worker today",
            KNOWN - {SOCIAL_WORKER} | {other(SOCIAL_WORKER)},
            ties={"social_worker__end": today()},
            then=_tied("social_worker", SOCIAL_WORKER, start=today()),
        ),
        Dated("team until today", KNOWN - {MANAGER}, ties={"team__end": today()}),
        Dated("team from tomorrow", KNOWN - {MANAGER}, ties={"team__start": tomorrow}),
        Dated("reviewed until today", KNOWN - {IRO}, ties={"iro__end": today()}),
        Dated("reviewed from tomorrow", KNOWN - {IRO}, ties={"iro__start": tomorrow}),
        Dated(
            "their reviewing officer is somebody else's social worker",
            KNOWN - {IRO},
            ties={"iro__end": today()},
            then=_tied("iro", SOCIAL_WORKER, start=today()),
        ),
        # ------------------------------------------------------------ open matters
        Dated("no matter is open", KNOWN - {SEN, ADMISSIONS}, grants={SEN: None, ADMISSIONS: None}),
        Dated("the matter closed a moment ago", KNOWN - {SEN}, grants={SEN: {"closes_at": _moment(0 * MINUTE)}}),
        Dated("the matter closes in a minute", KNOWN, grants={SEN: {"closes_at": _moment(MINUTE)}}),
        Dated("the matter opens in a minute", KNOWN - {SEN}, grants={SEN: {"opened_at": _moment(MINUTE)}}),
        Dated("the matter is every SEN officer's", KNOWN | {other(SEN)}, grants={SEN: {"user": None, "role": SEN}}),
        Dated("opened for a new school", KNOWN | {other(TEACHER)}, then=_granted(TEACHER, kind=GrantKind.TRANSITION)),
        Dated(
            "glass broken",
            KNOWN | {other(MANAGER)},
            then=_granted(MANAGER, kind=GrantKind.BREAK_GLASS, closes_at=_moment(59 * MINUTE)),
        ),
        Dated(
            "glass broken an hour ago",
            KNOWN,
            then=_granted(
                MANAGER,
                kind=GrantKind.BREAK_GLASS,
                opened_at=_moment(-60 * MINUTE),
                closes_at=_moment(0 * MINUTE),
            ),
        ),
        Dated(
            "a grant does not open what is sealed",
            NOBODY,
            child={"sealed": True},
            then=_granted(MANAGER, kind=GrantKind.BREAK_GLASS, closes_at=_moment(59 * MINUTE)),
        ),
        # ------------------------------------------------------------ the phase of a support officer: primary, secondary
        Dated("in Reception", KNOWN, child={"year": 0}),
        Dated("in Year 6", KNOWN, child={"year": 6}),
        Dated("in Year 7", KNOWN - {SUPPORT} | {other(SUPPORT)}, child={"year": 7}),
        Dated("in Year 11", KNOWN - {SUPPORT} | {other(SUPPORT)}, child={"year": 11}),
        Dated("in Year 12", KNOWN - {SUPPORT}, child={"year": 12}),
        Dated("in a nursery", KNOWN - {SUPPORT}, child={"year": -1}),
        # ------------------------------------------------------------ nobody works with the child yet
        Dated(
            "known to nobody yet",
            WHOLE_ROLL | {SUPPORT},
            ties={"school": None, "social_worker": None, "team": None, "iro": None},
            grants={SEN: None, ADMISSIONS: None},
        ),
    ]


def make(number: int, case: Dated, people: Cast) -> Child:
    """The case's child: known to the cast's insiders but for what the case says."""
    ties = {
        "school": people.school,
        "social_worker": people.socialworker,
        "team": people.team,
        "iro": people.iro,
    } | case.ties
    care = {"start": today() - 400 * DAY} | case.care
    child = ChildFactory(first_names=f"Case{number:02d}", last_name=LAST_NAME, **case.child, **ties)
    period = PeriodOfCareFactory(child=child, **care)
    CarePlacementFactory(child=child, start=period.start, end=period.end)
    CareEpisodeFactory(child=child, period=period, start=period.start, end=period.end)
    for role, kind in ((SEN, GrantKind.SEN), (ADMISSIONS, GrantKind.ADMISSION)):
        wanted = case.grants.get(role, {})
        if wanted is not None:
            AccessGrantFactory(**{"child": child, "user": people[role], "kind": kind} | wanted)
    if case.then is not None:
        case.then(child, people)
    return child


# ---------------------------------------------------------------- people about whom the day decides


def colleagues(people: Cast) -> dict[str, tuple[User, bool]]:
    """Somebody of the role, and whether they reach Amy today."""
    tomorrow, yesterday = today() + DAY, today() - DAY
    found: dict[str, tuple[User, bool]] = {}

    def member(words: str, role: str, reaches: bool, **fields: Any) -> None:
        user = UserFactory(role=role, name=words)
        place = people.school.organisation if role == TEACHER else people.team
        position = Membership.Position.DEPUTY if role == TEACHER else Membership.Position.MANAGER
        MembershipFactory(user=user, organisation=place, position=position, **fields)
        found[words] = (user, reaches)

    def cover(words: str, role: str, reaches: bool, **fields: Any) -> None:
        user = UserFactory(role=role, name=words, phases=["S"] if role == SUPPORT else [])
        CoverFactory(user=people[role], covered_by=user, **fields)
        found[words] = (user, reaches)

    for role in (TEACHER, MANAGER):
        member(f"{role} until today", role, False, end=today())
        member(f"{role} until tomorrow", role, True, end=tomorrow)
        member(f"{role} from today", role, True, start=today())
        member(f"{role} from tomorrow", role, False, start=tomorrow)
    for role in (SOCIAL_WORKER, MANAGER, IRO, TEACHER, SEN, ADMISSIONS):
        cover(f"covered for the {role} until today", role, False, start=today() - 9 * DAY, end=today())
        cover(f"covers for the {role} today", role, True, start=today(), end=tomorrow)
        cover(f"covers for the {role} from tomorrow", role, False, start=tomorrow, end=today() + 9 * DAY)
    stranger = UserFactory(role=SOCIAL_WORKER, name="covered until yesterday")
    CoverFactory(user=people.outsiders[SOCIAL_WORKER], covered_by=stranger, start=yesterday - DAY, end=yesterday)
    found["covered for somebody else until yesterday"] = (stranger, False)
    found["business support of the council"] = (UserFactory(role=DATA, name="A second Dana"), True)
    return found
