"""The facts of a PEP that this app and the roll can tell, each found by its key in the field list."""

from datetime import date
from decimal import Decimal

from django.utils.text import capfirst

from children import inspection
from children.enums import RelationKind, SenStatus
from children.hours import full_time
from children.models import Child, HealthReturn
from peps import layouts
from peps.actions import occasions
from peps.enums import PepKind, SectionState
from peps.models import Pep, PepReview, PepTarget
from peps.people import designated_teacher
from peps.record import SOURCES, Record, Source, Words, source, start
from virtualschool.accounts.models import Membership, User
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.numbers import plain
from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.enums import TermName
from virtualschool.rulebook.schoolyear import Term

# The choices of the question "Special educational needs".
SEN_WORDS = {
    SenStatus.NONE: "None known",
    SenStatus.SUPPORT: "SEN support",
    SenStatus.ASSESSMENT: "Assessment asked for",
    SenStatus.EHCP: "Education, health and care plan",
}
SEXES = {"1": "Male", "2": "Female", "M": "Male", "F": "Female"}


def _day(on: date | None) -> str:
    return long_date(on) if on else ""


# ---------------------------------------------------------------- front sheet


@source("pep_kind")
def _kind(record: Record) -> Words:
    return capfirst(PepKind(record.pep.kind).label)


@source("phase")
def _phase(record: Record) -> Words:
    return schoolyear.PHASES[record.pep.phase]


def _term_of(pep: Pep) -> Term:
    return Term(pep.opened_on, pep.opened_on, pep.academic_year, TermName(pep.term))


@source("term")
def _term(record: Record) -> Words:
    return str(_term_of(record.pep))


@source("meeting_cutoff")
def _cutoff(record: Record) -> Words:
    return _day(occasions.cutoff(_term_of(record.pep)))


@source("school", "school_name")
def _school(record: Record) -> Words:
    return record.pep.school.name if record.pep.school else "No school"


@source("first_pep")
def _first(record: Record) -> Words:
    elsewhere = record.child.last_pep_before_go_live is not None
    return "No" if record.pep.previous_id or elsewhere else "Yes"


@source("last_pep")
def _last(record: Record) -> Words:
    if record.before is None:
        return _day(record.child.last_pep_before_go_live) or "None"
    done = f", completed {long_date(record.before.completed_on)}" if record.before.completed_on else ""
    return f"{_term_of(record.before)}{done}"


@source("next_due")
def _next(record: Record) -> Words:
    return _day(record.pep.due_on) if record.pep.is_open else "Nothing"


@source("state")
def _state(record: Record) -> Words:
    return capfirst(record.pep.get_state_display())


@source("version")
def _version(record: Record) -> Words:
    return f"{record.pep.version}, of the form of {layouts.of_version(record.pep.layout).title}"


@source("left_to_do")
def _left(record: Record) -> Words:
    left = record.pep.sections.exclude(state=SectionState.COMPLETE).count() if record.pep.is_open else 0
    return f"{left} {'section' if left == 1 else 'sections'}" if left else "Nothing"


@source("last_grade")
def _grade(record: Record) -> Words:
    return capfirst(record.before.get_grade_display()) if record.before and record.before.grade else "None"


@source("last_feedback")
def _feedback(record: Record) -> Words:
    review = PepReview.objects.filter(pep=record.before).order_by("-at").first() if record.before else None
    return review.reason if review else "None"


@source("last_targets")
def _targets(record: Record) -> Words:
    targets = PepTarget.objects.filter(pep=record.before).order_by("pk") if record.before else []
    return [f"{one.goal}: {one.get_outcome_display() or 'not reviewed yet'}" for one in targets] or "None"


# ---------------------------------------------------------------- people


def _worker(record: Record, kind: RelationKind) -> Words:
    tie = record.ties.get(kind)
    return _reached(tie.user) if tie and tie.user else []


def _reached(user: User) -> list[str]:
    """Somebody at work, and how they are reached there."""
    return [user.name, user.telephone, user.email]


@source("virtual_school_lead")
def _lead(record: Record) -> Words:
    tie = record.ties.get(RelationKind.ADVOCATE)
    return tie.user.name if tie and tie.user else ""


@source("coordinator")
def _coordinator(record: Record) -> Words:
    tie = record.ties.get(RelationKind.COORDINATOR)
    return tie.user.name if tie and tie.user else ""


@source("social_worker")
def _social_worker(record: Record) -> Words:
    return _worker(record, RelationKind.SOCIAL_WORKER)


@source("iro")
def _iro(record: Record) -> Words:
    return _worker(record, RelationKind.IRO)


@source("virtual_school_adviser")
def _adviser(record: Record) -> Words:
    return _worker(record, RelationKind.ADVOCATE)


@source("team_manager")
def _team(record: Record) -> Words:
    tie = record.ties.get(RelationKind.TEAM)
    if tie is None or tie.team is None:
        return ""
    managers = Membership.objects.current(record.on).filter(
        organisation=tie.team, position=Membership.Position.MANAGER, user__is_active=True
    )
    return [tie.team.name, *managers.order_by("user__name").values_list("user__name", flat=True)]


