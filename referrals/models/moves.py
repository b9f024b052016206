"""The school move case: one record from the first thought to the first day and the new PEP.

"Where the move of school cannot be avoided, it is the Virtual School in discussions with the social worker, who would take the lead"
("Devon Virtual School: information for IROs and social workers"). Care Planning, Placement and Case Review (England)
Regulations 2010, regulation 10, guards a change of care placement that disrupts the education of a child in Years 10 and 11.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from children.models import CarePlacement, Child, Enrolment, School
from referrals import workflow
from referrals.enums import Consultee, Destination, MoveState, MoveView, Payer, StopKey
from referrals.models.risk import RiskReport
from referrals.querysets import ConsultationQuerySet, NominatedOfficerQuerySet, SchoolMoveQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods

WHAT = {
    Destination.SCHOOL: "another school",
    Destination.SAME: "another home, the same school",
    Destination.HOME: "home education",
}


class NominatedOfficer(models.Model):
    """Who approves for the council what regulation 10 asks approval for, and since when. Several may hold it at a time."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="nominations")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    authority = models.CharField(
        max_length=200, help_text="Who nominated them, and where it is written: a letter, a scheme of delegation."
    )
    nominated_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = NominatedOfficerQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-id"]
        constraints = [
            periods.ends_after_start("nomination_ends_after_start"),
            ExclusionConstraint(
                name="nominated_once_at_a_time",
                expressions=periods.no_overlap("user"),
                violation_error_message="This person is nominated in that time already.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.user} from {self.start}"


class SchoolMove(models.Model):
    """A change of school, or of a care placement that disrupts education: why, when, to where, and what became of it.

    ``proposed_by`` and ``decided_by`` are never the same person; the database holds to it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="school_moves")
    state = models.CharField(max_length=10, choices=MoveState, default=MoveState.DRAFT)
    since = models.DateField(help_text="Since when the case is in its state.")
    report = models.ForeignKey(RiskReport, models.PROTECT, null=True, blank=True, related_name="moves")
    from_place = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="+")
    new_place = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="+")
    placement = models.ForeignKey(
        CarePlacement,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The change of care placement that was made under its approval, which covers no other.",
    )
    changes_care = models.BooleanField(default=False, help_text="A change of care placement, too.")
    destination = models.CharField(max_length=6, choices=Destination, default=Destination.SCHOOL)
    wanted_on = models.DateField(help_text="The day from which the child would be there.")
    reason = models.TextField(help_text="Why the school cannot be kept; those who are asked read it.")
    circumstances = models.TextField(blank=True, help_text="Why the home changes; narrative, for those who read it.")

    keep_possible = models.BooleanField(null=True, blank=True)
    keep_miles = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    keep_minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="One way, from door to door.")
    keep_payer = models.CharField(max_length=14, choices=Payer, blank=True)
    keep_words = models.TextField(blank=True)

    emergency = models.BooleanField(default=False, help_text="The case goes on as an emergency, before any approval.")
    acted_on = models.DateField(
        null=True, blank=True, help_text="The day on which the child had to move at once; an account of it is due."
    )
    acted_why = models.TextField(blank=True)
    acted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    account = models.TextField(blank=True)
    accounted_on = models.DateField(null=True, blank=True)
    accounted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    opened_on = models.DateField()
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_on = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_words = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField(
        default=1, help_text="Counts up when another move is proposed than people were asked about."
    )

    objects = SchoolMoveQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state__in=workflow.MOVE_OPEN),
                name="one_open_move_of_a_child",
                violation_error_message="This child has an open school move already.",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(proposed_by=F("decided_by")),
                name="who_proposes_never_approves",
                violation_error_message="Who proposes a move does not decide it.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"])
                | Q(decided_by__isnull=False, decided_on__isnull=False, proposed_by__isnull=False),
                name="decided_move_was_decided_by_somebody",
                violation_error_message="A decision has a person and a day.",
            ),
            models.CheckConstraint(
                condition=~Q(state="acted") | (Q(emergency=True, acted_on__isnull=False) & ~Q(acted_why="")),
                name="emergency_says_why",
                violation_error_message="Say why it could not wait.",
            ),
            models.CheckConstraint(
                condition=~Q(destination=Destination.SAME) | Q(changes_care=True),
                name="same_school_moves_home",
                violation_error_message="Without a change of school or of care placement nothing moves.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"school move of {self.child}"

    @property
    def matter(self) -> str:
        """What clocks, grants and alerts call this case."""
        return f"referrals.SchoolMove:{self.uuid}"

    @property
    def changes_school(self) -> bool:
        return self.destination != Destination.SAME

    @property
    def owes_account(self) -> bool:
        """Whether an emergency was acted on that nobody has accounted for."""
        return self.acted_on is not None and self.accounted_on is None

    @property
    def what(self) -> str:
        """What would change, in few words."""
        also = " and another home" if self.changes_care and self.changes_school else ""
        return f"{WHAT[Destination(self.destination)]}{also}"

    def get_absolute_url(self) -> str:
        return reverse("moves:detail", args=[self.uuid])


class ProposedSchool(models.Model):
    """A school that a move could lead to, in the order of preference; with the year taught, where it is not the child's own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    move = models.ForeignKey(SchoolMove, models.CASCADE, related_name="schools")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=1)
    year_group = models.SmallIntegerField(null=True, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["move", "school"],
                name="proposed_school_once",
                violation_error_message="This school is proposed already.",
            )
        ]
        triggers = [history(child="move_id", through="referrals_schoolmove")]

    def __str__(self) -> str:
        return f"{self.school} for {self.move}"


class Consultation(models.Model):
    """What one of those who must be asked says of a move. The child's words stand as given."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    move = models.ForeignKey(SchoolMove, models.CASCADE, related_name="consultations")
    consultee = models.CharField(max_length=16, choices=Consultee)
    asked_on = models.DateField()
    view = models.CharField(max_length=8, choices=MoveView, blank=True)
    words = models.TextField(blank=True)
    who = models.CharField(max_length=120, blank=True, help_text="Who said it, where somebody else wrote it down.")
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveSmallIntegerField(default=1, help_text="The version of the move that was spoken of.")

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["asked_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["move", "consultee"], name="consulted_once"),
            models.CheckConstraint(
                condition=Q(view="") | (~Q(words="") & Q(answered_on__isnull=False)),
                name="a_view_has_words",
                violation_error_message="Write down what was said.",
            ),
        ]
        triggers = [history(child="move_id", through="referrals_schoolmove")]

    @property
    def stands(self) -> bool:
        """Whether they spoke of the move as it is proposed now."""
        return bool(self.view) and self.version == self.move.version

    @property
    def child(self) -> Child:
        """Whose move it is."""
        return self.move.child

    @property
    def child_id(self) -> int:
        return self.move.child_id

    def get_absolute_url(self) -> str:
        return reverse("moves:view_of", args=[self.uuid])

    def __str__(self) -> str:
        return f"{self.get_consultee_display()} on {self.move}"


class MoveException(models.Model):
    """The Virtual School Head's exception from one stop of one move, with the reason. Taken back by revising the case."""

    move = models.ForeignKey(SchoolMove, models.CASCADE, related_name="exceptions")
    stop = models.CharField(max_length=12, choices=StopKey)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    excepted = models.TextField(
        blank=True, help_text="What stood there when it was made: a judgement, a year. Nothing else is excepted."
    )
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    on = models.DateField()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["move", "stop", "school", "excepted"],
                nulls_distinct=False,
                name="one_exception_from_a_stop",
                violation_error_message="There is an exception from this already.",
            ),
            models.CheckConstraint(
                condition=Q(stop__in=["home", "out_of_year", "line"]), name="exception_only_where_there_may_be_one"
            ),
        ]
        triggers = [history(child="move_id", through="referrals_schoolmove")]

    def __str__(self) -> str:
        return f"exception from {self.stop} for {self.move}"


