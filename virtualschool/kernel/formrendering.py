"""Every form field is drawn by the official GOV.UK macro for its widget, through Django's own form renderer hook."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import jinja2
from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString, mark_safe

from virtualschool.kernel import fieldparts
from virtualschool.kernel.fieldparts import Params
from virtualschool.kernel.formfields import GovukDateWidget, lower_first
from virtualschool.kernel.formrows import COUNT, MORE, RowForm, Rows, RowsWidget

FIELD_TEMPLATE = "vs/field.html"
MACROS = "govuk_frontend_jinja/components/{}/macro.html"


class GovukRenderer(DjangoTemplates):
    """Django's renderer, except that a field group is a GOV.UK component."""

    field_template_name = FIELD_TEMPLATE

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name == FIELD_TEMPLATE:
            return draw(context["field"])
        return super().render(template_name, context, request)


@cache
def environment() -> jinja2.Environment:
    """One environment for the process: compiling the macros again for each field costs 200 times as much."""
    loader = jinja2.PrefixLoader({"govuk_frontend_jinja": jinja2.PackageLoader("govuk_frontend_jinja")})
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _macro(component: str, name: str) -> Callable[[Params], str]:
    macro: Callable[[Params], str] = getattr(environment().get_template(MACROS.format(component)).module, name)
    return macro


def component(folder: str, macro: str, params: Params) -> SafeString:
    """Any GOV.UK component by its macro. What is in ``params`` is escaped by the macros, but for keys named ``html``."""
    return mark_safe(_macro(folder, macro)(params))  # noqa: S308 - drawn by autoescaping macros


def draw(field: BoundField) -> SafeString:
    """The whole group of a field: label or legend, hint, error, control."""
    widget = field.field.widget
    if widget.is_hidden:
        return mark_safe(str(field.as_widget()))  # noqa: S308 - Django's own hidden input
    for kind in type(widget).__mro__:
        if kind in DRAWERS:
            return DRAWERS[kind](field)
    raise TypeError(f"No GOV.UK component is known for {type(widget).__name__}")


def first_input_id(field: BoundField) -> str:
    """The id of the control that a link in the error summary must lead to; '' when there is none to lead to."""
    widget = field.field.widget
    if widget.is_hidden or not field.auto_id:
        return ""
    if isinstance(widget, forms.MultiWidget):
        wrong = getattr(field.field, "wrong_parts", None)
        part = wrong(field.value())[0] if wrong else 0
        return f"{field.auto_id}{fieldparts.part_names(widget)[part]}"
    return str(field.auto_id)


def errors(field: BoundField) -> list[tuple[str, str]]:
    """What is wrong with a field, and the id of the control each is about; of a table, the box of its row."""
    if isinstance(field.field.widget, RowsWidget) and field.errors:
        wrong = field.field.widget.shown(field.value(), field.html_name).wrong()
        if wrong:
            return [(words, first_input_id(box)) for words, box in wrong]
    return [(words, first_input_id(field)) for words in fieldparts.error_words(field)]


# One drawer for each kind of widget.


def _text(field: BoundField, **extra: Any) -> SafeString:
    params = {
        **fieldparts.common(field),
        "label": fieldparts.label(field),
        "value": fieldparts.shown_value(field),
        **extra,
    }
    return component("input", "govukInput", params)


def _email(field: BoundField) -> SafeString:
    common = fieldparts.common(field)
    return _text(field, type="email", spellcheck=False, autocomplete=common.get("autocomplete", "email"))


def _telephone(field: BoundField) -> SafeString:
    return _text(field, type="tel")


def _url(field: BoundField) -> SafeString:
    return _text(field, type="url", spellcheck=False)


def _search(field: BoundField) -> SafeString:
    return _text(field, type="search")


def _number(field: BoundField) -> SafeString:
    """A text box with the number keys: browsers' own number boxes round, scroll and drop what was typed."""
    whole = isinstance(field.field, forms.IntegerField) and not isinstance(
        field.field, forms.FloatField | forms.DecimalField
    )
    common = fieldparts.common(field)
    classes = common["classes"] or "govuk-input--width-5"
    return _text(field, inputmode="numeric" if whole else "decimal", spellcheck=False, classes=classes)


def _native_date(field: BoundField) -> SafeString:
    """The browser's calendar, for narrow places such as filters. Forms ask with ``GovukDateField``."""
    value = field.value()
    return _text(field, type="date", value=fieldparts.plain(value), classes="govuk-input--width-10")


def _password(field: BoundField) -> SafeString:
    params = {**fieldparts.common(field), "label": fieldparts.label(field)}
    return component("password-input", "govukPasswordInput", params)


def _textarea(field: BoundField) -> SafeString:
    params = {**fieldparts.common(field), "label": fieldparts.label(field), "value": fieldparts.shown_value(field)}
    limit = getattr(field.field, "max_length", None)
    if limit and params["attributes"].pop("data-vs-count", ""):
        return component("character-count", "govukCharacterCount", {**params, "maxlength": str(limit)})
    return component("textarea", "govukTextarea", params)


