"""Codes of the return as one collection year knows them."""

from children.imports.cells import Cells
from children.models import LocalAuthority, ReferenceCode

# Where a child lived before, when not in an English authority: not known, Wales, Scotland, Northern Ireland, abroad.
_OUTSIDE = ("999", "WAL", "SCO", "NIR", "NUK")
# Before 2025 the return wrote sex as a number.
_SEX = {"1": "M", "2": "F"}


class CodeLists:
    """Every code of the return, as at the collection year."""

    def __init__(self, year: int) -> None:
        self.year = year
        self._years: dict[str, dict[str, tuple[int | None, int | None]]] = {}
        for field, code, first, last in ReferenceCode.objects.values_list("field", "code", "first_year", "last_year"):
            self._years.setdefault(field, {})[code] = (first, last)
        areas = [*LocalAuthority.objects.values_list("code", flat=True), *_OUTSIDE]
        self._years["LA_PERM"] = dict.fromkeys(areas, (None, None))

    def read(self, cells: Cells, column: str, *, required: bool = False) -> str:
        """The cell's code in upper case.

        A code of no year is flagged and set aside; one of other years is flagged and kept.
        """
        code = cells[column].upper()
        if not code:
            if required:
                cells.flag(column, "Missing.")
            return ""
        if code not in self._years.get(column, {}):
            cells.flag(column, "Not a code of this list; set aside.")
            return ""
        first, last = self._years[column][code]
        if last is not None and last < self.year:
            cells.flag(column, f"Not a code of the {self.year} return: last used in {last}. Kept.")
        elif first is not None and first > self.year and column != "SEX":
            cells.flag(column, f"Not a code of the {self.year} return: first used in {first}. Kept.")
        return _SEX.get(code, code) if column == "SEX" else code

    def knows(self, column: str) -> bool:
        """Whether the column holds codes."""
        return column in self._years