class MoveDecision(models.Model):
    """A yes or a no, by whom and in what capacity, and the four conditions of regulation 10(2) where it was asked for."""

    append_only = True

    move = models.ForeignKey(SchoolMove, models.CASCADE, related_name="decisions")
    approved = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    on = models.DateField()
    words = models.TextField()
    wanted_on = models.DateField(null=True, blank=True, help_text="The day for which it was decided.")
    year = models.SmallIntegerField(
        null=True, blank=True, help_text="The curriculum year of the child's age on that day."
    )
    nomination = models.ForeignKey(NominatedOfficer, models.PROTECT, null=True, blank=True, related_name="+")
    wishes = models.TextField(blank=True, help_text="10(2)(a): the child's wishes and feelings were ascertained.")
    provision = models.TextField(blank=True, help_text="10(2)(b): it promotes achievement and fits the PEP.")
    teacher = models.TextField(blank=True, help_text="10(2)(c): the designated teacher was consulted.")
    officer = models.TextField(blank=True, help_text="10(2)(d): the reviewing officer was consulted.")
    covered = models.JSONField(default=list, help_text="The stops that stood when it was decided.")

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(nomination__isnull=True)
                | Q(approved=False)
                | (~Q(wishes="") & ~Q(provision="") & ~Q(teacher="") & ~Q(officer="")),
                name="nominated_officer_records_four_conditions",
                violation_error_message="Record each of the four conditions of regulation 10(2).",
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{'approval' if self.approved else 'refusal'} of {self.move}"
