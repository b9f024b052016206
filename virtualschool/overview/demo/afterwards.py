"""What the Virtual School did in the last days: second markings, completed PEPs opened again, reminders, reviews; and the mail of all days before."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from children.actions.reviews import next_review, record_review
from children.enums import RelationKind
from children.models import Relationship
from peps import chasing, layouts
from peps.actions import amending, moderating, quality, submitting, writing
from peps.actions.chasing import chase
from peps.actions.marking import sheet_of
from peps.enums import Decision, Grade, PepState
from peps.layouts import FieldType
from peps.models import Pep, PepAnswer, PepChaser, PepSection, SecondMark
from virtualschool.accounts.models import User
from virtualschool.jobs import bounces
from virtualschool.jobs.enums import UNSENT, MailState
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import moment
from virtualschool.kernel.verdicts import Conflict
from virtualschool.overview.demo import grading
from virtualschool.overview.demo import words_lately as words
from virtualschool.overview.demo.scene import TRIED, Scene, tell_of, told

DAY = timedelta(days=1)
LONG_SINCE = 21  # days after which a second marking has been made
FAR = {Grade.GOLD: Grade.AMBER, Grade.GREEN: Grade.RED, Grade.AMBER: Grade.GOLD}
CHANGED = "attainment"


def of_completed(scene: Scene) -> None:
    """Two completed PEPs are opened again, and others are marked a second time."""
    done = list(scene.peps(PepState.COMPLETE, school__isnull=False, completed_on__lt=scene.day(13)))
    tell_of(1, done, _amended, scene)
    tell_of(1, done[1:], _to_be_amended, scene)
    _second_markings(scene, done[2:])


def tell(scene: Scene) -> None:
    """Reviews that are near, reminders, and the mail."""
    _reviews(scene)
    _reminders(scene)
    _mail_has_left(scene)
    _came_back(scene)


# ---------------------------------------------------------------- changing a completed PEP


def _open_again(scene: Scene, pep: Pep, why: str, back: int) -> PepSection:
    section = PepSection.objects.filter(pep=pep, key=CHANGED).first()
    if section is None:
        raise Conflict("This PEP has no such section.")
    by = scene.world.demo("coordinator")
    with scene.at(back, 10, by):
        amending.amend_pep(pep=pep, why=why, sections=[CHANGED], by=by)
    return section


def _to_be_amended(scene: Scene, pep: Pep) -> None:
    """It waits at the school."""
    scene.teacher(pep, 2)
    _open_again(scene, pep, words.AMEND_WHY[1], 2)


def _amended(scene: Scene, pep: Pep) -> None:
    """Opened, changed, sent in again and approved: version 2."""
    section, teacher = _open_again(scene, pep, words.AMEND_WHY[0], 12), scene.teacher(pep, 9)
    with scene.at(9, 16, teacher):
        _change(section, pep, teacher)
        sent = submitting.submit_pep(pep=pep, by=teacher)
    advocate = scene.world.demo("ala")
    with scene.at(5, 11, advocate):
        grade = grading.of(sent, "green", words.SECOND[0])
        quality.approve_pep(pep=sent, submission=sent.submission, grading=grade, by=advocate)


def _change(section: PepSection, pep: Pep, teacher: User) -> None:
    """One answer in words, as somebody who has the section in view."""
    spec = layouts.of_version(pep.layout).section(section.key)
    long = [one.key for one in spec.fields if one.type is FieldType.LONG_TEXT]
    answer = PepAnswer.objects.filter(section=section, field__in=long).order_by("field").first()
    if answer is not None:
        seen = {answer.field: writing.Seen(answer.version, writing.digest(answer.value))}
        writing.save_answers(section=section, answers={answer.field: words.AMENDED}, seen=seen, by=teacher)
    writing.complete_section(section=section, by=teacher)


# ---------------------------------------------------------------- second markings


def _second_markings(scene: Scene, done: Sequence[Pep]) -> None:
    """One waits, two lie apart, and of one of these the two have agreed; of the others what was drawn long since is marked.

    In this order: what is drawn goes by each PEP's own id, which is another every time.
    """
    tell_of(1, done, _apart, scene, words.SECOND_AGREED)
    tell_of(1, done[1:], _apart, scene, "")
    tell_of(1, done[2:], _to_mark, scene)
    drawn = (
        SecondMark.objects.waiting().filter(review__at__date__lt=scene.day(LONG_SINCE)).exclude(pep__in=done[:TRIED])
    )
    for mark in drawn.select_related("pep__child", "review__by").order_by("review__at", "pk"):
        told(_mark, scene, mark, Grade(mark.review.grade), LONG_SINCE - 10)


def _to_mark(scene: Scene, pep: Pep) -> None:
    _added(scene, pep, 3)


def _apart(scene: Scene, agreed: str, pep: Pep) -> None:
    mark = _added(scene, pep, 6)
    by = _mark(scene, mark, FAR[Grade(mark.review.grade)], 4)
    if agreed:
        with scene.at(2, 11, by):
            moderating.agree(mark=mark, words=agreed, by=by)


def _added(scene: Scene, pep: Pep, back: int) -> SecondMark:
    """Added by the head with a reason, where it was not drawn."""
    head = scene.world.demo("vsh")
    there = SecondMark.objects.waiting().filter(pep=pep, review__decision=Decision.APPROVED)
    mark = there.select_related("review").first()
    if mark is None:
        with scene.at(back, 9, head):
            mark = moderating.add_by_hand(pep=pep, why=words.SECOND_WHY, by=head)
    return mark


def _mark(scene: Scene, mark: SecondMark, grade: Grade, back: int) -> User:
    """Marked by an advocate who has not marked it first, by the rubric of the first."""
    by = next(one for one in scene.world.people["ala"] if one.pk != mark.review.by_id)
    with scene.at(back, 14, by):
        chance = scene.chance(mark.pep)
        marks = grading.marks(sheet_of(mark.pep, mark.review.rubric), grade, chance)
        moderating.mark_second(mark=mark, marks=marks, reason=chance.choice(words.SECOND), by=by)
    return by


# ---------------------------------------------------------------- reviews and reminders


def _reviews(scene: Scene) -> None:
    """Two of the demo officer's reviews are in a week: of a child whose PEP is complete, and of one whose PEP is being written."""
    iro = scene.world.demo("iro")
    ties = Relationship.objects.current(scene.world.on).filter(user=iro, kind=RelationKind.IRO)
    for state, ahead in ((PepState.COMPLETE, 7), (PepState.PREPARING, 6)):
        tell_of(1, list(scene.peps(state, child__in=ties.values("child"))), _review_in, scene, ahead)


