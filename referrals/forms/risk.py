from django import forms
from django.utils.functional import cached_property
from django.utils.text import capfirst

from children.enums import RelationKind
from children.models import Child
from referrals.enums import AtRisk, HowSoon, RiskOutcome
from virtualschool.accounts.roles import Reach
from virtualschool.kernel.forms import PageForm

MOST_SHOWN = 60
OWN = (RelationKind.SOCIAL_WORKER, RelationKind.ADVOCATE, RelationKind.COORDINATOR, RelationKind.SUPPORT)


def said(choices) -> list[tuple[str, str]]:
    """The choices as a form says them, with a capital."""
    return [(value, capfirst(label)) for value, label in choices.choices]


OUTCOMES = [pair for pair in said(RiskOutcome) if pair[0] != RiskOutcome.LEFT_CARE]  # leaving care says that by itself


class WhichChildForm(PageForm):
    """The first screen: which child, and which place.

    Whoever reaches the whole roll may name another child than their own; so may a manager of more children than are shown.
    """

    submit_label = "Continue"
    child = forms.ChoiceField(label="Which child?", widget=forms.RadioSelect, required=False)
    name = forms.CharField(
        label="Another child’s name or council’s id",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    at_risk = forms.ChoiceField(label="What is at risk?", choices=said(AtRisk), widget=forms.RadioSelect)
    unmarked = ("child",)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.found = None
        if user.role_class.reach is not Reach.ROLL and not self.more:
            del self.fields["name"]
        self._offer(self.own)
        if not self.own:
            self.fields["child"].widget = forms.HiddenInput()

    @property
    def own(self) -> list[Child]:
        """The person's own children, as many as a phone can show."""
        return self._first[:MOST_SHOWN]

    @property
    def more(self) -> bool:
        """Whether there are more of their own than are shown."""
        return len(self._first) > MOST_SHOWN

    @cached_property
    def _first(self) -> list[Child]:
        mine = Child.objects.in_own_reach(self.user)
        if self.user.role_class.reach is Reach.ROLL:
            tied = Child.objects.none()
            for kind in OWN:
                tied = tied | Child.objects.related_to([self.user], kind)
            mine = mine.filter(pk__in=tied.values("pk"))
        return list(mine.order_by("last_name", "first_names", "pk")[: MOST_SHOWN + 1])

    def _offer(self, children: list[Child]) -> None:
        self.fields["child"].choices = [(str(child.uuid), child.name) for child in children]

    def clean(self):
        given = super().clean()
        if given.get("name"):
            self.found = self._named(given["name"])
        elif given.get("child"):
            self.found = Child.objects.in_own_reach(self.user).filter(uuid=given["child"]).first()
        elif "child" not in self.errors:
            self.add_error("child", "Select a child")
        return given

    def _named(self, name: str) -> Child | None:
        matches = list(Child.objects.in_own_reach(self.user).named_like(name).order_by("last_name", "first_names")[:10])
        if len(matches) == 1:
            return matches[0]
        if matches:
            self._offer(matches)
            self.fields["child"].widget = forms.RadioSelect(choices=self.fields["child"].choices)
            self.data = {**self.data.dict(), "name": ""}
            self.add_error("child", "Several children match: select one of them")
        else:
            self.add_error("name", "No child that you work with has this name or id")
        return None


class WhichPlaceForm(PageForm):
    """The first screen for a child who is known."""

    submit_label = "Continue"
    at_risk = forms.ChoiceField(label="What is at risk?", choices=said(AtRisk), widget=forms.RadioSelect)


class RiskForm(PageForm):
    """The second screen."""

    submit_label = "Report it"
    why = forms.CharField(label="Why is it at risk?", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)
    how_soon = forms.ChoiceField(label="How soon might it break down?", choices=said(HowSoon), widget=forms.RadioSelect)
    would_help = forms.CharField(
        label="What would help?", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )


class PlanForm(PageForm):
    submit_label = "Save the plan"
    plan = forms.CharField(
        label="What will be done, by whom and by when?", widget=forms.Textarea(attrs={"rows": 6}), max_length=8000
    )


class CloseForm(PageForm):
    submit_label = "Close this report"
    outcome = forms.ChoiceField(label="What became of it?", choices=OUTCOMES, widget=forms.RadioSelect)
    words = forms.CharField(
        label="In a few words", widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )
