"""The facts that the stops of a school move are reckoned from, as the records have them."""

from datetime import date

from django.conf import settings

from children import judgements
from children.enums import SenStatus
from children.models import Child, Enrolment, School, SenRecord
from children.moving import place_left
from referrals.courseplans import waiting
from referrals.enums import Consultee, Destination, MoveState, MoveView
from referrals.models import SchoolMove
from referrals.moving.stops import Facts, Outlook, Proposed, needs_nominated_officer, outlook
from referrals.sen_matters import of_move
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules, schoolyear
from virtualschool.rulebook.rules import Pack

PREFIX = "move."
UNDECIDED = (MoveState.DRAFT, MoveState.PROPOSED)


def outlook_of(move: SchoolMove) -> Outlook:
    """The stops, consultees and clocks of a case, as they stand now. A constant number of queries.

    A case that nobody has decided is given the place that it leaves as the roll has it now.
    """
    if move.state in UNDECIDED:
        move.from_place = leaving(move)
    in_force = rules.pack(move.wanted_on, PREFIX)
    return outlook(facts_of(move, in_force), in_force)


def leaving(move: SchoolMove) -> Enrolment | None:
    """The place that the move leaves: held on the day before the one it is wanted on, or ended shortly before, as ``children.moving`` has it.

    A case with a past day accounts for what happened then. One for a day to come leaves at least the place of today. A place at a
    proposed school is where it leads, not what it leaves.
    """
    where_to = list(move.schools.values_list("school", flat=True)) if move.pk else []
    found = place_left(move.child, move.wanted_on, not_at=where_to)
    if found is None and move.wanted_on > today():
        here = Enrolment.objects.main().current().filter(child=move.child_id).exclude(school__in=where_to)
        found = here.select_related("school").first()
    return found


def facts_of(move: SchoolMove, in_force: Pack) -> Facts:
    """What the case, the child's record and the schools say."""
    child = move.child
    year = schoolyear.curriculum_year(child.date_of_birth, move.wanted_on)
    proposed = list(move.schools.select_related("school"))
    key_stage_4 = needs_nominated_officer(year, in_force)
    standing = judgements.standings([one.school for one in proposed], move.wanted_on)
    lines = waiting(move, [one.school for one in proposed])
    spoken = move.consultations.filter(version=move.version).exclude(view="")
    views = dict(spoken.values_list("consultee", "view"))
    if _sen_answered(move):
        views[Consultee.SEN] = MoveView.MIXED
    return Facts(
        year=year,
        wanted_on=move.wanted_on,
        destination=Destination(move.destination),
        changes_care=move.changes_care,
        has_plan=has_plan(child, move.wanted_on),
        out_of_area=any(_elsewhere(one.school, move.from_place) for one in proposed),
        emergency=move.emergency,
        on_roll=move.from_place_id is not None,
        keep_answered=move.keep_possible is not None,
        schools=tuple(
            Proposed(
                name=one.school.name,
                urn=one.school.urn,
                taught_year=one.year_group,
                below_line=standing[one.school_id].below,
                line_words=standing[one.school_id].words,
                unplanned=lines[one.school_id] if key_stage_4 or lines[one.school_id] else None,
            )
            for one in proposed
        ),
        consulted=frozenset(views),
        heard=frozenset(who for who, view in views.items() if view != MoveView.UNASKED),
        exceptions=frozenset(
            (stop, urn or "", what)
            for stop, urn, what in move.exceptions.values_list("stop", "school__urn", "excepted")
        ),
    )


def has_plan(child: Child, on: date) -> bool:
    """Whether the child has an education, health and care plan on the day."""
    return SenRecord.objects.current(on).filter(child=child, status=SenStatus.EHCP).exists()


def _sen_answered(move: SchoolMove) -> bool:
    """The SEN officers answer in their own matter."""
    matter = of_move(move.matter)
    return matter is not None and matter.answered_on is not None


def _elsewhere(school: School, place: Enrolment | None) -> bool:
    """Whether the school lies in another council's area: not in ours, or, where ours is not set, not in that of the present school."""
    ours = settings.COUNCIL_CODE or (place.school.la_code if place else "")
    return bool(ours and school.la_code and school.la_code != ours)
