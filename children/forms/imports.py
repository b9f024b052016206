"""Choosing the files of an import. A file that is no CSV is an error of the form; what is in the rows is the preview's matter."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from children.imports import kinds
from children.imports.source import SourceFile
from virtualschool.kernel import csvfiles
from virtualschool.kernel.forms import GovukDateField, PageForm

MOST_FILES = 20
LONGEST_NAME = 100


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several; the answer is always a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        listed = data if isinstance(data, list | tuple) else [data]
        if len(listed) > MOST_FILES:
            raise ValidationError(f"Upload {MOST_FILES} files or fewer.")
        return [file for file in (super(ManyFilesField, self).clean(one, initial) for one in listed or [None]) if file]


class UploadForm(PageForm):
    submit_label = "Preview"
    unmarked = ("files",)
    reveals = {"kind": {"ssda903": ["year", "go_live"]}}

    kind = forms.ChoiceField(label="What do you want to import?", widget=forms.RadioSelect)
    year = forms.IntegerField(
        label="Year",
        required=False,
        min_value=1992,
        max_value=2100,
        help_text="The year in which the collection ends, such as 2025. Leave it empty to read it from the dates.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "inputmode": "numeric"}),
    )
    go_live = GovukDateField(
        label="From when are new children known here?",
        subject="Date",
        required=False,
        not_future=True,
        help_text="Nothing is asked of a child before this date. Leave it empty for today.",
    )
    files = ManyFilesField(
        label="Files", help_text="CSV files. A statutory return has several: choose them all at once."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in kinds.every()]
        self.hints = {"kind": {kind.name: kind.hint for kind in kinds.every()}}

    def layout(self) -> Layout:
        return Layout("kind", "files")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        uploads, name = cleaned.get("files"), cleaned.get("kind")
        if not uploads or not name:
            return cleaned
        kind = kinds.named(name)
        problem = _problem(uploads, kind)
        if problem:
            self.add_error("files", problem)
            return cleaned
        sources = [SourceFile(upload.name, upload.read()) for upload in uploads]
        for source in sources:
            unreadable = _unreadable(source)
            if unreadable:
                self.add_error("files", unreadable)
        return cleaned | {"sources": sources, "chosen": kind}

    def options(self) -> dict[str, str]:
        """What the reader is told beside the files."""
        if self.cleaned_data["kind"] != "ssda903":
            return {}
        year, go_live = self.cleaned_data["year"], self.cleaned_data["go_live"]
        found = {"year": str(year or ""), "go_live": go_live.isoformat() if go_live else ""}
        return {name: value for name, value in found.items() if value}


def _problem(uploads: Sequence[UploadedFile], kind: kinds.Kind) -> str:
    names = [upload.name or "" for upload in uploads]
    if len(uploads) > 1 and not kind.many:
        return "Choose one file."
    if len(set(names)) < len(names):
        return "Two of the files have the same name."
    if any(len(name) > LONGEST_NAME for name in names):
        return f"A file's name is longer than {LONGEST_NAME} characters."
    if sum(upload.size or 0 for upload in uploads) > kind.most_bytes:
        return f"The files are larger than {filesizeformat(kind.most_bytes)} together."
    return ""


def _unreadable(source: SourceFile) -> str:
    try:
        csvfiles.read(source.content, name=source.name)
    except csvfiles.Unreadable as problem:
        return f"{source.name}: {problem}"
    return ""
