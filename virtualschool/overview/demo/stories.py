"""A PEP's story told through the actions, each at its own moment: arranged, written, held, sent in, answered."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from peps import layouts
from peps.actions import meetings, quality, submitting, targets, writing
from peps.enums import Attendance, Seat, SectionState
from peps.layouts.spec import FieldSpec, FieldType, When
from peps.models import MeetingInvitation, Pep, PepAnswer, PepAuthor, PepCost, PepMeeting, PepSection, PepTarget
from peps.people import People, people_of
from virtualschool.accounts.models import User
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import moment, now, standing_at
from virtualschool.overview.demo import words

DAY = timedelta(days=1)
# How far a story goes; the share of this term's PEPs at each point in the middle of a term.
POINTS = ("planned", "arranged", "declined", "written", "held", "submitted", "in_qa", "returned", "complete")
WEIGHTS = (10, 10, 4, 9, 8, 8, 5, 5, 41)
THOROUGH = 0.1


@dataclass(frozen=True)
class Plan:
    """When each step is, and how far the story goes by ``on``."""

    rng: random.Random
    opened: date
    meeting: date
    on: date
    point: str

    @property
    def submitted(self) -> date:
        return weekday(self.meeting + timedelta(days=self.rng.randint(1, 7)))


def weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def plan_for(rng: random.Random, opened: date, on: date, *, past_term: bool) -> Plan:
    """A meeting some weeks after the opening; of a past term nearly all stories are complete."""
    point = rng.choices(POINTS, WEIGHTS)[0] if not past_term else rng.choices(("complete", "written"), (95, 5))[0]
    meeting = weekday(opened + timedelta(days=rng.randint(12, 50)))
    if point in {"arranged", "declined", "written"} and not past_term:
        meeting = weekday(on + timedelta(days=rng.randint(1, 20)))
    elif meeting > on - timedelta(days=12):
        earliest = opened + timedelta(days=6)
        if earliest > on - timedelta(days=12):
            return Plan(rng, opened, weekday(on + timedelta(days=rng.randint(2, 12))), on, "arranged")
        meeting = weekday(on - timedelta(days=rng.randint(12, 20)))
        meeting = max(meeting, weekday(earliest))
    return Plan(rng, opened, meeting, on, point)


class Story:
    """One PEP and the people in it."""

    def __init__(self, pep: Pep, plan: Plan, advocate: User) -> None:
        self.pep, self.plan, self.advocate = pep, plan, advocate
        self.rng = plan.rng
        self.thorough = plan.rng.random() < THOROUGH
        self.people: People = people_of(pep.child, pep.school, plan.meeting)

    @property
    def teacher(self) -> User | None:
        return self.people.at(Seat.DESIGNATED_TEACHER)

    def tell(self) -> None:
        """As far as the plan goes. A child without a school or a social worker has no further story yet."""
        worker, coordinator = self.people.at(Seat.SOCIAL_WORKER), self.people.at(Seat.COORDINATOR)
        if self.plan.point == "planned" or not (self.teacher and worker and coordinator):
            return
        self._arrange(coordinator)
        if self.plan.point in {"arranged", "declined"}:
            return
        self._write(When.BEFORE, self.plan.meeting - DAY * 4)
        if self.plan.point == "written" or self.plan.meeting >= self.plan.on:
            return
        self._hold(coordinator)
        if self.plan.point != "held":
            self._send_in()

    def _arrange(self, coordinator: User) -> None:
        at = min(self.plan.opened + DAY * 3, self.plan.on)
        with standing_at(moment(at, 9)):
            meeting = meetings.schedule_meeting(
                pep=self.pep, starts_at=moment(self.plan.meeting, 14), place="At school and online", by=coordinator
            )
        with standing_at(moment(min(at + DAY, self.plan.on), 11)):
            for invitation in meeting.invitations.filter(user__isnull=False).select_related("user", "meeting__pep"):
                self._answer(invitation)

    def _answer(self, invitation: MeetingInvitation) -> None:
        if self.plan.point == "arranged" and self.rng.random() < 0.5:
            return
        declines = self.plan.point == "declined" and invitation.seat == Seat.SOCIAL_WORKER
        why = "I am in court that day and cannot send anybody." if declines else ""
        meetings.respond_to_invitation(invitation=invitation, accept=not declines, by=invitation.user, why=why)

    def _write(self, when: When, on: date) -> None:
        """The sections of the time; of a story that stops here some are left for those who owe them.

        One story in ten is written through the actions, field by field; of the others the finished sections are loaded at once,
        because a made-up authority must stand in minutes.
        """
        layout = layouts.of_version(self.pep.layout)
        due = []
        for section in PepSection.objects.filter(pep=self.pep).select_related("pep"):
            spec = layout.section(section.key)
            if spec.when == when and not (self.plan.point == "written" and self.rng.random() < 0.4):
                due.append((section, spec.fields_for(self.pep.phase, self.pep.kind)))
        with standing_at(moment(max(on, self.plan.opened + DAY * 4), 15)):
            if self.thorough:
                for section, fields in due:
                    self._write_section(section, fields)
            else:
                self._load(due)

    def _answers(self, fields: tuple[FieldSpec, ...]) -> dict[str, object]:
        return {spec.key: self._say(spec) for spec in fields if spec.required or self.rng.random() < 0.25}

    def _write_section(self, section: PepSection, fields: tuple[FieldSpec, ...]) -> None:
        writer = self._writer(section)
        writing.save_answers(section=section, answers=self._answers(fields), seen={}, by=writer)
        writing.complete_section(section=section, by=writer)

    def _load(self, due: list[tuple[PepSection, tuple[FieldSpec, ...]]]) -> None:
        rows, authors = [], {}
        for section, fields in due:
            writer = self._writer(section)
            authors[writer.pk] = PepAuthor(pep=self.pep, user=writer, since=now())
            section.state, section.completed_by, section.completed_at = SectionState.COMPLETE, writer, now()
            rows += [
                PepAnswer(section=section, field=key, value=value, written_by=writer, written_at=now())
                for key, value in self._answers(fields).items()
            ]
        PepAnswer.objects.bulk_create(rows, ignore_conflicts=True)
        PepAuthor.objects.bulk_create(authors.values(), ignore_conflicts=True)
        PepSection.objects.bulk_update([section for section, _ in due], ["state", "completed_by", "completed_at"])

    def _writer(self, section: PepSection) -> User:
        found = self.people.owning(section.owner) or self.teacher
        return found  # type: ignore[return-value]

    def _say(self, spec: FieldSpec) -> object:
        adult = self.teacher.name.split()[0] if self.teacher else "my key adult"
        if spec.type is FieldType.NUMBER:
            low, high = int(spec.at_least or 0), int(spec.at_most or 100)
            return (
                self.rng.randint(max(low, high * 8 // 10), high)
                if high == 100
                else self.rng.randint(low + high // 8, high // 2)
            )
        if spec.type is FieldType.DATE:
            return (self.plan.meeting - timedelta(days=self.rng.randint(3, 30))).isoformat()
        if spec.type is FieldType.YES_NO:
            return self.rng.random() < 0.7
        if spec.type is FieldType.CHOICE:
            return self.rng.choice(spec.choices[:4])
        if spec.type is FieldType.CHOICES:
            return [self.rng.choice(spec.choices)]
        if spec.type is FieldType.OWN_WORDS:
            return self.rng.choice(words.MY_WORDS).format(adult=adult)
        if spec.key == "what_adults_understood":
            return self.rng.choice(words.UNDERSTOOD).format(adult=adult)
        return self.rng.choice(words.TEXT if spec.type is FieldType.TEXT else words.LONG_TEXT)

    def _hold(self, coordinator: User) -> None:
        with standing_at(moment(self.plan.meeting, 16)):
            meeting = PepMeeting.objects.select_related("pep").get(pep=self.pep, state="planned")
            came = {pk: Attendance.CAME for pk in meeting.invitations.values_list("pk", flat=True)}
            meetings.hold_meeting(
                meeting=meeting, attendance=came, by=coordinator, next_meeting_on=weekday(self.plan.meeting + DAY * 110)
            )
            for target in PepTarget.objects.filter(pep=self.pep.previous_id, outcome=""):
                outcome = self.rng.choice(("met", "met", "partly", "not_met"))
                targets.review_target(
                    target=target, outcome=outcome, evidence=self.rng.choice(words.LONG_TEXT), by=self.teacher
                )
            self._set_targets()

    def _set_targets(self) -> None:
        chosen = self.rng.sample(words.TARGETS, 2)
        for area, start, goal, measure, what, where in chosen:
            facts = targets.TargetFacts(
                area=area,
                start_point=start,
                goal=goal,
                measure=measure,
                by_when=self.plan.meeting + DAY * 100,
                why="Agreed with the child and the carer as what would help most.",
                what=what,
                where=where,
                how_often=self.rng.choice(("twice a week for ten weeks", "every morning", "once a week for a term")),
                named_person=self.teacher.name,
            )
            target = targets.add_target(pep=self.pep, facts=facts, by=self.teacher)
            if area == chosen[0][0] or self.rng.random() < 0.4:
                self._ask_for_money(target)

    def _ask_for_money(self, target: PepTarget) -> None:
        item, category, pence, sessions, weeks = self.rng.choice(words.COSTS)
        facts = targets.CostFacts(
            item=item, price_pence=pence, sessions_a_week=sessions, weeks=weeks, category=category
        )
        targets.add_cost(target=target, facts=facts, by=self.teacher)

    def _send_in(self) -> None:
        day = min(self.plan.submitted, self.plan.on - DAY)
        self._write(When.AT, day)
        self._write(When.AFTER, day)
        with standing_at(moment(day, 17)):
            submitting.submit_pep(pep=self.pep, by=self.teacher)
        self.pep.refresh_from_db()
        if self.plan.point != "submitted":
            self._answer_pep(day)

    def _answer_pep(self, sent: date) -> None:
        day = min(weekday(sent + timedelta(days=self.rng.randint(2, 8))), self.plan.on - DAY)
        with standing_at(moment(day, 12)):
            if self.plan.point == "in_qa":
                quality.take_up(pep=self.pep, submission=self.pep.submission, by=self.advocate)
            elif self.plan.point == "returned":
                self._return()
            else:
                self._approve()

    def _return(self) -> None:
        quality.return_pep(
            pep=self.pep,
            submission=self.pep.submission,
            grade="red",
            reason=self.rng.choice(words.MEND),
            sections=["targets"],
            by=self.advocate,
        )

    def _approve(self) -> None:
        costs = PepCost.objects.filter(target__pep=self.pep).values_list("pk", flat=True)
        quality.approve_pep(
            pep=self.pep,
            submission=self.pep.submission,
            grade=self.rng.choice(("green", "green", "green", "amber", "gold")),
            reason=self.rng.choice(words.PRAISE),
            by=self.advocate,
            agreed_costs=list(costs),
        )
        deliver_pending(3)
