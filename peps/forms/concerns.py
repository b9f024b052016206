"""Raising a concern, answering it, and raising it again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.text import capfirst

from peps.actions.concerns import ConcernFacts
from peps.enums import ConcernArea, ConcernKind
from peps.models import Pep, PepSection
from virtualschool.kernel.forms import GovukDateField, PageForm

LONGEST = 4000
WHOLE = ""


class ConcernForm(PageForm):
    """``about`` is a PEP, or a section of it, as ``<uuid>`` or ``<uuid>:<key>``."""

    submit_label = "Send to the Virtual School"

    kind = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect)
    area = forms.ChoiceField(label="What is it about?")
    about = forms.ChoiceField(label="Which PEP, or part of it?", required=False)
    words = forms.CharField(
        label="In your words",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
        help_text="Everybody who reads this child’s PEP reads this. Nobody changes it.",
    )
    wanted_by = GovukDateField(label="By when do you want it done?", required=False, not_past=True)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, peps: Iterable[tuple[Pep, str]], sections: Iterable[tuple[PepSection, str]], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.peps = {str(pep.uuid): pep for pep, _ in peps}
        self.fields["kind"].choices = [(value, capfirst(words)) for value, words in ConcernKind.choices]  # type: ignore[attr-defined]
        self.fields["area"].choices = [
            ("", "Choose one"),
            *((value, capfirst(words)) for value, words in ConcernArea.choices),
        ]  # type: ignore[attr-defined]
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            (WHOLE, "No PEP in particular"),
            *((str(pep.uuid), words) for pep, words in peps),
            *((f"{section.pep.uuid}:{section.key}", f"Section: {words}") for section, words in sections),
        ]
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()

    def facts(self) -> ConcernFacts:
        uuid, _, section = self.cleaned_data["about"].partition(":")
        named = {name: self.cleaned_data[name] for name in ("kind", "area", "words", "wanted_by")}
        return ConcernFacts(pep=self.peps.get(uuid), section=section, **named)


class _WordsForm(PageForm):
    """Words for the round that the page showed."""

    round = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=9999)


class AnswerForm(_WordsForm):
    submit_label = "Send the answer"

    words = forms.CharField(
        label="What was done, or will be, and by when?",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
        help_text="The reviewing officer reads this, and everybody who reads the PEP.",
    )


class RaiseAgainForm(_WordsForm):
    submit_label = "Raise it again"

    words = forms.CharField(
        label="Why is the answer not enough?", widget=forms.Textarea(attrs={"rows": 5}), max_length=LONGEST
    )
