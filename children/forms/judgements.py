"""What an inspection found of a school."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms

from children.actions.judgements import JudgementFacts, facts_of, seen_of
from children.forms.common import capitalised
from children.inspection import EVERY_SCHOOL, ONLY_SOME, OVERALL, SAFEGUARDING, Area, Grade, Kind, Point, Safeguarding
from children.models import SchoolJudgement
from virtualschool.kernel.forms import GovukDateField, PageForm

CARD = (*Area.values, SAFEGUARDING)


class JudgementForm(PageForm):
    """An overall grade, or a report card area by area: which of them is asked first, and the other's answers are no answers."""

    submit_label = "Record this outcome"
    reveals: ClassVar = {"kind": {Kind.GRADE.value: [OVERALL], Kind.REPORT_CARD.value: list(CARD)}}
    unmarked = (OVERALL, *(area.value for area in EVERY_SCHOOL), SAFEGUARDING)

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    on = GovukDateField(
        label="When was the inspection?",
        subject="Date of the inspection",
        help_text="Its last day, as the report gives it. State-funded schools got no overall grade from September 2024.",
        not_future=True,
    )
    kind = forms.ChoiceField(
        label="What did it give?",
        choices=[
            (Kind.GRADE.value, "An overall grade (before 10 November 2025)"),
            (Kind.REPORT_CARD.value, "A report card (from 10 November 2025)"),
        ],
        widget=forms.RadioSelect,
    )
    overall = forms.ChoiceField(label="Overall grade", choices=Grade.choices, widget=forms.RadioSelect, required=False)
    source = forms.CharField(label="Where is this from?", max_length=120, initial="Inspection report")

    def __init__(self, *args: Any, known: SchoolJudgement | None = None, **kwargs: Any) -> None:
        """``known`` is the outcome that is put right."""
        if known is not None:
            facts = facts_of(known)
            initial = {"on": facts.on, "kind": facts.kind, "source": facts.source, "seen": seen_of(known)}
            kwargs["initial"] = initial | dict(facts.outcome) | kwargs.get("initial", {})
            self.submit_label = "Correct this outcome"
        super().__init__(*args, **kwargs)
        self.fields |= dict(_card_fields())
        self.order_fields(["seen", "on", "kind", OVERALL, *CARD, "source"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = {Kind.GRADE.value: (OVERALL,), Kind.REPORT_CARD.value: CARD}.get(cleaned.get("kind", ""), ())
        for name in {OVERALL, *CARD} - set(asked):
            cleaned[name] = ""
            self.errors.pop(name, None)
        return cleaned

    def facts(self) -> JudgementFacts:
        given = self.cleaned_data
        outcome = {name: given[name] for name in sorted((OVERALL, *CARD)) if given[name]}
        return JudgementFacts(kind=given["kind"], on=given["on"], source=given["source"], outcome=outcome)


def _card_fields() -> Iterator[tuple[str, forms.Field]]:
    points = [("", "Choose one"), *capitalised(Point.choices)]
    for area in Area:
        only_some = area in ONLY_SOME
        first = ("", "Not part of this report card") if only_some else points[0]
        yield area.value, forms.ChoiceField(label=str(area.label), choices=[first, *points[1:]], required=False)
    yield (
        SAFEGUARDING,
        forms.ChoiceField(
            label="Safeguarding", choices=capitalised(Safeguarding.choices), widget=forms.RadioSelect, required=False
        ),
    )


class RemoveJudgementForm(PageForm):
    submit_label = "Remove this outcome"
    submit_kind = "warning"

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="Why is it wrong?", max_length=300)

    def __init__(self, *args: Any, known: SchoolJudgement, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": seen_of(known)} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
