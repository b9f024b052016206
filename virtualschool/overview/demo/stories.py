"""The PEPs of this term, and of the last while this is young, told through the actions: arranged, answered, written, held, sent in, decided, released."""

import random
from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import partial

from django.db import transaction

from peps import layouts
from peps.actions import meetings, quality, submitting, targets, writing
from peps.enums import Attendance, MeetingState, Seat, SectionState
from peps.layouts.spec import When
from peps.models import MeetingInvitation, Pep, PepMeeting, PepSection, PepTarget
from peps.people import OWNER_SEATS
from peps.workflow import CLOSED
from virtualschool.accounts.models import User
from virtualschool.audit.context import acting
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.registry import consumed
from virtualschool.kernel.dates import moment, today
from virtualschool.overview.demo import grading, sections, words
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.plans import plan_for
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
FORGOTTEN = 60  # of so many children one whose PEPs nobody arranges, so that a small authority too has one
THOROUGH = 0.02  # the share of stories whose sections are written field by field
WITH_MONEY = frozenset({"P", "S"})
SOCIAL_WORK = frozenset({Seat.SOCIAL_WORKER})
SCHOOL = frozenset(OWNER_SEATS.values()) - SOCIAL_WORK
NEEDED = frozenset({Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER})


def forgotten(one: Made) -> bool:
    """Whether nobody arranges this child's PEPs."""
    return one.number % FORGOTTEN == FORGOTTEN // 8


