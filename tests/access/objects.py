"""The world of the access matrix: the cast, and one record of every kind that an address names, for Amy and for Bob."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model

import vs_pytest
from children.enums import GrantKind, RelationKind
from children.models import Child, School
from peps import layouts
from peps.enums import ConcernEvent, ConcernState, MeetingState, PepPhase, PepState, Response, Seat, SectionState
from peps.layouts import Occasion
from peps.models import Pep, PepSection
from pupil_premium import actions as money
from pupil_premium.models import Entry
from referrals.models import RiskReport
from tests.access import canaries, declared, moved
from tests.factories.accounts import CoverFactory, UserFactory
from tests.factories.admissions import ApplicationFactory
from tests.factories.attendance import (
    AlternativeProvisionFactory,
    ExclusionFactory,
    LeaveRequestFactory,
    ReducedTimetableFactory,
    SourceMappingFactory,
)
from tests.factories.children import (
    AccessGrantFactory,
    AlertFactory,
    ChildFactory,
    ChildFileFactory,
    ClockFactory,
    EnquiryFactory,
    HostedChildFactory,
    ImportRunFactory,
    NoteFactory,
    PreviouslyInCareFactory,
    RelationshipFactory,
    SchoolFactory,
    SchoolJudgementFactory,
)
from tests.factories.courses import ChildCourseFactory, SchoolCourseFactory
from tests.factories.peps import (
    ConcernFactory,
    ConcernStepFactory,
    MeetingActionFactory,
    MeetingInvitationFactory,
    PepAuthorFactory,
    PepCostFactory,
    PepFactory,
    PepFileFactory,
    PepMeetingFactory,
    PepReviewFactory,
    PepSectionFactory,
    PepSetAsideFactory,
    PepTargetFactory,
    PepVersionFactory,
    SecondMarkFactory,
    VoiceConcernFactory,
    VoiceLinkFactory,
    YouSaidFactory,
)
from tests.factories.pupil_premium import GrantYearFactory, ReleaseFactory
from tests.factories.referrals import RiskReportFactory, SenMatterFactory
from tests.factories.rulebook import RuleFactory
from tests.personas import DATED, NAMES, Cast, cast
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import now, today

DAY = timedelta(days=1)
AMY, BOB = "amy", "bob"
SIDES = (AMY, BOB)
ANONYMOUS, CLOSED = "anonymous", "closed account"


@dataclass(frozen=True)
class Persona:
    """Somebody who asks. ``side``: whose child they reach; ``rights``: their role, and the right beside it."""

    name: str
    role: str = ""
    sides: tuple[str, ...] = ()
    administrator: bool = False

    @property
    def rights(self) -> frozenset[str]:
        return frozenset({self.role} | ({declared.ADMINISTRATOR} if self.administrator else set()))

    @property
    def signed_in(self) -> bool:
        return self.name not in (ANONYMOUS, CLOSED)


def _personas() -> Iterator[Persona]:
    for role in NAMES:
        sides = SIDES if role in declared.WHOLE_ROLL else () if role == declared.DPO else (AMY,)
        yield Persona(role, role, sides)
    for role in DATED:
        yield Persona(f"other {role}", role, (BOB,))
    yield Persona("administrator", declared.IRO, administrator=True)
    yield Persona(ANONYMOUS)
    yield Persona(CLOSED, declared.VSH)


PERSONAS = {persona.name: persona for persona in _personas()}


@dataclass
class World:
    """Who is there, and what there is: ``records["amy"]["pep"]``."""

    people: Cast
    users: dict[str, User]
    records: dict[str, dict[str, Model]] = field(default_factory=dict)
    nest: canaries.Nest = field(default_factory=canaries.Nest)

    def leaks(self, persona: Persona, page: str, text: str) -> list[str]:
        """The words on a page that its reader does not read."""
        return self.nest.leaks(text, persona.role, persona.sides, page)

    def child(self, side: str) -> Child:
        return self.people.amy if side == AMY else self.people.bob

    def record(self, side: str, key: str) -> Any:
        return self.records[side][key]


@contextmanager
def made(build: Callable[[], Any]) -> Iterator[Any]:
    """Something built once for many tests, on the tests' day, and taken back at the end."""
    with time_machine.travel(vs_pytest.NOW, tick=False), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def build() -> World:
    """The cast, an administrator, a closed account, and every record for both children."""
    people = cast()
    users = dict(people.people)
    users |= {f"other {role}": user for role, user in people.outsiders.items()}
    users["administrator"] = UserFactory(role=declared.IRO, name="Ann Administrator", administrator=True)
    users[CLOSED] = UserFactory(role=declared.VSH, name="Lea Leaver")
    world = World(people, users)
    GrantYearFactory(pence=1_000_000)
    for side, school in ((AMY, people.school), (BOB, people.other_school)):
        workers = dict(people.people) | (people.outsiders if side == BOB else {})
        world.records[side] = records_of(world.child(side), workers, school) | beside(workers, school)
        canaries.plant(world.nest, side, world.child(side), world.records[side], workers)
    canaries.plant_beside(world.nest, world.records[AMY])
    _seal_somebody(world)
    return world


