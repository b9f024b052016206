"""The twelve roles: for each, one class that says which children it reaches, what it reads of them, and what it may do."""

from dataclasses import dataclass
from enum import StrEnum


class FieldGroup(StrEnum):
    """Kinds of information about a child. Address, carer and birth family are left out of every output unless asked for by name."""

    IDENTITY = "identity"
    EDUCATION = "education"
    ATTENDANCE = "attendance"
    PEP = "pep"
    VOICE = "voice"
    HEALTH = "health"
    LEGAL = "legal"
    MONEY = "money"
    MARKING = "marking"  # how those who grade PEPs differ among themselves
    NARRATIVE = "narrative"
    ADDRESS = "address"
    CARER = "carer"
    BIRTH_FAMILY = "birth_family"
    ADOPTION_LINK = "adoption_link"


ONLY_BY_NAME = frozenset({FieldGroup.ADDRESS, FieldGroup.CARER, FieldGroup.BIRTH_FAMILY, FieldGroup.ADOPTION_LINK})


class Reach(StrEnum):
    """Which children a role may know of; ``children.querysets`` turns each into one query."""

    ROLL = "roll"
    ROLL_IN_PHASE = "roll_in_phase"
    ALLOCATED = "allocated"
    TEAM = "team"
    REVIEWED = "reviewed"
    SCHOOL = "school"
    GRANT = "grant"
    NOBODY = "nobody"


class Act(StrEnum):
    """What a role may do; policies ask for these and never for a role's name."""

    KEEP_ROLL = "keep_roll"  # new to care, leavers, enrolment
    ANSWER_EDUCATION = "answer_education"  # what a change of care placement means for school
    ALLOCATE = "allocate"
    ALLOCATE_IN_TEAM = "allocate_in_team"
    KEEP_SCHOOLS = "keep_schools"  # the designated teacher register
    IMPORT = "import"
    EXPORT = "export"
    WRITE_NOTES = "write_notes"
    KEEP_FILES = "keep_files"
    PLAN_PEPS = "plan_peps"  # open, invite, rearrange, chase, cancel
    WRITE_SOCIAL_WORK_SECTIONS = "write_social_work_sections"
    WRITE_SCHOOL_SECTIONS = "write_school_sections"
    GATHER_VOICE = "gather_voice"
    ANSWER_INVITATION = "answer_invitation"
    SUBMIT_PEPS = "submit_peps"
    GRADE_PEPS = "grade_peps"
    RELEASE_MONEY = "release_money"
    READ_BOOKS = "read_books"
    KEEP_GRANT = "keep_grant"  # enter a year's grant and what is kept of it
    RECORD_SPEND = "record_spend"
    REPORT_RISK = "report_risk"
    ANSWER_RISK = "answer_risk"
    ANSWER_SIGNALS = "answer_signals"
    RECORD_ATTENDANCE = "record_attendance"
    KEEP_TIMETABLES = "keep_timetables"  # reduced timetables and alternative provision
    AGREE_TIMETABLES = "agree_timetables"  # for the Virtual School
    ASK_FOR_LEAVE = "ask_for_leave"
    ANSWER_LEAVE = "answer_leave"  # whether the Virtual School supports it
    RECORD_LEAVE_DECISION = "record_leave_decision"  # of the head teacher
    RECORD_EXCLUSIONS = "record_exclusions"  # suspensions and permanent exclusions
    PROPOSE_MOVES = "propose_moves"
    AGREE_MOVES = "agree_moves"  # those that need nobody above the advocate
    DECIDE_MOVES = "decide_moves"  # Years 6 and 11, and exceptions
    READ_SEN = "read_sen"  # matters of special educational needs
    OPEN_SEN = "open_sen"
    ANSWER_SEN = "answer_sen"  # for the SEN team
    APPLY_FOR_PLACES = "apply_for_places"  # in-year applications to schools
    ANSWER_ADMISSIONS = "answer_admissions"  # for the admissions team
    RECORD_COURSES = "record_courses"  # what a young person takes to an examination
    RECORD_SCHOOL_COURSES = "record_school_courses"  # what a school teaches
    RECORD_CONCERN = "record_concern"
    RECORD_REVIEW = "record_review"  # the day of the next review of the care plan
    ANSWER_GRANT = "answer_grant"
    ADVISE_PREVIOUSLY_IN_CARE = "advise_previously_in_care"
    READ_COHORT_FIGURES = "read_cohort_figures"
    READ_DASHBOARD = "read_dashboard"
    READ_OPERATIONS = "read_operations"  # nights, imports, failed deliveries
    CHANGE_RULES = "change_rules"
    OVERRIDE = "override"
    BREAK_GLASS = "break_glass"
    READ_AUDIT = "read_audit"


