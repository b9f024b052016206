"""Rows of one model to add and to change, compared with what is there, counted, and written together."""

from typing import Any

from django.db.models import F, Model

from children.imports.report import Report

SIZE = 1000


class Batch:
    """Collects rows of ``model``; ``write`` sends them in a constant number of statements for each thousand.

    Without a ``table`` nothing is counted: the rows follow from others that are.
    """

    def __init__(self, model: type[Model], report: Report, table: str) -> None:
        self.model = model
        self.report = report
        self.table = table
        self._new: list[Model] = []
        self._changed: dict[Model, set[str]] = {}
        if table:
            report.table(table)

    def put(self, known: Any, values: dict[str, Any], **identity: Any) -> Any:
        """The row ``known`` with ``values``, or a new one; counted as created, updated or unchanged.

        Args:
            known: the row that is there already, or None.
            values: the fields that the file speaks for.
            identity: the fields that make a new row what it is.
        """
        if known is None:
            row = self.model(**identity, **values)
            self._new.append(row)
            self._count("created")
            return row
        self._count("updated" if self.change(known, values) else "unchanged")
        return known

    def change(self, row: Any, values: dict[str, Any]) -> bool:
        """Take over what differs, without counting.

        Returns:
            whether anything did.
        """
        differing = {name for name, value in values.items() if getattr(row, name) != value}
        for name in differing:
            setattr(row, name, values[name])
        if differing and row.pk is not None:
            self._changed.setdefault(row, set()).update(differing)
        return bool(differing)

    def link(self, row: Any, name: str, target: Model) -> None:
        """Point a row at another, which may be new itself and written before this batch is."""
        if row.pk is not None and target.pk is not None and getattr(row, f"{name}_id") == target.pk:
            return
        setattr(row, name, target)
        if row.pk is not None:
            self._changed.setdefault(row, set()).add(name)

    def _count(self, outcome: str) -> None:
        if self.table:
            self.report.count(outcome, self.table)

    def write(self) -> None:
        """Write changes first, so that new rows find the room that earlier ones have left."""
        if self._changed:
            self._make_room()
            fields = sorted(set().union(*self._changed.values()))
            self.model._base_manager.bulk_update(list(self._changed), fields, batch_size=SIZE)
        self.model._base_manager.bulk_create(self._new, batch_size=SIZE)
        self._new, self._changed = [], {}

    def _make_room(self) -> None:
        """Where periods move their start, two may meet halfway: those are made empty before they take their new places."""
        moving = [row for row, fields in self._changed.items() if "start" in fields]
        for row in moving:
            self._changed[row].add("end")
        if moving:
            self.model._base_manager.filter(pk__in=[row.pk for row in moving]).update(end=F("start"))
