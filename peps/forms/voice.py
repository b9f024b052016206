"""Forms of the voice: for adults who ask and answer, and the one box or row of faces of somebody without an account."""

import uuid
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms

from children.forms.common import capitalised
from peps.actions.voice_back import Answered
from peps.actions.voice_words import LONGEST
from peps.enums import Audience, WhatWeDid
from peps.voice.prompts import WORDS, Prompt
from virtualschool.kernel.forms import PageForm

REASON_LENGTH = 300


class LinkForm(PageForm):
    """Who is asked. ``asked_as`` is the form's own number, so that a second press makes no second link."""

    submit_label = "Make the link"

    audience = forms.ChoiceField(
        label="Who is asked?",
        choices=capitalised(Audience.choices),
        widget=forms.RadioSelect,
    )
    asked_as = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("asked_as", uuid.uuid4())


class GiveBackLinkForm(PageForm):
    """A link for the child to read what became of their words."""

    submit_label = "Make a link for the child"
    asked_as = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action
        self.initial.setdefault("asked_as", uuid.uuid4())

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_action = self.action
        return helper


class StopLinksForm(PageForm):
    submit_label = "Make no links for this child"
    submit_kind = "warning"

    why = forms.CharField(
        label="Why must this child be sent no links?",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever reads the child's voice reads this. Say no more than is needed, such as: somebody else reads the phone.",
    )


class ConcernForm(PageForm):
    submit_label = "Save what was done"

    done = forms.CharField(
        label="What was done?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Who spoke with the child, who was told, and what happens next. If it was a false alarm, say so.",
    )


class YouSaidForm(PageForm):
    """One thing the child said, and the answer."""

    submit_label = "Save"
    hints: ClassVar[dict[str, dict[str, str]]] = {
        "outcome": {WhatWeDid.COULD_NOT.value: "Say why in words for the child."}
    }

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    said = forms.CharField(
        label="You said",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the child's own words, as far as you can.",
    )
    outcome = forms.ChoiceField(label="Which is it?", choices=capitalised(WhatWeDid.choices), widget=forms.RadioSelect)
    answer = forms.CharField(
        label="What you did or will do, or why you could not",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="To the child, in plain words: “We asked the canteen for a quiet table. It is yours from Monday.”",
    )

    def facts(self) -> Answered:
        return Answered(**{name: self.cleaned_data[name] for name in ("said", "outcome", "answer")})

    def shows(self, seen: str) -> None:
        """The page now shows this row: saving again writes over it."""
        self.data = self.data.copy()
        self.data["seen"] = seen


class AnswerForm(PageForm):
    """One question of a link. It may always be left out."""

    mark_optional = False

    def __init__(self, *args: Any, prompt: Prompt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = _box() if prompt.kind == WORDS else _choice(prompt)


def _box() -> forms.Field:
    too_long = {"max_length": f"This is too long: please keep it under {LONGEST} letters"}
    return forms.CharField(required=False, max_length=LONGEST, widget=forms.Textarea, error_messages=too_long)


def _choice(prompt: Prompt) -> forms.Field:
    choices = [(one.key, one.label) for one in prompt.choices]
    words = {"invalid_choice": "Please choose one of these"}
    return forms.ChoiceField(required=False, choices=choices, widget=forms.RadioSelect, error_messages=words)