@dataclass(frozen=True)
class Role:
    """A role. ``sentence`` is what the person's own page says of it."""

    name: str
    title: str
    sentence: str
    reach: Reach
    reads: frozenset[FieldGroup]
    does: frozenset[Act]


_F = FieldGroup
_COORDINATOR_READS = frozenset({_F.IDENTITY, _F.EDUCATION, _F.ATTENDANCE, _F.PEP, _F.LEGAL})
_SOCIAL_WORK_READS = frozenset(FieldGroup) - {_F.ADOPTION_LINK, _F.MARKING}
_COORDINATOR_DOES = frozenset(
    {
        Act.KEEP_ROLL,
        Act.ANSWER_EDUCATION,
        Act.PLAN_PEPS,
        Act.ALLOCATE,
        Act.KEEP_SCHOOLS,
        Act.KEEP_FILES,
        Act.EXPORT,
        Act.READ_DASHBOARD,
        Act.READ_OPERATIONS,
        Act.RECORD_REVIEW,
        Act.KEEP_TIMETABLES,
        Act.ASK_FOR_LEAVE,
        Act.RECORD_EXCLUSIONS,
        Act.READ_SEN,
        Act.OPEN_SEN,
        Act.RECORD_COURSES,
        Act.RECORD_SCHOOL_COURSES,
        Act.APPLY_FOR_PLACES,
    }
)
_SOCIAL_WORK_DOES = frozenset(
    {
        Act.WRITE_SOCIAL_WORK_SECTIONS,
        Act.ANSWER_INVITATION,
        Act.ANSWER_EDUCATION,
        Act.REPORT_RISK,
        Act.WRITE_NOTES,
        Act.KEEP_FILES,
        Act.GATHER_VOICE,
        Act.RECORD_REVIEW,
        Act.ASK_FOR_LEAVE,
        Act.PROPOSE_MOVES,
        Act.READ_SEN,
        Act.APPLY_FOR_PLACES,
    }
)
_ADVOCATE_DOES = frozenset(
    {
        Act.GRADE_PEPS,
        Act.RELEASE_MONEY,
        Act.READ_BOOKS,
        Act.ANSWER_EDUCATION,
        Act.ANSWER_RISK,
        Act.ANSWER_SIGNALS,
        Act.REPORT_RISK,
        Act.WRITE_NOTES,
        Act.KEEP_FILES,
        Act.ANSWER_INVITATION,
        Act.GATHER_VOICE,
        Act.EXPORT,
        Act.ADVISE_PREVIOUSLY_IN_CARE,
        Act.READ_COHORT_FIGURES,
        Act.READ_DASHBOARD,
        Act.KEEP_TIMETABLES,
        Act.AGREE_TIMETABLES,
        Act.ANSWER_LEAVE,
        Act.RECORD_EXCLUSIONS,
        Act.PROPOSE_MOVES,
        Act.AGREE_MOVES,
        Act.READ_SEN,
        Act.OPEN_SEN,
        Act.RECORD_COURSES,
        Act.RECORD_SCHOOL_COURSES,
        Act.APPLY_FOR_PLACES,
    }
)

