"""What a review of the care plan wants to know of a child's education, looked up once, as far as the reader's role reads it.

It stands in this app and not in ``overview``: all of it is the PEP's own, but for the figure of the attendance marks, which the
app above gives to every PEP as a fact (``peps.record.source``), so that nothing above is imported here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from children import reviews as law
from children.models import CareReview, Child
from peps import policies, record, reviews
from peps.enums import Audience, MeetingState, PepState
from peps.layouts import FieldSpec, empty
from peps.models import Concern, MeetingAction, Pep, PepAnswer, PepCost, PepTarget, VoiceStatement
from peps.reviews import Facts, Standing, Terms
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ONLY_BY_NAME, FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.clocks import Reckoning

OWN_WORDS = ("my_words", "one_change", "next_steps_i_want")
ASKED = {
    "attendance": ("attendance_percent",),
    "my_views": (*OWN_WORDS, "no_words_because", "who_can_see"),
    "health_and_wellbeing": ("helps_at_school", "safe_adult"),
    "meeting": ("decisions",),
}


@dataclass(frozen=True)
class Said:
    """A question of a PEP and its answer. ``pep`` is where it stands."""

    spec: FieldSpec
    answer: PepAnswer

    @property
    def pep(self) -> Pep:
        pep: Pep = self.answer.section.pep
        return pep


@dataclass(frozen=True)
class TargetSet:
    """The targets that were set in one PEP."""

    pep: Pep
    targets: list[PepTarget]


@dataclass
class NextReview:
    """The review that is planned, with how the PEP stands to it; or, when none is known, the last day by law."""

    review: CareReview | None = None
    standing: Standing | None = None
    latest: Reckoning | None = None


@dataclass
class Education:
    """Everything that the page shows. What the reader's role does not read is not in it."""

    child: Child
    groups: frozenset[FieldGroup]
    by: Terms
    facts: Facts
    known: record.Record
    next: NextReview = field(default_factory=NextReview)
    targets: list[TargetSet] = field(default_factory=list)
    said: dict[str, Said] = field(default_factory=dict)
    statement: VoiceStatement | None = None
    actions: list[MeetingAction] = field(default_factory=list)
    costs: list[PepCost] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)

    @property
    def without_pep(self) -> bool:
        """Whether there is none, neither open nor complete."""
        return self.facts.pep is None and self.facts.last is None


def gather(child: Child, user: User) -> Education:
    """A constant number of queries, however much was written. Address, carer and birth family are in nothing of it."""
    on, groups = today(), user.role_class.reads - ONLY_BY_NAME
    facts = reviews.facts_of([child.pk])[child.pk]
    found = Education(child, groups, reviews.terms(on), facts, record.Record(Pep(child=child)))
    if FieldGroup.LEGAL in groups:
        found.next = _next_review(child, facts, found.by)
    found.targets = _targets(child, user)
    found.said = _said(child, groups)
    if FieldGroup.VOICE in groups:
        found.statement = _statement(child, user)
    found.actions = _actions(child, user)
    found.costs = _costs(child, user, on)
    found.concerns = list(
        Concern.objects.visible_to(user).open().filter(child=child).select_related("clock").order_by("raised_at", "pk")
    )
    return found


def _next_review(child: Child, facts: Facts, by: Terms) -> NextReview:
    review = CareReview.objects.filter(child=child, on__gte=by.on).order_by("on").first()
    if review is not None:
        return NextReview(review, reviews.standing(review.on, child.date_of_birth, facts, by))
    held = law.held([child.pk], by.on).get(child.pk)
    if held is None:
        return NextReview()
    return NextReview(latest=law.at_the_latest(held, calendars.load(), rules.pack(by.on, law.PREFIX)))


def _targets(child: Child, user: User) -> list[TargetSet]:
    """Those of the last two PEPs that have any, the latest first."""
    rows = PepTarget.objects.visible_to(user).filter(pep__child=child).exclude(pep__state=PepState.CANCELLED)
    sets: dict[int, TargetSet] = {}
    for target in rows.select_related("pep").order_by("-pep__opened_on", "-pep", "pk"):
        sets.setdefault(target.pep_id, TargetSet(target.pep, [])).targets.append(target)
    return list(sets.values())[:2]


def _said(child: Child, groups: frozenset[FieldGroup]) -> dict[str, Said]:
    """The latest answer to each question; the child's own words, and what belongs to them, all from one PEP."""
    rows = (
        PepAnswer.objects.filter(
            section__pep__child=child,
            section__key__in=ASKED,
            field__in=[key for keys in ASKED.values() for key in keys],
        )
        .exclude(section__pep__state=PepState.CANCELLED)
        .select_related("section__pep", "written_by")
        .order_by("-section__pep__opened_on", "-section__pep", "pk")
    )
    found: dict[str, Said] = {}
    spoke: Pep | None = None
    for one in _readable(rows, groups):
        if one.spec.key in ASKED["my_views"]:
            spoke = spoke or one.pep
            if one.pep != spoke:
                continue
        found.setdefault(one.spec.key, one)
    return found


def _readable(rows: Iterable[PepAnswer], groups: frozenset[FieldGroup]) -> Iterable[Said]:
    for answer in rows:
        if empty(answer.value):
            continue
        specs = policies.fields_in(groups, answer.section)
        spec = next((one for one in specs if one.key == answer.field), None)
        if spec is not None and answer.field in ASKED[answer.section.key]:
            yield Said(spec, answer)


def _statement(child: Child, user: User) -> VoiceStatement | None:
    rows = VoiceStatement.objects.visible_to(user).filter(pep__child=child, audience=Audience.CHILD)
    found: VoiceStatement | None = rows.order_by("-given_at", "-pk").first()
    return found


def _actions(child: Child, user: User) -> list[MeetingAction]:
    """Those of meetings that were held, the most overdue first."""
    rows = MeetingAction.objects.visible_to(user).filter(
        meeting__pep__child=child, meeting__state=MeetingState.HELD, done_on__isnull=True
    )
    return list(rows.exclude(meeting__pep__state=PepState.CANCELLED).order_by("by_when", "pk"))


def _costs(child: Child, user: User, on: date) -> list[PepCost]:
    """Lines that were agreed in this academic year's PEPs, for those who read money."""
    rows = PepCost.objects.visible_to(user).filter(
        target__pep__child=child, target__pep__academic_year=schoolyear.academic_year(on), agreed=True
    )
    return list(rows.exclude(target__pep__state=PepState.CANCELLED).order_by("pk"))