@source("designated_teacher")
def _teacher(record: Record) -> Words:
    teacher = designated_teacher(record.pep.school, record.on)
    return _reached(teacher) if teacher else []


# ---------------------------------------------------------------- the child


def _of_child(name: str) -> Source:
    def found(record: Record) -> Words:
        return str(getattr(record.child, name))

    return found


for _key in ("known_as", "upn", "uln", "first_language"):
    SOURCES[_key] = _of_child(_key)


@source("legal_name")
def _legal_name(record: Record) -> Words:
    child: Child = record.child
    return f"{child.first_names} {child.last_name}".strip()


@source("date_of_birth")
def _born(record: Record) -> Words:
    born = record.child.date_of_birth
    return f"{long_date(born)}, {schoolyear.age(born, record.on)}"


@source("year_group")
def _year(record: Record) -> Words:
    by_age = schoolyear.curriculum_year(record.child.date_of_birth, record.on)
    taught = record.place.year_group if record.place else None
    if taught is None or taught == by_age:
        return schoolyear.curriculum_year_words(by_age)
    words = schoolyear.curriculum_year_words(taught)
    return [words, f"Taught out of year group: by age {schoolyear.curriculum_year_words(by_age)}"]


@source("sex")
def _sex(record: Record) -> Words:
    return SEXES.get(record.child.sex, record.child.sex)


@source("ethnicity")
def _ethnicity(record: Record) -> Words:
    return record.words_of("ETHNICITY", record.child.ethnicity)


@source("interpreter")
def _interpreter(record: Record) -> Words:
    return "Needed" if record.child.interpreter_needed else "Not needed"


# ---------------------------------------------------------------- care


@source("came_into_care")
def _came(record: Record) -> Words:
    return _day(record.pep.period.start)


@source("times_in_care")
def _times(record: Record) -> Words:
    return str(len(record.periods))


@source("legal_status_code")
def _status(record: Record) -> Words:
    code = record.episode.legal_status if record.episode else ""
    words = record.words_of("LS", code) if code else ""
    return f"{code}: {words}" if words != code else code


@source("placement_type")
def _placement(record: Record) -> Words:
    return record.words_of("PLACE", record.placement.placement_type) if record.placement else ""


@source("placement_since")
def _placed(record: Record) -> Words:
    return _day(record.placement.start) if record.placement else ""


@source("placement_area")
def _area(record: Record) -> Words:
    if record.placement is None:
        return ""
    return record.authorities.get(record.placement.area_code, "") or (
        "Outside our area" if record.placement.out_of_area else "In our area"
    )


@source("sdq_returned")
def _sdq(record: Record) -> Words:
    rows = HealthReturn.objects.filter(child=record.child, sdq_score__isnull=False)
    last = rows.order_by("-year").first()
    return f"{last.sdq_score}, year to March {last.year}" if last else ""


# ---------------------------------------------------------------- education


def _of_school(name: str) -> Source:
    def found(record: Record) -> Words:
        return str(getattr(record.pep.school, name)) if record.pep.school else ""

    return found


SOURCES |= {"school_urn": _of_school("urn"), "school_type": _of_school("type_name"), "head": _of_school("head_name")}


@source("school_council")
def _council(record: Record) -> Words:
    return record.authorities.get(record.pep.school.la_code, "") if record.pep.school else ""


@source("school_since")
def _since(record: Record) -> Words:
    return _day(record.place.start) if record.place else ""


@source("hours_recorded")
def _hours(record: Record) -> Words:
    hours = record.place.hours_offered if record.place else None
    return plain(hours) if hours is not None else ""


@start("hours_offered")
def _hours_offered(record: Record) -> Decimal | None:
    return record.place.hours_offered if record.place else None


@source("hours_expected")
def _full_time(record: Record) -> Words:
    year = schoolyear.year_taught(
        record.child.date_of_birth, record.on, record.place.year_group if record.place else None
    )
    return plain(full_time(year, record.on))


@source("inspection")
def _inspection(record: Record) -> Words:
    if record.judgement is None:
        return ""
    dated = f"{capfirst(record.judgement.get_kind_display())}, {long_date(record.judgement.on)}"
    return [dated, *inspection.lines(record.judgement.outcome)]


@source("sen_recorded")
def _sen(record: Record) -> Words:
    return capfirst(record.need.get_status_display()) if record.need else ""


@start("sen_status")
def _sen_status(record: Record) -> str | None:
    return SEN_WORDS[SenStatus(record.need.status)] if record.need else None


@source("sen_needs")
def _needs(record: Record) -> Words:
    codes = [record.need.primary_need, record.need.secondary_need] if record.need else []
    return [record.words_of("SEN_TYPE", code) for code in codes if code]


@source("plan_on")
def _plan(record: Record) -> Words:
    return _day(record.need.plan_on) if record.need else ""


@source("annual_review_due")
def _review_due(record: Record) -> Words:
    return _day(record.need.annual_review_due) if record.need else ""


@source("plan_council")
def _plan_council(record: Record) -> Words:
    return record.authorities.get(record.need.maintained_by, "") if record.need else ""