def _select(field: BoundField) -> SafeString:
    items = [{"value": value, "text": text, "selected": chosen} for value, text, chosen in fieldparts.choices(field)]
    return component(
        "select", "govukSelect", {**fieldparts.common(field), "label": fieldparts.label(field), "items": items}
    )


def _radios(field: BoundField) -> SafeString:
    return component("radios", "govukRadios", _group(field, "govuk-radios--small"))


def _checkboxes(field: BoundField) -> SafeString:
    return component("checkboxes", "govukCheckboxes", _group(field, "govuk-checkboxes--small"))


def _group(field: BoundField, small: str) -> Params:
    common = fieldparts.common(field)
    if fieldparts.option(field, "small_choices", False):
        common["classes"] = f"{common['classes']} {small}".strip()
    hints, reveals = (
        fieldparts.option(field, "hints", {}).get(field.name, {}),
        fieldparts.option(field, "reveals", {}).get(field.name, {}),
    )
    items = []
    for value, text, chosen in fieldparts.choices(field):
        item: Params = {"value": value, "text": text, "checked": chosen, "disabled": field.field.disabled}
        if value in hints:
            item["hint"] = {"text": str(hints[value])}
        if value in reveals:
            item["conditional"] = {"html": _revealed(field.form, reveals[value])}
        items.append(item)
    return {**common, "idPrefix": common["id"], "fieldset": fieldparts.fieldset(field), "items": items}


def _revealed(form: forms.BaseForm, names: Iterable[str]) -> SafeString:
    return SafeString("".join(draw(form[name]) for name in names))


def _checkbox(field: BoundField) -> SafeString:
    common = fieldparts.common(field)
    checked = field.field.widget.check_test(field.value())
    item: Params = {
        "value": "on",
        "text": fieldparts.label_words(field) if field.field.required else str(field.label),
        "checked": checked,
    }
    if "hint" in common:
        item["hint"] = common.pop("hint")
    reveals = fieldparts.option(field, "reveals", {}).get(field.name, {})
    if "on" in reveals:
        item["conditional"] = {"html": _revealed(field.form, reveals["on"])}
    return component("checkboxes", "govukCheckboxes", {**common, "idPrefix": common["id"], "items": [item]})


def _file(field: BoundField) -> SafeString:
    multiple = getattr(field.field.widget, "allow_multiple_selected", False)
    return component(
        "file-upload",
        "govukFileUpload",
        {**fieldparts.common(field), "label": fieldparts.label(field), "multiple": multiple},
    )


def _date(field: BoundField) -> SafeString:
    """Day, month and year boxes; only the wrong ones are red."""
    common = fieldparts.common(field)
    values = field.field.widget.parts(field.value())
    wrong = field.field.wrong_parts(field.value()) if field.errors and hasattr(field.field, "wrong_parts") else []
    if field.errors and not wrong:
        wrong = [0, 1, 2]
    items = []
    for index, name in enumerate(("day", "month", "year")):
        classes = "govuk-input--width-4" if name == "year" else "govuk-input--width-2"
        classes += " govuk-input--error" if index in wrong else ""
        items.append(
            {
                "name": name,
                "value": values[index],
                "classes": classes,
                "autocomplete": BIRTHDAY.get(common.get("autocomplete"), {}).get(name),
            }
        )
    params = {**common, "namePrefix": common["name"], "fieldset": fieldparts.fieldset(field), "items": items}
    return component("date-input", "govukDateInput", params)


BIRTHDAY: dict[Any, dict[str, str]] = {"bday": {"day": "bday-day", "month": "bday-month", "year": "bday-year"}}


RANGE_WORDS = {"_min": "From", "_max": "To", "_after": "From", "_before": "To", "_0": "First", "_1": "Second"}


def _range(field: BoundField) -> SafeString:
    """Two boxes under one legend: the ranges of django-filter."""
    widget = field.field.widget
    value = field.value()
    values = value if isinstance(value, list | tuple) else widget.decompress(value)
    boxes = []
    for index, (suffix, inner) in enumerate(zip(fieldparts.part_names(widget), widget.widgets, strict=True)):
        part = values[index] if values and index < len(values) else None
        kind = (
            widget.attrs.get("type")
            or inner.attrs.get("type")
            or ("date" if isinstance(inner, forms.DateInput) else "text")
        )
        boxes.append(
            component(
                "input",
                "govukInput",
                {
                    "id": f"{field.auto_id}{suffix}",
                    "name": f"{field.html_name}{suffix}",
                    "label": {"text": RANGE_WORDS.get(suffix, suffix.strip("_-").capitalize())},
                    "type": kind,
                    "value": fieldparts.plain(part),
                    "classes": "govuk-input--width-10" if kind == "date" else "govuk-input--width-5",
                    "inputmode": "numeric" if kind == "text" else None,
                },
            )
        )
    return _boxes(field, SafeString("".join(boxes)))


