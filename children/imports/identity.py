"""Whether a row is about the child held under its id, and what to make of its UPN.

Two keys must not both disagree: with another date of birth *and* another UPN the id may have been given to another child, and
the row is a question for a person. A UPN that two children share is told on both, and never taken as a sign that they are one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from children import shared_upns, upn
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.models import Child

LONGEST = 13
SOMEBODY_ELSE = "Neither date of birth nor UPN are those of the child held under this id. Is it the same child?"


def is_somebody_else(known: Child, born: date | None, upn_text: str) -> bool:
    """Whether both keys disagree with the child held."""
    given = upn.normal(upn_text)
    if born in (None, known.date_of_birth) or not known.upn:
        return False
    return given not in ("", known.upn, *upn.UNKNOWN)


def compare_birth(cells: Cells, column: str, born: date | None, known: Child) -> None:
    """Another date of birth is a question: it is told, and the date held stays."""
    if born is not None and born != known.date_of_birth:
        cells.flag(column, f"The child held was born on {known.date_of_birth:%d/%m/%Y}; that date is kept.")


@dataclass(frozen=True)
class UpnRead:
    """A number to take over, the one it replaces, or the return's reason for having none; each may be empty."""

    number: str = ""
    former: str = ""
    unknown: str = ""


def read_upn(cells: Cells, column: str, held: str) -> UpnRead:
    """The cell's UPN. A doubted one is flagged and kept, but does not replace one that has no fault."""
    given = upn.normal(cells[column])
    if not given or given == held and not upn.problem(given):
        return UpnRead()
    if given in upn.UNKNOWN:
        return UpnRead(unknown="" if held else given)
    if len(given) > LONGEST:
        cells.flag(column, "Too long for a UPN; set aside.")
        return UpnRead()
    problem = upn.problem(given)
    if problem:
        cells.flag(column, problem)
    if not held or held == given:
        return UpnRead(number=given)
    if problem and not upn.problem(held):
        cells.flag(column, f"The UPN held ({held}) has no fault and is kept.")
        return UpnRead()
    cells.flag(column, f"The UPN held until now was {held}.")
    return UpnRead(number=given, former=held)


def settle(batch: Batch, children: Mapping[str, Child], former: Iterable[str] = ()) -> dict[str, str]:
    """Write down on each child what is doubted of their UPN: its own fault, and who else holds it.

    Args:
        children: those of the file, by the council's id, with the UPNs they will have.
        former: numbers that were given up, so that whoever shared them is looked at again.

    Returns:
        for each child of the file who shares a number, who else holds it.
    """
    current = {child.upn for child in children.values()}
    held = shared_upns.holders({*current, *former})
    everybody = {child.child_id: child for found in held.values() for child in found}
    everybody |= children
    by_number: dict[str, list[Child]] = defaultdict(list)
    for child in everybody.values():
        if child.upn and child.upn not in upn.UNKNOWN:
            by_number[child.upn].append(child)
    for child in everybody.values():
        batch.change(child, {"upn_problem": shared_upns.doubt(child, by_number[child.upn])})
    told = {child_id: shared_upns.who_else(child, by_number[child.upn]) for child_id, child in children.items()}
    return {child_id: words for child_id, words in told.items() if words}
