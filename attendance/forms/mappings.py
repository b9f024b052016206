from typing import Any

from crispy_forms.layout import Layout as FormLayout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst

from attendance.enums import DateFormat, FileShape
from attendance.imports import samples
from attendance.imports.layout import LONGEST_COLUMN, MARKS, Layout
from attendance.marking import LONGEST_NAME
from attendance.weekgrid import DAYS, HALVES
from children.imports.kinds import MEGABYTE
from children.imports.source import SourceFile
from virtualschool.kernel import csvfiles
from virtualschool.kernel.formrows import RowsField, RowsWidget
from virtualschool.kernel.forms import PageForm, use_plain_words

MOST_BYTES = 50 * MEGABYTE
LONGEST_FILE_NAME = 100
LOOK = "look"


class CsvField(forms.FileField):
    """One CSV file; clean, it is a ``SourceFile``, or None."""

    def clean(self, data: Any, initial: Any = None) -> SourceFile | None:
        upload: UploadedFile | None = super().clean(data, initial)
        if not upload:
            return None
        if (upload.size or 0) > MOST_BYTES:
            raise ValidationError(f"The file is larger than {filesizeformat(MOST_BYTES)}.")
        if len(upload.name or "") > LONGEST_FILE_NAME:
            raise ValidationError(f"The file’s name is longer than {LONGEST_FILE_NAME} characters.")
        source = SourceFile(upload.name or "", upload.read())
        try:
            csvfiles.read(source.content, name=source.name)
        except csvfiles.Unreadable as problem:
            raise ValidationError(str(problem)) from problem
        return source


class NewSourceForm(PageForm):
    """A source that is read for the first time, and one of its files."""

    submit_label = "Look at its columns"

    source = forms.CharField(
        label="Whose marks are they?",
        max_length=LONGEST_NAME,
        help_text="The collector’s name, such as collection. The rule on who is believed first knows it by this name.",
    )
    file = CsvField(
        label="One of its files", help_text="A CSV file. Only its first rows are looked at; nothing is imported."
    )


class FileForm(PageForm):
    """A file to be read as its source's mapping says."""

    submit_label = "Preview"
    file = CsvField(label="The file", help_text="A CSV file. Nothing changes until you confirm.")


def _column(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_COLUMN, required=False, **more)


def _week() -> RowsField:
    boxes: dict[str, forms.Field] = {"am": _column("Morning"), "pm": _column("Afternoon")}
    for box in boxes.values():
        use_plain_words(box)
    return RowsField(label="Columns of the week", widget=RowsWidget(boxes, names=DAYS), required=False)


class RenameForm(PageForm):
    """Another name for a source."""

    submit_label = "Save the name"

    source = forms.CharField(
        label="What is the source called?",
        max_length=LONGEST_NAME,
        help_text="Commands that import its files have to give the new name from now on.",
    )


class RemoveForm(PageForm):
    """Nothing to fill in: a button, and which version was looked at."""

    submit_label, submit_kind = "Remove this mapping", "warning"

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class MappingForm(PageForm):
    """Which column is what. ``sample`` has the first rows of a file, ``seen`` the version that stood on the page."""

    submit_label = "Save this mapping"
    other_submits = ((LOOK, "Show the first rows as they would be read"),)
    mark_optional = False
    unmarked = ("upn", "council_id", "session", "code", "am", "pm", "week", "file")
    reveals = {
        "shape": {
            FileShape.SESSION.value: ["session", "code"],
            FileShape.DAY.value: ["am", "pm"],
            FileShape.WEEK.value: ["week"],
        }
    }

    source = forms.CharField(label="Whose marks are they?", max_length=LONGEST_NAME)
    upn = _column("Column of the UPN", help_text="The UPN, the council’s id, or both.")
    council_id = _column("Column of the council’s id")
    date = _column(
        "Column of the date", help_text="In a file with a row for each week: of the Monday that it begins on."
    )
    date_format = forms.ChoiceField(
        label="How is the 30th of November 2026 written?",
        choices=DateFormat.choices,
        widget=forms.RadioSelect,
    )
    shape = forms.ChoiceField(
        label="What is one row about?",
        choices=[(value, capfirst(label)) for value, label in FileShape.choices],
        widget=forms.RadioSelect,
    )
    session = _column("Column that says AM or PM")
    code = _column("Column of the code")
    am = _column("Column of the morning’s code")
    pm = _column("Column of the afternoon’s code")
    week = _week()
    file = CsvField(
        label="A file to try it on", required=False, help_text="Its first rows are shown; nothing is imported."
    )
    sample = forms.CharField(widget=forms.HiddenInput, required=False, strip=False, max_length=samples.MOST_CHARACTERS)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["source"]

    def layout(self) -> FormLayout:
        names = ("upn", "council_id", "date", "date_format", "shape", "file", "sample", "seen")
        return FormLayout(*(("source",) if "source" in self.fields else ()), *names)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for name, words in self.read_as().problems().items():
                self.add_error(name, words)
        return cleaned

    def read_as(self) -> Layout:
        """What the form says of the files."""
        given = self.cleaned_data
        shape = given["shape"]
        return Layout(
            shape=shape,
            date=given["date"],
            marks=self._marks(shape),
            upn=given["upn"],
            council_id=given["council_id"],
            date_format=given["date_format"],
            session=given["session"] if shape == FileShape.SESSION else "",
        )

    def _marks(self, shape: str) -> tuple[str, ...]:
        given = self.cleaned_data
        if shape == FileShape.SESSION:
            return (given["code"],)
        if shape == FileShape.DAY:
            return given["am"], given["pm"]
        rows = {row["row"]: row for row in given["week"]}
        return tuple(rows.get(day, {}).get(half, "") for day in DAYS for half in HALVES)

    def take_sample(self) -> str:
        """The first rows to show: of the file that was just chosen, else those that the page carried along."""
        chosen = self.cleaned_data.get("file")
        if chosen is None:
            return str(self.cleaned_data.get("sample") or "")
        sample = samples.sample_of(chosen.content)
        self.data = self.data.copy()
        self.data["sample"] = sample
        return sample


def as_initial(layout: Layout) -> dict[str, Any]:
    """A layout as the form shows it."""
    found: dict[str, Any] = {
        name: getattr(layout, name) for name in ("upn", "council_id", "date", "date_format", "shape", "session")
    }
    marks = (*layout.marks, *[""] * (MARKS[FileShape.WEEK] - len(layout.marks)))
    if layout.shape == FileShape.SESSION:
        found["code"] = marks[0]
    elif layout.shape == FileShape.DAY:
        found["am"], found["pm"] = marks[:2]
    else:
        found["week"] = [
            {"row": day, **{half: marks[2 * place + n] for n, half in enumerate(HALVES)}}
            for place, day in enumerate(DAYS)
        ]
    return found
