"""Where the children of a closed school carry on."""

from typing import Any
from uuid import UUID

from django import forms

from children.actions.closures import seen_of
from children.forms.schools import described
from children.models import Enrolment, School
from virtualschool.kernel.forms import PageForm

LEFT = "Leave as it is"


class CarryOnForm(PageForm):
    """One button where one school took the place of the closed one; else a choice for each child."""

    submit_label = "Carry their places on"
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, places: list[Enrolment], successors: list[School], **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": seen_of(places)}
        super().__init__(*args, **kwargs)
        self.places = places
        self.schools = {str(school.uuid): school for school in successors}
        if len(successors) > 1:
            choices = [("", LEFT), *((key, described(school)) for key, school in self.schools.items())]
            for place in places:
                self.fields[self._name(place)] = forms.ChoiceField(
                    label=place.child.name, choices=choices, required=False
                )

    @property
    def unmarked(self) -> tuple[str, ...]:  # type: ignore[override]  # the children, whom nobody knows beforehand
        return tuple(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            self.add_error(None, "Choose a school for at least one child.")
        return cleaned

    def chosen(self) -> dict[UUID, School]:
        """The school for each place, by the place's uuid."""
        if len(self.schools) == 1:
            (only,) = self.schools.values()
            return {place.uuid: only for place in self.places}
        given = {place.uuid: self.cleaned_data.get(self._name(place)) for place in self.places}
        return {uuid: self.schools[key] for uuid, key in given.items() if key}

    @staticmethod
    def _name(place: Enrolment) -> str:
        return f"place-{place.uuid}"
