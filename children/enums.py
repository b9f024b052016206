"""States and kinds that we own. Code lists owned by the Department for Education are rows of ``ReferenceCode``."""

from django.db import models


class RelationKind(models.TextChoices):
    """Who works with a child, dated. A social work team stands beside its social worker, it does not follow from them."""

    SOCIAL_WORKER = "social_worker", "social worker"
    TEAM = "team", "social work team"
    IRO = "iro", "Independent Reviewing Officer"
    ADVOCATE = "advocate", "Area Learning Advocate"
    COORDINATOR = "coordinator", "PEP coordinator"
    SUPPORT = "support", "PEP support officer"


class EnrolmentKind(models.TextChoices):
    SINGLE = "single", "on roll"
    MAIN = "main", "main school of two"
    SUBSIDIARY = "subsidiary", "second school of two"
    GUEST = "guest", "guest"


# A child has one place of these kinds at a time: their school.
MAIN_SCHOOL = (EnrolmentKind.SINGLE, EnrolmentKind.MAIN)


class EducationAnswer(models.TextChoices):
    """What a change of care placement means for the child's school; asked with the placement and never left for later."""

    UNDISTURBED = "stays", "stays at the school, and nothing changes there"
    DISTURBED = "disturbed", "stays at the school, but education is disrupted"
    MOVES = "moves", "another school is needed"
    EMERGENCY = "emergency", "emergency: the child had to move at once"


class SenStatus(models.TextChoices):
    NONE = "N", "no special educational need"
    SUPPORT = "K", "SEN support"
    ASSESSMENT = "A", "EHC needs assessment asked for"
    EHCP = "E", "education, health and care plan"


class Basis(models.TextChoices):
    """How a child left care so as to be previously looked after (Children Act 1989 s23ZZA; guidance of February 2018)."""

    ADOPTION = "adoption", "adoption"
    SGO = "sgo", "special guardianship order"
    CAO = "cao", "child arrangements order"
    ABROAD = "abroad", "adopted from state care outside England and Wales"


class Cohort(models.TextChoices):
    """Cohorts that are figures only: no page, export or search shows a child of them."""

    SOCIAL_WORKER = "social_worker", "children with a social worker"
    KINSHIP = "kinship", "children in kinship care"


class AlertState(models.TextChoices):
    OPEN = "open", "open"
    RESOLVED = "resolved", "resolved"


class Answer(models.TextChoices):
    NOTED = "noted", "noted"
    PLAN_MADE = "plan_made", "plan made"
    NO_CONCERN = "no_concern", "not a concern"


class FileState(models.TextChoices):
    PENDING = "pending", "being checked"
    CLEAN = "clean", "checked"
    REFUSED = "refused", "refused"


class ClockState(models.TextChoices):
    RUNNING = "running", "running"
    MET = "met", "met"
    CANCELLED = "cancelled", "cancelled"


class GrantKind(models.TextChoices):
    """Why somebody outside the child's dated relationships reaches the child for a time."""

    SEN = "sen", "SEN matter"
    ADMISSION = "admission", "admission matter"
    BREAK_GLASS = "break_glass", "opened with a reason"
    TRANSITION = "transition", "planned start"
    DELEGATION = "delegation", "a section of a PEP"