def _boxes(field: BoundField, inner: SafeString) -> SafeString:
    parts, described = [], []
    if field.help_text:
        described.append(f"{field.auto_id}-hint")
        parts.append(component("hint", "govukHint", {"id": described[-1], "text": str(field.help_text)}))
    if field.errors:
        described.append(f"{field.auto_id}-error")
        parts.append(
            component(
                "error-message", "govukErrorMessage", {"id": described[-1], "text": fieldparts.error_words(field)[0]}
            )
        )
    parts.append(SafeString(f'<div class="vs-range">{inner}</div>'))
    fieldset = {
        **fieldparts.fieldset(field),
        "role": "group",
        "describedBy": " ".join(described),
        "html": SafeString("".join(parts)),
    }
    error = " govuk-form-group--error" if field.errors else ""
    return SafeString(f'<div class="govuk-form-group{error}">{component("fieldset", "govukFieldset", fieldset)}</div>')


def _rows(field: BoundField) -> SafeString:
    """A table: under its legend a group of boxes for each row, and a button for one more."""
    widget: RowsWidget = field.field.widget
    rows = widget.shown(field.value(), field.html_name)
    if not field.errors:
        for form in rows.forms:
            form.hush()
    inner, described = _told(field, quiet=bool(rows.wrong()))
    inner += [_row(title, form) for title, form in zip(rows.titles, rows.forms, strict=True)]
    if not widget.names:
        inner.append(_row_buttons(field, rows, widget))
    fieldset = {**fieldparts.fieldset(field), "describedBy": " ".join(described), "html": SafeString("".join(inner))}
    error = " govuk-form-group--error" if field.errors else ""
    drawn = component("fieldset", "govukFieldset", fieldset)
    return SafeString(f'<div class="govuk-form-group vs-rows{error}" id="{field.auto_id}" tabindex="-1">{drawn}</div>')


def _told(field: BoundField, *, quiet: bool) -> tuple[list[SafeString], list[str]]:
    """The hint and, unless its boxes say what is wrong, the error; and the ids by which the group names them."""
    inner, described = [], []
    if field.help_text:
        described.append(f"{field.auto_id}-hint")
        inner.append(component("hint", "govukHint", {"id": described[-1], "text": str(field.help_text)}))
    if field.errors and not quiet:
        described.append(f"{field.auto_id}-error")
        words = fieldparts.error_words(field)[0]
        inner.append(component("error-message", "govukErrorMessage", {"id": described[-1], "text": words}))
    return inner, described


def _row(title: str, form: RowForm) -> SafeString:
    return draw_group(title, form)


def draw_group(title: str, fields: Iterable[BoundField]) -> SafeString:
    """Boxes that belong together, side by side where there is room, under what they are about."""
    boxes = SafeString("".join(draw(box) for box in fields))
    legend = {"text": title, "classes": "vs-rows__legend"}
    html = SafeString(f'<div class="vs-rows__boxes">{boxes}</div>')
    return component("fieldset", "govukFieldset", {"legend": legend, "html": html, "classes": "vs-rows__row"})


# Return in a box presses the first button of a form: that stays to send it in, not to add a row.
SENDS = SafeString('<button type="submit" class="govuk-visually-hidden" tabindex="-1" aria-hidden="true">Save</button>')


def _row_buttons(field: BoundField, rows: Rows, widget: RowsWidget) -> SafeString:
    name = field.html_name
    count = f'<input type="hidden" name="{COUNT.format(name)}" value="{len(rows.forms)}">'
    if not widget.may_grow(rows):
        return SafeString(count)
    button = {
        "text": f"Add another {lower_first(widget.row)}",
        "classes": "govuk-button--secondary govuk-!-margin-bottom-0",
        "name": MORE.format(name),
        "value": "1",
        "attributes": {"formaction": f"#{field.auto_id}"},
    }
    return SafeString(f"{count}{SENDS}{component('button', 'govukButton', button)}")


DRAWERS: dict[type[forms.Widget], Callable[[BoundField], SafeString]] = {
    forms.TextInput: _text,
    forms.EmailInput: _email,
    forms.TelInput: _telephone,
    forms.URLInput: _url,
    forms.SearchInput: _search,
    forms.NumberInput: _number,
    forms.PasswordInput: _password,
    forms.Textarea: _textarea,
    forms.DateInput: _native_date,
    forms.Select: _select,
    forms.SelectMultiple: _checkboxes,
    forms.RadioSelect: _radios,
    forms.CheckboxSelectMultiple: _checkboxes,
    forms.CheckboxInput: _checkbox,
    forms.FileInput: _file,
    forms.MultiWidget: _range,
    GovukDateWidget: _date,
    RowsWidget: _rows,
}
