from typing import Any

from django import forms
from django.utils.text import capfirst

from children.forms.common import OnceForm
from children.forms.records import FileForm
from peps.actions.files import FileFacts
from peps.enums import FileKind


class PepFileForm(OnceForm):
    submit_label = "Add file"

    upload = forms.FileField(
        label="File", help_text=FileForm.base_fields["upload"].help_text, max_length=250, allow_empty_file=True
    )
    title = forms.CharField(
        label="What is it?", max_length=120, help_text="In words that whoever reads this PEP may read."
    )
    kind = forms.ChoiceField(label="What kind of file is it?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, kinds: list[FileKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, capfirst(str(kind.label))) for kind in kinds]
        if FileKind.DRAWING in kinds:
            self.fields["kind"].help_text = "A drawing or the child’s own writing is read as the child’s own words are."

    def facts(self) -> FileFacts:
        return FileFacts(**{name: self.cleaned_data[name] for name in ("upload", "title", "kind", "key")})
