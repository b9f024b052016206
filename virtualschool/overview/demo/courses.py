"""Which courses the made-up secondary schools teach, and which their young people of Years 10 to 11 take."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from children.models import School
from referrals.coursematch import subject_key
from referrals.enums import AwardingBody, CourseStage, Coursework, Tier
from referrals.models import ChildCourse, SchoolCourse, WholeList
from virtualschool.accounts.models import User
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import schoolyear

DAY = timedelta(days=1)
TAKEN, CHOSEN = 4, 3  # everybody takes the first four; so many of the others are chosen
EXAMS = (5, 11)  # the summer's examinations begin about this month and day
TELLS = "The exams officer"
AQA, EDEXCEL, OCR, EDUQAS = AwardingBody.AQA, AwardingBody.EDEXCEL, AwardingBody.OCR, AwardingBody.EDUQAS
# Each subject with the specifications that schools choose among; whether it has tiers; whether work before the exam counts.
SUBJECTS: tuple[tuple[str, tuple[tuple[AwardingBody, str], ...], bool, bool], ...] = (
    ("Mathematics", ((AQA, "8300"), (EDEXCEL, "1MA1"), (OCR, "J560")), True, False),
    ("English language", ((AQA, "8700"), (EDEXCEL, "1EN0"), (EDUQAS, "C700")), False, False),
    ("English literature", ((AQA, "8702"), (EDEXCEL, "1ET0"), (EDUQAS, "C720")), False, False),
    ("Combined science", ((AQA, "8464"), (EDEXCEL, "1SC0"), (OCR, "J250")), True, False),
    ("History", ((AQA, "8145"), (EDEXCEL, "1HI0"), (OCR, "J411")), False, False),
    ("Geography", ((AQA, "8035"), (EDEXCEL, "1GA0"), (OCR, "J383")), False, False),
    ("Religious studies", ((AQA, "8062"), (EDEXCEL, "1RA0"), (EDUQAS, "C120")), False, False),
    ("Computer science", ((AQA, "8525"), (OCR, "J277")), False, False),
    ("Art and design", ((AQA, "8201"), (EDEXCEL, "1AD0"), (OCR, "J170")), False, True),
    ("Design and technology", ((AQA, "8552"), (EDEXCEL, "1DT0"), (OCR, "J310")), False, True),
    ("Food preparation and nutrition", ((AQA, "8585"), (EDUQAS, "C560")), False, True),
    ("Physical education", ((AQA, "8582"), (EDEXCEL, "1PE0"), (OCR, "J587")), False, True),
    ("Drama", ((AQA, "8261"), (EDEXCEL, "1DR0"), (OCR, "J316")), False, True),
)


@dataclass(frozen=True)
class Taught:
    """One course of a school."""

    subject: str
    board: AwardingBody
    code: str
    tiered: bool
    practical: bool


def build(world: World, made: list[Made]) -> None:
    """Lists of the schools, every fourth of which has told nothing, and the courses of the children there in Years 10 and 11."""
    rng = random.Random(f"{world.seed}:{world.on}:courses")
    lists = {school.pk: _list(rng) for school in world.schools["S"]}
    silent = {school.pk for school in world.schools["S"][3::4]}
    schools = [school for school in world.schools["S"] if school.pk not in silent]
    SchoolCourse.objects.bulk_create(
        [row for number, school in enumerate(schools) for row in _of_school(world, school, lists[school.pk], number)]
    )
    WholeList.objects.bulk_create([_whole(world, school, number) for number, school in enumerate(schools[::2])])
    ChildCourse.objects.bulk_create([row for one in made for row in _of_child(world, one, lists)])


def _list(rng: random.Random) -> list[Taught]:
    """What is taught: the first subjects by every school, most of the others by each."""
    others = rng.sample(range(TAKEN, len(SUBJECTS)), 6)
    chosen = [*range(TAKEN), *sorted(others)]
    return [
        Taught(subject, *rng.choice(boards), tiered, practical)
        for subject, boards, tiered, practical in (SUBJECTS[number] for number in chosen)
    ]


def _of_school(world: World, school: School, taught: list[Taught], number: int) -> Iterator[SchoolCourse]:
    for one in taught:
        yield SchoolCourse(
            school=school,
            **_facts(one, _told_on(world, number)),
            recorded_by=_teller(world, school, _told_on(world, number)),
        )


def _whole(world: World, school: School, number: int) -> WholeList:
    day = _told_on(world, 2 * number)
    by = _teller(world, school, day)
    return WholeList(school=school, stage=CourseStage.KS4, told_by=TELLS, told_on=day, recorded_by=by)


def _told_on(world: World, number: int) -> date:
    return world.on - DAY * (20 + number * 7 % 90)


def _teller(world: World, school: School, on: date) -> User:
    return world.teacher(school, on) or world.demo("coordinator")


def _of_child(world: World, one: Made, lists: dict[int, list[Taught]]) -> Iterable[ChildCourse]:
    """What they take at the school where they are; work that counts is begun in Year 10 and done by the spring of Year 11."""
    school = one.school(world.on)
    if school is None or school.pk not in lists or one.year not in (10, 11) or one.end is not None:
        return
    rng = random.Random(f"{world.seed}:{one.number}:{world.on}:courses")
    options = rng.sample(lists[school.pk][TAKEN:], CHOSEN)
    tier = rng.choice((Tier.FOUNDATION, Tier.FOUNDATION, Tier.HIGHER))
    told_on = world.on - DAY * rng.randint(5, 60)
    for course in (*lists[school.pk][:TAKEN], *options):
        yield ChildCourse(
            child=one.child,
            **_facts(course, told_on, tier if course.tiered else ""),
            coursework=_begun(course, one.year),
            exam_on=_exam_on(world, one.year),
            recorded_by=_teller(world, school, told_on),
        )


def _facts(one: Taught, told_on: date, tier: str = "") -> dict[str, object]:
    return {
        "stage": CourseStage.KS4,
        "subject": one.subject,
        "subject_key": subject_key(one.subject),
        "awarding_body": one.board,
        "specification_code": one.code,
        "tier": tier,
        "told_by": TELLS,
        "told_on": told_on,
    }


def _begun(course: Taught, year: int) -> Coursework:
    if not course.practical:
        return Coursework.NONE
    return Coursework.STARTED if year == 11 else Coursework.UNKNOWN


def _exam_on(world: World, year: int) -> date:
    """In the summer in which the child is in Year 11."""
    return date(schoolyear.academic_year(world.on) + 1 + (11 - year), *EXAMS)
