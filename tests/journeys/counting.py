"""What a task costs the person who does it: screens shown, presses, keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.journeys.walking import Answer, Boxes, Choose, Desk, Pick, Rows


@dataclass(frozen=True)
class Cost:
    """``screens`` with the first and the last one, ``presses`` of links, buttons and choices, ``keys`` of what is typed."""

    screens: int
    presses: int
    keys: int


@dataclass
class Counted:
    """A desk at which everything is counted. Moving from box to box is not: it is the Tab key or a finger either way."""

    desk: Desk
    presses: int = 0
    keys: int = 0
    _shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk.page.on("domcontentloaded", lambda page: self._shown.append(page.url))

    def press(self, words: str) -> None:
        self.presses += 1
        self.desk.press(words)

    def follow(self, words: str) -> None:
        self.presses += 1
        self.desk.follow(words)

    def navigate(self, words: str) -> None:
        self.presses += 1
        self.desk.navigate(words)

    def open(self, panel: str, link: str) -> None:
        """A link in a panel of the person's own work."""
        self.presses += 1
        self.desk.panel(panel).get_by_role("link", name=link).first.click()

    def answer(self, answers: Mapping[str, Answer]) -> None:
        for given in answers.values():
            self._count(given)
        self.desk.answer(answers)

    def _count(self, given: Answer) -> None:
        if isinstance(given, Rows):
            for cells in given.cells.values():
                self._count(Boxes(cells))
        elif isinstance(given, Boxes):
            for cell in given.cells.values():
                self._count(cell)
        elif isinstance(given, Pick | Choose):
            self.presses += 1
        else:
            self.keys += len(f"{given.day}{given.month}{given.year}" if isinstance(given, date) else given)

    def cost(self) -> Cost:
        """So far; the screen on which it began is one."""
        return Cost(1 + len(self._shown), self.presses, self.keys)
