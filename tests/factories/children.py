"""Children and all that is kept of them: one factory for each model, and traits for the states that tests ask for.

``ChildFactory()`` is a bare record that no role reaches; ``ChildFactory(in_care=True)`` is a child on the roll.
``ChildFactory(in_care=True, social_worker=user, school=school, team=team, iro=…)`` ties the child too.
"""

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from children import models
from children.enums import Basis, EnrolmentKind, FileState, GrantKind, RelationKind, SenStatus
from tests.factories.accounts import OrganisationFactory, UserFactory
from virtualschool.kernel.dates import now, today
from virtualschool.rulebook import rules
from virtualschool.rulebook.models import Rule
from virtualschool.rulebook.schoolyear import academic_year

SOME_TIME = timedelta(days=400)


def ago(days: int):
    """A lazy date so many days before today; below zero it is yet to come."""
    return factory.LazyFunction(lambda: today() - timedelta(days=days))


def born_for_year(year: int, on: date | None = None) -> date:
    """A date of birth whose child is in the given national curriculum year on the day."""
    return date(academic_year(on or today()) - year - 4, 3, 1)


class LocalAuthorityFactory(DjangoModelFactory):
    class Meta:
        model = models.LocalAuthority
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    name = factory.Sequence(lambda n: f"Sample Council {n}")


class SchoolFactory(DjangoModelFactory):
    """An open secondary school with its organisation."""

    class Meta:
        model = models.School

    class Params:
        closed = factory.Trait(status=models.School.Status.CLOSED, closed_on=ago(200))

    urn = factory.Sequence(lambda n: str(100000 + n))
    name = factory.Sequence(lambda n: f"Sample School {n}")
    organisation = factory.SubFactory(
        OrganisationFactory, of_school=True, name=factory.SelfAttribute("..name"), code=factory.SelfAttribute("..urn")
    )
    phase_name = "Secondary"
    town = "Sampleton"
    postcode = "ZZ1 1ZZ"


class SchoolLinkFactory(DjangoModelFactory):
    class Meta:
        model = models.SchoolLink

    predecessor = factory.SubFactory(SchoolFactory, closed=True)
    successor = factory.SubFactory(SchoolFactory)
    link_type = "Successor"


class SchoolJudgementFactory(DjangoModelFactory):
    class Meta:
        model = models.SchoolJudgement

    school = factory.SubFactory(SchoolFactory)
    kind = models.SchoolJudgement.Kind.GRADE
    on = ago(900)
    outcome = factory.LazyFunction(lambda: {"overall": "Good"})
    source = "Inspection report"


class ChildFactory(DjangoModelFactory):
    """A child of Year 5 by age; ``year`` gives another year. Worker kinds and ``school`` take a person, a team or a school."""

    class Meta:
        model = models.Child
        skip_postgeneration_save = True

    class Params:
        year = 5
        in_care = factory.Trait(
            care=factory.RelatedFactory("tests.factories.children.PeriodOfCareFactory", "child", complete=True)
        )
        left_care = factory.Trait(
            past_care=factory.RelatedFactory(
                "tests.factories.children.PeriodOfCareFactory", "child", start=ago(500), end=ago(30), end_reason="E4A"
            )
        )
        in_short_breaks = factory.Trait(
            breaks=factory.RelatedFactory("tests.factories.children.PeriodOfCareFactory", "child", short_breaks=True)
        )
        is_sealed = factory.Trait(sealed=True)
        nameless = factory.Trait(first_names="", last_name="")

    child_id = factory.Sequence(lambda n: f"C{n:06d}")
    first_names = factory.Sequence(lambda n: f"Amy{n}")
    last_name = "Madeup"
    date_of_birth = factory.LazyAttribute(lambda made: born_for_year(made.year))
    sex = "F"
    ethnicity = "WBRI"
    known_from = ago(400)

    @factory.post_generation
    def school(self, create, school, **kwargs):
        if create and school:
            EnrolmentFactory(child=self, school=school, **kwargs)

    @factory.post_generation
    def social_worker(self, create, user, **kwargs):
        _tie(self, RelationKind.SOCIAL_WORKER, user, **kwargs)

    @factory.post_generation
    def team(self, create, team, **kwargs):
        _tie(self, RelationKind.TEAM, team, **kwargs)

    @factory.post_generation
    def iro(self, create, user, **kwargs):
        _tie(self, RelationKind.IRO, user, **kwargs)

    @factory.post_generation
    def advocate(self, create, user, **kwargs):
        _tie(self, RelationKind.ADVOCATE, user, **kwargs)

    @factory.post_generation
    def coordinator(self, create, user, **kwargs):
        _tie(self, RelationKind.COORDINATOR, user, **kwargs)

    @factory.post_generation
    def support(self, create, user, **kwargs):
        _tie(self, RelationKind.SUPPORT, user, **kwargs)


