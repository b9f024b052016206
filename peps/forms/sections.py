"""A section's form, built from the field list the PEP is written in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict

from children.forms.common import capitalised
from peps.actions.writing import Seen, digest
from peps.enums import Settle
from peps.forms.tables import table
from peps.layouts import ColumnSpec, FieldSpec, FieldType, Lines, as_kept, empty, gaps
from peps.models import PepAnswer, PepSetAside
from virtualschool.kernel.formfields import required_words
from virtualschool.kernel.formrows import MORE, Rows
from virtualschool.kernel.forms import GovukDateField, PageForm

SEEN = "seen_"
TEXT_LENGTH, LONG_LENGTH = 500, 10_000
DRAFT = "draft"
SEVERAL = (FieldType.CHOICES, FieldType.TABLE)
CHOICES = capitalised(Settle.choices)


class SectionForm(PageForm):
    """One section. Beside each answer it carries which version its writer was shown, so that no other's words are written over.

    A draft may leave anything out; finishing asks for what is required and not ``given`` in another way. A child's own words that
    somebody else wrote down are not in the form: the page shows them. Asked for one more row of a table, it saves nothing and keeps
    what was typed.
    """

    submit_label = "Save and mark as finished"
    other_submits: ClassVar[tuple[tuple[str, str], ...]] = ((DRAFT, "Save and come back later"),)

    def __init__(
        self,
        data: Any = None,
        *,
        specs: Iterable[FieldSpec],
        answers: Mapping[str, PepAnswer],
        may_finish: bool,
        lines: Lines,
        given: Mapping[str, Any] | None = None,
        cancel_href: str = "",
    ) -> None:
        self.specs, self.given, self.lines = tuple(specs), dict(given or {}), lines
        self.unmarked = tuple(spec.key for spec in self.specs if spec.required)
        self.finishing = may_finish and (data is None or DRAFT not in data)
        if not may_finish:
            self.submit_label, self.other_submits = "Save", ()
        self.growing = data is not None and any(MORE.format(spec.key) in data for spec in self.specs)
        self.base_fields = _fields(self.specs)
        super().__init__(data, initial=_initial(self.specs, answers), cancel_href=cancel_href)
        for spec in self.specs:
            if spec.needed:
                self.fields[
                    spec.key
                ].help_text = f"{spec.needed.words(lines)} {self.fields[spec.key].help_text}".strip()

    def is_valid(self) -> bool:
        return super().is_valid() and not self.growing

    def full_clean(self) -> None:
        if self.growing:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()
        if self.is_bound and self.finishing and not self.errors:
            self._ask_for_the_rest()

    def answers(self) -> dict[str, Any]:
        """The answers as they are kept."""
        return {spec.key: as_kept(self.cleaned_data.get(spec.key)) for spec in self.specs}

    def seen(self) -> dict[str, Seen]:
        """What the writer was shown of each."""
        return {spec.key: _seen(self.cleaned_data.get(f"{SEEN}{spec.key}", "")) for spec in self.specs}

    def _ask_for_the_rest(self) -> None:
        given = self.given | {key: value for key, value in self.answers().items() if not empty(value)}
        for spec in self.specs:
            if lacking := gaps(spec, given.get(spec.key)):
                self._ask_in_rows(spec, lacking)
            elif spec.missing(given, self.lines):
                self.add_error(spec.key, f"Answer “{spec.label}” before you mark this section as finished")

    def _ask_in_rows(self, spec: FieldSpec, lacking: list[tuple[int, ColumnSpec]]) -> None:
        """Name the rows that say half of it. Empty rows stand for nothing, so the places are those of rows that say something."""
        rows: Rows = self[spec.key].value()
        said = [form for form in rows.forms if spec.rows or form.given()]
        for place, column in lacking:
            box = said[place].fields[column.key]
            said[place].add_error(column.key, required_words(column.label, box.widget))
        self.add_error(spec.key, [words for words, _ in rows.wrong()])


class SettleForm(PageForm):
    """Two answers to one question: which stays."""

    submit_label = "Keep my choices"

    def __init__(
        self, data: Any = None, *, asides: Iterable[PepSetAside], labels: Mapping[int, str], **kwargs: Any
    ) -> None:
        self.asides = list(asides)
        self.base_fields = {
            f"choice_{aside.pk}": forms.ChoiceField(label=labels[aside.pk], choices=CHOICES, widget=forms.RadioSelect)
            for aside in self.asides
        }
        super().__init__(data, **kwargs)

    def choices(self) -> list[tuple[PepSetAside, str]]:
        return [(aside, self.cleaned_data[f"choice_{aside.pk}"]) for aside in self.asides]


def told(spec: FieldSpec) -> dict[str, Any]:
    """What every kind of field says of itself. Nothing is required of a draft."""
    hint = f"{spec.help} For example: {spec.example}" if spec.example else spec.help
    return {"label": spec.label, "help_text": hint.strip(), "required": False}


def _text(spec: FieldSpec) -> forms.Field:
    return forms.CharField(max_length=TEXT_LENGTH, **told(spec))


def _long_text(spec: FieldSpec) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 5}), max_length=LONG_LENGTH, **told(spec))


def _date(spec: FieldSpec) -> forms.Field:
    return GovukDateField(**told(spec))


def _number(spec: FieldSpec) -> forms.Field:
    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"})
    limits = {"min_value": spec.at_least, "max_value": spec.at_most, "decimal_places": spec.decimals}
    return forms.DecimalField(widget=widget, **limits, **told(spec))


def _choice(spec: FieldSpec) -> forms.Field:
    return forms.ChoiceField(choices=[(one, one) for one in spec.choices], widget=forms.RadioSelect, **told(spec))


def _choices(spec: FieldSpec) -> forms.Field:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(choices=[(one, one) for one in spec.choices], widget=widget, **told(spec))


def _yes_no(spec: FieldSpec) -> forms.Field:
    return forms.ChoiceField(choices=[("Yes", "Yes"), ("No", "No")], widget=forms.RadioSelect, **told(spec))


def _table(spec: FieldSpec) -> forms.Field:
    return table(spec, **told(spec))


BUILDERS: dict[FieldType, Callable[[FieldSpec], forms.Field]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _long_text,
    FieldType.OWN_WORDS: _long_text,
    FieldType.DATE: _date,
    FieldType.NUMBER: _number,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.YES_NO: _yes_no,
    FieldType.TABLE: _table,
}


def _fields(specs: Iterable[FieldSpec]) -> dict[str, forms.Field]:
    """The questions, each with the hidden mark of what its writer was shown."""
    found: dict[str, forms.Field] = {}
    for spec in specs:
        found[spec.key] = BUILDERS[spec.type](spec)
        found[f"{SEEN}{spec.key}"] = forms.CharField(widget=forms.HiddenInput, required=False)
    return found


def _initial(specs: Iterable[FieldSpec], answers: Mapping[str, PepAnswer]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spec in specs:
        answer = answers.get(spec.key)
        found[spec.key] = answer.value if answer else [] if spec.type in SEVERAL else ""
        found[f"{SEEN}{spec.key}"] = f"{answer.version}:{digest(answer.value)}" if answer else "0:"
    return found


def _seen(text: str) -> Seen:
    version, _, mark = text.partition(":")
    return Seen(int(version), mark) if version.isascii() and version.isdigit() and len(version) < 9 else Seen(0, "")
