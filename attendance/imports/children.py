"""Which children the rows of a file are about: by the council's id, by UPN, or by both when they agree."""

from collections import Counter
from collections.abc import Sequence

from children import upn
from children.imports.cells import Cells
from children.models import Child


class Children:
    """The children that a file names, found in three queries. Nobody is found by a number that two children hold.

    Either column may have no name, when the file has no such column.
    """

    def __init__(self, rows: Sequence[Cells], *, upn_column: str, id_column: str) -> None:
        self.upn_column, self.id_column = upn_column, id_column
        ids = {cells[id_column] for cells in rows}
        upns = {self._number(cells) for cells in rows} - {""}
        known = Child.objects.filter(sealed=False)
        self.by_id = dict(known.filter(child_id__in=ids).values_list("child_id", "pk"))
        held = list(known.filter(upn__in=upns).values_list("upn", "pk"))
        former = upns - {number for number, _ in held}
        held += known.filter(former_upn__in=former).values_list("former_upn", "pk")
        self.by_upn = dict(held)
        self.shared = {number for number, count in Counter(number for number, _ in held).items() if count > 1}

    def of(self, cells: Cells) -> int | None:
        """The row's child; None when the row was refused."""
        if cells[self.id_column]:
            return self._by_id(cells)
        number = self._number(cells)
        if not number:
            cells.refuse(self._either_column(cells), "Missing.")
        elif number in self.shared:
            cells.refuse(self.upn_column, "Two children hold this UPN. Give the council's id.")
        elif number not in self.by_upn:
            cells.refuse(self.upn_column, "No child with this UPN is known.")
        else:
            return self.by_upn[number]
        return None

    def _by_id(self, cells: Cells) -> int | None:
        found, number = self.by_id.get(cells[self.id_column]), self._number(cells)
        if found is None:
            cells.refuse(self.id_column, "No child with this id is known.")
        elif number not in self.shared and self.by_upn.get(number, found) != found:
            cells.refuse(self.upn_column, "This is the UPN of another child than the id says.")
        else:
            return found
        return None

    def _either_column(self, cells: Cells) -> str:
        """The one that the file has, the council's id before the UPN."""
        named = [name for name in (self.id_column, self.upn_column) if name]
        return next((name for name in named if name in cells.row.cells), named[-1])

    def _number(self, cells: Cells) -> str:
        """The row's UPN; empty where it holds a reason for having none."""
        number = upn.normal(cells[self.upn_column])
        return "" if number in upn.UNKNOWN else number
