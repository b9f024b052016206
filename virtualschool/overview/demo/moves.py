"""The case behind each change of school that the made-up authority tells of: proposed, everybody asked, decided, on the new roll."""

from datetime import date, timedelta

from children.models import Enrolment
from referrals.actions.move_decisions import arrived
from referrals.actions.moves import end
from referrals.enums import Destination, MoveState, MoveView, StopKey
from referrals.models import Consultation, MoveDecision, NominatedOfficer, ProposedSchool, SchoolMove
from referrals.moving.gathering import outlook_of
from virtualschool.accounts.models import User
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import schoolyear

THOUGHT_OF = timedelta(days=28)  # before the new school began
DECIDED = timedelta(days=12)
REASON = "The new home is too far away for the daily journey."
SAID = "Agreed, with a start on a day on which somebody can come along."
AUTHORITY = "Letter of the Director of Children’s Services"


def nominate(world: World) -> None:
    """The head is the council's nominated officer; nobody records their own nomination."""
    head, advocate = world.demo("vsh"), world.demo("ala")
    NominatedOfficer.objects.create(user=head, start=world.long_ago, authority=AUTHORITY, nominated_by=advocate)


def settle(world: World, one: Made, place: Enrolment, left: Enrolment) -> None:
    """The whole case of a move that has happened, whether the care placement opened one by itself or not."""
    worker, head = one.worker(place.start), world.demo("vsh")
    case = _case(one, place, left, worker)
    ProposedSchool.objects.create(move=case, school=place.school)
    ahead = outlook_of(case)
    known = set(case.consultations.values_list("consultee", flat=True))
    Consultation.objects.bulk_create(
        Consultation(move=case, consultee=asked.who, asked_on=case.opened_on)
        for asked in ahead.consultees
        if asked.who not in known
    )
    said = {"view": MoveView.FOR, "words": SAID, "answered_on": place.start - DECIDED, "answered_by": worker}
    case.consultations.update(**said)
    if not case.emergency:
        _decide(case, head, place.start - DECIDED, nominated=ahead.has(StopKey.NOMINATED))
    arrived(case, place, by=world.demo("data"))
    end(case, "complete", "The child has settled in.", head)


def _case(one: Made, place: Enrolment, left: Enrolment, worker: User) -> SchoolMove:
    case: SchoolMove | None = SchoolMove.objects.open().filter(child=one.child).select_related("child").first()
    if case is None:
        opened_on = max(place.start - THOUGHT_OF, one.start)
        case = SchoolMove(
            child=one.child, wanted_on=place.start, since=opened_on, opened_on=opened_on, opened_by=worker
        )
    case.destination, case.from_place, case.reason = Destination.SCHOOL, left, REASON
    case.keep_possible, case.keep_minutes, case.keep_payer, case.keep_words = False, 75, "social_care", REASON
    if case.emergency:
        case.account, case.accounted_on, case.accounted_by = (
            "The carer gave notice for the same day.",
            case.acted_on,
            worker,
        )
    case.save()
    return case


def _decide(case: SchoolMove, head: User, on: date, *, nominated: bool) -> None:
    officer = NominatedOfficer.objects.filter(user=head).first() if nominated else None
    case.state, case.proposed_by, case.proposed_on = MoveState.APPROVED, case.opened_by, case.opened_on
    case.decided_by, case.decided_on = head, on
    if case.proposed_by is None:
        case.proposed_by = case.child.relationships.of_kind("social_worker").current(on).get().user
    case.save()
    words = {"wishes": SAID, "provision": SAID, "teacher": SAID, "officer": SAID} if officer else {}
    covered = sorted({str(stop.key) for stop in outlook_of(case).stops})
    MoveDecision.objects.create(
        move=case,
        approved=True,
        by=head,
        on=on,
        words=SAID,
        nomination=officer,
        covered=covered,
        wanted_on=case.wanted_on,
        year=schoolyear.curriculum_year(case.child.date_of_birth, case.wanted_on),
        **words,
    )
