"""To which colleague a section is given."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from virtualschool.accounts import policies
from virtualschool.accounts.models import User
from virtualschool.kernel.forms import PageForm

NEW = "new"


class DelegateForm(PageForm):
    """A colleague who is known at the school, or somebody new by name and work email."""

    submit_label = "Ask this colleague"
    reveals: ClassVar[dict[str, dict[str, list[str]]]] = {"who": {NEW: ["name", "email"]}}

    who = forms.ChoiceField(label="Who writes it?", widget=forms.RadioSelect)
    name = forms.CharField(label="Full name", max_length=120, required=False)
    email = forms.EmailField(
        label="Work email address", max_length=254, required=False, help_text="They get a link to choose a password."
    )
    words = forms.CharField(
        label="What should they know?",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="They read it beside the section.",
    )
    unmarked = ("name", "email")

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(one.uuid): one for one in colleagues}
        choices = [(key, one.name) for key, one in self.colleagues.items()]
        self.fields["who"].choices = [*choices, (NEW, "Somebody else at the school")]  # type: ignore[attr-defined]
        if not choices:
            self.initial.setdefault("who", NEW)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["colleague"] = self.colleagues.get(cleaned.get("who", ""))
        if cleaned.get("who") == NEW and "email" in cleaned:
            self._find(cleaned)
        return cleaned

    def _find(self, cleaned: dict[str, Any]) -> None:
        """Whoever has an account is asked by it; somebody without one needs a name to be invited."""
        if not cleaned["email"]:
            self.add_error("email", "Enter their work email address")
            return
        known = User.objects.filter(email__iexact=cleaned["email"]).first()
        cleaned["colleague"] = known
        if known is None and not cleaned.get("name"):
            self.add_error("name", "Enter their full name")
        elif known is not None and not policies.can_be_colleague(known):
            self.add_error("email", policies.can_be_colleague(known).reason)