class Story:
    """One PEP. Each step is a deed in the diary, and enters the next; so it goes as far as the day lets it."""

    def __init__(self, pep: Pep, one: Made, world: World, diary: Diary) -> None:
        self.pep, self.one, self.world, self.diary = pep, one, world, diary
        self.rng = random.Random(f"{world.seed}:{one.number}:{pep.kind}:{pep.opened_on}")
        self.plan = plan_for(self.rng, world, pep.kind, pep.opened_on, pep.due_on)
        self.thorough = self.rng.random() < THOROUGH
        self.past = pep.opened_on < world.this.start
        self.over = False
        self.meeting: PepMeeting | None = None
        self.submission = 0
        self.costs: list[int] = []

    @property
    def coordinator(self) -> User:
        return self.one.others["coordinator"]

    @property
    def advocate(self) -> User:
        return self.one.others["advocate"]

    @property
    def writer(self) -> User | None:
        """Who does the school's part: without a school the social worker; nobody while the child is between two schools."""
        if self.pep.school_id is None:
            return self.one.worker(today())
        return self.world.teacher(self.one.school(today()), today())

    def enter(self) -> None:
        """Begin, unless nobody arranges this PEP."""
        if self.plan.arranged is not None and not forgotten(self.one):
            self._on(self.plan.arranged, 9, self.arrange, self.coordinator)

    def see(self, pep: Pep) -> None:
        """The PEP as it is now: closed by what happened to the child, or gone with the child to another school."""
        self.pep, self.over = pep, pep.state in CLOSED

    def _on(self, day: date, hour: int, deed: Callable[[], None], by: User | None) -> None:
        self.diary.enter(max(day, self.pep.opened_on), hour, partial(self._unless_over, deed), by=by)

    def _unless_over(self, deed: Callable[[], None]) -> None:
        if not self.over:
            deed()

    # ------------------------------------------------------------ the meeting

    def arrange(self) -> None:
        self._schedule(self.plan.meeting)
        if self.plan.declined:
            self._on(self.plan.seen_to, 10, self.rearrange, self.coordinator)
        else:
            self._lead_up(self.plan.meeting)

    def rearrange(self) -> None:
        """The social worker cannot come: another time now, or first none and a time some days later."""
        second = None if self.plan.named_later else moment(self.plan.second, 14)
        self.meeting = meetings.rearrange_meeting(
            meeting=self.meeting, why=words.CANNOT_COME, by=self.coordinator, starts_at=second
        )
        if self.meeting is not None:
            self._ask(self.meeting)
            self._lead_up(self.plan.second)
        else:
            self._on(min(today() + DAY * 4, self.plan.second - DAY), 10, self._arrange_again, self.coordinator)

    def _arrange_again(self) -> None:
        self._schedule(self.plan.second)
        self._lead_up(self.plan.second)

    def _schedule(self, day: date) -> None:
        self.meeting = meetings.schedule_meeting(
            pep=self.pep, starts_at=moment(day, 14), place=words.MEETING_PLACE, by=self.coordinator
        )
        self._ask(self.meeting)

    def _ask(self, meeting: PepMeeting) -> None:
        """The social worker answers, and of this term most others: in the next days, or only just before."""
        declined = self.plan.declined and meeting.starts_at == moment(self.plan.meeting, 14)
        for invitation in MeetingInvitation.objects.filter(meeting=meeting, user__isnull=False).order_by("pk"):
            if invitation.seat != Seat.SOCIAL_WORKER and (self.past or self.rng.random() < 0.4):
                continue
            declines = declined and invitation.seat == Seat.SOCIAL_WORKER
            wait = 1 if declines or self.rng.random() < 0.65 else self.rng.randint(4, 14)
            self._on(today() + DAY * wait, 11, partial(self.answer, invitation.pk, not declines), None)

    def answer(self, pk: int, accept: bool) -> None:
        """By whoever holds the invitation by then: a new social worker gets it from the one before."""
        found = MeetingInvitation.objects.filter(pk=pk, meeting__state=MeetingState.PLANNED).values_list(
            "user", flat=True
        )
        by = self.world.users.get(found.first() or 0)
        if by is not None and self.meeting is not None:
            invitation = MeetingInvitation(pk=pk, meeting=self.meeting)
            with acting(by.pk):
                meetings.respond_to_invitation(
                    invitation=invitation, accept=accept, by=by, why="" if accept else words.CANNOT_COME
                )

    def _lead_up(self, meeting: date) -> None:
        """Each part is written in good time by most, on the last day by some; then the meeting."""
        earliest = today() + DAY
        ready = meeting - timedelta(days=10 + self.rng.randint(1, 4))
        social_work = meeting - DAY if self.plan.tardy == "social_worker" else ready
        school = meeting if self.plan.tardy == "designated_teacher" else ready + DAY * 6
        write = partial(self.write, (When.BEFORE,))
        self._on(max(social_work, earliest), 8, partial(write, SOCIAL_WORK), self.one.worker(meeting))
        self._on(max(school, earliest), 8, partial(write, SCHOOL), None)
        self._on(max(meeting, earliest), 15, self.hold, self.coordinator)

    # ------------------------------------------------------------ writing

    def write(self, when: Collection[When], seats: Collection[Seat]) -> None:
        """The sections of a time that are owed from some seats. What nobody can write now stays open."""
        writer = self.one.worker(today()) if seats == SOCIAL_WORK else self.writer
        layout = layouts.of_version(self.pep.layout)
        owed = [
            section
            for section in PepSection.objects.filter(pep=self.pep).exclude(state=SectionState.COMPLETE)
            if layout.section(section.key).when in when and OWNER_SEATS[section.owner] in seats
        ]
        if owed and writer is not None:
            with acting(writer.pk), transaction.atomic():
                how = sections.write if self.thorough else sections.load
                how(self.pep, owed, writer, self.rng, beside=not self.past)

    def hold(self) -> None:
        """The meeting, and what is agreed at it. A child who has lost the school meanwhile has to be met another day."""
        if self.writer is None:
            meetings.rearrange_meeting(meeting=self.meeting, why=words.NO_SCHOOL_NOW, by=self.coordinator)
            return
        invited = (
            MeetingInvitation.objects.filter(meeting=self.meeting).values_list("pk", "seat", "user").order_by("pk")
        )
        instead = self.writer.pk if self.writer.pk in {user for _, _, user in invited} else None
        attendance = {pk: self._came(seat, user, instead) for pk, seat, user in invited}
        following = self.world.school_day(today() + DAY * self.rng.randint(85, 120))
        meetings.hold_meeting(
            meeting=self.meeting, attendance=attendance, by=self.coordinator, next_meeting_on=following
        )
        self._on(today(), 16, self.agree, self.writer)
        self._on(self.world.school_day(today() + DAY * self.plan.sent), 17, self.send_in, None)

    def _came(self, seat: str, user: int | None, instead: int | None) -> Attendance:
        """Of two designated teachers the one of the school that the child has come to."""
        if seat == Seat.DESIGNATED_TEACHER and instead is not None and user != instead:
            return Attendance.APOLOGIES
        sure = seat in NEEDED or self.rng.random() < 0.85
        return Attendance.CAME if sure else self.rng.choice((Attendance.APOLOGIES, Attendance.SENT_VIEWS))

    def agree(self) -> None:
        """The last targets are looked at, and new ones set, with what they cost."""
        writer = self.writer
        for target in PepTarget.objects.filter(pep=self.pep.previous_id, outcome=""):
            outcome, evidence = self.rng.choice(("met", "met", "partly", "not_met")), self.rng.choice(words.LONG_TEXT)
            targets.review_target(target=target, outcome=outcome, evidence=evidence, by=writer, seen="")
        number = 1 if self.past or self.rng.random() < 0.5 else 2
        for place, chosen in enumerate(self.rng.sample(words.TARGETS_OF[self.pep.phase], number)):
            target = targets.add_target(pep=self.pep, facts=self._facts(chosen, writer), by=writer)
            if self.pep.phase in WITH_MONEY and self.pep.school_id and (place == 0 or self.rng.random() < 0.3):
                self.costs.append(targets.add_cost(target=target, facts=self._cost(), by=writer).pk)

    def _facts(self, chosen: tuple[str, ...], writer: User) -> targets.TargetFacts:
        area, start, goal, measure, what, where = chosen
        return targets.TargetFacts(
            area=area,
            start_point=start,
            goal=goal,
            measure=measure,
            by_when=today() + DAY * 100,
            why="Agreed with the child and the carer as what would help most.",
            what=what,
            where=where,
            how_often=self.rng.choice(words.HOW_OFTEN),
            named_person=writer.name,
        )

    def _cost(self) -> targets.CostFacts:
        item, category, pence, sessions, weeks = self.rng.choice(words.COSTS)
        return targets.CostFacts(item=item, price_pence=pence, sessions_a_week=sessions, weeks=weeks, category=category)

    # ------------------------------------------------------------ sending in, and the answer

    def send_in(self) -> None:
        """The rest is written, and the PEP goes to the Virtual School; while there is no school nobody sends it.

        One whose child came to another school after the meeting waits until that school has asked for what it needs.
        """
        self._look_again()
        writer = self.writer
        if writer is None:
            return
        try:
            with acting(writer.pk):
                self.write(tuple(When), SOCIAL_WORK | SCHOOL)
                self._submit(writer)
        except submitting.NotReady:
            return
        day = self.world.working_day(today() + DAY * self.plan.answered)
        if day >= self.world.on and self.rng.random() < 0.4:
            self._on(self.world.working_day(today() + DAY * 2), 12, self.take_up, self.advocate)
        returned = self.plan.returned and (not self.past or self.rng.random() < 0.3)
        self._on(day, 12, self.send_back if returned else self.approve, self.advocate)

    def _look_again(self) -> None:
        """The PEP as it is: it may have gone with the child to another school meanwhile."""
        self.pep = Pep.objects.select_related("child", "school").get(pk=self.pep.pk)

    def _submit(self, writer: User) -> None:
        submitting.submit_pep(pep=self.pep, by=writer)
        self.submission += 1

    def take_up(self) -> None:
        quality.take_up(pep=self.pep, submission=self.submission, by=self.advocate)

    def send_back(self) -> None:
        reason = self.rng.choice(words.MEND)
        quality.return_pep(
            pep=self.pep,
            submission=self.submission,
            grading=grading.of(self.pep, "red", reason),
            sections=["targets"],
            by=self.advocate,
        )
        self._on(self.world.school_day(today() + DAY * self.plan.mended), 16, self.mend, None)

    def mend(self) -> None:
        self._look_again()
        writer = self.writer
        if writer is None:
            return
        try:
            with acting(writer.pk), transaction.atomic():
                for section in PepSection.objects.filter(pep=self.pep, state=SectionState.RETURNED):
                    section.pep = self.pep
                    writing.complete_section(section=section, by=writer)
                self._submit(writer)
        except submitting.NotReady:
            return
        self._on(self.world.working_day(today() + DAY * self.plan.mended), 12, self.approve, self.advocate)

    @transaction.atomic
    def approve(self) -> None:
        quality.approve_pep(
            pep=self.pep,
            submission=self.submission,
            grading=grading.of(
                self.pep,
                self.rng.choice(("green", "green", "green", "amber", "amber", "gold")),
                self.rng.choice(words.PRAISE),
            ),
            by=self.advocate,
            agreed_costs=self.costs,
        )
        deliver_pending(len(consumed()["pep.approved"]))
