"""What the SEN team of the made-up council works on: an assessment, a review with its meeting planned, a change of phase, a school asked."""

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from children.enums import SenStatus
from children.models import Child, Relationship, School, SenRecord
from referrals.actions.sen import Opening, consult, open_matter
from referrals.actions.sen_steps import StepFacts, take_step
from referrals.enums import SenEvent, SenKind
from virtualschool.kernel.dates import today
from virtualschool.overview.demo import words_lately as words
from virtualschool.overview.demo.scene import DAY, TRIED, Scene, told

# Days before the last one on which each is opened.
ASSESSMENT, REVIEW, PHASE = 9, 15, 5


def tell(scene: Scene) -> None:
    """Each of the first child of whom it can be told."""
    having, without = _children(scene, SenStatus.EHCP), _children(scene, SenStatus.SUPPORT)
    _first(without or _children(scene), _assessment, scene)
    reviewed = _first(having, _review, scene)
    _first([child for child in having if child != reviewed], _phase, scene)


def _children(scene: Scene, status: str = "") -> list[Child]:
    """On the roll with such a need; the demo social worker's and the demo school's first, in one order whatever their keys are."""
    on = scene.world.on
    mine = Relationship.objects.current(on).filter(child=OuterRef("pk"), user=scene.world.demo("socialworker"))
    known = SenRecord.objects.current(on).filter(child=OuterRef("pk"))
    found: QuerySet[Child] = Child.objects.counted(on).in_phases(["P", "S"], on=on)
    found = found.filter(Exists(known.filter(status=status))) if status else found.filter(~Exists(known))
    return list(found.order_by(Case(When(Exists(mine), then=0), default=Value(1)), "child_id")[:TRIED])


def _first(children: list[Child], deed: object, scene: Scene) -> Child | None:
    return next((child for child in children if told(deed, scene, child)), None)  # type: ignore[arg-type]


def _assessment(scene: Scene, child: Child) -> None:
    """The council has been asked, and has not decided yet."""
    by = scene.world.demo("coordinator")
    with scene.at(ASSESSMENT, 10, by):
        facts = Opening(reason=words.SEN_WHY["assessment"], started_on=today() - DAY * 12)
        open_matter(child=child, kind=SenKind.ASSESSMENT, facts=facts, by=by)


def _review(scene: Scene, child: Child) -> None:
    """Its meeting is planned, and a special school is asked whether it could meet the plan."""
    by, officer = scene.world.demo("coordinator"), scene.world.demo("sen")
    with scene.at(REVIEW, 11, by):
        facts = Opening(reason=words.SEN_WHY["review"], started_on=today())
        matter = open_matter(child=child, kind=SenKind.REVIEW, facts=facts, by=by)
    with scene.at(REVIEW - 3, 14, officer):
        planned = StepFacts(on=today(), meeting_on=scene.world.working_day(scene.world.on + DAY * 12))
        matter = take_step(matter=matter, event=SenEvent.PLAN_MEETING, facts=planned, by=officer)
    with scene.at(REVIEW - 4, 9, officer):
        school = School.objects.get(pk=scene.world.schools["X"][0].pk)
        consult(beside=matter, school=school, reason=words.SEN_WHY["consultation"], on=today(), by=officer)


def _phase(scene: Scene, child: Child) -> None:
    """A change of phase for which no school is named yet."""
    by = scene.world.demo("ala")
    with scene.at(PHASE, 15, by):
        facts = Opening(reason=words.SEN_WHY["phase"], started_on=today())
        open_matter(child=child, kind=SenKind.PHASE, facts=facts, by=by)
