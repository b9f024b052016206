"""What is arranged beside full-time school: reduced timetables, alternative provision, leave in term time; some of it waits for somebody."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

from attendance.actions import leave, provision, timetables
from attendance.actions.leave import LeaveFacts
from attendance.actions.provision import ProvisionFacts
from attendance.actions.timetables import TimetableFacts
from attendance.arrangements import full_time_hours
from attendance.enums import CheckKind, Party
from attendance.models import AlternativeProvision, LeaveRequest, ReducedTimetable
from attendance.models.timetables import Step
from children.models import Enrolment
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MORNINGS = "10" * 5
WHY = "She comes back after months without school: every morning first, with her key adult at the gate."
HELPS = "He learns best with his hands; the mentor there has known him for years."
PURPOSES = {"holiday": "The foster family’s week by the sea", "family": "Her older brother’s wedding, three hours away"}


def enter(world: World, made: list[Made], diary: Diary, share: int, of: int) -> None:
    """Put it into the diary: one of each kind, and more in a larger authority. The demo designated teacher’s children come first."""
    able = [one for one in made if 0 <= one.year <= 11 and _at_school(one, world)]
    able.sort(key=lambda one: one.school(world.on) != world.demo_school)
    told = able[: max(len(STORIES), world.number // 12)]
    for number, one in enumerate(told):
        if one.number % of == share:
            STORIES[number % len(STORIES)](world, one, diary)


def _at_school(one: Made, world: World) -> bool:
    """Settled there, with a designated teacher."""
    stay = one.stay(world.on - 40 * DAY)
    return stay is not None and stay.end is None and world.teacher(stay.school, world.on - 40 * DAY) is not None


class _Story:
    """One child's, with who does what on a day."""

    def __init__(self, world: World, one: Made, diary: Diary) -> None:
        self.world, self.one, self.diary = world, one, diary

    def on(self, back: int, hour: int, deed: Callable[[User], object], who: str) -> None:
        """``deed`` is done so many days before the last one, or on the next working day, by the child's own worker of a kind."""
        day = self.world.working_day(self.world.on - back * DAY)
        by = self._who(who, day)
        self.diary.enter(day, hour, partial(deed, by), by=by)

    def _who(self, who: str, day: date) -> User:
        if who == "teacher":
            found = self.world.teacher(self.one.school(day), day)
            assert found is not None  # noqa: S101 - chosen by that
            return found
        if who == "worker":
            return self.one.worker(day)
        return self.world.demo("vsh") if who == "head" else self.one.others[who]

    @property
    def place(self) -> Enrolment:
        found: Enrolment = (
            Enrolment.objects.main().current().select_related("child", "school").get(child=self.one.child)
        )
        return found

    # ---------------------------------------------------------------- reduced timetables

    def reduce(self, by: User) -> None:
        place, start = self.place, today()
        full = full_time_hours(place, start)
        facts = TimetableFacts(
            start=start,
            end=start + 6 * WEEK,
            hours=Decimal("12.5"),
            pattern=MORNINGS,
            reason="long_absence",
            why=WHY,
            review_on=start + 10 * DAY,
            steps=[Step(start + 3 * WEEK, Decimal("18")), Step(start + 6 * WEEK, full)],
        )
        agreed = {Party.SCHOOL: start, Party.CARER: start}
        timetables.record_timetable(enrolment=place, facts=facts, agreed=agreed, by=by, key=uuid4())

    def agree(self, party: Party, by: User) -> None:
        one = ReducedTimetable.objects.running().get(child=self.one.child)
        timetables.answer(
            timetable=one,
            round_seen=one.round,
            party=party,
            agrees=True,
            on=today(),
            words="Agreed by telephone",
            by=by,
        )

    # ---------------------------------------------------------------- alternative provision

    def teach_elsewhere(self, by: User, *, registered: bool) -> None:
        known = self.world.schools["A"][0].urn if registered else ""
        facts = ProvisionFacts(
            hours=Decimal("10"),
            pattern="0011001100",
            start=today(),
            commissioner="school",
            why=HELPS,
            studies="Construction level 1, English and mathematics",
            review_on=today() + 5 * WEEK,
            urn=known,
            provider_name="" if registered else "Fellside Workshop",
        )
        provision.record_provision(child=self.one.child, enrolment=self.place, facts=facts, by=by, key=uuid4())

    def look(self, by: User) -> None:
        """Two of the five checks."""
        one = AlternativeProvision.objects.running().get(child=self.one.child)
        for kind in (CheckKind.SAFEGUARDING, CheckKind.DBS):
            provision.add_check(provision=one, kind=kind, on=today(), satisfied=True, words="Seen in writing", by=by)

    # ---------------------------------------------------------------- leave

    def ask(self, by: User, *, kind: str, ahead: int, days: int) -> None:
        start = self.world.school_day(today() + ahead * DAY)
        facts = LeaveFacts(start, start + days * DAY, kind, PURPOSES[kind])
        leave.ask(enrolment=self.place, facts=facts, by=by, key=uuid4())

    def answer(self, by: User, *, supports: bool, words: str) -> None:
        asked = self._leave()
        if asked is not None:
            leave.answer(leave=asked, supports=supports, words=words, by=by)

    def decide(self, by: User) -> None:
        asked = self._leave()
        if asked is not None:
            leave.decide(leave=asked, code="C", words="Once in a lifetime", on=today(), by=by)

    def _leave(self) -> LeaveRequest | None:
        """What was asked for; nothing where the child left the school meanwhile, or the days are over."""
        found: LeaveRequest | None = LeaveRequest.objects.open().filter(child=self.one.child).first()
        return found


def _timetable_not_agreed(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(6, 10, story.reduce, "teacher")


def _timetable_agreed(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(8, 10, story.reduce, "teacher")
    story.on(7, 11, partial(story.agree, Party.SOCIAL_WORKER), "worker")
    story.on(5, 14, partial(story.agree, Party.VIRTUAL_SCHOOL), "advocate")


def _timetable_late(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(25, 10, story.reduce, "teacher")
    story.on(24, 11, partial(story.agree, Party.SOCIAL_WORKER), "worker")


def _leave_asked(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(4, 9, partial(story.ask, kind="holiday", ahead=16, days=5), "teacher")


def _leave_answered(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    words = "The same week can be had at Christmas. Nothing in it is exceptional."
    story.on(9, 9, partial(story.ask, kind="holiday", ahead=18, days=5), "worker")
    story.on(4, 15, partial(story.answer, supports=False, words=words), "head")


def _leave_granted(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    words = "A day with her brother matters more than a day of lessons."
    story.on(20, 9, partial(story.ask, kind="family", ahead=12, days=1), "worker")
    story.on(17, 15, partial(story.answer, supports=True, words=words), "advocate")
    story.on(15, 12, story.decide, "teacher")


def _elsewhere_unchecked(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(12, 10, partial(story.teach_elsewhere, registered=False), "teacher")
    story.on(10, 14, story.look, "teacher")


def _elsewhere_registered(world: World, one: Made, diary: Diary) -> None:
    story = _Story(world, one, diary)
    story.on(13, 10, partial(story.teach_elsewhere, registered=True), "advocate")


STORIES: tuple[Callable[[World, Made, Diary], None], ...] = (
    _timetable_not_agreed,
    _leave_answered,
    _elsewhere_unchecked,
    _leave_asked,
    _timetable_agreed,
    _leave_granted,
    _timetable_late,
    _elsewhere_registered,
)
