"""What happens beside the PEPs: places at risk, notes, concerns, matters of other officers, cover, a record opened with a reason."""

import random
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from children import access
from children.actions import notes
from children.actions.people import end_relationship
from children.enums import GrantKind, RelationKind
from children.models import Relationship
from peps.actions.concerns import ConcernFacts, answer_concern, raise_concern
from peps.models import Concern
from referrals.actions.risk import close_report, make_plan, report_risk
from virtualschool.accounts.models import Cover, User
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today
from virtualschool.overview.demo import suspensions, words
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)


def enter(world: World, made: list[Made], diary: Diary, share: int, of: int) -> None:
    """Put it into the diary. ``made`` are all children who were in care before the last term and still are.

    Each process draws for all of them, so that the same happens however many there are, and tells of its own.
    """
    rng = random.Random(f"{world.seed}:{world.on}:beside")
    ours = frozenset(one.number for one in made if one.number % of == share)
    _risks(world, made, diary, rng, ours)
    _notes(world, made, diary, rng, ours)
    _matters(world, made, diary, ours)
    _concerns(world, made, diary, ours)
    suspensions.enter(world, made, diary, ours)
    if made[-1].number in ours:
        diary.enter(world.on - DAY * 2, 9, partial(_lose_an_officer, world, made[-1]), by=world.demo("data"))
    if share == 0:
        diary.enter(world.on - DAY * 3, 9, partial(_cover, world), by=world.demo("data"))
        diary.enter(world.on - DAY * 2, 16, partial(_open_with_a_reason, world), by=world.demo("manager"))


