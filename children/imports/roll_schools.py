"""Which school each child is on the roll of, as the roll has it: a new school ends the place at the one before.

A start to come that something holds up (``children.stops``) is set aside; the next roll after it has come brings it as a fact.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from children import stops
from children.actions.schools import AHEAD
from children.enums import MAIN_SCHOOL, EnrolmentKind
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.report import Report
from children.models import Child, Enrolment, School
from virtualschool.jobs.events import emit_many
from virtualschool.kernel.dates import today

MOVED = "Moved to another school"


class Places:
    """Reads the school columns of one roll. Schools, and the places that the children have, come with two queries."""

    def __init__(self, children: Iterable[Child], report: Report) -> None:
        self.today: date = today()
        self.batch = Batch(Enrolment, report, "enrolments")
        self._schools = {school.urn: school for school in School.objects.only("urn", "name", "status", "closed_on")}
        self._places: dict[int, list[Enrolment]] = defaultdict(list)
        self._started: list[Enrolment] = []
        self._ended: list[Enrolment] = []
        for place in Enrolment.objects.filter(child__in=list(children)).order_by("start"):
            self._places[place.child_id].append(place)

    def read(self, cells: Cells, columns: dict[str, str], child: Child) -> None:
        """Put the child on the roll of the school that the row names, or leave things as they are and say why."""
        column, start_column = columns.get("school_urn", ""), columns.get("school_start", "")
        if not cells[column]:
            if cells[start_column]:
                cells.flag(start_column, "A start without a school; set aside.")
            return
        school = self._schools.get(cells[column])
        if school is None:
            cells.flag(column, "No school with this URN is held. Import the school register first.")
            return
        start = cells.day(start_column)
        if start is not None and start < child.date_of_birth:
            cells.flag(start_column, "The child was not born then; set aside.")
            start = None
        if start is not None and start > self.today + AHEAD:
            cells.flag(start_column, "More than two years ahead; the row's school is set aside.")
            return
        _Row(self, cells, column, start_column, child).place(school, start)

    def write(self) -> None:
        """Write the places, and tell those who follow ``enrolment.started`` and ``enrolment.ended``.

        What was so before the child was known here is history and told to nobody.
        """
        self.batch.write()
        emit_many(
            "enrolment.ended", ((f"enrolment.ended:import:{p.pk}:{p.end}", _facts(p, "end")) for p in self._ended)
        )
        news = [place for place in self._started if place.start >= place.child.known_from]
        emit_many("enrolment.started", ((f"enrolment.started:{p.pk}", _facts(p, "start")) for p in news))

    # ------------------------------------------------------------ for a row

    def of(self, child: Child) -> list[Enrolment]:
        return self._places[child.pk]

    def begin(self, child: Child, school: School, start: date, end: date | None, kind: str) -> None:
        place = self.batch.put(None, {"end": end}, child=child, school=school, start=start, kind=kind)
        self._places[child.pk].append(place)
        self._started.append(place)

    def end(self, place: Enrolment, on: date) -> None:
        self.batch.put(place, {"end": on, "end_reason": MOVED})
        self._ended.append(place)

    def same(self, place: Enrolment, values: dict[str, Any]) -> None:
        self.batch.put(place, values)


class _Row:
    """One child's school in one row."""

    def __init__(self, places: Places, cells: Cells, column: str, start_column: str, child: Child) -> None:
        self.places = places
        self.cells = cells
        self.column = column
        self.start_column = start_column
        self.child = child
        self.held = places.of(child)

    def place(self, school: School, start: date | None) -> None:
        known = self._known(school, start)
        if known is not None:
            self._same_school(known, school, start)
            return
        begins = start or self.places.today
        if start is None:
            self.cells.flag(self.column, "No start at this school is given; the day of the import is taken.")
        if school.status == School.Status.CLOSED and (school.closed_on is None or begins >= school.closed_on):
            self.cells.flag(self.column, f"{school.name} is closed. Kept.")
        self._move(school, begins)

    def _known(self, school: School, start: date | None) -> Enrolment | None:
        """The place at this school that the row means: the one of that start, or the one that has no end."""
        here = [place for place in self.held if place.school_id == school.pk]
        by_start = [place for place in here if start is not None and place.start == start]
        open_now = [place for place in here if place.end is None or place.end > self.places.today]
        return next(iter(by_start or open_now), None)

    def _same_school(self, known: Enrolment, school: School, start: date | None) -> None:
        if known.end is not None and known.end <= self.places.today:
            words = f"This place is held as ended on {known.end:%d/%m/%Y}; it is not opened again."
            self.cells.flag(self.column, words)
        if start is None or start == known.start:
            self.places.same(known, {})
        elif self._clash(start, known.end, known) is None and (known.end is None or start < known.end):
            self._begin_on(known, school, start)
        else:
            self.places.same(known, {})
            words = f"The start held is {known.start:%d/%m/%Y}; this one does not fit the schools before it."
            self.cells.flag(self.start_column, words)

    def _begin_on(self, known: Enrolment, school: School, start: date) -> None:
        """Another first day; where it is to come it is asked of anew. A place that ended for this one ends on the new day."""
        if self._held_up(school, start, known):
            self.places.same(known, {})
            return
        for before in self.held:
            if start > known.start > self.places.today and before.end == known.start and before.end_reason == MOVED:
                self.places.end(before, start)
        self.places.same(known, {"start": start})

    def _move(self, school: School, start: date) -> None:
        """End the present main place on the day the new one begins; a move into the past of another is a question."""
        present = next(
            (p for p in self.held if p.kind in MAIN_SCHOOL and p.start < start and (p.end is None or p.end > start)),
            None,
        )
        later = min((p.start for p in self.held if p.kind in MAIN_SCHOOL and p.start >= start), default=None)
        if later is not None:
            words = f"The child is held as on the roll of another school from {later:%d/%m/%Y}. Set aside."
            self.cells.flag(self.column, words)
            return
        if self._held_up(school, start):
            return
        if present is not None:
            self.places.end(present, start)
        self.places.begin(self.child, school, start, None, present.kind if present else EnrolmentKind.SINGLE)

    def _held_up(self, school: School, start: date, known: Enrolment | None = None) -> bool:
        """A start to come waits for what must be settled, and says so. One that has come is a fact: it is kept, and the night tells it."""
        if start <= self.places.today:
            return False
        year, main = (known.year_group, known.kind in MAIN_SCHOOL) if known else (None, True)
        step = stops.SchoolStep(self.child, school, start, year, None, main, known)
        verdict = stops.before_enrolment(step)
        if verdict:
            return False
        source = f" Source: {verdict.source}." if verdict.source else ""
        column = self.start_column if known else self.column
        self.cells.flag(column, f"{verdict.reason}{source} The start is set aside.")
        return True

    def _clash(self, start: date, end: date | None, besides: Enrolment) -> Enrolment | None:
        others = (
            place
            for place in self.held
            if place is not besides and (place.kind in MAIN_SCHOOL or besides.kind in MAIN_SCHOOL)
        )
        return next((p for p in others if (end is None or p.start < end) and (p.end is None or start < p.end)), None)


def _facts(place: Enrolment, name: str) -> dict[str, Any]:
    return {"child": place.child_id, "enrolment": place.pk, name: getattr(place, name).isoformat()}
