"""Kinds and states of reports of risk, of school moves and of matters of the SEN team."""

from django.db import models


class AtRisk(models.TextChoices):
    """Both break down; a report always says which."""

    CARE_PLACEMENT = "care_placement", "care placement"
    SCHOOL_PLACE = "school_place", "school place"


class RiskState(models.TextChoices):
    REPORTED = "reported", "reported"
    PLAN_MADE = "plan_made", "plan made"
    CLOSED = "closed", "closed"


class HowSoon(models.TextChoices):
    TODAY = "today", "today or already"
    WEEK = "week", "within a week"
    MONTH = "month", "within a month"
    LATER = "later", "later, or not known"


class RiskOutcome(models.TextChoices):
    HELD = "held", "the placement held"
    MOVED_CARE = "moved_care", "care placement moved, school kept"
    MOVED_SCHOOL = "moved_school", "school moved"
    LEFT_CARE = "left_care", "the child left care"
    NOT_AT_RISK = "not_at_risk", "it was not at risk"


class MoveState(models.TextChoices):
    """A change of school, or of a care placement that disrupts education, from the first thought to the new PEP."""

    DRAFT = "draft", "draft"
    PROPOSED = "proposed", "proposed, being consulted"
    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused"
    ACTED = "acted", "emergency, acted on"
    APPLIED = "applied", "place applied for"
    OFFERED = "offered", "place offered"
    ON_ROLL = "on_roll", "on the new roll"
    COMPLETE = "complete", "complete"
    WITHDRAWN = "withdrawn", "withdrawn"


class Destination(models.TextChoices):
    """Where the child would be taught."""

    SCHOOL = "school", "another school"
    SAME = "same", "the same school, from another home"
    HOME = "home", "home education"


class Payer(models.TextChoices):
    """Who would pay for the journey if the child kept the school."""

    SOCIAL_CARE = "social_care", "children’s social care"
    SEN = "sen", "SEN transport"
    VIRTUAL_SCHOOL = "virtual_school", "the Virtual School"
    PROVIDER = "provider", "the placement’s provider"
    CARER = "carer", "the carer, from the allowance"
    UNKNOWN = "unknown", "not settled"


class Consultee(models.TextChoices):
    """Who is asked before a move is decided."""

    CHILD = "child", "the child"
    PARENTS = "parents", "parents"
    CARER = "carer", "the carer"
    SOCIAL_WORKER = "social_worker", "the social worker"
    TEACHER_NOW = "teacher_now", "designated teacher of the present school"
    TEACHER_NEW = "teacher_new", "designated teacher of the proposed school"
    IRO = "iro", "Independent Reviewing Officer"
    SEN = "sen", "SEN officer"
    ADMISSIONS = "admissions", "admissions of our council"
    OTHER_ADMISSIONS = "other_admissions", "admissions of the other council"


class MoveView(models.TextChoices):
    """What somebody who was asked says of a move."""

    FOR = "for", "for the move"
    AGAINST = "against", "against the move"
    MIXED = "mixed", "for some of it, or with conditions"
    UNASKED = "unasked", "could not be asked"


class StopKey(models.TextChoices):
    """What stands in the way of a move until it is settled."""

    KEEP = "keep", "Keeping the school was thought through"
    CONSULTED = "consulted", "Everybody was asked"
    SCHOOL = "school", "A school is named"
    NOMINATED = "nominated", "The nominated officer approves"
    HEAD = "head", "A year in which moves are avoided"
    COURSES = "courses", "Every course has a match or a plan"
    HOME = "home", "No home education"
    OUT_OF_YEAR = "out_of_year", "No school out of the year group"
    LINE = "line", "No school below the line"
    TWO = "two", "Who proposes does not approve"


