"""Amy's termly PEP, brought to any stage through the actions, by the people whose work it is.

Each stage reads the rulebook once, as a night does: hundreds of tests begin here.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from peps import layouts
from peps.actions import meetings, opening, quality, submitting, targets, writing
from peps.actions.marking import Grading, Mark, sheet_for
from peps.actions.targets import CostFacts, TargetFacts
from peps.enums import Attendance, Grade, Owner, Seat
from peps.layouts import ColumnSpec, FieldSpec, FieldType, When
from peps.models import MeetingInvitation, Pep, PepCost, PepMeeting, PepReview, PepSection, PepTarget
from tests.personas import Cast, cast
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON, today
from virtualschool.rulebook import reading

ANSWERS = {
    FieldType.TEXT: "In words",
    FieldType.LONG_TEXT: "In a few more words",
    FieldType.OWN_WORDS: "I like maths when it is quiet",
    FieldType.DATE: "2026-11-03",
    FieldType.NUMBER: 20,
    FieldType.YES_NO: "Yes",
}
TARGET = TargetFacts(
    area="english",
    start_point="Reads 40 words a minute",
    goal="Reads 70 words a minute",
    measure="Words a minute, read aloud",
    by_when=today() + timedelta(days=90),
    named_person="Ms Reader",
)
COST = CostFacts(item="Reading tuition", category="tuition", sessions_a_week=2, weeks=10, price_pence=2500)


@dataclass
class Story:
    """The people, and Amy's PEP as it stands."""

    people: Cast
    pep: Pep
    meeting: PepMeeting | None = None
    target: PepTarget | None = None
    cost: PepCost | None = None
    extra: dict = field(default_factory=dict)

    def again(self) -> Pep:
        """The PEP as it is in the database now."""
        self.pep = Pep.objects.select_related("child", "school", "clock").get(pk=self.pep.pk)
        return self.pep

    def section(self, key: str) -> PepSection:
        return PepSection.objects.select_related("pep").get(pep=self.pep, key=key)

    def invitation(self, seat: Seat) -> MeetingInvitation:
        return MeetingInvitation.objects.select_related("meeting__pep", "user").get(meeting=self.meeting, seat=seat)

    def writer(self, section: PepSection) -> User:
        return self.people.socialworker if section.owner in (Owner.SOCIAL_WORKER, Owner.CARER) else self.people.teacher


def at(day, hour: int = 14) -> datetime:
    return datetime.combine(day, time(hour), LONDON)


@reading.once()
def planned(people: Cast | None = None) -> Story:
    """The term's PEPs are opened; Amy's is planned."""
    people = people or cast()
    opening.open_term_peps(today())
    return Story(people, Pep.objects.select_related("child", "school").get(child=people.amy))


@reading.once()
def scheduled(story: Story | None = None, *, on=None) -> Story:
    story = story or planned()
    story.meeting = meetings.schedule_meeting(
        pep=story.pep, starts_at=at(on or today()), place="School library", by=story.people.coordinator
    )
    story.again()
    return story


@reading.once()
def accepted(story: Story | None = None) -> Story:
    story = story or scheduled()
    meetings.respond_to_invitation(
        invitation=story.invitation(Seat.SOCIAL_WORKER), accept=True, by=story.people.socialworker
    )
    return story


def came(meeting: PepMeeting, *, but: tuple[str, ...] = ()) -> dict[int, str]:
    """Everybody came, but for some seats."""
    return {one.pk: Attendance.APOLOGIES if one.seat in but else Attendance.CAME for one in meeting.invitations.all()}


@reading.once()
def held(story: Story | None = None) -> Story:
    story = story or accepted()
    meetings.hold_meeting(
        meeting=story.meeting,
        attendance=came(story.meeting),
        next_meeting_on=today() + timedelta(days=100),
        by=story.people.coordinator,
    )
    story.again()
    return story


def answer(spec: FieldSpec):
    """An answer of the field's type; of a table a row, or each of its named rows, with every column answered."""
    if spec.columns:
        said = {column.key: one_answer(column) for column in spec.columns}
        return [{"row": name, **said} for name in spec.rows] or [said]
    return one_answer(spec)


