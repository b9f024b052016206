"""The last days of the made-up authority: what people did with each part of the service, told once all children's stories have been told.

It picks from what is there, so that it is the same however many processes told the stories.
"""

from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo import (
    afterwards,
    applications_lately,
    at_school,
    moves_lately,
    schools_lately,
    sen,
    voices,
)
from virtualschool.overview.demo.scene import Scene
from virtualschool.overview.demo.world import World


def tell(world: World) -> None:
    """Words by links, work at schools, and what the Virtual School made of it."""
    scene = Scene(world)
    with standing_at(moment(scene.day(1), 20)):
        for part in (
            afterwards.of_completed,
            voices.tell,
            at_school.tell,
            sen.tell,
            moves_lately.tell,
            applications_lately.tell,
            schools_lately.tell,
            afterwards.tell,
        ):
            part(scene)
