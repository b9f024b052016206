"""The parts of the page on which several meetings are planned: what fills the rows in, and a row for each PEP."""

import datetime as dt
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from peps.forms.meeting_mode import Part
from peps.forms.meetings import refuse_far_off, time_field
from peps.models import Pep
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.forms import GovukDateField

ALL = [("", "Every child of this page")]
NO_SCHOOL = ("none", "Children without a school")
MINUTES_A_DAY = 24 * 60
WHEN = ("on-day", "on-month", "on-year", "time")


class FillForm(Part):
    """A day, the time of the first, how long each lasts, and for which school: one after another in the order of the page."""

    bold_labels = False

    school = forms.ChoiceField(label="For", required=False)
    on = GovukDateField(label="Day", not_past=True, validators=[refuse_far_off])
    time = time_field()
    minutes = forms.IntegerField(
        label="Minutes for each",
        min_value=15,
        max_value=240,
        initial=60,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        help_text="Each begins when the one before it ends.",
    )
    place = forms.CharField(
        label="Where, or how to join", max_length=200, required=False, help_text="Empty: what stands in the rows stays."
    )

    def __init__(self, data: Any = None, *, peps: Sequence[Pep], **kwargs: Any) -> None:
        super().__init__(data, prefix="fill", **kwargs)
        self.peps = peps
        schools = {str(pep.school.uuid): pep.school.name for pep in peps if pep.school}
        none = [NO_SCHOOL] if any(pep.school is None for pep in peps) else []
        self.fields["school"].choices = [*ALL, *sorted(schools.items(), key=lambda one: one[1]), *none]  # type: ignore[attr-defined]
        self.fields["time"].label = "Time of the first"

    def rows(self) -> list[Pep]:
        """The PEPs that are filled in."""
        school = self.cleaned_data["school"]
        return [pep for pep in self.peps if not school or school == _school(pep)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        whole = all(given.get(name) is not None for name in ("on", "time", "minutes", "school"))
        if whole and self._minute(len(self.rows()) - 1) >= MINUTES_A_DAY:
            self.add_error("time", "The last would begin on the next day. Begin earlier, or take fewer children.")
        return given

    def times(self) -> dict[int, dt.time]:
        """When on that day each meeting begins, by its PEP."""
        minutes = {pep.pk: self._minute(place) for place, pep in enumerate(self.rows())}
        return {pk: dt.time(minute // 60, minute % 60) for pk, minute in minutes.items()}

    def _minute(self, place: int) -> int:
        """The minute of the day at which the meeting in a place of the row begins."""
        first: dt.time = self.cleaned_data["time"]
        minutes: int = self.cleaned_data["minutes"]
        return first.hour * 60 + first.minute + minutes * max(place, 0)


class SlotForm(Part):
    """When and where one PEP's meeting is. A row without a day and a time is not planned now."""

    bold_labels = False
    words = WHEN

    on = GovukDateField(label="Date", not_past=True, validators=[refuse_far_off])
    time = time_field()
    place = forms.CharField(label="Where, or how to join", max_length=200)

    def __init__(self, data: Any = None, *, pep: Pep, **kwargs: Any) -> None:
        self.pep = pep
        begin = {"place": pep.school.name[:200] if pep.school else ""}
        super().__init__(data, prefix=prefix(pep), initial=begin, **kwargs)
        self.fields["time"].help_text = ""

    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"], LONDON)


def prefix(pep: Pep) -> str:
    """What the boxes of a row begin with."""
    return f"row-{pep.uuid.hex}"


def written(pep: Pep, on: date, begins: dt.time, place: str) -> dict[str, str]:
    """The boxes of a row as if somebody had typed them; an empty place leaves what stands."""
    said = {"on-day": str(on.day), "on-month": str(on.month), "on-year": str(on.year), "time": f"{begins:%H:%M}"}
    return {f"{prefix(pep)}-{name}": value for name, value in (said | ({"place": place} if place else {})).items()}


def _school(pep: Pep) -> str:
    return str(pep.school.uuid) if pep.school else NO_SCHOOL[0]
