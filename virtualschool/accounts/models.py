"""Who uses the service, in which role, for which organisation, and from when until when."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from virtualschool.accounts import roles
from virtualschool.accounts.querysets import CoverQuerySet, DatedQuerySet, OrganisationQuerySet, UserManager
from virtualschool.audit.triggers import history
from virtualschool.kernel import periods


class User(AbstractBaseUser):
    """A person with an account. Never deleted: what they wrote keeps its author."""

    class Phase(models.TextChoices):
        """The phase a PEP support officer works in."""

        EARLY_YEARS = "E", "early years"
        PRIMARY = "P", "primary"
        SECONDARY = "S", "secondary"
        POST_16 = "16", "post-16"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=roles.CHOICES)
    phases = models.JSONField(default=list, blank=True, help_text="The phases a PEP support officer works in.")
    telephone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False, help_text="Keeps accounts. There is always at least one.")
    is_demo = models.BooleanField(default=False, help_text="A made-up person; refused outside demo mode.")
    invited_at = models.DateTimeField(null=True, blank=True)
    email_bounced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case_unique"),
            models.CheckConstraint(condition=Q(role__in=sorted(roles.ROLES)), name="user_role_known"),
        ]
        triggers = [history(child=None, exclude=("password", "last_login"))]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def role_class(self) -> roles.Role:
        return roles.ROLES[self.role]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A change of password, role or rights ends every session, as does closing the account."""
        about = f"{self.password}:{self.role}:{self.is_administrator}"
        return salted_hmac("accounts.User.session", about, secret=secret, algorithm="sha256").hexdigest()

    def may(self, act: roles.Act) -> bool:
        """Whether the role does this at all; a policy asks more."""
        return act in self.role_class.does

    def reads(self, group: roles.FieldGroup) -> bool:
        """Whether the role reads this kind of information about the children it reaches."""
        return group in self.role_class.reads


class Organisation(models.Model):
    """A body that people belong to: the Virtual School, a social work team, a school, a council service."""

    class Kind(models.TextChoices):
        VIRTUAL_SCHOOL = "virtual_school", "Virtual School"
        TEAM = "team", "social work team"
        SCHOOL = "school", "school or setting"
        SERVICE = "service", "council service"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    code = models.CharField(
        max_length=20, blank=True, help_text="A school's URN; a team's code in the council's systems."
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], condition=~Q(code=""), name="organisation_code_unique"),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Someone's dated place in an organisation. A teacher's reach is the schools of today's memberships, a colleague's none."""

    class Position(models.TextChoices):
        MEMBER = "member", "member"
        MANAGER = "manager", "manager"
        DESIGNATED_TEACHER = "designated_teacher", "designated teacher"
        DEPUTY = "deputy", "deputy designated teacher"
        COLLEAGUE = "colleague", "colleague asked for a part"

    # A colleague reaches no child by their place: only the part of a plan that they were asked to write.
    REACHING = (Position.MEMBER, Position.MANAGER, Position.DESIGNATED_TEACHER, Position.DEPUTY)
    TEACHING = (Position.DESIGNATED_TEACHER, Position.DEPUTY)

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    position = models.CharField(max_length=20, choices=Position, default=Position.MEMBER)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("membership_ends_after_start"),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=periods.no_overlap("user", "organisation"),
                violation_error_message="This person already belongs to it in that time.",
            ),
            ExclusionConstraint(
                name="one_designated_teacher_at_a_time",
                expressions=periods.no_overlap("organisation"),
                condition=Q(position="designated_teacher"),
                violation_error_message="The school already has a designated teacher in that time.",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "start"], name="membership_organisation")]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.user} at {self.organisation}"


class Cover(models.Model):
    """While ``user`` is away, ``covered_by`` (same role) reaches what the user reaches; nothing is reallocated."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="covers")
    covered_by = models.ForeignKey(User, models.PROTECT, related_name="covering")
    start = models.DateField()
    end = models.DateField()
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = CoverQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("cover_ends_after_start"),
            models.CheckConstraint(condition=~Q(user=F("covered_by")), name="cover_by_somebody_else"),
            ExclusionConstraint(
                name="covered_by_one_at_a_time",
                expressions=periods.no_overlap("user"),
                violation_error_message="Somebody already covers for this person in that time.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.covered_by} for {self.user}"
