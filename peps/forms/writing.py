"""The form of the writing page: the section's questions, each with last time's answer beside it, and the ways to save."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django.http import QueryDict
from django.template.loader import render_to_string

from peps.actions.writing import Seen
from peps.forms.sections import DRAFT, SEEN, SectionForm
from peps.layouts import FieldSpec, FieldType
from virtualschool.kernel.forms import GovukDateWidget

ONWARD, USE = "onward", "use"
FROM_RECORD = "Filled in from the record. Change it if it is not right."
# What a button can put into the box again. The child's own words never are: they are given anew each time.
COPIED = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.DATE,
        FieldType.NUMBER,
        FieldType.CHOICE,
        FieldType.CHOICES,
        FieldType.YES_NO,
    }
)


@dataclass(frozen=True)
class LastAnswer:
    """What was answered in the PEP before: as it is kept, and as people read it."""

    spec: FieldSpec
    value: Any
    lines: tuple[str, ...]
    when: str


class LastTime(LayoutObject):
    """An earlier answer under its question, folded, with a button that puts it into the box."""

    def __init__(self, last: LastAnswer) -> None:
        self.last = last

    def render(self, form: Any, context: Any, template_pack: Any = "vs_forms", **kwargs: Any) -> Any:
        last = self.last
        given = {"label": last.spec.label, "lines": last.lines, "when": last.when, "key": last.spec.key, "name": USE}
        return render_to_string("peps/_last_time.html", given | {"value": json.dumps(last.value)})


class EnterSaves(LayoutObject):
    """The first button of the form is the one that the Enter key presses: it saves, and finishes nothing."""

    def render(self, form: Any, context: Any, template_pack: Any = "vs_forms", **kwargs: Any) -> Any:
        return render_to_string("peps/_enter_saves.html", {"name": DRAFT})


class WritingForm(SectionForm):
    """One section to write. ``last``: the answers of the PEP before, by field; ``onward``: whether another section follows.

    ``begun``: what the record says to questions that nobody has answered, by field.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        last: Mapping[str, LastAnswer],
        onward: bool = False,
        begun: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self._begin(begun or {})
        self.last = last
        if onward:
            self.other_submits = (*self.other_submits, (ONWARD, "Save and go to the next section"))

    def _begin(self, begun: Mapping[str, Any]) -> None:
        """Fill in what the record says, and say so. Nothing is kept before the writer saves it."""
        for key, value in begun.items():
            self.initial[key] = value
            self.fields[key].help_text = f"{self.fields[key].help_text} {FROM_RECORD}".strip()

    def layout(self) -> Layout:
        drawn: list[Any] = [EnterSaves()]
        for one in super().layout().fields:
            drawn.append(one)
            if isinstance(one, str) and one in self.last:
                drawn.append(LastTime(self.last[one]))
        return Layout(*drawn)

    def valid_answers(self) -> dict[str, Any]:
        """The answers that can be kept as they are; a box that is half filled in is left out."""
        self.is_valid()
        return {key: value for key, value in self.answers().items() if key in self.cleaned_data}

    def seen(self) -> dict[str, Seen]:
        """What the writer was shown of each, and which of their answers was set aside as they typed."""
        return {spec.key: _seen(self.cleaned_data.get(f"{SEEN}{spec.key}", "")) for spec in self.specs}

    def filled_in(self, key: str) -> QueryDict:
        """What was typed, with last time's answer in one box: nothing of it is saved."""
        data = self.data.copy()
        data[DRAFT] = "1"
        value = self.last[key].value
        widget = self.fields[key].widget
        if isinstance(widget, GovukDateWidget):
            for name, part in zip(widget.widgets_names, widget.parts(value), strict=True):
                data[f"{key}{name}"] = part
        elif isinstance(value, list):
            data.setlist(key, value)
        else:
            data[key] = str(value)
        return data


def _seen(text: str) -> Seen:
    version, mark, aside = (*text.split(":", 2), "", "")[:3]
    return Seen(_number(version), mark, _number(aside))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
