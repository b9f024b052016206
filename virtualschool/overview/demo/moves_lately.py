"""School moves of the last days: one at each stage, one in Year 11 that waits for the nominated officer, an emergency without its
account, and one of a child with a plan whose SEN officer has not answered."""

import random
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from children.enums import RelationKind, SenStatus
from children.judgements import standings
from children.models import Child, Enrolment, PeriodOfCare, Relationship, School, SenRecord
from referrals.actions import course_plans, emergencies, move_decisions, moves
from referrals.actions.course_plans import PlanFacts
from referrals.actions.moves import KeepFacts, MoveFacts
from referrals.courseplans import unplanned
from referrals.enums import Consultee, Destination, KeepCourse, Payer
from referrals.models import SchoolCourse, SchoolMove
from virtualschool.accounts.models import User
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel import periods
from virtualschool.kernel.verdicts import Conflict
from virtualschool.overview.demo import words_moves as words
from virtualschool.overview.demo.scene import DAY, TRIED, Scene, told
from virtualschool.rulebook import schoolyear

SETTLED = DAY * 50  # how long a child has been in care, at the school and with the worker before anything is told
QUIET_YEARS = (8, 7, 9, 3, 4, 5, 2, 1)  # in these an advocate decides; those of Year 8 first
Deed = Callable[[Scene, Child], None]


def tell(scene: Scene) -> None:
    """Of a small authority, as many as it has children for; the first ones matter most."""
    first(scene, _waiting_for_the_nominated_officer, movable(scene, (11, 10), plan=False))
    first(scene, _without_an_answer, movable(scene, (*QUIET_YEARS, 6, 10, 11), plan=True))
    for deed in (_proposed, _on_the_roll, _drafted, _approved, _acted, _complete):
        first(scene, deed, movable(scene, QUIET_YEARS, plan=False))
    first(scene, _refused, movable(scene, (6,), plan=False))


def first(scene: Scene, deed: Deed, children: list[Child]) -> bool:
    return any(told(deed, scene, child) for child in children)


def movable(scene: Scene, years: tuple[int, ...], *, plan: bool) -> list[Child]:
    """Settled at a school, with a social worker, without a move; the years in order, in each the demo people's first."""
    on, before = scene.world.on, scene.world.on - SETTLED
    child, open_end = Q(child=OuterRef("pk")), Q(end__isnull=True)
    at_school = Enrolment.objects.main().filter(child, open_end, start__lt=before, school__in=School.objects.open())
    in_care = PeriodOfCare.objects.filter(child, open_end, start__lt=before, short_breaks=False)
    worked = Relationship.objects.of_kind(RelationKind.SOCIAL_WORKER).filter(child, open_end, start__lt=before)
    planned = SenRecord.objects.filter(periods.on(on), child, status=SenStatus.EHCP)
    found: QuerySet[Child] = Child.objects.counted(on).in_years(*years, on=on)
    found = found.exclude(school_moves__in=SchoolMove.objects.open()).exclude(school_moves__ended_on__gt=before)
    found = found.filter(Exists(at_school), Exists(in_care), Exists(worked))
    found = found.filter(Exists(planned) if plan else ~Exists(planned))
    mine = worked.filter(user=scene.world.demo("socialworker"))
    there = at_school.filter(school=scene.world.demo_school)
    known = [When(Exists(mine), then=0), When(Exists(there), then=1)]
    in_order = Case(*(When(_in_year(year, on), then=place) for place, year in enumerate(years)), default=Value(99))
    return list(found.order_by(in_order, Case(*known, default=Value(2)), "child_id")[:TRIED])


def _in_year(year: int, on: date) -> Q:
    first, last = schoolyear.births_of_year(year, on)
    return Q(date_of_birth__range=(first, last))


