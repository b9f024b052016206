"""Applications for school places: one at its twelfth school day, past the aim and before the limit, and one with an offer."""

from uuid import UUID

from children.models import Child
from referrals.actions.admissions import StepFacts, apply, step
from referrals.enums import ApplicationEvent
from referrals.models import Application
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today
from virtualschool.overview.demo import words_moves as words
from virtualschool.overview.demo.moves_lately import QUIET_YEARS, Story, first, movable
from virtualschool.overview.demo.scene import DAY, Scene

TWELFTH, ROOM = (
    12,
    8,
)  # school days since it was applied for; days before that in which the move was proposed and approved


def tell(scene: Scene) -> None:
    for deed in (_waiting, _offered):
        first(scene, deed, movable(scene, QUIET_YEARS, plan=False))


def _waiting(scene: Scene, child: Child) -> None:
    """In the holidays no school days go by: the twelfth is then the last of the term."""
    days = scene.world.known.school_days()
    began = days.latest_start(TWELFTH, due_before=scene.world.on + DAY)
    _applied(scene, child, min(40, (scene.world.on - began).days) if began else 17)


def _offered(scene: Scene, child: Child) -> None:
    application, officer = _applied(scene, child, 9), scene.world.demo("admissions")
    with scene.at(4, 14, officer):
        step(application=application, event=ApplicationEvent.OFFER, facts=StepFacts(today()), by=officer)
        deliver_pending(50)


def _applied(scene: Scene, child: Child, back: int) -> Application:
    story = Story(scene, child)
    story.approved(back + ROOM, back + 1)
    with scene.at(back, 10, story.advocate):
        key = UUID(int=story.rng.getrandbits(128), version=4)
        application = apply(
            child=child, school=story.school, by=story.advocate, key=key, facts=words.FACTS, move=story.case
        )
        deliver_pending(50)
    return application