class SenKind(models.TextChoices):
    """What the SEN team is asked for; each kind has states and dates of its own."""

    MOVE = "move", "notice of a move"
    ASSESSMENT = "assessment", "EHC needs assessment"
    REVIEW = "review", "annual review"
    PHASE = "phase", "phase transfer"
    HANDOVER = "handover", "transfer between councils"
    CONSULTATION = "consultation", "consultation of a school"


class NoticeState(models.TextChoices):
    WAITING = "waiting", "waiting for an answer"
    ANSWERED = "answered", "answered by the SEN team"
    CLOSED = "closed", "closed"


class AssessmentState(models.TextChoices):
    ASKED = "asked", "assessment asked for"
    ASSESSING = "assessing", "being assessed"
    DRAFTED = "drafted", "draft plan sent"
    FINAL = "final", "final plan issued"
    REFUSED = "refused", "assessment refused"
    NO_PLAN = "no_plan", "assessed, no plan"
    CLOSED = "closed", "closed"


class AnnualState(models.TextChoices):
    DUE = "due", "review due"
    PLANNED = "planned", "meeting planned"
    HELD = "held", "meeting held"
    DECIDED = "decided", "decision made"
    CLOSED = "closed", "closed"


class PhaseState(models.TextChoices):
    STARTED = "started", "transfer to be reviewed"
    NAMED = "named", "next school named"
    ISSUED = "issued", "amended plan issued"
    CLOSED = "closed", "closed"


class HandoverState(models.TextChoices):
    KNOWN = "known", "move between councils known"
    HANDED_OVER = "handed_over", "plan handed over"
    PARENT_TOLD = "parent_told", "parent told"
    CLOSED = "closed", "closed"


class ConsultState(models.TextChoices):
    CONSULTED = "consulted", "school asked"
    ACCEPTED = "accepted", "school said yes"
    DECLINED = "declined", "school said no"
    CLOSED = "closed", "closed"


SEN_STATES: dict[str, type[models.TextChoices]] = {
    SenKind.MOVE: NoticeState,
    SenKind.ASSESSMENT: AssessmentState,
    SenKind.REVIEW: AnnualState,
    SenKind.PHASE: PhaseState,
    SenKind.HANDOVER: HandoverState,
    SenKind.CONSULTATION: ConsultState,
}
SEN_STATE_CHOICES = list(dict(pair for states in SEN_STATES.values() for pair in states.choices).items())


class SenEvent(models.TextChoices):
    """What happened to a matter, as its history says it."""

    OPENED = "opened", "opened"
    ANSWER = "answer", "answered"
    ASSESS = "assess", "decided to assess"
    REFUSE = "refuse", "decided not to assess"
    DRAFT = "draft", "draft plan sent"
    FINALISE = "finalise", "final plan issued"
    NO_PLAN = "no_plan", "decided to issue no plan"
    PLAN_MEETING = "plan_meeting", "review meeting planned"
    PEP_BESIDE = "pep_beside", "PEP meeting set beside the review"
    HOLD = "hold", "review meeting held"
    DECIDE = "decide", "decision on the plan"
    NAME_SCHOOL = "name_school", "next school named"
    ISSUE = "issue", "amended plan issued"
    HAND_OVER = "hand_over", "plan handed over"
    TELL_PARENT = "tell_parent", "new council told the parent"
    ACCEPT = "accept", "school said yes"
    DECLINE = "decline", "school said no"
    CLOSE = "close", "closed"


class CanMeet(models.TextChoices):
    """Whether what the plan asks for can be had where the child goes."""

    YES = "yes", "the plan can be met"
    NO = "no", "the plan cannot be met"
    UNSURE = "unsure", "not known yet"


class ReviewOutcome(models.TextChoices):
    KEEP = "keep", "keep the plan as it is"
    CHANGE = "change", "change the plan"
    CEASE = "cease", "cease to maintain the plan"


