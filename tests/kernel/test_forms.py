"""What forms say, what they take in, and how a page draws them."""

import datetime as dt
from typing import Any

import pytest
from crispy_forms.layout import HTML, Column, Div, Field, Fieldset, Hidden, Layout, Row
from django import forms
from django.http import QueryDict
from django.template import Context, Template

from virtualschool.kernel.formfields import lower_first
from virtualschool.kernel.forms import GovukDateField, PageForm


class Meeting(PageForm):
    submit_label = "Save meeting"
    other_submits = (("draft", "Save for later"),)

    title = forms.CharField(max_length=5, min_length=2)
    why = forms.CharField(label="Why?", required=False)
    kind = forms.ChoiceField(label="Kind of meeting", choices=[("a", "A")], widget=forms.RadioSelect)
    hours = forms.IntegerField(min_value=1, max_value=8, required=False)
    upn = forms.CharField(label="UPN", required=True, error_messages={"required": "The UPN is on the school's letter"})
    held_on = GovukDateField(required=False)


class Arranged(Meeting):
    def layout(self) -> Layout:
        return Layout(
            Fieldset("About it", "title", Field("why", css_class="govuk-input--width-20")),
            Row(Column("kind"), Column("hours")),
            Div("upn", css_class="wide"),
            HTML("<p>Between</p>"),
            Hidden("step", "2"),
            "held_on",
        )


def errors(**data: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in Meeting(data).errors.items()}


def page(form: forms.Form, **context: Any) -> str:
    text = Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form, **context}))
    return " ".join(text.split())


class TestWords:
    def test_missing_answers_are_asked_for_by_name(self) -> None:
        assert errors() == {
            "title": ["Enter title"],
            "kind": ["Select kind of meeting"],
            "upn": ["The UPN is on the school's letter"],
        }

    @pytest.mark.parametrize(
        ("data", "name", "words"),
        [
            ({"title": "abcdef"}, "title", "Title must be 5 characters or fewer"),
            ({"title": "a"}, "title", "Title must be 2 characters or more"),
            ({"hours": "many"}, "hours", "Hours must be a whole number"),
            ({"hours": "9"}, "hours", "Hours must be 8 or lower"),
            ({"hours": "0"}, "hours", "Hours must be 1 or higher"),
        ],
    )
    def test_wrong_answers_are_told_what_would_be_right(self, data: dict[str, str], name: str, words: str) -> None:
        assert errors(**data)[name] == [words]

    def test_a_question_is_answered(self) -> None:
        class Asking(PageForm):
            why = forms.CharField(label="Why is it 100% late?", max_length=2)

        assert list(Asking({}).errors["why"]) == ["Enter an answer to “Why is it 100% late?”"]
        assert list(Asking({"why": "abc"}).errors["why"]) == ["Your answer must be 2 characters or fewer"]

    @pytest.mark.parametrize(
        ("words", "expected"), [("School name", "school name"), ("PEP date", "PEP date"), ("A", "a"), ("", "")]
    )
    def test_initials_keep_their_capitals(self, words: str, expected: str) -> None:
        assert lower_first(words) == expected


