"""Desks without a browser: somebody signed in, who opens pages and answers what their forms ask.

Forms are filled from what the page shows: whatever it asks for gets an answer, one optional question too. So a new question needs
nothing new here, and a question that is asked of nobody is noticed by whoever looks at ``Filled.asked``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from virtualschool.accounts.models import User
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import GovukDateField
from virtualschool.kernel.formrows import RowsField

MOST_TRIES = 3


@dataclass(frozen=True)
class Filled:
    """A form that was filled in and taken: every question that it showed, and the answer of the service."""

    asked: frozenset[str]
    response: HttpResponse


@dataclass
class Desk:
    """Somebody at work. ``read`` is the text of every page that they were shown."""

    user: User
    client: Client = field(default_factory=Client)
    read: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client.force_login(self.user)

    def opens(self, view: str, *records: Model, status: int = 200, query: str = "") -> Any:
        response = self.client.get(address(view, *records) + query)
        assert (view, response.status_code) == (view, status)
        self.read.append(response.content.decode())
        return response

    def finds(self, view: str, *records: Model) -> int:
        """The status of a page, whatever it is."""
        return int(self.client.get(address(view, *records)).status_code)

    def sends(self, view: str, *records: Model, status: int = 302, **data: Any) -> Any:
        """Press a button; whoever reacts to what was done has done so afterwards."""
        response = self.client.post(address(view, *records), data)
        self.read.append(response.content.decode())
        assert (view, response.status_code) == (view, status), said_wrong(response)
        deliver_pending()
        return response

    def fills(
        self, view: str, *records: Model, form: str = "form", to: str = "", button: str = "", **given: Any
    ) -> Filled:
        """Open a page, answer what its form asks, and send it.

        Args:
            form: the name of the form where a page has several; ``to`` the view that it is sent to.
            button: the name of the button that is pressed, where it is not the first.
            given: answers by the names of their questions; the others are made up.
        """
        shown = self.opens(view, *records).context[form]
        return self.answers(shown, address(to or view, *records), name=form, button=button, **given)

    def answers(
        self, shown: forms.BaseForm, where: str, *, name: str = "form", button: str = "", **given: Any
    ) -> Filled:
        """Answer what a form asks, and send it; what the page then says is missing is answered too."""
        sent = answers_to(shown, given)
        for _ in range(MOST_TRIES):
            response = self.client.post(where, as_sent(shown, sent) | ({button: "yes"} if button else {}))
            if response.status_code == 302:
                deliver_pending()
                return Filled(frozenset(questions(shown)), response)
            self.read.append(response.content.decode())
            wrong = response.context.get(name) if response.context else None
            missing = [one for one in wrong.errors if one in wrong.fields and not sent.get(one)] if wrong else []
            assert missing, said_wrong(response)
            sent |= {one: made_up(one, wrong.fields[one]) for one in missing}
        raise AssertionError(f"{where}: {MOST_TRIES} times something was missing")


def address(view: str, *records: Model) -> str:
    """A view of the PEP's by its own name, another app's with the app's."""
    return reverse(view if ":" in view else f"peps:{view}", args=[record.uuid for record in records])  # type: ignore[attr-defined]


def questions(form: forms.BaseForm) -> list[str]:
    """What the form asks of its reader."""
    return [bound.name for bound in form.visible_fields()]


def answers_to(form: forms.BaseForm, given: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the form already, what is given, and an answer to everything that is asked for and to one question that is not."""
    unknown = set(given) - set(form.fields)
    assert not unknown, f"Nobody is asked: {', '.join(sorted(unknown))}"
    answers = {name: form[name].value() for name in form.fields} | dict(given)
    empty = [name for name in questions(form) if answers[name] in (None, "", []) and name not in given]
    needed = [name for name in empty if is_needed(form, name)]
    optional = [name for name in empty if name not in needed][:1]
    return answers | {name: made_up(name, form.fields[name]) for name in (*needed, *optional)}


def is_needed(form: forms.BaseForm, name: str) -> bool:
    """Whether the page asks for it: all that it does not call optional."""
    return form.fields[name].required or name in getattr(form, "unmarked", ())


def made_up(name: str, asked: forms.Field) -> Any:
    """An answer of the kind that the question takes; of a table its named rows, or one, with every box filled."""
    if isinstance(asked, RowsField):
        boxes = asked.widget.boxes
        return [{box: made_up(box, boxes[box]) for box in boxes} for _ in asked.widget.names or ("one",)]
    if isinstance(asked, GovukDateField):
        return today()
    if isinstance(asked, forms.MultipleChoiceField):
        return [first_choice(asked)]
    if isinstance(asked, forms.ChoiceField):
        return first_choice(asked)
    if isinstance(asked, forms.IntegerField | forms.DecimalField):
        most = 20 if asked.max_value is None else min(20, asked.max_value)
        return max(most, asked.min_value or 0)
    return "10:30" if isinstance(asked, forms.TimeField) else in_words(name)


def in_words(name: str) -> str:
    """An answer in words that tells which question it answers."""
    return f"In words: {name.replace('_', ' ')}"


def first_choice(asked: forms.ChoiceField) -> str:
    return next(str(value) for value, _ in asked.choices if value not in ("", None))  # type: ignore[misc]


def as_sent(form: forms.BaseForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """As a browser sends it: a date in three boxes, a table box by box, nothing for what is empty."""
    found: dict[str, Any] = {}
    for name, value in answers.items():
        found |= boxes_of(name, form.fields.get(name), value)
    return found


def boxes_of(name: str, asked: forms.Field | None, value: Any) -> dict[str, Any]:
    if isinstance(asked, RowsField):
        found = {f"{name}-rows": len(value)}
        for place, row in enumerate(value):
            for box, said in row.items():
                found |= boxes_of(f"{name}-{place}-{box}", asked.widget.boxes.get(box), said)
        return found
    day = date.fromisoformat(value) if isinstance(asked, GovukDateField) and isinstance(value, str) and value else value
    if isinstance(day, date):
        return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    return {} if value is None else {name: value}


def said_wrong(response: Any) -> str:
    """What the page found wrong, or its end."""
    form = response.context.get("form") if response.context else None
    return str(dict(form.errors)) if form is not None else response.content.decode()[-3000:]