VSH = Role(
    "vsh",
    "Virtual School Head",
    "Reaches every child on the roll and reads all but the adoption link; does what an advocate does, decides moves in Years 6, 10 and 11 "
    "and exceptions, keeps the rules, and overrides with a reason.",
    Reach.ROLL,
    frozenset(FieldGroup) - {_F.ADOPTION_LINK},
    _ADVOCATE_DOES
    | _COORDINATOR_DOES
    | {
        Act.DECIDE_MOVES,
        Act.CHANGE_RULES,
        Act.OVERRIDE,
        Act.IMPORT,
        Act.RECORD_ATTENDANCE,
        Act.KEEP_GRANT,
        Act.ANSWER_SEN,
    },
)
ALA = Role(
    "ala",
    "Area Learning Advocate",
    "Reaches every child on the roll, their own caseload first; reads all but address and birth family; quality-assures what they did not "
    "write, releases Pupil Premium Plus, supports moves, writes notes and challenges.",
    Reach.ROLL,
    frozenset(FieldGroup) - {_F.ADDRESS, _F.BIRTH_FAMILY, _F.ADOPTION_LINK},
    _ADVOCATE_DOES,
)
COORDINATOR = Role(
    "coordinator",
    "PEP coordinator",
    "Reaches every child on the roll; reads identity, education, attendance, PEPs and legal status, not narrative or health; plans, invites, "
    "rearranges, chases, opens and cancels PEPs.",
    Reach.ROLL,
    _COORDINATOR_READS,
    _COORDINATOR_DOES,
)
SUPPORT = Role(
    "support",
    "PEP support officer",
    "Reaches every child on the roll in their phase; reads what a coordinator reads and the child's voice; does a coordinator's work in the "
    "phase, gathers voice and keeps post-16 contact.",
    Reach.ROLL_IN_PHASE,
    _COORDINATOR_READS | {_F.VOICE},
    (
        _COORDINATOR_DOES
        - {
            Act.KEEP_ROLL,
            Act.ANSWER_EDUCATION,
            Act.ALLOCATE,
            Act.KEEP_SCHOOLS,
            Act.READ_OPERATIONS,
            Act.RECORD_REVIEW,
            Act.RECORD_EXCLUSIONS,
            Act.READ_SEN,
            Act.OPEN_SEN,
            Act.RECORD_COURSES,
            Act.RECORD_SCHOOL_COURSES,
            Act.APPLY_FOR_PLACES,
        }
    )
    | {Act.GATHER_VOICE},
)
SOCIAL_WORKER = Role(
    "socialworker",
    "Social worker",
    "Reaches the children allocated to them now and reads all of their records; writes the social work sections, accepts meetings, reports "
    "risk, proposes moves and asks for leave.",
    Reach.ALLOCATED,
    _SOCIAL_WORK_READS,
    _SOCIAL_WORK_DOES,
)
MANAGER = Role(
    "manager",
    "Social work team manager",
    "Reaches the children allocated to their team now and does what a social worker does; reassigns within the team; alone may break glass "
    "for a child outside it, with a reason, for an hour, told to the data protection officer at once.",
    Reach.TEAM,
    _SOCIAL_WORK_READS,
    _SOCIAL_WORK_DOES | {Act.ALLOCATE_IN_TEAM, Act.BREAK_GLASS},
)
IRO = Role(
    "iro",
    "Independent Reviewing Officer",
    "Reaches the children they review now; reads identity, education, attendance, PEPs, voice and legal status; records concerns and "
    "recommendations, and when the care plan is reviewed.",
    Reach.REVIEWED,
    frozenset({_F.IDENTITY, _F.EDUCATION, _F.ATTENDANCE, _F.PEP, _F.VOICE, _F.LEGAL}),
    frozenset({Act.RECORD_CONCERN, Act.RECORD_REVIEW}),
)
TEACHER = Role(
    "teacher",
    "Designated teacher",
    "Reaches the children on their school's roll today, and those whose planned start has come; reads identity, education, attendance, PEPs, "
    "voice and the school's own money; writes the school sections and targets, submits, marks, records suspensions, keeps reduced timetables and alternative "
    "provision, records what the head decides on leave, and spend and impact.",
    Reach.SCHOOL,
    frozenset({_F.IDENTITY, _F.EDUCATION, _F.ATTENDANCE, _F.PEP, _F.VOICE, _F.MONEY}),
    frozenset(
        {
            Act.WRITE_SCHOOL_SECTIONS,
            Act.GATHER_VOICE,
            Act.SUBMIT_PEPS,
            Act.ANSWER_INVITATION,
            Act.RECORD_ATTENDANCE,
            Act.RECORD_EXCLUSIONS,
            Act.RECORD_SPEND,
            Act.KEEP_TIMETABLES,
            Act.ASK_FOR_LEAVE,
            Act.RECORD_LEAVE_DECISION,
            Act.RECORD_COURSES,
            Act.RECORD_SCHOOL_COURSES,
        }
    ),
)
SEN = Role(
    "sen",
    "SEN officer",
    "Reaches only children with an open grant; reads identity, education and the education, health and care plan; answers the grant's matter "
    "and records what becomes of it.",
    Reach.GRANT,
    frozenset({_F.IDENTITY, _F.EDUCATION}),
    frozenset({Act.ANSWER_GRANT, Act.READ_SEN, Act.ANSWER_SEN}),
)
ADMISSIONS = Role(
    "admissions",
    "Admissions officer",
    "Reaches only children with an open grant; reads identity and education; answers the grant's matter.",
    Reach.GRANT,
    frozenset({_F.IDENTITY, _F.EDUCATION}),
    frozenset({Act.ANSWER_GRANT, Act.ANSWER_ADMISSIONS}),
)
DATA = Role(
    "data",
    "Business support",
    "Reaches every child on the roll; reads identity, education, attendance, legal status and money lines; imports, keeps intake, leavers, "
    "allocation, the designated teacher register and the payments file.",
    Reach.ROLL,
    frozenset({_F.IDENTITY, _F.EDUCATION, _F.ATTENDANCE, _F.LEGAL, _F.MONEY}),
    frozenset(
        {
            Act.IMPORT,
            Act.EXPORT,
            Act.KEEP_ROLL,
            Act.ANSWER_EDUCATION,
            Act.ALLOCATE,
            Act.KEEP_SCHOOLS,
            Act.KEEP_FILES,
            Act.READ_BOOKS,
            Act.RECORD_ATTENDANCE,
            Act.RECORD_LEAVE_DECISION,
            Act.RECORD_EXCLUSIONS,
            Act.RECORD_SCHOOL_COURSES,
            Act.READ_OPERATIONS,
            Act.RECORD_REVIEW,
        }
    ),
)
DPO = Role(
    "dpo",
    "Data protection officer",
    "Reaches no child's page; reads the change history and the access log, reviews access and answers subject access requests.",
    Reach.NOBODY,
    frozenset(),
    frozenset({Act.READ_AUDIT}),
)

ROLES: dict[str, Role] = {
    role.name: role
    for role in (VSH, ALA, COORDINATOR, SUPPORT, SOCIAL_WORKER, MANAGER, IRO, TEACHER, SEN, ADMISSIONS, DATA, DPO)
}
CHOICES = [(role.name, role.title) for role in ROLES.values()]
SCHOOL_ROLES = frozenset({TEACHER.name})
ALLOCATABLE = frozenset(
    {SOCIAL_WORKER.name, MANAGER.name, IRO.name, ALA.name, VSH.name, COORDINATOR.name, SUPPORT.name}
)