def _seal_somebody(world: World) -> None:
    """A child whom the whole cast knew, with a record of every kind, and who was adopted."""
    people = world.people
    child = ChildFactory(
        in_care=True, school=people.school, team=people.team, social_worker=people.socialworker, iro=people.iro
    )
    world.records[canaries.SEALED] = records_of(child, people.people, people.school)
    canaries.plant(world.nest, canaries.SEALED, child, world.records[canaries.SEALED], people.people)
    canaries.seal(world.nest, child)


def records_of(child: Child, workers: dict[str, User], school: School) -> dict[str, Model]:
    """Everything of one child that an address can name."""
    found: dict[str, Model] = {
        "child": child,
        "enrolment": child.enrolments.order_by("start").last(),
        "relationship": child.relationships.filter(kind="social_worker").last(),
        "note": NoteFactory(child=child, author=workers["socialworker"]),
        "report": RiskReport.objects.filter(child=child).first()
        or RiskReportFactory(child=child, reported_by=workers["socialworker"]),
    }
    found |= _files(child, workers["socialworker"])
    found |= _watched(child)
    found |= _planned(child, workers, school)
    found |= _approved(child, workers, school)
    found |= _held(child, workers, school, found["pep_complete"])
    found |= _submitted(child, workers, school)
    found |= _elsewhere(child, workers)
    found |= _raised(child, workers)
    found |= _arranged(child, workers)
    found |= _suspended(child, school)
    found["application"] = _applied(child, workers)
    found["course"] = ChildCourseFactory(child=child, recorded_by=workers["teacher"])
    found |= _sen(child, workers)
    found |= moved.records(child, workers)
    return {key: record for key, record in found.items() if record is not None}


def beside(workers: dict[str, User], school: School) -> dict[str, Model]:
    """What stands beside the roll: registers, imports, rules, people."""
    record = PreviouslyInCareFactory(agreed=True)
    worker = workers["socialworker"]
    rule = RuleFactory(author=workers["vsh"], reason="The council decided", effective_from=today() + DAY)
    return {
        "school": school,
        "judgement": SchoolJudgementFactory(school=school),
        "school_course": SchoolCourseFactory(school=school, recorded_by=workers["teacher"]),
        "record": record,
        "enquiry": EnquiryFactory(about=record),
        "hosted": HostedChildFactory(),
        "run": ImportRunFactory(by=workers["data"], report={"refused": [], "flagged": []}),
        "mapping": SourceMappingFactory(),
        **moved.beside(workers),
        "rule": rule,
        "organisation": school.organisation,
        "team": worker.memberships.get().organisation,
        "person": worker,
        "cover": CoverFactory(user=worker),
        "entry_grant": Entry.objects.get(key__startswith="grant:"),
    }


# ---------------------------------------------------------------- parts


def _files(child: Child, by: User) -> dict[str, Model]:
    groups = ("education", "health", "narrative")
    files = {
        f"file_{group}": ChildFileFactory(child=child, uploaded_by=by, field_group=group, title=f"A file: {group}")
        for group in groups
    }
    for file in files.values():
        default_storage.save(file.stored_as, ContentFile(b"timetable"))
    return files


def _watched(child: Child) -> dict[str, Model]:
    groups = ("education", "attendance", "pep", "legal", "narrative")
    alerts = {
        f"alert_{group}": AlertFactory(child=child, field_group=group, evidence={"sentence": f"A fact: {group}"})
        for group in groups
    }
    for team in ("sen", "admissions"):
        alerts[f"alert_{team}"] = AlertFactory(child=child, check_name=f"{team}.overdue")
    clocks = {
        f"clock_{group}": ClockFactory(child=child, field_group=group, about=f"Due: {group}")
        for group in ("education", "pep", "legal")
    }
    return alerts | clocks


