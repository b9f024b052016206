"""Special educational needs."""

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms

from children.actions.needs import NAMES, NeedFacts, facts_of, seen_of
from children.enums import SenStatus
from children.forms.common import capitalised, codes, rows_of, with_held
from children.models import LocalAuthority, SenRecord
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import GovukDateField, PageForm

OF_A_PLAN = ("plan_on", "annual_review_due", "maintained_by")
OF_A_NEED = ("primary_need", "secondary_need")


class NeedForm(PageForm):
    """What is known now, to be carried on from another day or put right from the same one."""

    submit_label = "Record needs"
    reveals: ClassVar = {"status": {SenStatus.EHCP.value: list(OF_A_PLAN)}}

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    start = GovukDateField(label="From which date?", subject="Date", not_future=True)
    status = forms.ChoiceField(
        label="What is the child’s status?", choices=capitalised(SenStatus.choices), widget=forms.RadioSelect
    )
    plan_on = GovukDateField(label="Date of the plan", required=False, not_future=True)
    annual_review_due = GovukDateField(label="Annual review due", required=False)
    maintained_by = forms.ChoiceField(label="Council that maintains the plan", required=False)
    primary_need = forms.ChoiceField(label="Primary need", required=False)
    secondary_need = forms.ChoiceField(label="Secondary need", required=False)

    def __init__(self, *args: Any, known: SenRecord | None, **kwargs: Any) -> None:
        """``known`` is what is recorded now."""
        held = facts_of(known) if known else NeedFacts(status="")
        kwargs["initial"] = asdict(held) | {"seen": seen_of(known)} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        for name in OF_A_NEED:
            self.fields[name].choices = codes("SEN_TYPE", empty="Not known", held=getattr(held, name))
        councils = LocalAuthority.objects.order_by("name", "code").values_list("code", "name")
        self.fields["maintained_by"].choices = with_held([("", "Not known"), *councils], held.maintained_by)
        if known is not None:
            self.fields[
                "start"
            ].help_text = f"What is recorded now began on {long_date(known.start)}. Give that date to put it right, or a later one."

    def clean(self) -> dict[str, Any]:
        """Answers that do not belong to the chosen status are no answers: they were those of the one before."""
        cleaned = super().clean() or self.cleaned_data
        status = cleaned.get("status")
        unasked = set(OF_A_PLAN) if status != SenStatus.EHCP else set()
        if status == SenStatus.NONE:
            unasked |= set(OF_A_NEED)
        for name in unasked:
            cleaned[name] = None if name in ("plan_on", "annual_review_due") else ""
            self.errors.pop(name, None)
        return cleaned

    def facts(self) -> NeedFacts:
        return NeedFacts(**{name: self.cleaned_data[name] for name in NAMES})

    def recorded(self, known: SenRecord) -> list[dict[str, Any]]:
        """What is recorded now, in words."""
        since = {"key": "Recorded since", "value": long_date(known.start)}
        facts = {name: value for name, value in asdict(facts_of(known)).items() if value}
        status, *rest = rows_of(self, facts)
        return [since, status | {"key": "Status"}, *rest]