def _tie(child, kind: str, who, **kwargs) -> None:
    """Tie the child to a person or, of the kind team, to an organisation; to nobody when none was named."""
    if who is not None:
        named = {"team": who, "user": None} if kind == RelationKind.TEAM else {"user": who}
        RelationshipFactory(child=child, kind=kind, **named, **kwargs)


class PeriodOfCareFactory(DjangoModelFactory):
    """In care for 400 days now. ``complete`` adds the episode and the care placement that the period has in life."""

    class Meta:
        model = models.PeriodOfCare
        skip_postgeneration_save = True

    child = factory.SubFactory(ChildFactory)
    start = ago(400)

    @factory.post_generation
    def complete(self, create, wanted, **kwargs):
        if create and wanted:
            dates = {"child": self.child, "start": self.start, "end": self.end}
            CareEpisodeFactory(period=self, placement=CarePlacementFactory(**dates), **dates, **kwargs)


class CarePlacementFactory(DjangoModelFactory):
    class Meta:
        model = models.CarePlacement

    child = factory.SubFactory(ChildFactory)
    start = ago(400)
    placement_type = "U6"
    provider = "PR4"
    carer_name = "Carer Secretname"
    address = "1 Hidden Lane, Nowhere"
    postcode = "ZZ9 9ZZ"


class CareEpisodeFactory(DjangoModelFactory):
    class Meta:
        model = models.CareEpisode

    child = factory.SubFactory(ChildFactory)
    period = factory.SubFactory(
        PeriodOfCareFactory, child=factory.SelfAttribute("..child"), start=factory.SelfAttribute("..start")
    )
    start = ago(400)
    reason_new = "S"
    legal_status = "C2"
    need = "N1"
    placement_type = "U6"
    provider = "PR4"


class CareReviewFactory(DjangoModelFactory):
    class Meta:
        model = models.CareReview

    child = factory.SubFactory(ChildFactory)
    on = ago(30)
    participation = "PN1"


class MissingEpisodeFactory(DjangoModelFactory):
    class Meta:
        model = models.MissingEpisode

    child = factory.SubFactory(ChildFactory)
    kind = "M"
    start = ago(20)
    end = ago(18)


class HealthReturnFactory(DjangoModelFactory):
    class Meta:
        model = models.HealthReturn

    child = factory.SubFactory(ChildFactory)
    year = factory.LazyFunction(lambda: today().year)
    sdq_score = 12


class SocialWorkerEpisodeFactory(DjangoModelFactory):
    class Meta:
        model = models.SocialWorkerEpisode

    child = factory.SubFactory(ChildFactory)
    worker_code = "SW0001"
    start = ago(400)
    reason = "FCONTA"


class ReturnRowFactory(DjangoModelFactory):
    class Meta:
        model = models.ReturnRow

    child = factory.SubFactory(ChildFactory)
    year = factory.LazyFunction(lambda: today().year)
    table = "oc3"
    row_key = "1"
    row = factory.LazyFunction(lambda: {"IN_TOUCH": "YES"})


class PreviouslyInCareFactory(DjangoModelFactory):
    """Known of, with neither agreement nor evidence; ``agreed`` has both."""

    class Meta:
        model = models.PreviouslyInCare

    class Params:
        agreed = factory.Trait(
            evidence_seen_on=ago(20), evidence="Copy of the order", agreed_by="Guardian of the child", agreed_on=ago(20)
        )
        withdrawn = factory.Trait(agreed=True, agreement_withdrawn_on=ago(1))
        adopted = factory.Trait(basis=Basis.ADOPTION)

    name = factory.Sequence(lambda n: f"Bea{n} Example")
    year_of_birth = 2015
    basis = Basis.SGO
    since = ago(300)


class EnquiryFactory(DjangoModelFactory):
    class Meta:
        model = models.Enquiry

    about = factory.SubFactory(PreviouslyInCareFactory)
    asked_by = "A guardian"
    asked_on = ago(10)
    question = "Which support may the school give?"


class HostedChildFactory(DjangoModelFactory):
    class Meta:
        model = models.HostedChild

    name = factory.Sequence(lambda n: f"Cal{n} Elsewhere")
    home_authority = factory.SubFactory(LocalAuthorityFactory)
    contact = "Virtual School of the home council"
    start = ago(100)


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Enrolment

    class Params:
        planned = factory.Trait(start=ago(-10))
        second = factory.Trait(kind=EnrolmentKind.SUBSIDIARY)

    child = factory.SubFactory(ChildFactory)
    school = factory.SubFactory(SchoolFactory)
    start = ago(300)


