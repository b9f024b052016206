"""A child's PEP on its way from its opening to its end, through the pages, by the people whose work each step is.

The roll is set up by factories and actions; from there on everybody works at a desk. Each step asserts that it happened, so that
a journey need only say what is particular to it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management import call_command
from django.db.models import Q

from children.actions import care, schools
from children.actions.care import ChildFacts, PlacementFacts
from children.models import Alert, Child, School
from peps.enums import MeetingState, Owner, PepKind, PepState, Seat, SectionState
from peps.models import Pep, PepCost, PepMeeting, PepSection, PepTarget
from pupil_premium.enums import ReleaseState
from pupil_premium.models import Release
from tests import personas
from tests.factories.accounts import MembershipFactory
from tests.factories.children import ChildFactory, RelationshipFactory, SchoolFactory, born_for_year
from tests.factories.jobs import NightShardFactory
from tests.factories.pupil_premium import GrantYearFactory
from tests.journeys.desks import Desk, address, answers_to, as_sent, questions
from virtualschool.accounts.models import Membership, User
from virtualschool.jobs import registry
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Event, NightShard
from virtualschool.kernel.dates import LONDON, today
from virtualschool.rulebook import schoolyear

DAY = timedelta(days=1)
TIES = {
    "socialworker": "social_worker",
    "iro": "iro",
    "ala": "advocate",
    "coordinator": "coordinator",
    "support": "support",
}
WHO_WRITES = {
    Owner.SOCIAL_WORKER: "socialworker",
    Owner.CARER: "socialworker",
    Owner.DESIGNATED_TEACHER: "teacher",
    Owner.KEY_ADULT: "teacher",
    Owner.VIRTUAL_SCHOOL: "coordinator",
}
TARGET = {"area": "english", "start_point": "40 words a minute", "goal": "70 words a minute"}
COST = {"item": "Reading tuition", "category": "tuition", "sessions_a_week": 2, "weeks": 10, "price": "25"}


@dataclass
class Journey:
    """A child, the people who work with it, and its PEP. ``asked`` is what each section's form asked of its writer."""

    child: Child
    school: School | None
    people: dict[str, User]
    pep: Pep = None  # type: ignore[assignment]  # there is none before it is opened
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    read_before: list[str] = field(default_factory=list)

    def __getitem__(self, role: str) -> Desk:
        """The person's desk; they sit down when they are first needed."""
        if role not in self.desks:
            self.desks[role] = Desk(self.people[role])
        return self.desks[role]

    # ---------------------------------------------------------------- beginning

    def finds(self, **facts: Any) -> Pep:
        """The child's open PEP, of the facts given."""
        self.pep = Pep.objects.open().get(child=self.child, **facts)
        return self.pep

    def opened_at_night(self) -> Pep:
        """The term's PEP, which the night opens by itself."""
        night()
        return self.finds(kind=PepKind.REVIEW)

    def again(self) -> Pep:
        """The PEP as it is now."""
        self.pep = Pep.objects.select_related("child", "school", "clock__rule").get(pk=self.pep.pk)
        return self.pep

    @property
    def state(self) -> str:
        return str(self.again().state)

    def moves_to(self, clock: Any, day: date) -> None:
        """Another day begins: everybody signs in anew."""
        clock.move_to(datetime.combine(day, time(10), LONDON))
        self.stands_up()

    def stands_up(self) -> None:
        for desk in self.desks.values():
            self.read_before += desk.read
        self.desks = {}

    def everything_read(self) -> str:
        """All pages that anybody was shown, one after the other."""
        return "\n".join([*self.read_before, *(text for desk in self.desks.values() for text in desk.read)])

    # ---------------------------------------------------------------- the meeting

    def plans(self, by: str = "coordinator", on: date | None = None) -> PepMeeting:
        """The meeting is planned; whoever must come is worked out and asked."""
        self[by].fills("schedule", self.pep, on=on or today(), place="School library")
        return self.planned()

    def planned(self) -> PepMeeting:
        return PepMeeting.objects.get(pep=self.pep, state=MeetingState.PLANNED)

    def invited(self) -> dict[str, User | None]:
        """Who must come to the planned meeting, by their seats."""
        seats = self.planned().invitations.filter(required=True).select_related("user")
        return {one.seat: one.user for one in seats}

    def answers(self, role: str, seat: Seat, *, declines: str = "") -> None:
        """Somebody opens the invitation and comes, or says why not."""
        invitation = self.planned().invitations.get(seat=seat)
        assert invitation.user == self.people[role]
        given = {"answer": "decline", "why": declines} if declines else {"answer": "accept", "why": ""}
        self[role].fills("answer", invitation, **given)

    def holds(self, by: str = "coordinator", **given: Any) -> PepMeeting:
        """It is recorded that the meeting was held, who came, and when the next one is."""
        meeting = self.planned()
        given = {"next_meeting_on": today() + timedelta(days=100)} | given
        self[by].fills("hold", meeting, **given)
        assert self.state == PepState.MEETING_HELD
        meeting.refresh_from_db()
        return meeting

    # ---------------------------------------------------------------- writing

    def unfinished(self) -> list[PepSection]:
        return list(self.pep.sections.exclude(state=SectionState.COMPLETE).select_related("pep").order_by("position"))

    def everybody_writes(self) -> None:
        """Each finishes their own part, as far as their page lets them now: what is agreed at the meeting waits for it."""
        for section in self.unfinished():
            desk = self[self.writer(section)]
            page = desk.client.get(address("write", section))
            if page.status_code == 200 and page.context["form"].finishing:
                self._finishes(desk, section, page)

    def writer(self, section: PepSection) -> str:
        """The role that a section is asked of; a child without a school tells its views to the support officer."""
        asked = WHO_WRITES[Owner(section.owner)]
        return "support" if asked == "teacher" and self.pep.school_id is None else asked

    def writes(self, key: str, by: str = "", **given: Any) -> PepSection:
        """Somebody answers all that a section asks, and finishes it; its owner when nobody is named."""
        section = self.section(key)
        desk = self[by or self.writer(section)]
        return self._finishes(desk, section, desk.opens("write", section), **given)

    def section_reopens(self, key: str, by: str = "teacher") -> None:
        """Something was forgotten in a section that was finished."""
        self[by].sends("reopen", self.section(key))

    def section(self, key: str) -> PepSection:
        return self.pep.sections.select_related("pep").get(key=key)

    def _finishes(self, desk: Desk, section: PepSection, page: Any, **given: Any) -> PepSection:
        filled = desk.answers(page.context["form"], address("write", section), **given)
        section.refresh_from_db()
        assert (section.key, section.state) == (section.key, SectionState.COMPLETE)
        self.asked[section.key] = filled.asked
        return section

    def asks(self) -> frozenset[str]:
        """Every question that was asked of anybody."""
        return frozenset().union(*self.asked.values())

    def sets_a_target(self, by: str = "teacher", *, costed: bool = True, **given: Any) -> PepTarget:
        self[by].fills("target_add", self.pep, **TARGET | given)
        target = PepTarget.objects.filter(pep=self.pep).latest("pk")
        if costed:
            self[by].fills("cost_add", target, **COST)
        return target

    # ---------------------------------------------------------------- sending in and answering

    def missing(self, by: str = "teacher") -> list[str]:
        """What the page says is between the PEP and its being sent in."""
        people = self[by].opens("submit", self.pep).context["people"]
        return [thing["text"] for person in people for thing in person["things"]]

    def submits(self, by: str = "teacher") -> None:
        assert self.missing(by) == []
        self[by].sends("submit", self.pep)
        assert self.state == PepState.SUBMITTED

    def open_to_writing(self) -> set[str]:
        """The sections that somebody's page of the PEP leads them to write in."""
        writers = {self.writer(section) for section in self.pep.sections.all()}
        pages = "".join(self[role].opens("detail", self.pep).content.decode() for role in writers)
        return {row.key for row in self.pep.sections.all() if f'href="{address("write", row)}"' in pages}

    def graded(self, by: str = "ala", band: str = "green", **given: Any) -> dict[str, Any]:
        """The form of the grading page filled in, as it could be sent now or later: every question has the one band."""
        form = self[by].opens("quality", self.pep).context["form"]
        marks = {name: band for name in questions(form) if name.startswith("mark_")}
        return as_sent(form, answers_to(form, marks | {"reason": "Clear"} | given))

    def returns(self, *sections: str, reason: str, by: str = "ala") -> None:
        given = self.graded(by, "amber", decision="return", reason=reason, sections=list(sections))
        self[by].sends("grade", self.pep, **given)
        assert self.state == PepState.RETURNED

    def approves(self, by: str = "ala") -> None:
        agreed = [str(pk) for pk in PepCost.objects.filter(target__pep=self.pep).values_list("pk", flat=True)]
        given = self.graded(by, decision="approve", **({"agreed": agreed} if agreed else {}))
        self[by].sends("grade", self.pep, **given)
        assert (self.state, self.pep.grade, self.pep.version) == (PepState.COMPLETE, "green", 1)

    # ---------------------------------------------------------------- all of it

    def prepares(self, on: date | None = None) -> None:
        """Planned, accepted by the social worker, and written as far as that is before the meeting."""
        self.plans(on=on)
        self.answers("socialworker", Seat.SOCIAL_WORKER)
        self.everybody_writes()

    def is_met_and_written(self, by: str = "teacher", *, costed: bool = True) -> None:
        """The meeting, its targets, and what is written at it and after it."""
        self.holds()
        self.sets_a_target(by, costed=costed)
        self.everybody_writes()
        assert self.unfinished() == []

    def is_answered_and_read(self, by: str = "teacher") -> None:
        """Sent in, approved, its lines released once, and read by the reviewing officer."""
        self.submits(by)
        self.is_approved_and_read()

    def is_approved_and_read(self) -> None:
        self.approves()
        self.is_read_by_the_reviewing_officer()

    def is_read_by_the_reviewing_officer(self) -> None:
        """Who reads the child's words and the targets, and neither money nor health (``virtualschool.accounts.roles``)."""
        read = self["iro"].opens("read", self.pep).content.decode()
        for words in (TARGET["goal"], "In words: my words"):
            assert words in read
        assert COST["item"] not in read

    def released(self) -> list[tuple[str, int]]:
        """The state and the pence of every line that the approval made, with the event that made them told once."""
        assert Event.objects.filter(kind="pep.approved", data__pep=self.pep.pk).count() == 1
        lines = Release.objects.filter(pep=self.pep).order_by("pk")
        return list(lines.values_list("state", "amount_pence"))


