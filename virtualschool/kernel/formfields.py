"""A date asked for as day, month and year, with the words that GOV.UK uses when it is wrong."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

from virtualschool.kernel.dates import today

PARTS = ("day", "month", "year")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
CHOOSING = (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.Select)
EARLIEST, LATEST = 1900, 2199


class GovukDateWidget(forms.MultiWidget):
    """Three text boxes named ``x-day``, ``x-month`` and ``x-year``, as the GOV.UK date input names them."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()], attrs)
        self.widgets_names = [f"-{part}" for part in PARTS]

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, dt.datetime | dt.date):
            return [str(value.day), str(value.month), str(value.year)]
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            year, month, day = value.split("-")
            return [str(int(day)), str(int(month)), year]
        return ["", "", ""]

    def parts(self, value: Any) -> list[str]:
        """What stands in the three boxes: as typed, or taken from a date."""
        if isinstance(value, list | tuple):
            return ["" if part is None else str(part) for part in value]
        return self.decompress(value)


class GovukDateField(forms.Field):
    """A calendar date.

    ``subject`` is what the error messages call it; without it they use the label, or "Date" where the label is a question.
    ``not_future`` and ``not_past`` compare with today in Europe/London.
    """

    widget: GovukDateWidget = GovukDateWidget  # type: ignore[assignment]  # Django makes one of the class

    def __init__(self, *, subject: str = "", not_future: bool = False, not_past: bool = False, **kwargs: Any) -> None:
        self.subject, self.not_future, self.not_past = subject, not_future, not_past
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dt.date | None:
        parts = [part.strip() for part in self.widget.parts(value)]
        if not any(parts):
            if self.required:
                raise ValidationError(self._words("Enter {subject_lower}"), code="required")
            return None
        self._refuse_missing(parts)
        date = self._read(parts)
        self._refuse_out_of_range(date)
        self.run_validators(date)
        return date

    def wrong_parts(self, value: Any) -> list[int]:
        """The places of the boxes to mark: those left empty, else those that cannot be, else all three."""
        parts = [part.strip() for part in self.widget.parts(value)]
        if any(parts) and not all(parts):
            return [place for place, part in enumerate(parts) if not part]
        return [
            place
            for place, (part, read) in enumerate(zip(parts, (_day, _month, _year), strict=True))
            if read(part) is None
        ] or [0, 1, 2]

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return bool(self.clean(data) != (initial() if callable(initial) else initial))
        except ValidationError:
            return True

    def _refuse_missing(self, parts: Sequence[str]) -> None:
        missing = [name for name, part in zip(PARTS, parts, strict=True) if not part]
        if missing:
            raise ValidationError(self._words("{subject} must include a ") + " and ".join(missing), code="incomplete")

    def _read(self, parts: Sequence[str]) -> dt.date:
        if not re.fullmatch(r"[0-9]{4}", parts[2]):
            raise ValidationError("Year must include 4 numbers", code="year")
        day, month, year = _day(parts[0]), _month(parts[1]), _year(parts[2])
        try:
            return dt.date(year or 0, month or 0, day or 0)
        except ValueError as failed:
            raise ValidationError(self._words("{subject} must be a real date"), code="invalid") from failed

    def _refuse_out_of_range(self, date: dt.date) -> None:
        if self.not_future and date > today():
            raise ValidationError(self._words("{subject} must be today or in the past"), code="future")
        if self.not_past and date < today():
            raise ValidationError(self._words("{subject} must be today or in the future"), code="past")

    def _words(self, message: str) -> str:
        label = str(self.label or "")
        subject = self.subject or (label if label and not label.endswith("?") else "Date")
        return message.format(subject=subject, subject_lower=lower_first(subject))


def required_words(label: str, widget: forms.Widget) -> str:
    """What is said when an answer is missing."""
    if isinstance(widget, forms.CheckboxInput):
        return f"Tick “{label}”"
    named = f"an answer to “{label}”" if label.endswith("?") else lower_first(label)
    if isinstance(widget, forms.FileInput):
        return f"Upload {named}"
    return f"{'Select' if isinstance(widget, CHOOSING) else 'Enter'} {named}"


def lower_first(words: str) -> str:
    """The words for the middle of a sentence: an initial such as PEP or UPN keeps its capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def long_date(date: dt.date) -> str:
    """As GOV.UK writes it: 5 September 2026."""
    return date_format(date, "j F Y")


def long_moment(moment: dt.datetime) -> str:
    """5 September 2026 at 4:05pm, in local time."""
    local = localtime(moment) if is_aware(moment) else moment
    clock = date_format(local, "g:ia").replace(".", "").lower()
    return f"{long_date(local)} at {clock}"


def _day(part: str) -> int | None:
    return int(part) if re.fullmatch(r"[0-9]{1,2}", part) and 1 <= int(part) <= 31 else None


def _month(part: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", part) and 1 <= int(part) <= 12:
        return int(part)
    word = part.lower()
    found = [place for place, month in enumerate(MONTHS, 1) if len(word) >= 3 and month.startswith(word)]
    return found[0] if found else None


def _year(part: str) -> int | None:
    return int(part) if re.fullmatch(r"[0-9]{4}", part) and EARLIEST <= int(part) <= LATEST else None
