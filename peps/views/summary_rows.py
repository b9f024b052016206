"""The rows of the summary for the care review: one list of facts, then a few headings, each with what the reader may know."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from children import clocks
from children.models import CareReview
from peps.enums import PepState, TargetArea
from peps.models import Concern, MeetingAction, PepAnswer, PepCost, PepTarget
from peps.record import SOURCES
from peps.review_summary import OWN_WORDS, Education, Said, TargetSet
from peps.reviews import Readiness
from peps.views.common import DUE_WORDS, kind_words, state_tag, term_words
from peps.views.concerns import tag_of, title
from peps.views.records import value_lines
from peps.views.reviews import TAGS
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.formfields import long_date, lower_first
from virtualschool.kernel.money import pounds

Row = dict[str, Any]
Titled = tuple[str, list[Row]]
NO_PEP = "No PEP has been opened or completed in this service yet. What the record knows of the education is below."
TOO_YOUNG = "No PEP is asked for at this age. What the record knows of the education is below."


def none_words(found: Education) -> str:
    """Said kindly where there is no PEP at all; nothing where there is one."""
    if not found.without_pep:
        return ""
    return NO_PEP if found.by.asks_for_pep(found.child.date_of_birth) else TOO_YOUNG


def facts(found: Education) -> list[Row]:
    """School, year, attendance, and the review itself."""
    rows: list[Row] = []
    if FieldGroup.EDUCATION in found.groups:
        rows.append(_school(found))
    rows.append(_row("Year group", "", lines=_known(found, "year_group")))
    if FieldGroup.ATTENDANCE in found.groups:
        rows.append(_attendance(found))
    if FieldGroup.LEGAL in found.groups:
        rows.append(_review(found))
    return [*rows, *_peps(found)]


def parts(found: Education) -> list[Titled]:
    """What is under the facts. A heading with nothing under it says so in a row, or is left out where the role reads none of it."""
    return [*_targets(found.targets), *_voice(found), ("Support, and what is still to be done", list(_support(found)))]


# ---------------------------------------------------------------- facts


def _row(key: str, value: str, *, missing: str = "Not known", **more: Any) -> Row:
    said = {name: one for name, one in more.items() if one}
    return {"key": key, "value": value, "missing": "" if said.get("lines") else missing} | said


def _known(found: Education, fact: str) -> list[str]:
    """A fact of the record, by its key, in lines."""
    words = SOURCES[fact](found.known)
    return [line for line in ([words] if isinstance(words, str) else words) if line]


def _school(found: Education) -> Row:
    place = found.known.place
    if place is None:
        return _row("School", "", missing="No school today")
    return _row("School", f"{place.school.name}, since {long_date(place.start)}")


def _attendance(found: Education) -> Row:
    lines = _known(found, "attendance_year")
    said = found.said.get("attendance_percent")
    if said:
        figure = value_lines(said.spec, said.answer.value)[0]
        lines.append(f"School wrote {figure} per cent in the PEP of the {term_words(said.pep)}")
    return _row("Attendance this school year", "", lines=lines)


def _review(found: Education) -> Row:
    planned: CareReview | None = found.next.review
    if planned is None or found.next.standing is None:
        latest = found.next.latest
        by_law = [f"By law at the latest {long_date(latest.due_on)}"] if latest and latest.due_on else []
        return _row("Next care review", "None known", lines=by_law)
    stands = found.next.standing
    due = stands.due.due_on if stands.readiness is not Readiness.NOT_ASKED else None
    by = [f"PEP due to the reviewing officer by {long_date(due)}"] if due else []
    lines = [*by, *(capfirst(one) for one in stands.missing)]
    return _row("Next care review", long_date(planned.on), tag=TAGS[stands.readiness], lines=lines)


def _peps(found: Education) -> Iterable[Row]:
    if found.without_pep:
        return
    pep, last, meeting = found.facts.pep, found.facts.last, found.facts.meeting
    if pep:
        lines = [f"{DUE_WORDS[PepState(pep.state)]} {long_date(pep.due_on)}"]
        words = f"{kind_words(pep)}, {lower_first(term_words(pep))}"
        yield _row("PEP now", words, href=pep.get_absolute_url(), tag=state_tag(pep), lines=lines)
    else:
        yield _row("PEP now", "", missing="None is open")
    if last and last.completed_on:
        grade = {"text": str(last.get_grade_display()).capitalize(), "status": last.grade} if last.grade else None
        href = reverse("peps:read", args=[last.uuid])
        yield _row("Last complete PEP", long_date(last.completed_on), href=href, tag=grade)
    else:
        yield _row("Last complete PEP", "", missing="None yet")
    day = long_date(meeting.starts_at.astimezone(LONDON).date()) if meeting else ""
    yield _row("Next PEP meeting", day, missing="None planned")


# ---------------------------------------------------------------- targets


def _targets(sets: list[TargetSet]) -> Iterable[Titled]:
    """The new ones first, then those before with what became of them."""
    titles = ("Targets of the {}", "Targets before, of the {}")
    for words, one in zip(titles, sets, strict=False):
        yield words.format(lower_first(term_words(one.pep))), [_target(target) for target in one.targets]


def _target(target: PepTarget) -> Row:
    area = TargetArea(target.area).label if target.area in TargetArea.values else target.area
    who = target.named_person or "Nobody named"
    when = f"by {long_date(target.by_when)}" if target.by_when else "no day"
    outcome = capfirst(str(target.get_outcome_display())) if target.outcome else ""
    lines = [f"{who}, {when}"]
    if outcome:
        lines.append(f"{outcome}. {target.evidence}".strip())
    return _row(capfirst(str(area)), target.goal, lines=lines, missing="Not said")


# ---------------------------------------------------------------- the child


def _voice(found: Education) -> Iterable[Titled]:
    if FieldGroup.VOICE in found.groups and not found.without_pep:
        yield "In the child’s own words", list(_own_words(found))
    helps = [_answer(found.said[key]) for key in ("helps_at_school", "safe_adult") if key in found.said]
    if helps:
        yield "What helps", helps


def _own_words(found: Education) -> Iterable[Row]:
    """The latest words: what the child gave by a link, or what an adult wrote down."""
    written = [found.said[key] for key in OWN_WORDS if key in found.said]
    given = found.statement
    if given and not any(one.answer.written_at > given.given_at for one in written):
        day = long_date(given.given_at.astimezone(LONDON).date())
        yield _row("Given by a link", day)
        for one in given.answers:
            yield _row(f"“{one['asked']}”", "", lines=[line for line in one["words"].split("\n") if line.strip()])
        return
    for said in written:
        yield _answer(said) | {"lines": [*value_lines(said.spec, said.answer.value), _written_down(said.answer)]}
    if written and "who_can_see" in found.said:
        yield _answer(found.said["who_can_see"])
    if not written:
        why = found.said.get("no_words_because")
        yield _answer(why) if why else _row("My words", "", missing="None are written down yet")


def _written_down(answer: PepAnswer) -> str:
    return f"Written down by {answer.writers}, {long_date(answer.written_at.astimezone(LONDON).date())}"


def _answer(said: Said) -> Row:
    return _row(said.spec.label, "", lines=value_lines(said.spec, said.answer.value))


# ---------------------------------------------------------------- what is still to be done


def _support(found: Education) -> Iterable[Row]:
    if "decisions" in found.said:
        yield _answer(found.said["decisions"]) | {"key": "Decided at the last meeting"}
    yield _row("Actions still open", "", lines=[_action(one) for one in found.actions], missing="None")
    if FieldGroup.MONEY in found.groups:
        yield _row(
            "Pupil Premium Plus agreed this school year", "", lines=list(_money(found.costs)), missing="None agreed"
        )
    yield _row("Open concerns", "", lines=[_concern(one) for one in found.concerns], missing="None")


def _action(action: MeetingAction) -> str:
    return f"{action.what}: {action.named_person}, by {long_date(action.by_when)}"


def _money(costs: list[PepCost]) -> Iterable[str]:
    for cost in costs:
        yield f"{cost.item}: {pounds(cost.total_pence)}"
    if len(costs) > 1:
        yield f"Together {pounds(sum(cost.total_pence for cost in costs))}"


def _concern(concern: Concern) -> str:
    state = lower_first(tag_of(concern)["text"])
    due = concern.clock.due_on if concern.waits and concern.clock else None
    late = ", overdue" if due and concern.clock and clocks.standing(concern.clock) == "overdue" else ""
    answer = f", answer due {long_date(due)}{late}" if due else ""
    return f"{title(concern)}: {concern.words} ({state}{answer})"
