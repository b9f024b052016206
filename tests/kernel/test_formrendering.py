"""Each kind of field is the official component: names, ids, hints, errors and the words around them."""

import re
from typing import Any

import django_filters
import pytest
from django import forms
from django.db.models import QuerySet
from django.template import Context, Template

from virtualschool.kernel.formrendering import draw, first_input_id
from virtualschool.kernel.forms import FilterForm, GovukDateField, PageForm

NEEDS = [("a", "Emotional support"), ("b", "Tuition")]
ATTACK = "<script>alert('x')</script>\"'>"


class Sample(PageForm):
    reveals = {"decision": {"no": ["why"]}}
    hints = {"decision": {"yes": "At once"}}
    unmarked = ("later",)

    name = forms.CharField(label="Name", help_text="In full", max_length=10)
    nick = forms.CharField(label="Nickname", required=False)
    later = forms.CharField(required=False)
    email = forms.EmailField()
    count = forms.IntegerField(min_value=1)
    cost = forms.DecimalField(widget=forms.NumberInput(attrs={"prefix": "£"}))
    essay = forms.CharField(widget=forms.Textarea(attrs={"data-vs-count": True, "rows": 8}), max_length=500)
    plain = forms.CharField(widget=forms.Textarea)
    phase = forms.ChoiceField(choices=[("", "---------"), ("Primary", [("1", "Key stage 1")]), ("2", "Key stage 3")])
    decision = forms.ChoiceField(
        label="Decide?", choices=[("", "---------"), ("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    why = forms.CharField(label="Why not?", required=False)
    needs = forms.MultipleChoiceField(choices=NEEDS, widget=forms.CheckboxSelectMultiple)
    listed = forms.MultipleChoiceField(choices=NEEDS)
    agreed = forms.BooleanField(label="I agree", help_text="Read it first")
    document = forms.FileField(required=False, widget=forms.ClearableFileInput(attrs={"accept": ".csv"}))
    secret = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    version = forms.IntegerField(widget=forms.HiddenInput)
    held_on = GovukDateField()
    born_on = GovukDateField(required=False, widget=GovukDateField.widget(attrs={"autocomplete": "bday"}))
    day = forms.DateField(widget=forms.DateInput)


def drawn(name: str, data: dict[str, Any] | None = None, /, **initial: Any) -> str:
    return " ".join(draw(Sample(data, initial=initial)[name]).split())


def attributes(html: str, tag: str = "input") -> list[dict[str, str]]:
    """The attributes of each tag of this kind, in order."""
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', found)) for found in re.findall(rf"<{tag}\b[^>]*>", html)]


def test_text_has_its_label_hint_and_no_limit_of_the_browser() -> None:
    html = drawn("name", name="Amy")
    assert attributes(html) == [
        {
            "class": "govuk-input",
            "id": "id_name",
            "name": "name",
            "type": "text",
            "value": "Amy",
            "aria-describedby": "id_name-hint",
        }
    ]
    assert '<div id="id_name-hint" class="govuk-hint"> In full </div>' in html
    assert "(optional)" not in html


@pytest.mark.parametrize(("name", "words"), [("nick", "Nickname (optional)"), ("later", "Later"), ("why", "Why not?")])
def test_only_what_may_stay_empty_is_called_optional(name: str, words: str) -> None:
    assert re.search(r"<label[^>]*>\s*(.*?)\s*</label>", drawn(name)).group(1) == words  # type: ignore[union-attr]


def test_an_error_is_told_and_tied_to_its_box() -> None:
    html = drawn("name", {})
    assert "govuk-form-group--error" in html
    assert attributes(html)[0]["aria-describedby"] == "id_name-hint id_name-error"
    assert "Enter name" in html


@pytest.mark.parametrize("name", ["name", "plain", "email", "count"])
def test_what_was_typed_is_escaped(name: str) -> None:
    html = drawn(name, {name: ATTACK})
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_words_of_the_form_are_escaped_too() -> None:
    class Hostile(PageForm):
        field = forms.ChoiceField(
            label=ATTACK, help_text=ATTACK, choices=[("1", ATTACK)], widget=forms.RadioSelect(attrs={"data-x": ATTACK})
        )

    form = Hostile({})
    form.add_error("field", ATTACK)
    assert "<script>" not in draw(form["field"])


def test_numbers_are_text_with_number_keys() -> None:
    assert (attributes(drawn("count"))[0]["type"], attributes(drawn("count"))[0]["inputmode"]) == ("text", "numeric")
    assert attributes(drawn("cost"))[0]["inputmode"] == "decimal"
    assert '<div class="govuk-input__prefix" aria-hidden="true">£</div>' in drawn("cost")


def test_none_is_an_empty_box() -> None:
    assert "None" not in "".join(drawn(name) for name in Sample.base_fields)


def test_textareas_count_only_when_asked() -> None:
    assert 'data-maxlength="500"' in drawn("essay")
    assert "character-count" not in drawn("plain")


def test_a_list_names_its_groups_and_its_choice() -> None:
    html = drawn("phase", phase="1")
    options = re.findall(r"<option[^>]*>(.*?)</option>", html)
    assert options == ["Choose one", "Primary: Key stage 1", "Key stage 3"]
    assert '<option value="1" selected>' in html


def test_radios_reveal_and_leave_out_the_empty_choice() -> None:
    html = drawn("decision", {"decision": "no"})
    assert [box["value"] for box in attributes(html) if box["type"] == "radio"] == ["yes", "no"]
    assert 'data-aria-controls="conditional-id_decision-2"' in html
    assert '<div class="govuk-radios__conditional" id="conditional-id_decision-2">' in html
    assert 'name="why"' in html
    assert "At once" in html


def test_checkboxes_keep_several_choices() -> None:
    for name in ("needs", "listed"):
        html = drawn(name, {name: ["a", "b"]})
        assert html.count(" checked") == 2
        assert [box["name"] for box in attributes(html)] == [name, name]


def test_one_checkbox_stands_alone() -> None:
    html = drawn("agreed", {})
    assert "<fieldset" not in html
    assert attributes(html)[0]["id"] == "id_agreed"
    assert "Tick “I agree”" in html


def test_files_and_passwords() -> None:
    assert attributes(drawn("document"))[0]["accept"] == ".csv"
    password = attributes(drawn("secret", {"secret": "hunter2"}))[0]
    assert (password["type"], password["autocomplete"], "value" in password) == ("password", "new-password", False)


def test_hidden_is_only_an_input() -> None:
    assert drawn("version", version=3) == '<input type="hidden" name="version" value="3" id="id_version">'


def test_a_date_is_three_boxes() -> None:
    html = drawn("held_on", {"held_on-day": "31", "held_on-month": "2", "held_on-year": "2026"})
    boxes = attributes(html)
    assert [(box["name"], box["id"], box["value"], box["inputmode"]) for box in boxes] == [
        ("held_on-day", "id_held_on-day", "31", "numeric"),
        ("held_on-month", "id_held_on-month", "2", "numeric"),
        ("held_on-year", "id_held_on-year", "2026", "numeric"),
    ]
    assert [box["autocomplete"] for box in attributes(drawn("born_on"))] == ["bday-day", "bday-month", "bday-year"]


def test_only_the_wrong_box_of_a_date_is_red() -> None:
    html = drawn("held_on", {"held_on-day": "3", "held_on-month": "2"})
    assert ["govuk-input--error" in box["class"] for box in attributes(html)] == [False, False, True]


def test_a_plain_date_is_the_browsers_own() -> None:
    assert attributes(drawn("day", {"day": "2026-11-10"}))[0]["value"] == "2026-11-10"


def test_a_widget_without_a_component_is_told_at_once() -> None:
    class Unknown(PageForm):
        field = forms.CharField(widget=forms.Widget)

    with pytest.raises(TypeError, match="No GOV.UK component is known for Widget"):
        draw(Unknown()["field"])


class SampleFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Name", widget=forms.SearchInput, method="keep")
    due = django_filters.DateFromToRangeFilter(label="Due", method="keep")
    rate = django_filters.RangeFilter(label="Rate", method="keep")
    open = django_filters.BooleanFilter(label="Open", method="keep")

    class Meta:
        form = FilterForm

    def keep(self, rows: Any, _name: str, _value: Any) -> Any:
        return rows


def filter_form(**data: str) -> str:
    form = SampleFilter(data, queryset=QuerySet()).form
    return " ".join(Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form})).split())


class TestFilters:
    def test_they_are_sent_by_get_without_a_token(self) -> None:
        html = filter_form()
        assert html.startswith('<form method="get" novalidate class="vs-filter__form">')
        assert "csrf" not in html
        assert "(optional)" not in html

    def test_ranges_have_two_boxes_under_one_legend(self) -> None:
        html = filter_form(due_after="2026-09-01", rate_min="90")
        named = {box["name"]: box.get("value", "") for box in attributes(html) if box.get("name")}
        assert named == {"search": "", "due_after": "2026-09-01", "due_before": "", "rate_min": "90", "rate_max": ""}

    def test_a_filter_that_makes_no_sense_is_told(self) -> None:
        html = filter_form(rate_min="many")
        assert "There is a problem" in html
        assert 'href="#id_rate_min"' in html


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("name", "id_name"),
        ("decision", "id_decision"),
        ("needs", "id_needs"),
        ("held_on", "id_held_on-day"),
        ("version", ""),
    ],
)
def test_the_summary_leads_to_the_first_box(name: str, expected: str) -> None:
    form = Sample({})
    assert first_input_id(form[name]) == expected
    if expected:
        assert f'id="{expected}"' in drawn(name, {})