def pep(child: Child, school: School | None, state: str, **fields: Any) -> Pep:
    """A PEP of the child's period of care, with its sections."""
    period = child.periods_of_care.order_by("start").last()
    made = PepFactory(child=child, period=period, school=school, state=state, phase=PepPhase.PRIMARY, **fields)
    layout = layouts.of_version(made.layout)
    circumstances = frozenset({"previous"} if made.previous_id else ())
    for spec in layout.sections_for(Occasion(made.phase, made.kind, circumstances)):
        PepSectionFactory(pep=made, key=spec.key, owner=spec.owner, position=spec.position)
    return made


def _file_in(section: PepSection, by: User) -> Model:
    return PepFileFactory(section=section, file__uploaded_by=by, file__field_group="legal", file__title="A letter")


def _section(of: Pep, key: str) -> PepSection:
    return PepSection.objects.get(pep=of, key=key)


def _planned(child: Child, workers: dict[str, User], school: School) -> dict[str, Model]:
    """Being prepared: the meeting is today, the social worker has not answered."""
    made = pep(child, school, PepState.PREPARING)
    meeting = PepMeetingFactory(pep=made, arranged_by=workers["coordinator"])
    invitation = MeetingInvitationFactory(meeting=meeting, user=workers["socialworker"])
    MeetingInvitationFactory(meeting=meeting, seat=Seat.DESIGNATED_TEACHER, user=workers["teacher"])
    PepSetAsideFactory(
        section=_section(made, "child_and_care"), field="story_for_school", by=workers["socialworker"], value="Mine"
    )
    link = VoiceLinkFactory(pep=made, made_by=workers["socialworker"])
    return {
        "pep_file": _file_in(_section(made, "child_and_care"), workers["socialworker"]),
        "pep": made,
        "voice_link": link,
        "voice_concern": VoiceConcernFactory(link=link),
        "meeting": meeting,
        "invitation": invitation,
        "section_school": _section(made, "education_now"),
        "section_social_work": _section(made, "child_and_care"),
        "section_voice": _section(made, "my_views"),
    }


def _held(child: Child, workers: dict[str, User], school: School, previous: Model) -> dict[str, Model]:
    """Its meeting was held a week ago; one section is finished, a target has two costed lines."""
    made = pep(child, school, PepState.MEETING_HELD, previous=previous)
    meeting = PepMeetingFactory(
        pep=made, arranged_by=workers["coordinator"], state=MeetingState.HELD, starts_at=now() - 7 * DAY
    )
    MeetingInvitationFactory(meeting=meeting, user=workers["socialworker"], response=Response.ACCEPTED)
    finished = _section(made, "education_now")
    finished.state, finished.completed_by, finished.completed_at = SectionState.COMPLETE, workers["teacher"], now()
    finished.save()
    target = PepTargetFactory(pep=made)
    return {
        "pep_held": made,
        "you_said": YouSaidFactory(pep=made, by=workers["teacher"]),
        "meeting_held": meeting,
        "action": MeetingActionFactory(meeting=meeting, added_by=workers["teacher"]),
        "section_finished": finished,
        "target": target,
        "cost": PepCostFactory(target=target, asked_by=workers["teacher"]),
        "cost_excluded": PepCostFactory(
            target=target, asked_by=workers["teacher"], excluded_as="statutory", exception_reason="No other way"
        ),
    }


def _submitted(child: Child, workers: dict[str, User], school: School) -> dict[str, Model]:
    made = pep(child, school, PepState.SUBMITTED, submission=1, submitted_at=now(), submitted_by=workers["teacher"])
    made.sections.update(state=SectionState.COMPLETE)
    PepAuthorFactory(pep=made, user=workers["teacher"])
    PepAuthorFactory(pep=made, user=workers["socialworker"])
    return {"pep_submitted": made}


def _approved(child: Child, workers: dict[str, User], school: School) -> dict[str, Model]:
    """Approved by the advocate: one line waits for release, another's money has gone."""
    made, target = _complete(child, workers, school)
    waiting, gone = (_line(made, target, child, school, workers["ala"]) for _ in range(2))
    released = money.release(release=gone, by=workers["ala"])
    file = _file_in(_section(made, "child_and_care"), workers["socialworker"])
    return {
        "pep_file_complete": file,
        "pep_complete": made,
        "target_last": target,
        "release": waiting,
        "entry_release": released.entry,
        **_twice(child, workers, school),
    }


