"""Base classes of every form: GOV.UK wording, text in one normal form, and a crispy layout that draws itself."""

import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject, Submit
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from virtualschool.kernel.formfields import GovukDateField, GovukDateWidget, required_words
from virtualschool.kernel.templatetags.vs import vs_csrf

__all__ = [
    "FilterForm",
    "GovukDateField",
    "GovukDateWidget",
    "PageForm",
    "PageFormMixin",
    "PageModelForm",
    "SearchFilterForm",
]


class PageFormMixin(forms.BaseForm):
    """How a form is drawn and what it says when an answer is missing.

    ``submit_label`` and ``submit_kind`` ("", "secondary", "warning") describe the button, ``other_submits`` further buttons as
    (name, words). ``reveals`` is {field: {choice: [fields shown under it]}}, ``hints`` {field: {choice: hint}}, ``unmarked`` the
    fields that are not called optional although an answer may be missing. ``cancel_href`` adds a cancel link.
    """

    submit_label: str = "Save"
    submit_kind: str = ""
    other_submits: tuple[tuple[str, str], ...] = ()
    cancel_href: str = ""
    mark_optional: bool = True
    bold_labels: bool = True
    empty_words: str = "Choose one"
    small_choices: bool = False
    unmarked: tuple[str, ...] = ()
    reveals: ClassVar[dict[str, dict[str, list[str]]]] = {}
    hints: ClassVar[dict[str, dict[str, str]]] = {}

    def __init__(self, data: Any = None, *args: Any, cancel_href: str = "", **kwargs: Any) -> None:
        super().__init__(in_normal_form(data), *args, **kwargs)
        self.cancel_href = cancel_href or self.cancel_href
        for name, field in self.fields.items():
            if field.label is None:
                field.label = name.replace("_", " ").capitalize()
            use_plain_words(field)

    def layout(self) -> Layout:
        """Every field in order; those that a choice reveals are drawn under it."""
        revealed = {name for choices in self.reveals.values() for names in choices.values() for name in names}
        return Layout(*(name for name in self.fields if name not in revealed))

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.layout = Layout(self.layout(), Buttons(self))
        return helper


class Buttons(LayoutObject):
    """The buttons at the end of a form, and the way out."""

    template = "vs_forms/layout/buttons.html"

    def __init__(self, form: PageFormMixin) -> None:
        css = {"secondary": "govuk-button--secondary", "warning": "govuk-button--warning"}
        self.fields = [Submit("submitted", form.submit_label, css_class=css.get(form.submit_kind, ""))]
        self.fields += [Submit(name, words, css_class="govuk-button--secondary") for name, words in form.other_submits]
        self.cancel_href = form.cancel_href

    def render(self, form: Any, context: Any, template_pack: Any = "vs_forms", **kwargs: Any) -> Any:
        buttons = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string(self.template, {"buttons": buttons, "cancel_href": self.cancel_href})


class PageForm(PageFormMixin, forms.Form):
    """A form of a page."""


class PageModelForm(PageFormMixin, forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers alone
    """A form of a page for the fields of one record."""


class FilterForm(PageFormMixin, forms.Form):
    """The form of a django-filter FilterSet (``class Meta: form = FilterForm``): sent by GET, nothing required, light labels."""

    submit_label = "Apply filters"
    mark_optional = False
    bold_labels = False
    empty_words = "Any"
    small_choices = True

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method = "get"
        helper.disable_csrf = True
        helper.form_class = "vs-filter__form"
        helper.layout = Layout(self.layout(), Buttons(self))
        return helper


class Token(LayoutObject):
    """The CSRF field, also where the panel was included with ``only``."""

    def render(self, form: Any, context: Any, template_pack: Any = "vs_forms", **kwargs: Any) -> Any:
        return vs_csrf(context)


class SearchFilterForm(FilterForm):
    """The form of a ``SearchFilterSet``: posted, because it may name somebody; the answer leads to an address that does not."""

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_method = "post"
        helper.layout = Layout(Token(), helper.layout)
        return helper


def in_normal_form(data: Any) -> Any:
    """The same data with text in Unicode NFC, so that a name typed on another keyboard is still the same name."""
    if data is None or not isinstance(data, Mapping | QueryDict):
        return data
    if isinstance(data, QueryDict):
        copy = data.copy()
        for key, values in copy.lists():
            copy.setlist(key, [_composed(value) for value in values])
        return copy
    return {
        key: [_composed(v) for v in value] if isinstance(value, list) else _composed(value)
        for key, value in data.items()
    }


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) and not value.isascii() else value


def use_plain_words(field: forms.Field) -> None:
    """Replace Django's own messages by GOV.UK's; a message that the form's author wrote stays."""
    label = str(field.label)
    start = "Your answer" if label.endswith("?") else label.replace("%", "%%")
    plain = {
        "required": required_words(label, field.widget),
        "max_length": f"{start} must be %(limit_value)d characters or fewer",
        "min_length": f"{start} must be %(limit_value)d characters or more",
        "max_value": f"{start} must be %(limit_value)s or lower",
        "min_value": f"{start} must be %(limit_value)s or higher",
        "max_decimal_places": f"{start} must have no more than %(max)s decimal places",
    }
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        plain["invalid"] = f"{start} must be a {'whole number' if type(field) is forms.IntegerField else 'number'}"
    if isinstance(field, forms.EmailField):
        plain["invalid"] = "Enter an email address in the correct format, like name@example.com"
    defaults = _django_messages(type(field))
    for code, words in plain.items():
        if str(field.error_messages.get(code, "")) == defaults.get(code, ""):
            field.error_messages[code] = words


def _django_messages(kind: type[forms.Field]) -> dict[str, str]:
    messages: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        messages.update({code: str(words) for code, words in getattr(base, "default_error_messages", {}).items()})
    return messages
