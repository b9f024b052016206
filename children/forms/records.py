"""Notes and files on a child."""

from typing import Any

from django import forms

from children.actions.files import groups_of
from children.forms.common import OnceForm
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

GROUP_WORDS = {
    FieldGroup.EDUCATION: "Education",
    FieldGroup.ATTENDANCE: "Attendance",
    FieldGroup.PEP: "Personal education plan",
    FieldGroup.VOICE: "The child’s own words",
    FieldGroup.HEALTH: "Health",
    FieldGroup.LEGAL: "Legal status and care plan",
    FieldGroup.NARRATIVE: "Notes and safeguarding",
}


class NoteForm(OnceForm):
    submit_label = "Save note"

    happened_on = GovukDateField(label="When did it happen?", subject="Date", not_future=True)
    subject = forms.CharField(label="Subject", max_length=120)
    body = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 8}), max_length=20000)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].initial = self.initial.get("happened_on", today)

    def note(self) -> dict[str, Any]:
        """What the note says, for the action."""
        return {name: self.cleaned_data[name] for name in ("happened_on", "subject", "body")}


class FileForm(OnceForm):
    submit_label = "Add file"

    upload = forms.FileField(
        label="File",
        help_text="PDF, Word, Excel or PowerPoint without macros, PNG or JPEG, plain text or CSV. At most 20 MB.",
        max_length=250,
        allow_empty_file=True,
    )
    title = forms.CharField(label="What is it?", max_length=120)
    field_group = forms.ChoiceField(
        label="Which kind of information does it hold?",
        widget=forms.RadioSelect,
        help_text="Only roles that read this kind of information see the file.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field_group"].choices = [(group.value, GROUP_WORDS[group]) for group in groups_of(user)]


class RemoveFileForm(PageForm):
    submit_label = "Remove file"
    submit_kind = "warning"

    why = forms.CharField(label="Why is it removed?", max_length=200)