def _review_in(scene: Scene, ahead: int, pep: Pep) -> None:
    iro = scene.world.demo("iro")
    with scene.at(10, 9, iro):
        planned = next_review(pep.child)
        day = scene.world.working_day(scene.world.on + DAY * ahead)
        record_review(child=pep.child, on=day, seen=planned.on if planned else None, by=iro)


def _reminders(scene: Scene) -> None:
    """The coordinator has reminded some of those who owe something, last week and yesterday."""
    by = scene.world.demo("coordinator")
    owing = chasing.by_person(chasing.owed_for(Pep.objects.all()))
    people = sorted((one.person for one in owing if one.person), key=lambda person: person.email)
    for back, some in ((6, people[:4]), (1, people[1:6])):
        with scene.at(back, 9, by):
            chase(people=some, by=by)


def _mail_has_left(scene: Scene) -> None:
    """The mail of the days before went out on its day; what the last night posts waits for the service to start."""
    before = Message.objects.filter(state__in=UNSENT, due_at__lt=moment(scene.world.on))
    mail_id = Concat(Value("<made-up-"), Cast("pk", CharField()), Value("@demo.example>"))
    before.update(state=MailState.SENT, sent_at=F("due_at"), attempts=1, mail_id=mail_id)


def _came_back(scene: Scene) -> None:
    """The last reminder of somebody who does not sign in came back; so they are rung up."""
    kept = Q(to__email__in=[user.email for user in (people[0] for people in scene.world.people.values())])
    chaser = PepChaser.objects.exclude(kept).order_by("-day", "to__email").select_related("message__to").first()
    if chaser is not None:
        with scene.at(1, 10, None):
            bounces.came_back([chaser.message], because=words.CAME_BACK, addresses=[chaser.message.to.email])