def _twice(child: Child, workers: dict[str, User], school: School) -> dict[str, Model]:
    """Approved before, by the advocate: one waits for the head's marks, one has them and no word on what was agreed."""
    found: dict[str, Model] = {}
    for key, term in (("second_waiting", "summer"), ("second_marked", "spring")):
        before = pep(child, school, PepState.SUPERSEDED, submission=1, grade="green", term=term, academic_year=2025)
        review = PepReviewFactory(pep=before, by=workers["ala"], by_rubric=True)
        more = {"marked": True, "by": workers["vsh"]} if key == "second_marked" else {}
        found[key] = SecondMarkFactory(review=review, **more)
    return found


def _elsewhere(child: Child, workers: dict[str, User]) -> dict[str, Model]:
    """What was agreed at the school before this one."""
    school = SchoolFactory(name="The School Before")
    made, target = _complete(child, workers, school, opened_on=today() - 300 * DAY, academic_year=2025)
    line = _line(made, target, child, school, workers["ala"])
    return {"cost_elsewhere": line.cost, "release_elsewhere": line}


def _suspended(child: Child, school: School) -> dict[str, Model]:
    """By this school, and last year by the one before it."""
    before = SchoolFactory(name="The School That Suspended")
    return {
        "exclusion": ExclusionFactory(child=child, school=school),
        "exclusion_elsewhere": ExclusionFactory(child=child, school=before, ago=300),
    }


def _sen(child: Child, workers: dict[str, User]) -> dict[str, Model]:
    """As rows: opening one by the action would let every SEN officer reach both children."""
    by = workers["coordinator"]
    made = {
        "sen_review": SenMatterFactory(child=child, opened_by=by),
        "sen_notice": SenMatterFactory(child=child, opened_by=by, kind="move"),
    }
    for one in made.values():
        AccessGrantFactory(child=child, user=workers["sen"], matter=one.key)
    return made


def _complete(child: Child, workers: dict[str, User], school: School, **fields: Any) -> tuple[Pep, Model]:
    made = pep(child, school, PepState.COMPLETE, submission=1, grade="green", completed_on=today() - 60 * DAY, **fields)
    PepReviewFactory(pep=made, by=workers["ala"])
    PepVersionFactory(pep=made)
    return made, PepTargetFactory(pep=made)


def _line(made: Pep, target: Model, child: Child, school: School, by: User) -> Any:
    cost = PepCostFactory(target=target, asked_by=UserFactory(role="teacher"), agreed=True, agreed_by=by)
    return ReleaseFactory(child=child, school=school, pep=made, cost=cost, advocate=by, releasable_on=_in_year())


def _raised(child: Child, workers: dict[str, User]) -> dict[str, Model]:
    """What the reviewing officer raised; the advocate who answers is the child's own."""
    if not child.relationships.filter(kind=RelationKind.ADVOCATE).exists():
        RelationshipFactory(child=child, kind=RelationKind.ADVOCATE, user=workers["ala"], start=today() - 60 * DAY)
    answered = ConcernFactory(child=child, raised_by=workers["iro"], state=ConcernState.ANSWERED)
    ConcernStepFactory(concern=answered, event=ConcernEvent.ANSWERED, by=workers["ala"])
    return {"concern": ConcernFactory(child=child, raised_by=workers["iro"]), "concern_answered": answered}


def _arranged(child: Child, workers: dict[str, User]) -> dict[str, Model]:
    """What is arranged beside full-time school."""
    place = child.enrolments.order_by("start").last()
    return {
        "timetable": ReducedTimetableFactory(enrolment=place, recorded_by=workers["teacher"]),
        "provision": AlternativeProvisionFactory(child=child, enrolment=place, recorded_by=workers["teacher"]),
        "leave": LeaveRequestFactory(enrolment=place, asked_by=workers["teacher"]),
    }


def _applied(child: Child, workers: dict[str, User]) -> Model:
    """Open to this side's admissions officer; of a real one every officer has it."""
    made = ApplicationFactory(child=child, applied_by=workers["coordinator"])
    AccessGrantFactory(child=child, user=workers["admissions"], kind=GrantKind.ADMISSION, matter=made.matter)
    return made


def _in_year() -> date:
    return today() - 60 * DAY
