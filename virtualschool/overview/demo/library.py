"""All PEP stories of one share of the children: whatever opens a PEP, it becomes a story."""

from datetime import date, timedelta
from functools import partial

from children.models import Child
from peps.actions import ending, opening
from peps.models import Pep
from peps.workflow import OPEN
from virtualschool.overview.demo import words
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.stories import Story
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
GIVEN_UP = 0.7  # of the PEPs that nobody arranged in a term, those that the coordinator ends in the next


class Library:
    """The stories by PEP, and what opens and ends them beside their own course."""

    def __init__(self, made: list[Made], world: World, diary: Diary) -> None:
        self.made = {one.child.child_id: one for one in made}
        self.world, self.diary = world, diary
        self.stories: dict[int, Story] = {}

    def enter(self) -> None:
        """The openings of the terms that are told, on the first working day, and last night's for whoever has none yet."""
        for term in (term for term in (self.world.last, self.world.this) if term.start >= self.world.since):
            first = self.world.working_day(term.start)
            self.diary.enter(first, 5, partial(self.open_term, first))
        self.diary.enter(self.world.on - DAY, 5, partial(self.open_term, self.world.on - DAY))
        self.diary.enter(self.world.working_day(self.world.this.start + DAY * 20), 10, self.give_up)

    def open_term(self, on: date) -> None:
        children = Child.objects.filter(child_id__in=self.made)
        opening.open_term_peps(on, children=children)
        self._take_up(list(children.values_list("pk", flat=True)))

    def follow(self, one: Made) -> None:
        """Something happened to the child: take up what opened, and close the stories of what was ended."""
        self._take_up([one.child.pk])

    def _take_up(self, children: list[int]) -> None:
        peps = Pep.objects.filter(child__in=children, opened_on__gte=self.world.since).select_related("child", "school")
        for pep in peps.order_by("opened_on", "pk"):
            story = self.stories.get(pep.pk)
            if story is not None:
                story.see(pep)
            elif pep.state in OPEN:
                self.stories[pep.pk] = Story(pep, self.made[pep.child.child_id], self.world, self.diary)
                self.stories[pep.pk].enter()

    def give_up(self) -> None:
        """Most PEPs that nobody arranged last term are ended by their coordinators: this term's takes their matters up."""
        for story in self.stories.values():
            left = story.past and not story.over and story.meeting is None
            if left and story.rng.random() < GIVEN_UP:
                ending.end_pep(pep=story.pep, why=words.GIVEN_UP, by=story.coordinator)
                story.over = True