PAID = [(ReleaseState.RELEASED, 50_000)]
WAITS = [(ReleaseState.RELEASABLE, 50_000)]


def enters_care(start: date, *, year: int, at: School | None = None) -> Child:
    """A child whom nobody knew before comes into care; whatever follows from it has followed."""
    facts = ChildFacts(child_id="C000101", first_names="Amy", last_name="Madeup", date_of_birth=born_for_year(year))
    placement = PlacementFacts(placement_type="U6", provider="PR4", carer_name="Carer Secretname")
    period = care.enter_care(start=start, legal_status="C2", need="N1", placement=placement, facts=facts, by=None)
    deliver_pending()
    if at is not None:
        schools.enrol(child=period.child, school=at, start=start, by=None)
        deliver_pending()
    return period.child


def sets_out(*, year: int, at_school: bool = True, new_on: date | None = None, **facts: Any) -> Journey:
    """A child of a national curriculum year, in care since last year, and everybody who works with it.

    Args:
        at_school: whether it is on a school's roll.
        new_on: the day on which it came into care, for one whom nobody knew before.
    """
    GrantYearFactory(pence=100_000_00)
    school, elsewhere = SchoolFactory(name="Ash School") if at_school else None, SchoolFactory(name="Birch School")
    people = {role: personas.person(role) for role in personas.NAMES}
    people["support"].phases = [schoolyear.phase(year)]
    people["support"].save(update_fields=["phases"])
    people["other_teacher"] = personas.person("teacher", name="Tom Elsewhere")
    if new_on:
        child = enters_care(new_on, year=year, at=school)
    else:
        child = ChildFactory(in_care=True, first_names="Amy", year=year, school=school, **facts)
    for role, kind in TIES.items():
        RelationshipFactory(child=child, kind=kind, user=people[role])
    for role, place in (("teacher", school), ("other_teacher", elsewhere)):
        if place is not None:
            joins(people[role], place)
    return Journey(child, school, people)


def joins(user: User, school: School) -> None:
    position = Membership.Position.DESIGNATED_TEACHER
    MembershipFactory(user=user, organisation=school.organisation, position=position)


def night() -> None:
    """Tonight, with all that a night does; the nights since the last one were quiet."""
    for job in registry.night_jobs():
        if not NightShard.objects.filter(job=job.name, for_date__gte=today() - DAY).exists():
            NightShardFactory(job=job.name, for_date=today() - DAY, done=True)
    call_command("nightly", "--date", today().isoformat(), "--json", stdout=_Nowhere())


def told_by_night(child: Child, *checks: str) -> set[str]:
    """The checks of which the child has an open alert: those named, or all on PEPs."""
    named = Q(check_name__in=checks) if checks else Q(check_name__startswith="pep.")
    return set(Alert.objects.open().filter(named, child=child).values_list("check_name", flat=True))


class _Nowhere:
    """What a command prints is read by nobody here."""

    def write(self, words: str) -> None:
        """Forget it."""