class Story:
    """One child's case: who proposes it, and where it would lead. Each deed is done so many days before the last one."""

    def __init__(self, scene: Scene, child: Child) -> None:
        self.scene, self.child = scene, child
        self.rng = random.Random(f"{scene.world.seed}:{child.child_id}:{scene.world.on}:moves")
        self.year = schoolyear.curriculum_year(child.date_of_birth, scene.world.on)
        tie = (
            child.relationships.of_kind(RelationKind.SOCIAL_WORKER).current(scene.world.on).select_related("user").get()
        )
        self.worker: User = tie.user
        self.advocate: User = scene.world.demo("ala")
        self.now = set(Enrolment.objects.main().filter(child=child, end=None).values_list("school", flat=True))
        self.school = self._other_school()
        self.key = 0

    @property
    def case(self) -> SchoolMove:
        """The case as the last deed left it."""
        return SchoolMove.objects.select_related("child", "from_place__school").get(pk=self.key)

    def open(self, back: int, *, reason: str = "", ahead: int = 24) -> None:
        with self.scene.at(back, 9, self.worker):
            facts = MoveFacts(
                destination=Destination.SCHOOL,
                wanted_on=self._this_year(self.scene.world.on + DAY * ahead),
                reason=reason or self.rng.choice(words.REASONS),
            )
            self.key = moves.open_move(child=self.child, facts=facts, by=self.worker).pk

    def add(self, back: int, school: School, why: str = "") -> None:
        with self.scene.at(back, 10, self.worker):
            moves.add_school(move=self.case, school=school, why=why, by=self.worker)

    def propose(self, back: int, *, keep: str = "", **facts: str | int) -> None:
        """Opened and proposed on one day, with the question whether the school could be kept."""
        self.open(back, **facts)  # type: ignore[arg-type]
        self.add(back, self.school)
        with self.scene.at(back, 11, self.worker):
            answer = KeepFacts(
                possible=False,
                miles=Decimal(self.rng.randint(12, 34)),
                minutes=self.rng.randint(45, 80),
                payer=Payer.SOCIAL_CARE,
                words=keep or self.rng.choice(words.KEEP),
            )
            moves.answer_keep(move=self.case, keep=answer, by=self.worker)
            moves.propose(move=self.case, by=self.worker)

    def ask(self, back: int, *who: Consultee) -> None:
        """What everybody, or those named, said; the SEN officers answer for themselves."""
        with self.scene.at(back, 14, self.worker):
            for view in self.case.consultations.exclude(consultee=Consultee.SEN).order_by("pk"):
                if not who or view.consultee in who:
                    said, told_us = words.VIEWS[view.consultee]
                    move_decisions.record_view(view=view, said=said, words=told_us, who="", by=self.worker)

    def decide(self, back: int, *, approved: bool = True, by: User | None = None) -> None:
        who = by or self.advocate
        with self.scene.at(back, 15, who):
            said = words.AGREED if approved else words.REFUSED
            move_decisions.decide(move=self.case, approved=approved, words=said, by=who)

    def approved(self, opened: int, decided: int) -> None:
        """Proposed, everybody asked, and approved by the advocate."""
        self.propose(opened)
        self.ask(decided + 2)
        self.decide(decided)

    def start(self, back: int) -> None:
        keeper, day = self.scene.world.demo("data"), self.scene.day(back)
        first = self.scene.world.school_day(day)
        with self.scene.at(back, 16, keeper):
            start = first if first < self.scene.world.on else day
            move_decisions.put_on_roll(move=self.case, school=self.school, start=start, by=keeper)
            deliver_pending(50)

    def _this_year(self, day: date) -> date:
        """The day, kept within the school year: the stops are those of the year in which the child would move."""
        year = schoolyear.academic_year(self.scene.world.on)
        return min(max(day, date(year, 9, 1)), date(year + 1, 8, 31))

    def _other_school(self) -> School:
        """One of the same kind that is open, not below the line and, in the examination years, has told its courses."""
        groups = self.scene.world.schools.values()
        same = [school.pk for group in groups if any(one.pk in self.now for one in group) for school in group]
        found = School.objects.open().filter(pk__in=same).exclude(pk__in=self.now)
        if self.year in (10, 11):
            found = found.filter(Exists(SchoolCourse.objects.filter(school=OuterRef("pk"))))
        able = list(found.order_by("urn"))
        known = standings(able, self.scene.world.on)
        able = [school for school in able if not known[school.pk].below]
        if not able:
            raise Conflict("There is no other school of this kind.")
        return self.rng.choice(able)


# ---------------------------------------------------------------- what is told


def _waiting_for_the_nominated_officer(scene: Scene, child: Child) -> None:
    """Everybody was asked; of the courses that do not match, one has no plan yet."""
    story = Story(scene, child)
    story.propose(8, reason=words.YEAR_11, keep=words.KEEP_YEAR_11)
    story.ask(5)
    with scene.at(4, 11, story.worker):
        lines = [one.line for one in unplanned(story.case, story.school)][1:]
        if lines:
            plans: Mapping[int, PlanFacts] = {
                line.key: PlanFacts(KeepCourse.AT_A_DISTANCE, words.COURSE_PLAN, line.outcome) for line in lines
            }
            course_plans.plan(move=story.case, school=story.school, plans=plans, by=story.worker)


def _without_an_answer(scene: Scene, child: Child) -> None:
    """The SEN officers were told of the move of a child with a plan, and have not answered."""
    story = Story(scene, child)
    story.propose(9)
    story.ask(6)


def _drafted(scene: Scene, child: Child) -> None:
    """Begun, with a school below the line where there is one of the kind."""
    story = Story(scene, child)
    story.open(2)
    others = [school for school in scene.world.schools["S"] if school.pk not in story.now and story.year >= 7]
    known = standings(others, scene.world.on)
    below = [school for school in others if known[school.pk].below]
    story.add(2, below[0] if below else story.school, words.BELOW)


def _proposed(scene: Scene, child: Child) -> None:
    story = Story(scene, child)
    story.propose(6)
    story.ask(4, Consultee.CHILD, Consultee.CARER, Consultee.TEACHER_NOW)


def _approved(scene: Scene, child: Child) -> None:
    Story(scene, child).approved(13, 4)


def _on_the_roll(scene: Scene, child: Child) -> None:
    story = Story(scene, child)
    story.approved(32, 24)
    story.start(14)


def _complete(scene: Scene, child: Child) -> None:
    story = Story(scene, child)
    story.approved(46, 38)
    story.start(30)
    with scene.at(7, 12, story.advocate):
        move_decisions.complete(move=story.case, words=words.DONE, by=story.advocate)
        deliver_pending(50)


def _acted(scene: Scene, child: Child) -> None:
    """An emergency of which nobody has given an account, and whose two days are over."""
    story = Story(scene, child)
    story.open(6, ahead=-6)
    story.add(6, story.school)
    with scene.at(6, 18, story.worker):
        emergencies.act_now(move=story.case, why=words.ACTED, by=story.worker)


def _refused(scene: Scene, child: Child) -> None:
    """In Year 6 the head decides, and said no."""
    story = Story(scene, child)
    story.propose(10)
    story.ask(7)
    story.decide(3, approved=False, by=scene.world.demo("vsh"))
