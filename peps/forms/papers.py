"""What of a PEP goes on paper, and for whom."""

from collections.abc import Iterable
from typing import Any

from django import forms

from children.forms.common import capitalised
from peps.models import PepSection
from peps.papers import BY_NAME, OF_A_CHILD, Recipient
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.forms import PageForm
from virtualschool.kernel.verdicts import Verdict

WHOLE = "whole"


class PaperForm(PageForm):
    """``named`` are the kinds of information that the maker may add by name; ``parts`` the sections that they read.

    ``words`` says whether a carer or a parent may be given the child's words; None when the maker does not read them.
    """

    submit_label = "Make the PDF"

    recipient = forms.ChoiceField(
        label="Who is it for?",
        choices=capitalised(Recipient.choices),
        widget=forms.RadioSelect,
        help_text="It holds what you read and what they may be given, and no more.",
    )
    part = forms.ChoiceField(label="How much of it?", initial=WHOLE)
    named = forms.MultipleChoiceField(
        label="Add",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Left out unless you tick it, and given to nobody but you and the social worker.",
    )

    child_too = forms.BooleanField(
        label="Give a carer or a parent the child’s own words too",
        required=False,
        help_text="The child was told who reads their words, and no carer or parent is among them: tick it only when the "
        "child has agreed. Without it a carer and a parent each get what they said themselves, and no more.",
    )

    def __init__(
        self,
        *args: Any,
        parts: Iterable[tuple[PepSection, str]],
        named: Iterable[FieldGroup],
        words: Verdict | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        if words is None:
            del self.fields["child_too"]  # type: ignore[attr-defined]
        sections = [(section.key, title) for section, title in parts]
        self.fields["part"].choices = [(WHOLE, "All of it"), *sections]  # type: ignore[attr-defined]
        self.fields["named"].choices = [(group.value, BY_NAME[group]) for group in named]  # type: ignore[attr-defined]
        if not self.fields["named"].choices:  # type: ignore[attr-defined]
            del self.fields["named"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        given["asked"] = frozenset(FieldGroup(value) for value in given.get("named", ()))
        passed_on = given.get("child_too") and given.get("recipient") in OF_A_CHILD
        if passed_on and self.words is not None and not self.words:
            self.add_error("child_too", f"{self.words.reason} Source: {self.words.source}.")
        return given