def one_answer(asked: FieldSpec | ColumnSpec):
    if asked.choices:
        return [asked.choices[0]] if asked.type is FieldType.CHOICES else asked.choices[0]
    return ANSWERS[asked.type]


def answers(section: PepSection, user: User) -> dict:
    """An answer to every question that the writer reads and nobody has answered."""
    spec, pep = layouts.of_version(section.pep.layout).section(section.key), section.pep
    answered = set(section.answers.values_list("field", flat=True))
    asked = spec.readable(pep.phase, pep.kind, user.role_class.reads, pep.year_group)
    return {one.key: answer(one) for one in asked if one.key not in answered}


@reading.once()
def fill(story: Story, key: str, *, by: User | None = None, finish: bool = True) -> PepSection:
    """Write a section and finish it."""
    section = story.section(key)
    user = by or story.writer(section)
    writing.save_answers(section=section, answers=answers(section, user), seen={}, by=user)
    return writing.complete_section(section=story.section(key), by=user) if finish else story.section(key)


@reading.once()
def prepared(story: Story | None = None) -> Story:
    """What is written before the meeting is finished."""
    story = story or accepted()
    layout = layouts.of_version(story.pep.layout)
    for section in PepSection.objects.filter(pep=story.pep):
        if layout.section(section.key).when is When.BEFORE:
            fill(story, section.key)
    story.again()
    return story


@reading.once()
def written(story: Story | None = None) -> Story:
    """Ready to be sent in: held, all sections finished, a target with a cost."""
    story = story or held(prepared())
    for last in PepTarget.objects.filter(pep=story.pep.previous_id, outcome=""):
        targets.review_target(
            target=last, outcome="met", evidence="72 words a minute", by=story.people.teacher, seen=""
        )
    story.target = targets.add_target(pep=story.pep, facts=TARGET, by=story.people.teacher)
    story.cost = targets.add_cost(target=story.target, facts=COST, by=story.people.teacher)
    for section in PepSection.objects.filter(pep=story.pep).exclude(state="complete"):
        fill(story, section.key)
    story.again()
    return story


@reading.once()
def submitted(story: Story | None = None) -> Story:
    story = story or written()
    submitting.submit_pep(pep=story.pep, by=story.people.teacher)
    story.again()
    return story


@reading.once()
def returned(story: Story | None = None, *, sections: tuple[str, ...] = ("targets",)) -> Story:
    story = story or submitted()
    quality.return_pep(
        pep=story.pep,
        submission=story.pep.submission,
        grading=grading(story.pep, Grade.AMBER, reason="The target needs a number"),
        sections=sections,
        by=story.people.ala,
    )
    story.again()
    return story


def grading(pep: Pep, grade: str = Grade.GREEN, *, reason: str = "Strong voice, clear targets", **said) -> Grading:
    """Every question that the PEP is asked has the one band, which makes it the grade by any of the formulas."""
    marks = {key: Mark(Grade(band), note) for key, (band, note) in bands(pep, grade).items()}
    departs = {"grade": said.pop("grade_instead")} if "grade_instead" in said else {}
    return Grading(marks=marks | said.pop("but", {}), reason=reason, **departs, **said)


def bands(pep: Pep, grade: str) -> dict[str, tuple[str, str]]:
    sheet = sheet_for(pep)
    return {one.key: (str(grade), "Well shown") for one in sheet.rubric.asked_of(sheet.asked)}


def answer_form(pep: Pep, band: str = "green", **more) -> dict:
    """What the form of the grading page sends for such a grading, to approve."""
    sent = {"submission": pep.submission, "follow": "formula", "decision": "approve", "reason": "Strong"}
    for key, (given, note) in bands(pep, band).items():
        sent |= {f"mark_{key}": given, f"note_{key}": note}
    return sent | more


def approve(
    story: Story, *, grade: str = Grade.GREEN, reason: str = "Strong voice, clear targets", **changes
) -> PepReview:
    facts = {
        "pep": story.pep,
        "submission": story.pep.submission,
        "grading": grading(story.pep, grade, reason=reason),
        "agreed_costs": [story.cost.pk],
        "by": story.people.ala,
    }
    return quality.approve_pep(**facts | changes)


@reading.once()
def approved(story: Story | None = None) -> Story:
    story = story or submitted()
    story.extra["review"] = approve(story)
    story.again()
    return story
