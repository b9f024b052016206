"""What the components of a field have in common: its words, its errors, its attributes, its choices."""

import datetime as dt
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from virtualschool.kernel.formfields import required_words

Params = dict[str, Any]

DASHES = "-" * 9  # Django's words for no choice

# Attributes that are parameters of the macros; the rest are passed on as they are.
MACRO_ATTRIBUTES = ("autocomplete", "inputmode", "pattern", "autocapitalize", "spellcheck", "rows")
# GOV.UK validates on the server in words: a browser's own limits would cut pasted text in silence. Placeholders vanish while typing.
DROPPED_ATTRIBUTES = (
    "required",
    "maxlength",
    "minlength",
    "min",
    "max",
    "step",
    "placeholder",
    "aria-describedby",
    "aria-invalid",
    "cols",
    "id",
)


def option(field: BoundField, name: str, default: Any) -> Any:
    """What the form says of how it is drawn; forms of other packages say nothing."""
    return getattr(field.form, name, default)


def label_words(field: BoundField) -> str:
    """The label, with GOV.UK's "(optional)" where an answer is not required."""
    words = str(field.label)
    revealed = {
        name for choices in option(field, "reveals", {}).values() for names in choices.values() for name in names
    }
    quiet = (
        field.field.required
        or field.field.disabled
        or field.name in revealed
        or field.name in option(field, "unmarked", ())
    )
    if quiet or not option(field, "mark_optional", True):
        return words
    return f"{words} (optional)"


def error_words(field: BoundField) -> list[str]:
    """The errors of a field. Forms of other packages say Django's words for a missing answer: those are put plainly."""
    plain = required_words(str(field.label), field.field.widget)
    return [
        plain if str(error) == str(forms.Field.default_error_messages["required"]) else str(error)
        for error in field.errors
    ]


def common(field: BoundField) -> Params:
    params: Params = {"id": field.auto_id, "name": field.html_name, **attributes(field)}
    if field.help_text:
        params["hint"] = {"text": str(field.help_text)}
    errors = error_words(field)
    if errors:
        params["errorMessage"] = {"html": format_html_join(mark_safe("<br>"), "{}", ((error,) for error in errors))}
    if field.field.disabled:
        params["disabled"] = True
    return params


def attributes(field: BoundField) -> Params:
    """The widget's attributes sorted into macro parameters and the rest."""
    widget = field.field.widget
    raw = {**widget.attrs, **field.field.widget_attrs(widget)}
    params: Params = {"classes": raw.pop("class", "")}
    for affix in ("prefix", "suffix"):
        if affix in raw:
            params[affix] = {"text": str(raw.pop(affix))}
    for name in MACRO_ATTRIBUTES:
        if name in raw:
            params[name] = raw.pop(name)
    if "spellcheck" in params:
        params["spellcheck"] = str(params["spellcheck"]).lower() == "true"
    params["attributes"] = {
        name: str(value) for name, value in raw.items() if name not in DROPPED_ATTRIBUTES and value not in (None, False)
    }
    return params


def label(field: BoundField) -> Params:
    classes = "govuk-label--s" if option(field, "bold_labels", True) else ""
    return {"text": label_words(field), "classes": classes}


def fieldset(field: BoundField) -> Params:
    classes = "govuk-fieldset__legend--s" if option(field, "bold_labels", True) else ""
    return {"legend": {"text": label_words(field), "classes": classes}}


def shown_value(field: BoundField) -> str:
    """The text in the box. The macros would print None."""
    shown = field.field.widget.format_value(field.value())
    return "" if shown is None else str(shown)


def choices(field: BoundField) -> list[tuple[str, str, bool]]:
    """Value, words and whether chosen, in order; the heading of a group of options is put before its options' words."""
    widget = field.field.widget
    value = widget.format_value(field.value())
    found = []
    for group, offered, _index in widget.optgroups(field.html_name, value):
        for choice in offered:
            words = f"{group}: {choice['label']}" if group else str(choice["label"])
            if words == DASHES:
                words = option(field, "empty_words", "Choose one")
            found.append((str(choice["value"]), words, bool(choice["selected"])))
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        found = [entry for entry in found if entry[0] != ""]
    return found


def plain(value: Any) -> str:
    """A value as a browser's own control wants it: dates in ISO form, nothing for None."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def part_names(widget: forms.MultiWidget) -> list[str]:
    """What is added to the name of a field for each of its boxes. django-filter keeps its own list of endings."""
    suffixes = getattr(widget, "suffixes", None)
    names: list[str] = widget.widgets_names  # type: ignore[attr-defined]  # missing from the stubs
    return [f"_{suffix}" for suffix in suffixes] if suffixes else names
