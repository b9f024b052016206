"""PEPs as rows, each in any state; ``tests.peps.stages`` brings one there through the actions instead."""

from datetime import timedelta
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from peps import layouts, models, rubrics
from peps.enums import Decision, Grade, Owner, PepKind, PepPhase, PepState, Seat
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, ChildFileFactory, PeriodOfCareFactory
from virtualschool.kernel.dates import now, today


class PepFactory(DjangoModelFactory):
    """A termly PEP of a primary child in care, planned, with no sections yet."""

    class Meta:
        model = models.Pep

    class Params:
        overdue = factory.Trait(due_on=factory.LazyFunction(lambda: today() - timedelta(days=1)))
        submitted = factory.Trait(
            state=PepState.SUBMITTED,
            submission=1,
            submitted_at=factory.LazyFunction(now),
            submitted_by=factory.SubFactory(UserFactory),
        )
        complete = factory.Trait(
            state=PepState.COMPLETE, submission=1, grade=Grade.GREEN, completed_on=factory.LazyFunction(today)
        )
        cancelled = factory.Trait(state=PepState.CANCELLED, cancelled_why="Opened by mistake")

    child = factory.SubFactory(ChildFactory)
    period = factory.SubFactory(PeriodOfCareFactory, child=factory.SelfAttribute("..child"))
    kind = PepKind.REVIEW
    occasion = factory.Sequence(lambda n: f"term:2026:autumn:{n}")
    phase = PepPhase.PRIMARY
    academic_year = 2026
    term = "autumn"
    layout = factory.LazyFunction(lambda: layouts.current(today()).version)
    opened_on = factory.LazyFunction(lambda: today() - timedelta(days=40))
    opened_why = "A PEP for the term"
    due_on = factory.LazyFunction(lambda: today() + timedelta(days=18))


class PepMeetingFactory(DjangoModelFactory):
    class Meta:
        model = models.PepMeeting

    pep = factory.SubFactory(PepFactory)
    starts_at = factory.LazyFunction(now)
    place = "The school library"
    chair = Seat.ADVOCATE
    arranged_by = factory.SubFactory(UserFactory, role="coordinator")


class MeetingInvitationFactory(DjangoModelFactory):
    class Meta:
        model = models.MeetingInvitation

    meeting = factory.SubFactory(PepMeetingFactory)
    seat = Seat.SOCIAL_WORKER
    user = factory.SubFactory(UserFactory, role="socialworker")
    required = True
    required_because = "Every PEP meeting"


class MeetingActionFactory(DjangoModelFactory):
    class Meta:
        model = models.MeetingAction

    meeting = factory.SubFactory(PepMeetingFactory)
    what = "Ring the exam board about extra time"
    named_person = "Ms Reader"
    by_when = factory.LazyFunction(lambda: today() + timedelta(days=14))
    added_by = factory.SubFactory(UserFactory, role="teacher")


class PepSectionFactory(DjangoModelFactory):
    class Meta:
        model = models.PepSection

    pep = factory.SubFactory(PepFactory)
    key = "education_now"
    owner = Owner.DESIGNATED_TEACHER
    position = 4


class PepAnswerFactory(DjangoModelFactory):
    class Meta:
        model = models.PepAnswer

    section = factory.SubFactory(PepSectionFactory)
    field = "clubs"
    value = "Football on Tuesdays"
    written_by = factory.SubFactory(UserFactory, role="teacher")
    written_at = factory.LazyFunction(now)


class PepSetAsideFactory(DjangoModelFactory):
    class Meta:
        model = models.PepSetAside

    section = factory.SubFactory(PepSectionFactory)
    field = "clubs"
    value = "Chess on Fridays"
    by = factory.SubFactory(UserFactory, role="teacher")
    at = factory.LazyFunction(now)


class PepAuthorFactory(DjangoModelFactory):
    class Meta:
        model = models.PepAuthor

    pep = factory.SubFactory(PepFactory)
    user = factory.SubFactory(UserFactory)
    since = factory.LazyFunction(now)


class PepTargetFactory(DjangoModelFactory):
    """A target that says all the gate asks for."""

    class Meta:
        model = models.PepTarget

    pep = factory.SubFactory(PepFactory)
    area = "english"
    start_point = "Reads 40 words a minute"
    goal = "Reads 70 words a minute"
    measure = "Words a minute, read aloud"
    by_when = factory.LazyFunction(lambda: today() + timedelta(days=90))
    named_person = "Ms Reader"


class PepCostFactory(DjangoModelFactory):
    class Meta:
        model = models.PepCost

    target = factory.SubFactory(PepTargetFactory)
    item = "Reading tuition"
    category = "tuition"
    sessions_a_week = 2
    weeks = 10
    price_pence = 2500
    asked_by = factory.SubFactory(UserFactory, role="teacher")