def _risks(world: World, made: list[Made], diary: Diary, rng: random.Random, ours: frozenset[int]) -> None:
    """Reports of the last weeks: some new, some with a plan, some closed; the demo social worker has one of each."""
    mine = [one for one in made if one.worker(world.on) == world.demo("socialworker")][:3]
    others = [one for one in made if one not in mine]
    for n, one in enumerate([*mine, *rng.sample(others, min(max(1, world.number // 55), len(others)))]):
        day = world.working_day(world.on - timedelta(days=rng.randint(8, 27) if n % 3 else 3))
        risk = Risk(world, one, diary, rng.randrange(10**9), n)
        if one.number in ours:
            diary.enter(day, 10, risk.report, by=one.worker(day))


class Risk:
    """A place at risk: reported, planned for, and closed."""

    def __init__(self, world: World, one: Made, diary: Diary, seed: int, n: int) -> None:
        self.world, self.one, self.diary, self.n = world, one, diary, n
        self.rng = random.Random(seed)
        self.advocate: User = one.others["advocate"]

    def report(self) -> None:
        by = self.one.worker(today())
        told = report_risk(
            child=self.one.child,
            at_risk=self.rng.choice(("care_placement", "care_placement", "school_place")),
            why=self.rng.choice(words.RISK_WHY),
            how_soon=self.rng.choice(("today", "week", "month")),
            would_help=self.rng.choice(words.RISK_HELP),
            by=by,
        )
        on = today()
        if self.n % 3:
            plan = partial(make_plan, report=told.report, plan=self.rng.choice(words.RISK_PLANS), by=self.advocate)
            self.diary.enter(self.world.working_day(on + DAY * 2), 11, plan, by=self.advocate)
        if self.n % 5 == 4:
            close = partial(close_report, report=told.report, outcome="held", words=words.RISK_HELD, by=self.advocate)
            self.diary.enter(self.world.working_day(on + DAY * 6), 15, close, by=self.advocate)


def _notes(world: World, made: list[Made], diary: Diary, rng: random.Random, ours: frozenset[int]) -> None:
    """Notes by advocates and by social workers."""
    for one in rng.sample(made, min(max(3, world.number // 12), len(made))):
        day = world.working_day(world.on - timedelta(days=rng.randint(3, 50)))
        by = rng.choice((one.others["advocate"], one.worker(day)))
        subject, body = rng.choice(words.NOTES)
        write = partial(notes.add_note, child=one.child, subject=subject, body=body, happened_on=day, by=by)
        if one.number in ours:
            diary.enter(day, 13, write, by=by)


def _matters(world: World, made: list[Made], diary: Diary, ours: frozenset[int]) -> None:
    """Open matters for the SEN and the admissions officer."""
    for n, one in enumerate([one for one in made if 0 <= one.year <= 11][: max(2, min(6, world.number // 10))]):
        role, kind = ("sen", GrantKind.SEN) if n % 2 else ("admissions", GrantKind.ADMISSION)
        grant = partial(
            access.grant,
            child=one.child,
            kind=kind,
            matter=f"demo:{role}:{one.number}",
            reason="A move of school is being talked about.",
            user=world.demo(role),
        )
        if one.number in ours:
            diary.enter(world.on - DAY * (3 + n), 9, grant, by=one.others["advocate"])


def _concerns(world: World, made: list[Made], diary: Diary, ours: frozenset[int]) -> None:
    """The demo reviewing officer has raised one that waits, one that was answered, and one whose day went by without an answer."""
    iro = world.demo("iro")
    mine = [one for one in made[:-1] if one.others["iro"] == iro and one.year >= 1]
    for one, (back, answered, facts, answer) in zip(mine, words.CONCERNS, strict=False):
        day = world.working_day(world.on - DAY * back)
        told = _Concern(one, ConcernFacts(**facts))
        if one.number in ours:
            diary.enter(day, 10, partial(told.be_raised, iro), by=iro)
        if one.number in ours and answered:
            by = one.others["advocate"]
            diary.enter(world.working_day(day + DAY * answered), 15, partial(told.be_answered, answer, by), by=by)


class _Concern:
    """What a reviewing officer raises, and the answer to it."""

    def __init__(self, one: Made, facts: ConcernFacts) -> None:
        self.one, self.facts = one, facts
        self.concern: Concern | None = None

    def be_raised(self, by: User) -> None:
        self.concern = raise_concern(child=self.one.child, facts=self.facts, by=by, key=uuid4())

    def be_answered(self, answer: str, by: User) -> None:
        if self.concern:
            answer_concern(concern=self.concern, round_seen=1, words=answer, by=by)


def _cover(world: World) -> None:
    """A colleague of the demo social worker is on leave."""
    Cover.objects.create(
        user=world.people["socialworker"][1],
        covered_by=world.demo("socialworker"),
        start=world.on - DAY * 2,
        end=world.on + DAY * 8,
        reason="Annual leave",
        created_by=world.demo("data"),
    )


def _lose_an_officer(world: World, one: Made) -> None:
    """A reviewing officer has left, and nobody is named yet in their place."""
    tie = Relationship.objects.current().get(child=one.child, kind=RelationKind.IRO)
    end_relationship(relationship=tie, end=world.on - DAY, by=world.demo("data"))


def _open_with_a_reason(world: World) -> None:
    """A manager opens a child of another team for an hour; a reviewing officer asks for a page that is not theirs. The officer sees both."""
    manager = world.demo("manager")
    ties = Relationship.objects.current().filter(kind="team").exclude(team__memberships__user=manager)
    tie = ties.select_related("child").order_by("child__child_id").first()
    if tie is None:
        return
    access.break_glass(child_uuid=tie.child.uuid, reason=words.BREAK_GLASS, by=manager)
    opened = {"kind": AccessKind.BREAK_GLASS, "status": 302, "child_ids": [tie.child_id], "reason": words.BREAK_GLASS}
    _looked(manager, "watch:outside_team", "POST", **opened)
    refused = {"kind": AccessKind.DENIED, "status": 404, "objects_named": [str(tie.child.uuid)]}
    _looked(world.demo("iro"), "overview:child", "GET", **refused)


def _looked(user: User, route: str, method: str, **found: Any) -> None:
    """A row of the access log, as a page writes it."""
    AccessLog.objects.create(user_id=str(user.pk), role=user.role, method=method, route=route, **found)
