"""The PEP's own states and kinds, in the field's words."""

from django.db import models


class PepState(models.TextChoices):
    PLANNED = "planned", "planned"
    PREPARING = "preparing", "preparing"
    MEETING_HELD = "meeting_held", "meeting held"
    SUBMITTED = "submitted", "submitted"
    IN_QA = "in_qa", "in quality assurance"
    RETURNED = "returned", "returned"
    COMPLETE = "complete", "complete"
    SUPERSEDED = "superseded", "superseded"
    REARRANGED = "rearranged", "to be rearranged"
    CANCELLED = "cancelled", "cancelled"


class PepKind(models.TextChoices):
    INITIAL = "initial", "initial PEP"
    REVIEW = "review", "termly PEP"
    NEW_SCHOOL = "new_school", "PEP for a new school"
    NOT_ON_ROLL = "not_on_roll", "interim PEP, no school"
    SEN_JOINED = "sen_joined", "PEP with annual review"


class PepPhase(models.TextChoices):
    EARLY_YEARS = "E", "early years"
    PRIMARY = "P", "primary"
    SECONDARY = "S", "secondary"
    POST_16 = "16", "post-16"


class Owner(models.TextChoices):
    """Who fills a section."""

    SOCIAL_WORKER = "social_worker", "social worker"
    DESIGNATED_TEACHER = "designated_teacher", "designated teacher"
    KEY_ADULT = "key_adult", "key adult with the child"
    CARER = "carer", "carer"
    VIRTUAL_SCHOOL = "virtual_school", "Virtual School"


class SectionState(models.TextChoices):
    NOT_STARTED = "not_started", "not started"
    STARTED = "started", "in progress"
    COMPLETE = "complete", "complete"
    RETURNED = "returned", "returned"


class MeetingState(models.TextChoices):
    PLANNED = "planned", "planned"
    HELD = "held", "held"
    REARRANGED = "rearranged", "rearranged"
    CANCELLED = "cancelled", "cancelled"


class Seat(models.TextChoices):
    """The part somebody has in a meeting."""

    SOCIAL_WORKER = "social_worker", "social worker"
    DESIGNATED_TEACHER = "designated_teacher", "designated teacher"
    CARER = "carer", "carer"
    ADVOCATE = "advocate", "Area Learning Advocate"
    IRO = "iro", "Independent Reviewing Officer"
    CHILD = "child", "the child"
    PARENT = "parent", "parent"
    COORDINATOR = "coordinator", "PEP coordinator"
    SUPPORT = "support", "PEP support officer"
    OTHER = "other", "other"


class Response(models.TextChoices):
    WAITING = "waiting", "no answer yet"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"


class Attendance(models.TextChoices):
    CAME = "came", "came"
    APOLOGIES = "apologies", "apologies"
    SENT_VIEWS = "sent_views", "sent views"


class ChildThere(models.TextChoices):
    """For how much of the meeting the child was there."""

    ALL = "all", "for all of it"
    PART = "part", "for part of it"
    NO = "no", "not there"


class Grade(models.TextChoices):
    GOLD = "gold", "gold"
    GREEN = "green", "green"
    AMBER = "amber", "amber"
    RED = "red", "red"


class Marked(models.TextChoices):
    """What stands beside a question of a rubric: a band, or that the PEP was not asked it."""

    GOLD = "gold", "gold"
    GREEN = "green", "green"
    AMBER = "amber", "amber"
    RED = "red", "red"
    NOT_ASKED = "na", "not asked"


class Decision(models.TextChoices):
    APPROVED = "approved", "approved"
    RETURNED = "returned", "returned"


class Settle(models.TextChoices):
    """What becomes of two answers to one question: the one that stands, and the one that was set aside."""

    STANDING = "standing", "keep the answer that stands"
    ASIDE = "aside", "use the other answer"
    BOTH = "both", "keep both, one under the other"


class ConcernKind(models.TextChoices):
    """What a reviewing officer raises."""

    CONCERN = "concern", "concern"
    RECOMMENDATION = "recommendation", "recommendation"


class ConcernArea(models.TextChoices):
    """What of the child's education it is about."""

    PEP_MISSING = "pep_missing", "there is no PEP, or it is late"
    PEP_QUALITY = "pep_quality", "the quality of the PEP"
    VOICE = "voice", "the child’s views and what came of them"
    TARGETS = "targets", "targets and progress"
    SCHOOL = "school", "the school place"
    ATTENDANCE = "attendance", "attendance or suspension"
    NEEDS = "needs", "special educational needs"
    SUPPORT = "support", "support and Pupil Premium Plus"
    OTHER = "other", "something else"


class ConcernState(models.TextChoices):
    RAISED = "raised", "raised"
    ANSWERED = "answered", "answered"
    RAISED_AGAIN = "raised_again", "raised again"
    ESCALATED = "escalated", "with the Virtual School Head"
    ACCEPTED = "accepted", "answer accepted"
    CLOSED = "closed", "closed"


class ConcernEvent(models.TextChoices):
    RAISED = "raised", "raised"
    ANSWERED = "answered", "answered"
    ACCEPTED = "accepted", "answer accepted"
    RAISED_AGAIN = "raised_again", "raised again"
    ESCALATED = "escalated", "not answered in time: with the Virtual School Head"
    CLOSED = "closed", "closed"


class FileKind(models.TextChoices):
    """What a file in a PEP is. A drawing is the child's own view."""

    SCHOOL_REPORT = "school_report", "school report"
    ASSESSMENT = "assessment", "assessment or specialist's report"
    INVOICE = "invoice", "invoice or quote"
    DRAWING = "drawing", "the child's drawing or own writing"
    LETTER = "letter", "letter"
    OTHER = "other", "something else"


class TargetArea(models.TextChoices):
    """What a target is for. At least one of a PEP's targets is for learning."""

    ENGLISH = "english", "English"
    MATHS = "maths", "Mathematics"
    OTHER_SUBJECT = "other_subject", "another subject"
    EARLY_YEARS = "early_years", "an early years area"
    ATTENDANCE = "attendance", "attendance"
    WELLBEING = "wellbeing", "social, emotional and mental health"
    LANGUAGE = "language", "speech and language"
    ASPIRATION = "aspiration", "aspiration"
    INDEPENDENCE = "independence", "independence"


class CostCategory(models.TextChoices):
    """What kind of support a costed line is, so that what works can be told apart later."""

    TUITION = "tuition", "one-to-one or small group tuition"
    ADULT = "adult", "time of a named adult"
    LANGUAGE = "language", "speech and language"
    EMOTIONAL = "emotional", "emotional and therapeutic support"
    READING = "reading", "reading and phonics"
    EQUIPMENT = "equipment", "equipment for learning"
    ENRICHMENT = "enrichment", "enrichment tied to a target"
    OTHER = "other", "other"


class Audience(models.TextChoices):
    """Who is asked by a link, without an account."""

    CHILD = "child", "child"
    CARER = "carer", "carer"
    PARENT = "parent", "parent"


class LinkPurpose(models.TextChoices):
    """To say something, or to read what became of it."""

    ASK = "ask", "to ask"
    ANSWER = "answer", "to answer"


class WhatWeDid(models.TextChoices):
    DID = "did", "we did"
    WILL = "will", "we will"
    COULD_NOT = "not", "we could not"


class GivenBackHow(models.TextChoices):
    LINK = "link", "read by the child, by a link"
    PAPER = "paper", "printed"
    TOLD = "told", "told by an adult"


class Face(models.TextChoices):
    """What the child thinks of what became of their words."""

    OK = "ok", "this is OK"
    NOT_MEANT = "not", "not what I meant"
