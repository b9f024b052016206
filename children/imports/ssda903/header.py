"""The Header table: who the children are. A child is known by CHILD; a shared UPN is a question, never a match."""

from collections import defaultdict
from datetime import date
from typing import Any

from children import codes, shared_upns, upn
from children.imports import identity
from children.imports.batch import Batch
from children.imports.cells import Cells, day_first
from children.imports.ssda903.context import CLOSED, Return
from children.imports.ssda903.tables import EPISODES, HEADER
from children.models import Child
from virtualschool.kernel.dates import today

LONGEST_ID = 10
_NO_DATE = "Not a date written dd/mm/yyyy."


def load(ret: Return) -> None:
    """Find or make every child that the return speaks of; they are written by ``settle``, after UASC has been read."""
    _find(ret)
    reader = _Reader(ret)
    seen: dict[str, int] = {}
    for cells in ret.rows(HEADER):
        child_id = cells["CHILD"]
        if not child_id or len(child_id) > LONGEST_ID:
            cells.refuse("CHILD", f"Longer than {LONGEST_ID} characters." if child_id else "Missing.")
        elif seen.setdefault(child_id, cells.line) != cells.line:
            cells.refuse("CHILD", f"This child has a row already, on line {seen[child_id]}.")
        elif child_id in ret.sealed_before:
            cells.refuse("CHILD", CLOSED)
        elif not reader.read(cells, child_id):
            ret.not_loaded.add(child_id)


def settle(ret: Return) -> None:
    """Say which children share a UPN, on each of them, and write the children."""
    shared = identity.settle(ret.children, ret.by_child_id, ret.former_upns)
    for cells in ret.rows(HEADER):
        if upn.normal(cells["UPN"]) and cells["CHILD"] in shared.keys() - ret.not_loaded:
            cells.flag("UPN", shared[cells["CHILD"]])
    ret.children.write()


def _find(ret: Return) -> None:
    ids = {cells["CHILD"] for rows in ret.tables.values() for cells in rows} - {""}
    for child in Child.objects.filter(child_id__in=ids):
        ret.by_child_id[child.child_id] = child
        if child.sealed:
            ret.sealed_before.add(child.child_id)


class _Reader:
    """Reads one row after the other."""

    def __init__(self, ret: Return) -> None:
        self.ret = ret
        self.batch: Batch = ret.children
        self.holders = shared_upns.holders(upn.normal(cells["UPN"]) for cells in ret.rows(HEADER))
        self.named = {cells["CHILD"] for cells in ret.rows(HEADER)}
        self.dates_elsewhere = _dates_elsewhere(ret)
        self.only_short_breaks = _only_short_breaks(ret)

    def read(self, cells: Cells, child_id: str) -> bool:
        """Take the row over; False when it was refused."""
        known = self.ret.by_child_id.get(child_id)
        if known is None:
            return self._new(cells, child_id)
        if identity.is_somebody_else(known, day_first(cells["DOB"]), cells["UPN"]):
            cells.refuse("CHILD", identity.SOMEBODY_ELSE)
            return False
        self._compare_birth(cells, known)
        self.batch.put(known, self._values(cells, known))
        return True

    def _new(self, cells: Cells, child_id: str) -> bool:
        born = self._birth_of_new(cells, child_id)
        if born is None or self._has_a_twin(cells, born):
            return False
        who = {"child_id": child_id, "date_of_birth": born, "known_from": self.ret.go_live}
        self.ret.by_child_id[child_id] = self.batch.put(None, self._values(cells, None), **who)
        self.ret.new.add(child_id)
        return True

    def _values(self, cells: Cells, known: Child | None) -> dict[str, Any]:
        """What the row says. An empty cell says nothing, so it never empties a field."""
        values: dict[str, Any] = {
            "sex": self.ret.codes.read(cells, "SEX", required=True),
            "ethnicity": self.ret.codes.read(cells, "ETHNIC", required=True),
        }
        values = {name: value for name, value in values.items() if value}
        kept = {"MOTHER": self.ret.codes.read(cells, "MOTHER"), "MC_DOB": self._mothers_child(cells)}
        kept |= self._upn(cells, known, values)
        held = known.return_fields if known else {}
        return values | {"return_fields": held | {name: text for name, text in kept.items() if text}}

    def _mothers_child(self, cells: Cells) -> str:
        return cells["MC_DOB"] if self.ret.day(cells, "MC_DOB") else ""

    def _upn(self, cells: Cells, known: Child | None, values: dict[str, Any]) -> dict[str, str]:
        """Put the number into ``values``.

        Returns:
            the return's reason for having none, to be kept for the next return.
        """
        held = known.upn if known else ""
        if not cells["UPN"] and not held and cells["CHILD"] not in self.only_short_breaks:
            cells.flag("UPN", "No UPN, and no reason for having none (UN1 to UN5).")
        found = identity.read_upn(cells, "UPN", held)
        if found.number:
            values["upn"] = found.number
        if found.former:
            values["former_upn"] = found.former
            self.ret.former_upns.add(found.former)
        return {"UPN": found.unknown}

    # ------------------------------------------------------------ who is it

    def _birth_of_new(self, cells: Cells, child_id: str) -> date | None:
        born = day_first(cells["DOB"])
        if born is not None:
            if born > today():
                cells.flag("DOB", "This date is in the future. Kept.")
            return born
        words = _NO_DATE if cells["DOB"] else "Missing."
        born = self.dates_elsewhere.get(child_id)
        if born is None:
            cells.refuse("DOB", f"{words} A new child cannot be kept without a date of birth.")
        else:
            cells.flag("DOB", f"{words} The other tables have {born:%d/%m/%Y}; that date is kept.")
        return born

    def _compare_birth(self, cells: Cells, known: Child) -> None:
        born = day_first(cells["DOB"])
        if born is None:
            cells.flag("DOB", f"{_NO_DATE if cells['DOB'] else 'Missing.'} The date held is kept.")
        identity.compare_birth(cells, "DOB", born, known)

    def _has_a_twin(self, cells: Cells, born: date) -> bool:
        """A child on the roll, whom the file does not name, has this UPN and birthday: perhaps the same under a new id."""
        holders = self.holders.get(upn.normal(cells["UPN"]), [])
        same = [child for child in holders if child.date_of_birth == born and child.child_id not in self.named]
        if not same:
            return False
        other = same[0].child_id
        cells.refuse("UPN", f"Child {other} has this UPN and date of birth. Is it the same child under a new id?")
        return True


def _dates_elsewhere(ret: Return) -> dict[str, date]:
    """The date of birth in the other tables, where they agree on one."""
    found: dict[str, set[date]] = defaultdict(set)
    for table, rows in ret.tables.items():
        if table is HEADER or "DOB" not in table.columns:
            continue
        for cells in rows:
            born = day_first(cells["DOB"])
            if born is not None:
                found[cells["CHILD"]].add(born)
    return {child_id: next(iter(dates)) for child_id, dates in found.items() if len(dates) == 1}


def _only_short_breaks(ret: Return) -> set[str]:
    """Children all of whose episodes are short breaks; they need no UPN."""
    statuses: dict[str, set[str]] = defaultdict(set)
    for cells in ret.rows(EPISODES):
        statuses[cells["CHILD"]].add(cells["LS"].upper())
    return {child_id for child_id, found in statuses.items() if found <= codes.SHORT_BREAKS}
