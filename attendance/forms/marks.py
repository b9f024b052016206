"""The forms of entering marks: of which day or week, and the marks themselves."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from attendance import codes
from attendance.actions.marks import Half, Pair
from attendance.enums import Session
from children.models import Child, Enrolment
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formrendering import draw_group
from virtualschool.kernel.forms import FilterForm, GovukDateField, PageForm

DAY, WEEK = "day", "week"
Place = tuple[Child, date]


class WhichDayForm(FilterForm):
    """Which day's or week's marks, and for whoever reaches the whole roll, at which school."""

    submit_label = "Show"
    submit_kind = "secondary"
    on = GovukDateField(label="Which day?", required=False)
    span = forms.ChoiceField(
        label="How much of it?",
        choices=[(DAY, "This day"), (WEEK, "Its whole week")],
        widget=forms.RadioSelect,
        required=False,
    )
    school = forms.ChoiceField(label="School", required=False)

    def __init__(self, *args, children, whole_roll: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not whole_roll:
            del self.fields["school"]
            return
        places = Enrolment.objects.filter(periods.on(today()), child__in=children)
        names = places.order_by("school__name").values_list("school__uuid", "school__name").distinct()
        self.fields["school"].choices = [("", "Choose a school"), *((str(key), name) for key, name in names)]

    def clean_on(self) -> date | None:
        on = self.cleaned_data["on"]
        if on and on > today():
            raise ValidationError("This day is to come: it has no marks yet.")
        return on


class MarksForm(PageForm):
    """A morning and an afternoon for each child and day, as they stand; one left empty stays as it is.

    The form carries what it was drawn with, so that only what somebody changed is entered, and nothing that another entered meanwhile
    is written over.
    """

    submit_label = "Save marks"
    mark_optional = False
    bold_labels = False

    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, places: Sequence[Place], held: Mapping[date, Mapping[int, Pair]], **kwargs: Any):
        self.places = places
        self.halves: dict[str, Half] = {}
        super().__init__(*args, **kwargs)
        offered = {on: _offered(on) for on in {on for _, on in places}}
        shown = {}
        for child, on in places:
            pair = held[on].get(child.pk, (None, None))
            for session, code in zip(Session, pair, strict=True):
                name = name_of(child, on, session)
                self.halves[name] = (child.pk, on, session.value)
                self.fields[name] = forms.ChoiceField(
                    label=session.label.capitalize(), choices=offered[on], required=False, initial=code or ""
                )
                shown |= {name: code} if code else {}
        self.fields["was"].initial = json.dumps(shown)

    def layout(self) -> Layout:
        several = len({on for _, on in self.places}) > 1
        return Layout("was", *(_Boxes(child, on, dated=several) for child, on in self.places))

    def clean_was(self) -> dict[str, str]:
        """What the page was drawn with, by the name of the box."""
        try:
            read = json.loads(self.cleaned_data["was"] or "{}")
        except (ValueError, RecursionError):
            raise ValidationError("The page is not whole. Open it again.") from None
        if not isinstance(read, dict):
            raise ValidationError("The page is not whole. Open it again.")
        return {name: str(code) for name, code in read.items() if name in self.halves}

    def chosen(self) -> dict[Half, str]:
        return {half: self.cleaned_data[name] for name, half in self.halves.items()}

    def shown(self) -> dict[Half, str]:
        return {self.halves[name]: code for name, code in self.cleaned_data["was"].items()}


def name_of(child: Child, on: date, session: Session) -> str:
    """The name of a session's box."""
    return f"{session.value.lower()}_{child.uuid}_{on.isoformat()}"


def _offered(on: date) -> list[tuple[str, str]]:
    return [("", "No mark"), *((one.code, f"{one.code}  {one.meaning}") for one in codes.in_use(on))]


class _Boxes(LayoutObject):
    """The two boxes of a child's day, under the child's name."""

    def __init__(self, child: Child, on: date, *, dated: bool) -> None:
        self.title = f"{child.name}, {on:%A} {on.day} {on:%B}" if dated else child.name
        self.names = [name_of(child, on, session) for session in Session]

    def render(self, form: Any, context: Any, template_pack: Any = "vs_forms", **kwargs: Any) -> SafeString:
        return draw_group(self.title, [form[name] for name in self.names])
