"""Opening a completed PEP to be changed."""

from collections.abc import Iterable
from typing import Any

from django import forms

from peps.models import PepSection
from virtualschool.kernel.forms import PageForm


class AmendForm(PageForm):
    submit_label, submit_kind = "Open these sections", "warning"

    why = forms.CharField(
        label="Why is it changed?",
        max_length=200,
        help_text="It stands beside the new version, for everybody who reads it.",
    )

    def __init__(self, *args: Any, sections: Iterable[tuple[PepSection, str]], **kwargs: Any) -> None:
        opened = forms.MultipleChoiceField(
            label="Which sections are changed?",
            choices=[(section.key, title) for section, title in sections],
            widget=forms.CheckboxSelectMultiple,
            help_text="These open again, and only these. The rest stays as it is.",
        )
        self.base_fields = {**self.base_fields, "sections": opened}
        super().__init__(*args, **kwargs)
