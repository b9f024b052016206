"""The parts of the page for the hour itself. They are sent together, so that saving one never loses what was typed in another."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst

from children.forms.common import OnceForm, capitalised
from peps import policies
from peps.actions.deciding import ActionFacts
from peps.actions.gathering import NOTES, Given, fingerprint
from peps.actions.targets import reviewed
from peps.enums import Attendance, ChildThere, Seat
from peps.forms.meetings import refuse_not_next
from peps.forms.targets import TargetForm
from peps.models import MeetingAction, MeetingInvitation, PepMeeting, PepTarget
from peps.people import NAMED_FOR, WRITERS
from virtualschool.accounts.models import User
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import GovukDateField, PageForm

NOT_YET = ("", "Not said yet")
THEIRS = "Somebody else has saved “{}” meanwhile. Yours stands here: save again to put it in its place."
THEIR_WORDS = (
    "Somebody else wrote here meanwhile: “{}”. Yours is still in the box: bring the two together and save again."
)


class Part(PageForm):
    """A part of the page: no form tag and no button of its own. ``words`` are the boxes that show whether anything was typed."""

    mark_optional = False
    words: tuple[str, ...] = ()

    def typed(self) -> bool:
        """Whether anything was written in it."""
        return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in self.words)


class Seen(Part):
    """A part of which each value carries the fingerprint of what was shown, in a hidden box beside it."""

    def carry(self, shown: Mapping[str, Any]) -> None:
        for name, value in shown.items():
            self.fields[f"seen_{name}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=fingerprint(value)
            )

    def given(self, name: str) -> Given:
        return Given(self.cleaned_data.get(name), self.cleaned_data.get(f"seen_{name}", ""))

    def clash(self, name: str, standing: Any, words: str) -> None:
        """Say what stands, keep what was typed, and let the next save count."""
        self.add_error(name, words)
        self.data = self.data.copy()
        self.data[self.add_prefix(f"seen_{name}")] = fingerprint(standing)


class PeopleForm(Seen):
    """Who is here. Who has no account is called by their part: the page stands on the wall."""

    small_choices = True

    def __init__(self, data: Any = None, *, invitations: Iterable[MeetingInvitation], **kwargs: Any) -> None:
        self.invitations = list(invitations)
        self.base_fields = {**self.base_fields, **{f"came_{one.pk}": _here(one) for one in self.invitations}}
        super().__init__(data, prefix="people", **kwargs)
        self.carry({f"came_{one.pk}": one.attendance for one in self.invitations})

    def people(self) -> dict[int, Given]:
        return {one.pk: self.given(f"came_{one.pk}") for one in self.invitations}

    def clashes(self, found: Mapping[str, Any]) -> None:
        for pk, standing in found.items():
            words = str(Attendance(standing).label) if standing else NOT_YET[1]
            self.clash(f"came_{pk}", standing, THEIRS.format(capfirst(words)))


class PersonForm(Part):
    """Somebody who is here and was not asked."""

    words = ("name",)
    seat = forms.ChoiceField(
        label="Somebody else is here: their part",
        choices=[(one.value, one.label) for one in Seat if one not in WRITERS],
    )
    name = forms.CharField(label="Their name, or what they are to the child", max_length=200, required=False)

    def __init__(self, data: Any = None, *, reader: User, **kwargs: Any) -> None:
        self.reader = reader
        super().__init__(data, prefix="person", initial={"seat": Seat.OTHER}, **kwargs)
        self.fields["seat"].choices = capitalised(self.fields["seat"].choices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        verdict = policies.can_name(self.reader, given["seat"]) if given.get("seat") else None
        if verdict is not None and not verdict:
            self.add_error("name", verdict.reason)
        return given


class ReviewForm(Part):
    """What became of a target of the last PEP."""

    outcome = forms.ChoiceField(
        label="Was it met?",
        choices=[NOT_YET, *capitalised(PepTarget.Outcome.choices)],
        widget=forms.RadioSelect,
        required=False,
    )
    evidence = forms.CharField(
        label="How do we know?",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
        help_text="A number, or a piece of work.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, target: PepTarget, **kwargs: Any) -> None:
        self.target = target
        initial = {"outcome": target.outcome, "evidence": target.evidence, "seen": reviewed(target)}
        super().__init__(data, prefix=f"review{target.pk}", initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("outcome") and not given.get("evidence"):
            self.add_error("evidence", "Say how you know")
        if given.get("evidence") and not given.get("outcome"):
            self.add_error("outcome", "Say whether it was met")
        return given

    def changed(self) -> bool:
        """Whether it says something else than what stands."""
        standing = (self.target.outcome, self.target.evidence)
        return bool(self.cleaned_data["outcome"]) and standing != self.facts()

    def facts(self) -> tuple[str, str]:
        return self.cleaned_data["outcome"], self.cleaned_data["evidence"].replace("\r\n", "\n")

    def clash(self, target: PepTarget) -> None:
        """Somebody else has reviewed it: both stand here, and the next save counts."""
        self.add_error("evidence", THEIR_WORDS.format(f"{target.get_outcome_display()}: {target.evidence}"))
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = reviewed(target)


class NewTargetForm(TargetForm):
    """A target as it is agreed. What is set before the last ones are reviewed says why."""

    words = ("start_point", "goal", "measure", "why", "what", "where", "how_often", "named_person")
    mark_optional = False

    def __init__(self, data: Any = None, *, unreviewed: bool, **kwargs: Any) -> None:
        if unreviewed:
            why = forms.CharField(label="Why is it set before the last targets are reviewed?", max_length=400)
            self.base_fields = {**self.base_fields, "before_review_why": why}
        super().__init__(data, prefix="target", **kwargs)

    typed = Part.typed


class ActionForm(OnceForm):
    """What is done, who sees to it, by when."""

    mark_optional = False
    words = ("what", "named_person", "by_when-day")
    submit_label = "Save the action"

    what = forms.CharField(label="What is done", max_length=400)
    named_person = forms.CharField(label="Who sees to it", max_length=120)
    by_when = GovukDateField(label="By when")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    typed = Part.typed

    def facts(self) -> ActionFacts:
        return ActionFacts(**{name: self.cleaned_data[name] for name in ("what", "named_person", "by_when")})


class DoneForm(Part):
    """Actions of the last meeting that are still open: those that are done are ticked."""

    def __init__(self, data: Any = None, *, actions: Iterable[MeetingAction], **kwargs: Any) -> None:
        self.actions = {str(one.pk): one for one in actions}
        lines = [(pk, action_words(one)) for pk, one in self.actions.items()]
        done = forms.MultipleChoiceField(
            label="Tick what is done", choices=lines, widget=forms.CheckboxSelectMultiple, required=False
        )
        self.base_fields = {"done": done}
        super().__init__(data, prefix="done", **kwargs)

    def ticked(self) -> list[MeetingAction]:
        return [self.actions[pk] for pk in self.cleaned_data["done"]]


class NotesForm(Seen):
    """What is talked about, and when we meet next: booked before anybody leaves."""

    key_points = forms.CharField(
        label="Key points", widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000, required=False
    )
    for_child = forms.CharField(
        label="What we talked about, in plain words for the child",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
        help_text="The child takes this away. For example: you said that maths is better when it is quiet, so you get a quiet table.",
    )
    child_there = forms.ChoiceField(
        label="Was the child there?",
        choices=[NOT_YET, *capitalised(ChildThere.choices)],
        widget=forms.RadioSelect,
        required=False,
    )
    next_meeting_on = GovukDateField(
        label="Date of the next meeting", required=False, help_text="Booked now, before anyone leaves."
    )

    def __init__(self, data: Any = None, *, meeting: PepMeeting, held_on: Any, **kwargs: Any) -> None:
        self.held_on = held_on
        standing = {name: getattr(meeting, name) for name in NOTES}
        super().__init__(data, prefix="notes", initial=standing, **kwargs)
        self.carry(standing)

    def clean_next_meeting_on(self) -> Any:
        refuse_not_next(self.cleaned_data["next_meeting_on"], self.held_on)
        return self.cleaned_data["next_meeting_on"]

    def notes(self) -> dict[str, Given]:
        return {name: self.given(name) for name in NOTES}

    def clashes(self, found: Mapping[str, Any]) -> None:
        for name, standing in found.items():
            words = long_date(standing) if name == "next_meeting_on" and standing else str(standing or NOT_YET[1])
            self.clash(name, standing, THEIR_WORDS.format(words))


class EndForm(Part):
    """Where the council lets a meeting go on without the social worker: why."""

    why = forms.CharField(
        label="If it went on without the social worker: why",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
    )


def action_words(action: MeetingAction) -> str:
    return f"{action.what}: {action.named_person}, by {long_date(action.by_when)}"


def _here(invitation: MeetingInvitation) -> forms.Field:
    seat = capfirst(str(invitation.get_seat_display()))
    named = invitation.user or ("" if invitation.seat in NAMED_FOR else invitation.name)
    choices = [NOT_YET, *capitalised(Attendance.choices)]
    return forms.ChoiceField(
        label=f"{seat}, {named}" if named else seat,
        choices=choices,
        widget=forms.RadioSelect,
        required=False,
        initial=invitation.attendance,
    )