class TestDates:
    @pytest.mark.parametrize(
        ("day", "month", "year", "words"),
        [
            ("", "2", "2026", "Held on must include a day"),
            ("", "", "2026", "Held on must include a day and month"),
            ("3", "2", "", "Held on must include a year"),
            ("31", "2", "2026", "Held on must be a real date"),
            ("29", "2", "2025", "Held on must be a real date"),
            ("3", "13", "2026", "Held on must be a real date"),
            ("x", "2", "2026", "Held on must be a real date"),
            ("3", "2", "26", "Year must include 4 numbers"),
            ("3", "2", "0026", "Held on must be a real date"),
            ("²", "2", "2026", "Held on must be a real date"),
            ("٣", "2", "2026", "Held on must be a real date"),
            ("-3", "2", "2026", "Held on must be a real date"),
            ("3", "2", "9" * 5000, "Year must include 4 numbers"),
        ],
    )
    def test_what_is_no_date_is_told_why(self, day: str, month: str, year: str, words: str) -> None:
        found = errors(**{"held_on-day": day, "held_on-month": month, "held_on-year": year})
        assert found["held_on"] == [words]

    @pytest.mark.parametrize("month", ["2", "02", "feb", "February", " Feb "])
    def test_months_may_be_words(self, month: str) -> None:
        form = Meeting({"held_on-day": " 3", "held_on-month": month, "held_on-year": "2026"})
        form.is_valid()
        assert form.cleaned_data["held_on"] == dt.date(2026, 2, 3)

    def test_no_date_is_none(self) -> None:
        form = Meeting({"held_on-day": " ", "held_on-month": "", "held_on-year": ""})
        form.is_valid()
        assert form.cleaned_data["held_on"] is None

    def test_today_is_neither_past_nor_future(self) -> None:
        class Bounded(PageForm):
            past = GovukDateField(not_future=True, subject="Birthday")
            coming = GovukDateField(not_past=True, label="When is it?")

        def sent(past: dt.date, coming: dt.date) -> dict[str, str]:
            parts = {"past": past, "coming": coming}
            data = {
                f"{name}-{part}": str(getattr(date, part))
                for name, date in parts.items()
                for part in ("day", "month", "year")
            }
            return {name: found[0] for name, found in Bounded(data).errors.items()}

        today, day = dt.date(2026, 11, 10), dt.timedelta(days=1)
        assert sent(today, today) == {}
        assert sent(today + day, today - day) == {
            "past": "Birthday must be today or in the past",
            "coming": "Date must be today or in the future",
        }

    def test_an_unchanged_date_is_unchanged(self) -> None:
        same = {"held_on-day": "3", "held_on-month": "2", "held_on-year": "2026"}
        assert "held_on" not in Meeting(same, initial={"held_on": dt.date(2026, 2, 3)}).changed_data
        assert "held_on" in Meeting(same, initial={"held_on": dt.date(2026, 2, 4)}).changed_data


class TestText:
    @pytest.mark.parametrize("data", [{"title": "Zoe\u0308"}, QueryDict("title=Zoe%CC%88")])
    def test_one_name_is_one_name(self, data: Any) -> None:
        form = Meeting(data)
        form.is_valid()
        assert form.cleaned_data["title"] == "Zo\u00eb"

    def test_the_request_is_left_as_it_came(self) -> None:
        data = QueryDict("title=Zoe%CC%88")
        Meeting(data)
        assert data["title"] == "Zoe\u0308"


class TestPages:
    def test_a_form_is_drawn_whole(self) -> None:
        html = page(Meeting(cancel_href="/back/"), csrf_token="token")
        assert html.startswith(
            '<form method="post" novalidate > <input type="hidden" name="csrfmiddlewaretoken" value="token">'
        )
        assert html.count('class="govuk-form-group') == 9  # six fields, of which a date has three more inside
        assert "Save meeting</button>" in html
        assert 'name="draft"' in html
        assert '<a class="govuk-link" href="/back/">Cancel</a>' in html
        assert html.endswith("</form>")

    def test_errors_stand_first(self) -> None:
        html = page(Meeting({}), csrf_token="token")
        assert '<a href="#id_title">Enter title</a>' in html
        assert html.index("There is a problem") < html.index('name="title"')

    def test_files_set_the_encoding(self) -> None:
        class Upload(PageForm):
            file = forms.FileField()

        assert 'enctype="multipart/form-data"' in page(Upload(), csrf_token="token")

    def test_layouts_arrange_the_fields(self) -> None:
        html = page(Arranged(), csrf_token="token")
        assert '<h2 class="govuk-fieldset__heading">About it</h2>' in html
        assert "govuk-input--width-20" in html
        assert html.count("govuk-grid-column-one-half") == 2
        assert '<div class="wide"' in html
        assert '<input type="hidden" name="step" value="2" >' in html
        assert html.index("About it") < html.index('name="title"') < html.index("Between") < html.index("held_on-day")

    def test_formsets_are_drawn(self) -> None:
        formset = forms.formset_factory(Meeting, extra=2)
        html = page(formset(), csrf_token="token")
        assert 'name="form-TOTAL_FORMS" value="2"' in html
        assert 'name="form-1-title"' in html
