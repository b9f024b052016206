"""A question with rows and columns, as boxes to fill in."""

from collections.abc import Callable
from typing import Any

from django import forms

from peps.layouts import ColumnSpec, FieldSpec, FieldType
from virtualschool.kernel.formrows import RowsField, RowsWidget
from virtualschool.kernel.forms import GovukDateField, use_plain_words

TEXT_LENGTH, LONG_LENGTH = 300, 3_000
NOT_CHOSEN = ("", "Choose one")


def table(spec: FieldSpec, **told: Any) -> RowsField:
    """The boxes of a table, row by row."""
    boxes = {column.key: BOXES[column.type](column) for column in spec.columns}
    for column in spec.columns:
        boxes[column.key].label, boxes[column.key].required = column.label, False
        boxes[column.key].help_text = column.help
        use_plain_words(boxes[column.key])
    return RowsField(widget=RowsWidget(boxes, names=spec.rows, row=spec.row), **told)


def _text(column: ColumnSpec) -> forms.Field:
    return forms.CharField(max_length=TEXT_LENGTH)


def _long_text(column: ColumnSpec) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=LONG_LENGTH)


def _date(column: ColumnSpec) -> forms.Field:
    return GovukDateField(label=column.label)


def _number(column: ColumnSpec) -> forms.Field:
    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"})
    limits = {"min_value": column.at_least, "max_value": column.at_most, "decimal_places": column.decimals}
    return forms.DecimalField(widget=widget, **limits)


def _choice(column: ColumnSpec) -> forms.Field:
    return forms.ChoiceField(choices=[NOT_CHOSEN, *((one, one) for one in column.choices)])


def _choices(column: ColumnSpec) -> forms.Field:
    offered = [(one, one) for one in column.choices]
    return forms.MultipleChoiceField(choices=offered, widget=forms.CheckboxSelectMultiple)


def _yes_no(column: ColumnSpec) -> forms.Field:
    return forms.ChoiceField(choices=[NOT_CHOSEN, ("Yes", "Yes"), ("No", "No")])


BOXES: dict[FieldType, Callable[[ColumnSpec], forms.Field]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _long_text,
    FieldType.DATE: _date,
    FieldType.NUMBER: _number,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.YES_NO: _yes_no,
}