class SenRecordFactory(DjangoModelFactory):
    class Meta:
        model = models.SenRecord

    class Params:
        with_plan = factory.Trait(
            status=SenStatus.EHCP, plan_on=ago(200), annual_review_due=ago(-60), primary_need="SEMH"
        )

    child = factory.SubFactory(ChildFactory)
    status = SenStatus.SUPPORT
    start = ago(250)


class RelationshipFactory(DjangoModelFactory):
    """A social worker's tie unless ``kind`` says otherwise; ``to_team`` ties a team."""

    class Meta:
        model = models.Relationship

    class Params:
        to_team = factory.Trait(kind=RelationKind.TEAM, user=None, team=factory.SubFactory(OrganisationFactory))

    child = factory.SubFactory(ChildFactory)
    kind = RelationKind.SOCIAL_WORKER
    user = factory.SubFactory(UserFactory, role="socialworker")
    start = ago(300)


class AccessGrantFactory(DjangoModelFactory):
    """To a person, open; ``to_role`` gives it to everybody of the role."""

    class Meta:
        model = models.AccessGrant

    class Params:
        to_role = factory.Trait(user=None, role="sen")

    child = factory.SubFactory(ChildFactory)
    user = factory.SubFactory(UserFactory, role="sen")
    kind = GrantKind.SEN
    matter = factory.LazyFunction(lambda: f"referrals.SenNotice:{uuid4()}")
    reason = "A SEN matter is open"


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = models.Note

    child = factory.SubFactory(ChildFactory)
    author = factory.SubFactory(UserFactory)
    subject = "Telephone call"
    body = "Spoke about the maths tutor."
    happened_on = ago(5)


class ChildFileFactory(DjangoModelFactory):
    """A row without a stored file: tests that serve one store it through the action."""

    class Meta:
        model = models.ChildFile

    class Params:
        removed = factory.Trait(removed_at=factory.LazyFunction(now), removed_why="Filed by mistake")

    child = factory.SubFactory(ChildFactory)
    uploaded_by = factory.SubFactory(UserFactory)
    title = "Timetable"
    original_name = "timetable.txt"
    stored_as = factory.LazyFunction(lambda: uuid4().hex)
    content_type = "text/plain"
    size = 9
    sha256 = hashlib.sha256(b"timetable").hexdigest()
    state = FileState.CLEAN


class AttainmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Attainment

    child = factory.SubFactory(ChildFactory)
    on = ago(100)
    subject = "Reading"
    stage = "KS2"
    result = "EXS"


class ClockFactory(DjangoModelFactory):
    """A running clock under the rule ``rule_key``, due in ten days."""

    class Meta:
        model = models.Clock

    class Params:
        rule_key = "pep.initial.deadline"
        overdue = factory.Trait(started_on=ago(40), due_on=ago(1))

    child = factory.SubFactory(ChildFactory)
    rule = factory.LazyAttribute(lambda made: rule_row(made.rule_key, made.started_on))
    about = "First PEP"
    matter = factory.LazyFunction(lambda: f"peps.Pep:{uuid4()}")
    started_on = ago(4)
    started_by = "came into care"
    due_on = ago(-10)


class AlertFactory(DjangoModelFactory):
    class Meta:
        model = models.Alert

    class Params:
        resolved = factory.Trait(state="resolved", resolved_on=ago(1))

    child = factory.SubFactory(ChildFactory)
    check_name = "education.no_school"
    natural_key = factory.Sequence(lambda n: f"child:{n}")
    opened_on = ago(3)
    evidence_on = ago(0)


class ReferenceCodeFactory(DjangoModelFactory):
    class Meta:
        model = models.ReferenceCode
        django_get_or_create = ("field", "code")

    field = "LS"
    code = "C2"
    meaning = "full care order"


class CohortFigureFactory(DjangoModelFactory):
    class Meta:
        model = models.CohortFigure

    cohort = "social_worker"
    measure = "Attendance below 90%"
    area = factory.Sequence(lambda n: f"Locality {n}")
    on = ago(30)
    count = 40
    out_of = 200


class ImportRunFactory(DjangoModelFactory):
    class Meta:
        model = models.ImportRun

    kind = "roll"
    state = models.ImportRun.State.DONE
    digest = "0" * 64


def rule_row(key: str, on: date) -> Rule:
    """The rulebook's row in force on the day."""
    return Rule.objects.get(pk=rules.get(key, on=on).pk)
