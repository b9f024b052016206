"""Which dates bind the matters of the SEN team: the rules by name, when a review is due, and who changes phase next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from children.enums import SenStatus
from children.models import Child, Enrolment, SenRecord
from virtualschool.rulebook import clocks, rules, schoolyear
from virtualschool.rulebook.rules import InForce

MOVE_ANSWER = "sen.move_answer"
DECIDE_TO_ASSESS, FINAL_PLAN, DRAFT_COMMENT = "sen.decide_to_assess", "sen.final_plan", "sen.draft_comment"
ANNUAL_REVIEW, REVIEW_DECISION = "sen.annual_review", "sen.review_decision"
TO_SCHOOL, TO_POST_16 = "sen.phase_transfer.school", "sen.phase_transfer.after_school"
HAND_OVER, TELL_PARENT = "sen.transfer", "sen.transfer_notice"
SCHOOL_REPLY = "sen.consultation_reply"

NURSERY, LAST_OF_PRIMARY, LAST_OF_SECONDARY = -1, 6, 11
CHANGES = {NURSERY: "into school", LAST_OF_PRIMARY: "to secondary school", LAST_OF_SECONDARY: "to education after 16"}
OLDEST_TAUGHT = 5  # a school that teaches a curriculum year takes children up to this many years older


@dataclass(frozen=True)
class PhaseChange:
    """The change of phase that ends this school year: in which curriculum year the child is, what it is to, and by when."""

    year: int
    words: str
    rule: InForce
    due_on: date

    def weeks_left(self, on: date) -> int:
        """Whole weeks until its date; below zero when it has passed."""
        return (self.due_on - on).days // 7


def plan_of(child: Child, on: date) -> SenRecord | None:
    """The record of an education, health and care plan that holds on the day."""
    return SenRecord.objects.current(on).filter(child=child, status=SenStatus.EHCP).first()


def review_due(record: SenRecord, months: int) -> date | None:
    """As the record says, else ``months`` after the plan; None when neither is known."""
    if record.annual_review_due:
        return record.annual_review_due
    return schoolyear.add_months(record.plan_on, months) if record.plan_on else None


def phase_change(
    child: Child, place: Enrolment | None, on: date, known: rules.Book | None = None
) -> PhaseChange | None:
    """The change of phase at the end of this school year, if there is one.

    From early years into school, and after Year 11 whatever the school, for a sixth form of its own keeps nobody; after Year 6 unless the
    school is known to go on (a middle or an all-through school); in another year where it is the last that the child's school teaches.
    """
    set_to = place.year_group if place else None
    year = schoolyear.year_taught(child.date_of_birth, on, set_to)
    told = CHANGES.get(year, "to the next school" if _last_year_of(place, year) else "")
    if year == LAST_OF_PRIMARY and _goes_on(place, year):
        return None
    if not told:
        return None
    starts = date(schoolyear.academic_year(on), 9, 1)
    key = TO_POST_16 if year == LAST_OF_SECONDARY else TO_SCHOOL
    rule = (known or rules.named(key, on=starts)).get(key, on=starts)
    return PhaseChange(year, told, rule, clocks.next_fixed(rule, starts))


def phase_rules(on: date) -> rules.Book:
    """Both dates, for loops. One query."""
    return rules.named(TO_SCHOOL, TO_POST_16, on=date(schoolyear.academic_year(on), 9, 1))


def main_places(children: Iterable[int], on: date) -> dict[int, Enrolment]:
    """Today's main school by child. One query."""
    rows = Enrolment.objects.main().current(on).filter(child__in=children).select_related("school").order_by("start")
    return {row.child_id: row for row in rows}


def _goes_on(place: Enrolment | None, year: int) -> bool:
    """The school is known to teach the years after."""
    return place is not None and (place.school.high_age or 0) > year + OLDEST_TAUGHT


def _last_year_of(place: Enrolment | None, year: int) -> bool:
    if place is None or place.school.high_age is None or not schoolyear.RECEPTION <= year < LAST_OF_SECONDARY:
        return False
    return place.school.high_age == year + OLDEST_TAUGHT


def hand_over_rule(on: date) -> InForce:
    """How long the old council has where it had too little notice."""
    return rules.get(HAND_OVER, on=on)