class PepReviewFactory(DjangoModelFactory):
    class Meta:
        model = models.PepReview

    pep = factory.SubFactory(PepFactory, complete=True)

    class Params:
        by_rubric = factory.Trait(
            rubric="house_1",
            computed=Grade.GREEN,
            working="14 green: green, because nothing is below green.",
            marks=factory.LazyFunction(
                lambda: {one.key: {"band": "green", "note": ""} for one in rubrics.of_version("house_1")}
            ),
        )

    submission = 1
    decision = Decision.APPROVED
    grade = Grade.GREEN
    reason = "Strong voice and targets"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(now)


class SecondMarkFactory(DjangoModelFactory):
    """An approval that waits for its second marking; ``marked`` by somebody else, all green."""

    class Meta:
        model = models.SecondMark

    class Params:
        marked = factory.Trait(
            marks=factory.LazyAttribute(lambda mark: mark.review.marks),
            grade=Grade.GREEN,
            reason="As the first",
            by=factory.SubFactory(UserFactory, role="vsh"),
            at=factory.LazyFunction(now),
        )

    review = factory.SubFactory(PepReviewFactory, by_rubric=True)
    pep = factory.SelfAttribute("review.pep")
    drawn_at = factory.LazyFunction(now)


class PepVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.PepVersion

    pep = factory.SubFactory(PepFactory, complete=True)
    number = 1
    at = factory.LazyFunction(now)
    content = factory.LazyAttribute(lambda made: {"layout": made.pep.layout})


class ConcernFactory(DjangoModelFactory):
    """A concern as raised, without a clock; ``tests.peps.test_concerns`` raises one through the action."""

    class Meta:
        model = models.Concern

    child = factory.SubFactory(ChildFactory)
    kind = "concern"
    area = "targets"
    words = "The targets say nothing of reading"
    raised_by = factory.SubFactory(UserFactory, role="iro")
    raised_at = factory.LazyFunction(now)


class ConcernStepFactory(DjangoModelFactory):
    class Meta:
        model = models.ConcernStep

    concern = factory.SubFactory(ConcernFactory)
    event = "raised"
    round = 1
    words = "The targets say nothing of reading"
    by = factory.SubFactory(UserFactory, role="iro")
    at = factory.LazyFunction(now)


class VoiceLinkFactory(DjangoModelFactory):
    """A link for the child that nobody has opened."""

    class Meta:
        model = models.VoiceLink

    pep = factory.SubFactory(PepFactory)
    audience = "child"
    digest = factory.Sequence(lambda n: f"{n:064x}")
    asked_as = factory.LazyFunction(uuid4)
    made_by = factory.SubFactory(UserFactory, role="teacher")
    made_at = factory.LazyFunction(now)
    expires_at = factory.LazyFunction(lambda: now() + timedelta(hours=72))
    prompts = "2026_09"


class VoiceConcernFactory(DjangoModelFactory):
    """Words that wait to be read."""

    class Meta:
        model = models.VoiceConcern

    link = factory.SubFactory(VoiceLinkFactory)
    pep = factory.SelfAttribute("link.pep")
    audience = "child"
    found_at = factory.LazyFunction(now)
    answers = factory.LazyFunction(
        lambda: [{"key": "safe", "asked": "Do you feel safe?", "value": "sad", "words": "Not good"}]
    )
    found = factory.LazyFunction(lambda: {"safe": ["fear"]})


class VoiceStatementFactory(DjangoModelFactory):
    class Meta:
        model = models.VoiceStatement

    link = factory.SubFactory(VoiceLinkFactory)
    pep = factory.SelfAttribute("link.pep")
    audience = factory.SelfAttribute("link.audience")
    given_at = factory.LazyFunction(now)
    answers = factory.LazyFunction(
        lambda: [{"key": "proud", "asked": "What are you proud of?", "value": "My kite", "words": "My kite"}]
    )


class YouSaidFactory(DjangoModelFactory):
    class Meta:
        model = models.YouSaid

    pep = factory.SubFactory(PepFactory)
    said = "I want a quiet table"
    outcome = "did"
    answer = "It is yours from Monday"
    by = factory.SubFactory(UserFactory, role="teacher")
    at = factory.LazyFunction(now)


class PepFileFactory(DjangoModelFactory):
    """A file in a section: ``section`` is asked for."""

    class Meta:
        model = models.PepFile

    pep = factory.SelfAttribute("section.pep")
    file = factory.SubFactory(
        ChildFileFactory,
        child=factory.SelfAttribute("..pep.child"),
        matter=factory.LazyAttribute(lambda made: f"peps.PepSection:{made.factory_parent.section.uuid}"),
    )
    kind = "school_report"
