"""Which term of signs, and by which groups."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst

from children.signfigures import KINDS
from virtualschool.kernel.forms import FilterForm
from virtualschool.rulebook.schoolyear import Term


class SignsForm(FilterForm):
    submit_label = "Show"
    submit_kind = "secondary"
    term = forms.ChoiceField(label="Term", required=False)
    by = forms.ChoiceField(label="Grouped by", required=False)

    def __init__(self, *args: Any, terms: Mapping[str, Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = [(key, capfirst(str(one))) for key, one in terms.items()]
        self.fields["by"].choices = [(key, words) for key, (words, *_) in KINDS.items()]