class AwardingBody(models.TextChoices):
    """Who sets and marks the examination."""

    AQA = "aqa", "AQA"
    EDEXCEL = "edexcel", "Pearson Edexcel"
    OCR = "ocr", "OCR"
    EDUQAS = "eduqas", "WJEC Eduqas"
    CCEA = "ccea", "CCEA"
    CITY_AND_GUILDS = "city_guilds", "City & Guilds"
    NCFE = "ncfe", "NCFE"
    OTHER = "other", "another awarding body"


class Tier(models.TextChoices):
    """Empty where the course has none, or nobody said."""

    FOUNDATION = "foundation", "foundation tier"
    HIGHER = "higher", "higher tier"


class Coursework(models.TextChoices):
    """What is done of coursework and practical work that counts."""

    UNKNOWN = "unknown", "not known"
    NONE = "none", "none, or not begun"
    STARTED = "started", "started"
    DONE = "done", "done"


class CourseStage(models.TextChoices):
    KS4 = "ks4", "Years 10 and 11"
    POST_16 = "post_16", "Years 12 and 13"


class Match(models.TextChoices):
    """What became of a course when it was set beside a school's: never guessed."""

    SAME = "same", "same"
    OTHER_SPECIFICATION = "other_spec", "same board, other specification"
    OTHER_BOARD = "other_board", "different board"
    NOT_OFFERED = "not_offered", "not offered"
    UNKNOWN = "unknown", "unknown"


class KeepCourse(models.TextChoices):
    """What becomes of a course that does not match: "what could be kept"."""

    TRANSPORT = "transport", "keeps the school, and is brought there"
    AT_A_DISTANCE = "distance", "is taught by the old school at a distance"
    CENTRE = "centre", "sits the exam at the old school’s centre"
    TUITION = "tuition", "has tuition"
    OTHER = "other", "something else"


class ApplicationState(models.TextChoices):
    """An in-year application for a school place, from sending it to the place that is taken up."""

    SENT = "sent", "sent, waits for an answer"
    WAITING_LIST = "waiting_list", "on the school’s waiting list"
    FAIR_ACCESS = "fair_access", "with the fair access panel"
    REFUSED = "refused", "place refused"
    REPRESENTATIONS = "representations", "direction: the school may make representations"
    NOTICE = "notice", "direction: the school was given notice"
    ADJUDICATOR = "adjudicator", "direction: with the adjudicator"
    ASKED = "asked", "direction asked of the Secretary of State"
    DIRECTED = "directed", "school directed to admit"
    OFFERED = "offered", "place is offered"
    ACCEPTED = "accepted", "place is accepted"
    ELSEWHERE = "elsewhere", "the adjudicator named another school"
    WITHDRAWN = "withdrawn", "application withdrawn"


class ApplicationEvent(models.TextChoices):
    """A step of an application."""

    SENT = "sent", "applied for the place"
    OFFER = "offer", "offered a place"
    WAIT = "wait", "put on the waiting list"
    FAIR_ACCESS = "fair_access", "passed to the fair access panel"
    REFUSE = "refuse", "refused the place"
    CONSULT = "consult", "told the school that it may be directed"
    NOTIFY = "notify", "gave the school notice"
    REFER = "refer", "learnt that the school went to the adjudicator"
    UPHOLD = "uphold", "learnt that the adjudicator has the school admit"
    ELSEWHERE = "elsewhere", "learnt that the adjudicator named another school"
    ASK = "ask", "asked the Secretary of State to direct"
    DECLINE = "decline", "learnt that there will be no direction"
    DIRECT = "direct", "recorded the direction to admit"
    ACCEPT = "accept", "accepted the place"
    WITHDRAW = "withdraw", "withdrew the application"
    PUT_RIGHT = "put_right", "put the last step right"


class RefusalGround(models.TextChoices):
    """Why a school says that it does not admit, as it says it."""

    FULL = "full", "the year group is full"
    NEEDS = "needs", "it cannot meet the child’s needs"
    BEHAVIOUR = "behaviour", "challenging behaviour"
    OTHER = "other", "another ground"
