"""A question whose answer is a table: rows of named boxes, to be filled and lengthened without a script.

The boxes of a row are a form of their own, so that each is drawn, read and refused as anywhere else. An empty row is no row.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from virtualschool.kernel.formfields import lower_first

MOST_ROWS = 30  # that may be asked for; more that are there already are shown
LEAST_ROWS = 1
NAME = "row"  # where a row with a fixed name keeps it
COUNT, MORE = "{}-rows", "{}-more"


class RowForm(forms.Form):
    """One row. How its boxes are drawn: light labels, small ticks, nothing called optional."""

    mark_optional: ClassVar[bool] = False
    bold_labels: ClassVar[bool] = False
    small_choices: ClassVar[bool] = True

    def given(self) -> dict[str, Any]:
        """The boxes that say something."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [], False)}

    def hush(self) -> None:
        """Say nothing of what is wrong: rows were asked for, nothing was sent in yet."""
        self._errors = ErrorDict()


@dataclass
class Rows:
    """Rows as they are shown, each with its heading."""

    titles: Sequence[str]
    forms: Sequence[RowForm]

    def wrong(self) -> list[tuple[str, Any]]:
        """What is said of each wrong box, and the box."""
        return [
            (f"{title}: {lower_first(str(error))}", form[name])
            for title, form in zip(self.titles, self.forms, strict=True)
            for name, errors in form.errors.items()
            for error in errors
        ]


class RowsWidget(forms.Widget):
    """The boxes of a table. ``names`` are the headings of rows that are always there; without them rows may be added."""

    def __init__(self, boxes: Mapping[str, forms.Field], *, names: Sequence[str] = (), row: str = "Row") -> None:
        super().__init__()
        self.boxes, self.names, self.row = boxes, tuple(names), row
        self._read: tuple[Any, Rows] | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Rows:
        """The rows that were sent, read once so that what is wrong of them stays with them."""
        if self._read is None or self._read[0] is not data:
            self._read = data, self._sent(data, name)
        return self._read[1]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def shown(self, value: Any, name: str) -> Rows:
        """The rows to draw: as they were sent, else those that are kept and room for more."""
        if isinstance(value, Rows):
            return value
        kept = [row for row in value or () if isinstance(row, Mapping)] if isinstance(value, list) else []
        if self.names:
            by_name = {row.get(NAME): row for row in kept}
            initial = [by_name.get(title, {}) for title in self.names]
        else:
            initial = [*kept, *[{}] * max(1, LEAST_ROWS - len(kept))]
        made = [self._form(name, place, initial=dict(row)) for place, row in enumerate(initial)]
        return Rows(self._titles(len(made)), made)

    def may_grow(self, rows: Rows) -> bool:
        return not self.names and len(rows.forms) < MOST_ROWS

    def _sent(self, data: Any, name: str) -> Rows:
        number = len(self.names) or _number(data.get(COUNT.format(name)))
        if MORE.format(name) in data and number < MOST_ROWS:
            number += 1
        return Rows(self._titles(number), [self._form(name, place, data=data) for place in range(number)])

    def _titles(self, number: int) -> Sequence[str]:
        return self.names or [f"{self.row} {place}" for place in range(1, number + 1)]

    def _form(self, name: str, place: int, **given: Any) -> RowForm:
        form = RowForm(prefix=f"{name}-{place}", **given)
        form.fields.update(deepcopy(dict(self.boxes)))
        return form


class RowsField(forms.Field):
    """A table. Clean, it is a list of rows, each with the boxes that say something and, where rows have fixed names, its name."""

    widget: RowsWidget

    def clean(self, value: Any) -> list[dict[str, Any]]:
        rows: Rows = value
        if any([not form.is_valid() for form in rows.forms]):
            raise ValidationError([words for words, _ in rows.wrong()], code="rows")
        found = []
        for title, form in zip(rows.titles, rows.forms, strict=True):
            given = form.given()
            if given:
                found.append({NAME: title, **given} if self.widget.names else given)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return any(form.has_changed() for form in data.forms) if isinstance(data, Rows) else False


def _number(text: Any) -> int:
    """How many rows the page had; nobody needs twice what may be asked for."""
    words = str(text or "")
    number = int(words) if words.isascii() and words.isdigit() and len(words) < 4 else LEAST_ROWS
    return max(LEAST_ROWS, min(number, 2 * MOST_ROWS))
