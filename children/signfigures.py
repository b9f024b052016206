"""How often each sign of a shaky placement fired in a term, by group: so that somebody sees when a rule falls on some children more.

A sign looks at no child's ethnicity, religion, disability or home; this looks at what came of it. Counted are children on the roll
today who were in care in the term, each once a sign; a figure of few children is hidden by the rule ``report.suppress_below``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from children.checks.signals import SIGNALS
from children.figures import Figure, suppressed
from children.models import Alert, Child, PeriodOfCare
from virtualschool.accounts.models import User
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.schoolyear import Term, age

CHECK = "placement.signals"
LEAST = "report.suppress_below"
TERMS = 6
ALL = "all"
CARE = "care"  # beside the signs: how many children there are to find any in

NOT_KNOWN = ("unknown", "Not known")
SEXES = {"F": ("f", "Girls and young women"), "M": ("m", "Boys and young men")}
# By the first letter of the return's code, but for Chinese, which the census counts as Asian.
ETHNICITIES = {
    "W": ("white", "White"),
    "M": ("mixed", "Mixed"),
    "A": ("asian", "Asian"),
    "B": ("black", "Black"),
    "C": ("asian", "Asian"),
    "O": ("other", "Other"),
}
# Those of the published statistics of children looked after.
AGES = ((4, "under-5", "Under 5"), (9, "5-9", "5 to 9"), (15, "10-15", "10 to 15"), (99, "16-on", "16 and over"))

Group = tuple[str, str]
Facts = tuple[str, str, date]


@dataclass(frozen=True)
class Tally:
    """One sign in one group in one term. ``figure`` is what may be shown of it, ``children`` those whom it counts."""

    sign: str
    group: str
    children: tuple[int, ...]
    figure: Figure


@dataclass(frozen=True)
class Picture:
    """A term by one kind of group: ``groups`` in their order, ``tallies`` by sign and group, ``times`` each sign fired."""

    term: Term
    groups: dict[str, str]
    tallies: dict[tuple[str, str], Tally]
    times: dict[str, int]


def by_sex(facts: Facts, term: Term) -> Group:
    return SEXES.get(facts[0], NOT_KNOWN)


def by_ethnicity(facts: Facts, term: Term) -> Group:
    known = facts[1] not in {"", "NOBT", "REFU"}
    return ETHNICITIES.get(facts[1][:1], NOT_KNOWN) if known else NOT_KNOWN


def by_age(facts: Facts, term: Term) -> Group:
    """By the age on the first day of the term, or of birth."""
    years = age(facts[2], max(term.start, facts[2]))
    return next((key, words) for most, key, words in AGES if years <= most)


KINDS: dict[str, tuple[str, Callable[[Facts, Term], Group], list[Group]]] = {
    "sex": ("Sex", by_sex, [*SEXES.values(), NOT_KNOWN]),
    "ethnicity": ("Ethnicity", by_ethnicity, [*dict.fromkeys(ETHNICITIES.values()), NOT_KNOWN]),
    "age": ("Age", by_age, [(key, words) for _, key, words in AGES]),
}


def terms(on: date) -> dict[str, Term]:
    """The term of the day and those before it, newest first, by the word that an address has for each."""
    known = calendars.load()
    found = [known.term_of(on)]
    while len(found) < TERMS:
        found.append(known.term_of(found[-1].start - timedelta(days=1)))
    return {f"{one.academic_year}-{one.name.value}": one for one in found}


def picture(user: User, term: Term, kind: str) -> Picture:
    """What each sign came to. Three queries, however many children."""
    _, group_of, order = KINDS[kind]
    grouped = {pk: group_of(facts, term) for pk, facts in _children(user, term).items()}
    fired: dict[str, dict[int, int]] = {sign: defaultdict(int) for sign in SIGNALS}
    for child_id, key in _alerts(user, term).values_list("child_id", "natural_key"):
        sign = key.partition(":")[0]
        if sign in fired and child_id in grouped:
            fired[sign][child_id] += 1
    groups = dict([(ALL, "All"), *(group for group in order if group in set(grouped.values()))])
    members = {key: frozenset(pk for pk, (of, _) in grouped.items() if key in (ALL, of)) for key in groups}
    found = {CARE: frozenset(grouped), **{sign: frozenset(children) for sign, children in fired.items()}}
    return Picture(
        term, groups, _tallies(found, members, term), {sign: sum(counted.values()) for sign, counted in fired.items()}
    )


def alerts_of(user: User, tally: Tally, term: Term) -> QuerySet[Alert]:
    """The alerts behind a figure."""
    rows = _alerts(user, term).filter(child__in=tally.children, natural_key__startswith=f"{tally.sign}:")
    return rows.select_related("child").order_by("-opened_on", "-pk")


def _children(user: User, term: Term) -> dict[int, Facts]:
    in_term = Q(end__isnull=True) | Q(end__gt=term.start)
    care = PeriodOfCare.objects.filter(in_term, start__lt=term.end, short_breaks=False)
    rows = Child.objects.visible_to(user).filter(pk__in=care.values("child"))
    return {pk: facts for pk, *facts in rows.values_list("pk", "sex", "ethnicity", "date_of_birth")}  # type: ignore[misc]


def _alerts(user: User, term: Term) -> QuerySet[Alert]:
    return Alert.objects.visible_to(user).filter(check_name=CHECK, opened_on__gte=term.start, opened_on__lt=term.end)


def _tallies(
    found: Mapping[str, frozenset[int]], members: Mapping[str, frozenset[int]], term: Term
) -> dict[tuple[str, str], Tally]:
    """With small numbers hidden, and a second one beside a single hidden group, so that none is the difference to all."""
    least = rules.get(LEAST, on=term.start).value
    keys = [(sign, group) for sign in found for group in members]
    counted = {(sign, group): found[sign] & members[group] for sign, group in keys}
    shown = suppressed([_row(sign, group, len(counted[sign, group]), members, term) for sign, group in keys], least)
    return {key: Tally(*key, tuple(sorted(counted[key])), figure) for key, figure in zip(keys, shown, strict=True)}


def _row(sign: str, group: str, count: int, members: Mapping[str, Iterable[int]], term: Term) -> dict[str, object]:
    whole = None if sign == CARE else len(tuple(members[group]))
    return {
        "cohort": sign,
        "measure": "total" if group == ALL else "group",
        "area": group,
        "on": term.start,
        "count": count,
        "out_of": whole,
        "source": "",
    }
