"""Amy's record with something of every kind in it, and something waiting for every role."""

from datetime import timedelta

from children.enums import SenStatus
from peps.enums import Owner, PepState, Seat, SectionState
from peps.models import Pep
from tests.factories.attendance import mark, weekdays
from tests.factories.children import (
    AccessGrantFactory,
    AlertFactory,
    CareReviewFactory,
    ChildFactory,
    ChildFileFactory,
    ClockFactory,
    EnrolmentFactory,
    MissingEpisodeFactory,
    NoteFactory,
    ReferenceCodeFactory,
    SchoolFactory,
    SenRecordFactory,
)
from tests.factories.peps import MeetingInvitationFactory, PepFactory, PepMeetingFactory, PepSectionFactory
from tests.factories.pupil_premium import ReleaseFactory
from tests.factories.referrals import RiskReportFactory, SenMatterFactory
from tests.personas import Cast
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import now, today

DAY = timedelta(days=1)
# Words that stand in exactly one kind of information about Amy, too long for a token of the page to hold one by chance.
TOLD = {
    FieldGroup.LEGAL: "C2: full care order",
    FieldGroup.NARRATIVE: "A quiet word about home",
    FieldGroup.HEALTH: "Health alert sentence",
    FieldGroup.ATTENDANCE: "Attendance alert sentence",
    FieldGroup.PEP: "Pep alert sentence",
    FieldGroup.MONEY: "Maths tutor",
    FieldGroup.EDUCATION: "Education alert sentence",
}
NOBODY_READS = ("Carer Secretname", "Hidden Lane", "ZZ9 9ZZ", "Birth family words")
GROUPS = ("education", "attendance", "pep", "health", "legal", "narrative", "birth_family")


def fill(people: Cast) -> Cast:
    """Something of every kind in Amy's record."""
    amy = people.amy
    ReferenceCodeFactory(field="LS", code="C2", meaning="full care order")
    _told(people)
    _pep(people)
    EnrolmentFactory(
        child=amy, school=SchoolFactory(name="Old School"), start=today() - 350 * DAY, end=today() - 301 * DAY
    )
    SenRecordFactory(child=amy, status=SenStatus.EHCP, plan_on=today() - 200 * DAY)
    CareReviewFactory(child=amy, on=today() + 5 * DAY)
    MissingEpisodeFactory(child=amy)
    RiskReportFactory(child=amy, reported_by=people.socialworker)
    AccessGrantFactory(child=amy, user=people.sen, matter=SenMatterFactory(child=amy).key)
    ReleaseFactory(child=amy, school=people.school, advocate=people.ala)
    mark(amy, weekdays(today() - 20 * DAY, today() - DAY), am="O")
    return people


def _told(people: Cast) -> None:
    for group in GROUPS:
        words = "Birth family words" if group == "birth_family" else f"{group.capitalize()} alert sentence"
        AlertFactory(child=people.amy, field_group=group, evidence={"sentence": words, "facts": []}, opened_on=today())
    NoteFactory(child=people.amy, author=people.ala, subject="Call", body="A quiet word about home")
    ChildFileFactory(child=people.amy, uploaded_by=people.ala, title="Timetable")
    for group in ("pep", "health"):
        ClockFactory(child=people.amy, field_group=group, about=f"{group.capitalize()} clock", due_on=today() + 3 * DAY)


def _pep(people: Cast) -> Pep:
    facts = {"child": people.amy, "period": people.amy.periods_of_care.get(), "school": people.school}
    pep = PepFactory(**facts, state=PepState.PREPARING, due_on=today() + 6 * DAY, occasion="term:2026:autumn:0")
    meeting = PepMeetingFactory(pep=pep, starts_at=now() + 4 * DAY, arranged_by=people.coordinator)
    for seat, who in (
        (Seat.SOCIAL_WORKER, people.socialworker),
        (Seat.DESIGNATED_TEACHER, people.teacher),
        (Seat.ADVOCATE, people.ala),
    ):
        MeetingInvitationFactory(meeting=meeting, seat=seat, user=who)
    for position, (key, owner) in enumerate(
        (
            ("child_and_care", Owner.SOCIAL_WORKER),
            ("education_now", Owner.DESIGNATED_TEACHER),
            ("my_views", Owner.KEY_ADULT),
        )
    ):
        PepSectionFactory(
            pep=pep, key=key, owner=owner, position=position, state=SectionState.STARTED, due_on=today() - DAY
        )
    PepFactory(**facts, submitted=True, due_on=today() + DAY, occasion="term:2026:autumn:1")
    PepFactory(**facts, overdue=True, occasion="term:2026:autumn:3")
    PepFactory(**facts, state=PepState.RETURNED, due_on=today() + DAY, occasion="term:2026:autumn:2")
    return pep


def more_children(number: int, **facts) -> None:
    """Others beside Amy and Bob, each with a school, a worker, a PEP and an alert."""
    for _ in range(number):
        child = ChildFactory(in_care=True, school=SchoolFactory(), **facts)
        SenRecordFactory(child=child)
        PepFactory(child=child, period=child.periods_of_care.get(), overdue=True)
        AlertFactory(child=child)
