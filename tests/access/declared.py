"""Who may open, and who may send, what at every address of the service: written down by hand, to be read and argued about.

Nothing here is computed from the policies or from the role classes. When a page is added, a line is added here, and somebody
has to say whom it is for; `test_declared.py` fails until then.

Read a line as: among those who may know of the record at all (`KINDS`), these roles get the page (`get`), these may send it
something (`post`). Whoever may not know of the record gets 404, whoever knows of it and may not act gets 403, and an address
that is not for that method answers 405. Whoever is not signed in is sent to the sign-in page.
"""

from dataclasses import dataclass, field, replace

VSH, ALA, COORDINATOR, SUPPORT = "vsh", "ala", "coordinator", "support"
SOCIAL_WORKER, MANAGER, IRO, TEACHER = "socialworker", "manager", "iro", "teacher"
SEN, ADMISSIONS, DATA, DPO = "sen", "admissions", "data", "dpo"
ADMINISTRATOR = "administrator"  # not a role: a right beside one, to keep accounts

Roles = frozenset[str]


def roles(*names: str) -> Roles:
    return frozenset(names)


EVERYBODY = roles(VSH, ALA, COORDINATOR, SUPPORT, SOCIAL_WORKER, MANAGER, IRO, TEACHER, SEN, ADMISSIONS, DATA, DPO)
NOBODY = roles()
WITH_CHILDREN = EVERYBODY - {DPO}
WHOLE_ROLL = roles(VSH, ALA, COORDINATOR, DATA)

# What each role reads of the children it reaches, by the kind of information.
READS = {
    "identity": WITH_CHILDREN,
    "education": WITH_CHILDREN,
    "attendance": WITH_CHILDREN - {SEN, ADMISSIONS},
    "pep": roles(VSH, ALA, COORDINATOR, SUPPORT, SOCIAL_WORKER, MANAGER, IRO, TEACHER),
    "voice": roles(VSH, ALA, SUPPORT, SOCIAL_WORKER, MANAGER, IRO, TEACHER),
    "health": roles(VSH, ALA, SOCIAL_WORKER, MANAGER),
    "legal": roles(VSH, ALA, COORDINATOR, SUPPORT, SOCIAL_WORKER, MANAGER, IRO, DATA),
    "money": roles(VSH, ALA, SOCIAL_WORKER, MANAGER, TEACHER, DATA),
    "marking": roles(VSH, ALA),
    "narrative": roles(VSH, ALA, SOCIAL_WORKER, MANAGER),
    "address": roles(VSH, SOCIAL_WORKER, MANAGER),
    "carer": roles(VSH, ALA, SOCIAL_WORKER, MANAGER),
    "birth_family": roles(VSH, SOCIAL_WORKER, MANAGER),
    "adoption_link": NOBODY,
}

ADVOCATES = roles(VSH, ALA)
SOCIAL_WORK = roles(SOCIAL_WORKER, MANAGER)
KEEP_ROLL = roles(VSH, COORDINATOR, DATA)
KEEP_SCHOOLS = roles(VSH, COORDINATOR, DATA)
ALLOCATE = KEEP_ROLL | {MANAGER}
ANSWER_EDUCATION = KEEP_ROLL | ADVOCATES | SOCIAL_WORK
TAKE_LISTS_AWAY = roles(VSH, ALA, COORDINATOR, SUPPORT, DATA)
KEEP_FILES = roles(VSH, ALA, COORDINATOR, SUPPORT, SOCIAL_WORKER, MANAGER, DATA)
IMPORT = roles(VSH, DATA)
RECORD_REVIEW = KEEP_ROLL | SOCIAL_WORK | {IRO}
REVIEW_DIARY = READS["pep"] - {TEACHER}
PLAN_PEPS = roles(VSH, COORDINATOR, SUPPORT)
ARRANGE_MEETINGS = PLAN_PEPS | {TEACHER}
USE_PLANNER = ARRANGE_MEETINGS | {ALA}
AT_THE_MEETING = READS["pep"] - {IRO}
GATHER_VOICE = roles(VSH, ALA, SUPPORT, SOCIAL_WORKER, MANAGER, TEACHER)
ENTER_MARKS = roles(VSH, TEACHER, DATA)
KEEP_TIMETABLES = ADVOCATES | {COORDINATOR, SUPPORT, TEACHER}
ASK_FOR_LEAVE = SOCIAL_WORK | {VSH, COORDINATOR, SUPPORT, TEACHER}
APPLY_FOR_PLACES = roles(VSH, ALA, COORDINATOR)
READ_APPLICATIONS = APPLY_FOR_PLACES | SOCIAL_WORK | {DATA, IRO, ADMISSIONS}
RECORD_COURSES = roles(VSH, ALA, COORDINATOR, TEACHER)
RECORD_SCHOOL_COURSES = RECORD_COURSES | {DATA}
RECORD_EXCLUSIONS = roles(VSH, ALA, COORDINATOR, TEACHER, DATA)
REPORT_RISK = ADVOCATES | SOCIAL_WORK
OPEN_SEN = ADVOCATES | {COORDINATOR}
ANSWER_SEN = roles(SEN, VSH)
READ_SEN = OPEN_SEN | SOCIAL_WORK | {SEN}
PROPOSE_MOVES = ADVOCATES | SOCIAL_WORK
READ_MOVES = PROPOSE_MOVES | KEEP_ROLL | {IRO}
READ_BOOKS = roles(VSH, ALA, DATA)
# an officer who reaches a child by a grant sees the clocks and alerts of that grant's matters alone
READ_WATCH = READS["education"] - {SEN, ADMISSIONS}
ALWAYS, OWN_SCHOOL, OWN_ACCOUNT, BY_CHILD = "always", "own school", "own account", "by child"


@dataclass(frozen=True)
class Kind:
    """A kind of record that an address may name.

    ``known_to``: the roles that may know of one. ``by``: which of them know of this very one: those who reach its child, those
    whose own it is, or all of them.
    """

    model: str
    known_to: Roles
    by: str = BY_CHILD


def of_child(model: str, group: str) -> Kind:
    """A record of a child that tells one kind of information."""
    return Kind(model, READS[group])


KINDS: dict[str, Kind] = {
    "child": of_child("children.Child", "identity"),
    "enrolment": of_child("children.Enrolment", "identity"),
    "relationship": of_child("children.Relationship", "identity"),
    # written by the child's social worker
    "note": of_child("children.Note", "narrative"),
    # added by the child's social worker
    "file_education": of_child("children.ChildFile", "education"),
    "file_health": of_child("children.ChildFile", "health"),
    "file_narrative": of_child("children.ChildFile", "narrative"),
    "alert_education": Kind("children.Alert", READ_WATCH),
    # of the SEN team's matters, and of applications
    "alert_sen": Kind("children.Alert", READ_WATCH | {SEN}),
    "alert_admissions": Kind("children.Alert", READ_WATCH | {ADMISSIONS}),
    "alert_attendance": of_child("children.Alert", "attendance"),
    "alert_pep": of_child("children.Alert", "pep"),
    "alert_legal": of_child("children.Alert", "legal"),
    "alert_narrative": of_child("children.Alert", "narrative"),
    "clock_education": Kind("children.Clock", READ_WATCH),
    "clock_pep": of_child("children.Clock", "pep"),
    "clock_legal": of_child("children.Clock", "legal"),
    # a PEP being prepared, with a meeting planned for today to which the social worker is asked
    "pep": of_child("peps.Pep", "pep"),
    "meeting": of_child("peps.PepMeeting", "pep"),
    "invitation": of_child("peps.MeetingInvitation", "pep"),
    "section_school": of_child("peps.PepSection", "pep"),
    "section_social_work": of_child("peps.PepSection", "pep"),
    "section_voice": of_child("peps.PepSection", "pep"),
    # made by the social worker for the child, who has written what has to be read today
    "voice_link": Kind("peps.VoiceLink", READS["pep"] & READS["voice"]),
    "voice_concern": Kind("peps.VoiceConcern", READS["pep"] & READS["voice"]),
    # added by the child's social worker to a section of theirs, which tells legal facts, and to one of the complete PEP
    "pep_file": Kind("peps.PepFile", READS["pep"] & READS["legal"]),
    "pep_file_complete": Kind("peps.PepFile", READS["pep"] & READS["legal"]),
    # the next one: its meeting was held, it is not sent in
    "pep_held": of_child("peps.Pep", "pep"),
    "meeting_held": of_child("peps.PepMeeting", "pep"),
    "action": of_child("peps.MeetingAction", "pep"),
    "section_finished": of_child("peps.PepSection", "pep"),
    "you_said": Kind("peps.YouSaid", READS["pep"] & READS["voice"]),
    "target": of_child("peps.PepTarget", "pep"),
    "cost": Kind("peps.PepCost", READS["pep"] & READS["money"]),
    "cost_excluded": Kind("peps.PepCost", READS["pep"] & READS["money"]),
    # what the reviewing officer raised: one that waits for the advocate, one that is answered
    "concern": of_child("peps.Concern", "pep"),
    "concern_answered": of_child("peps.Concern", "pep"),
    # one that waits for the Virtual School, and one that was approved at this school
    "pep_submitted": of_child("peps.Pep", "pep"),
    "pep_complete": of_child("peps.Pep", "pep"),
    "target_last": of_child("peps.PepTarget", "pep"),
    # approved by the advocate, to be marked by the head or marked by them already
    "second_waiting": Kind("peps.SecondMark", ADVOCATES),
    "second_marked": Kind("peps.SecondMark", ADVOCATES),
    "release": of_child("pupil_premium.Release", "money"),
    # what the school before agreed: a designated teacher reads the money of their own school
    "cost_elsewhere": Kind("peps.PepCost", (READS["pep"] & READS["money"]) - {TEACHER}),
    "release_elsewhere": Kind("pupil_premium.Release", READS["money"] - {TEACHER}),
    # a suspension by this school, and one by the school before, of which this one knows the days alone
    "exclusion": of_child("attendance.Exclusion", "attendance"),
    "exclusion_elsewhere": Kind("attendance.Exclusion", READS["attendance"] - {TEACHER}),
    "report": Kind("referrals.RiskReport", REPORT_RISK),
    # applied for by the coordinator, open to this child's admissions officer
    "application": Kind("referrals.Application", READ_APPLICATIONS),
    "course": of_child("referrals.ChildCourse", "education"),
    # a review that is due, and the notice of a move that the SEN team has not answered
    "sen_review": Kind("referrals.SenMatter", READ_SEN),
    "sen_notice": Kind("referrals.SenMatter", READ_SEN),
    # proposed by the social worker; what the child says, and what the present school is asked
    "move": Kind("referrals.SchoolMove", READ_MOVES),
    "view": Kind("referrals.Consultation", READ_MOVES),
    "view_school": Kind("referrals.Consultation", READ_MOVES | {TEACHER}),
    # running at the child's school, nobody has said anything yet
    "timetable": of_child("attendance.ReducedTimetable", "attendance"),
    # at a provider that is no registered school
    "provision": of_child("attendance.AlternativeProvision", "attendance"),
    # asked for by the school, nobody has said anything yet
    "leave": of_child("attendance.LeaveRequest", "attendance"),
    # without a child, or beside the roll
    "school": Kind("children.School", WITH_CHILDREN, OWN_SCHOOL),
    "judgement": Kind("children.SchoolJudgement", WITH_CHILDREN, OWN_SCHOOL),
    "school_course": Kind("referrals.SchoolCourse", WITH_CHILDREN, OWN_SCHOOL),
    "record": Kind("children.PreviouslyInCare", ADVOCATES, ALWAYS),
    "enquiry": Kind("children.Enquiry", ADVOCATES, ALWAYS),
    "hosted": Kind("children.HostedChild", KEEP_ROLL | ADVOCATES, ALWAYS),
    "run": Kind("children.ImportRun", IMPORT, ALWAYS),
    "mapping": Kind("attendance.SourceMapping", IMPORT, ALWAYS),
    "entry_grant": Kind("pupil_premium.Entry", READ_BOOKS, ALWAYS),
    "entry_release": Kind("pupil_premium.Entry", READ_BOOKS, ALWAYS),
    "officer": Kind("referrals.NominatedOfficer", ADVOCATES, ALWAYS),
    "rule": Kind("rulebook.Rule", EVERYBODY, ALWAYS),
    "organisation": Kind("accounts.Organisation", EVERYBODY, ALWAYS),
    "team": Kind("accounts.Organisation", EVERYBODY, ALWAYS),
    # the account of a social worker, and that of the colleague who covers for them
    "person": Kind("accounts.User", roles(ADMINISTRATOR, SOCIAL_WORKER), OWN_ACCOUNT),
    "cover": Kind("accounts.Cover", roles(ADMINISTRATOR, SOCIAL_WORKER), OWN_ACCOUNT),
}


@dataclass(frozen=True)
class Case:
    """One record, or none, that an address is asked with, and what is answered.

    ``get``, ``post``: the roles that get the page; None when the address is not for that method. ``opens``: the answers that
    count as getting it. ``words``: what else the address holds. ``sends``: what is posted where nothing at all would be refused.
    """

    get: Roles | None = None
    post: Roles | None = None
    named: dict[str, str] = field(default_factory=dict)
    words: dict[str, object] = field(default_factory=dict)
    opens: tuple[int, ...] = (200,)
    sends: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind | None:
        return next((KINDS[key] for key in self.named.values()), None)

    @property
    def key(self) -> str:
        """Which record of the world the address is asked with."""
        return next(iter(self.named.values()), "")


def page(get: Roles | None = None, post: Roles | None = None, **named: str) -> Case:
    return Case(get=get, post=post, named=named)


def words(case: Case, **given: object) -> Case:
    return replace(case, words=given)


def sending(case: Case, **given: str) -> Case:
    return replace(case, sends=given)


def leads_on(case: Case) -> Case:
    """A page that for some or all of its readers only leads on to another."""
    return replace(case, opens=(200, 302))


OWN_NOTE = roles(SOCIAL_WORKER)  # its author's alone

TABLE: dict[str, tuple[Case, ...]] = {
    # ------------------------------------------------------------------ the front: home, roll, child, figures
    "overview:home": (page(EVERYBODY),),
    "overview:you": (page(EVERYBODY),),
    "overview:more": (page(EVERYBODY),),
    "overview:help": (page(EVERYBODY),),
    "overview:roll": (page(WITH_CHILDREN, WITH_CHILDREN),),
    "overview:roll_file": (page(TAKE_LISTS_AWAY),),
    "overview:search": (page(WITH_CHILDREN, WITH_CHILDREN),),
    "overview:child": (page(WITH_CHILDREN, child="child"),),
    "overview:dashboard": (page(roles(VSH, ALA, COORDINATOR, SUPPORT)),),
    "overview:figure": (words(page(roles(VSH, ALA, COORDINATOR, SUPPORT)), key="on-roll"),),
    # ------------------------------------------------------------------ the roll
    "children:new": (page(KEEP_ROLL, KEEP_ROLL),),
    "children:new_details": (leads_on(page(KEEP_ROLL, KEEP_ROLL)),),
    "children:leavers": (page(KEEP_ROLL, KEEP_ROLL),),
    "children:allocate_many": (leads_on(page(ALLOCATE, ALLOCATE)),),
    "children:schools": (page(WITH_CHILDREN),),
    "children:school": (page(WITH_CHILDREN, school="school"),),
    "children:judgement_add": (page(KEEP_SCHOOLS, KEEP_SCHOOLS, school="school"),),
    "children:carry_on": (page(KEEP_ROLL, KEEP_ROLL, school="school"),),
    "children:judgement_correct": (page(KEEP_SCHOOLS, KEEP_SCHOOLS, judgement="judgement"),),
    "children:judgement_remove": (page(KEEP_SCHOOLS, KEEP_SCHOOLS, judgement="judgement"),),
    "children:end_enrolment": (page(KEEP_ROLL, KEEP_ROLL, enrolment="enrolment"),),
    "children:end_relationship": (page(KEEP_ROLL, KEEP_ROLL, relationship="relationship"),),
    "children:note_edit": (page(OWN_NOTE, OWN_NOTE, note="note"),),
    "children:file": (
        page(READS["education"], file="file_education"),
        page(READS["health"], file="file_health"),
        page(READS["narrative"], file="file_narrative"),
    ),
    "children:file_remove": (
        page(roles(VSH, SOCIAL_WORKER), roles(VSH, SOCIAL_WORKER), file="file_education"),
        page(roles(VSH, SOCIAL_WORKER), roles(VSH, SOCIAL_WORKER), file="file_health"),
    ),
    "children:leave": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:placement": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:education_answer": (page(ANSWER_EDUCATION, ANSWER_EDUCATION, child="child"),),
    "children:legal_status": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:identity": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:need": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:enrol": (page(KEEP_ROLL, KEEP_ROLL, child="child"),),
    "children:allocate": (page(ALLOCATE, ALLOCATE, child="child"),),
    "children:review": (page(RECORD_REVIEW, RECORD_REVIEW, child="child"),),
    "children:notes": (page(READS["narrative"], child="child"),),
    "children:note_add": (page(READS["narrative"], READS["narrative"], child="child"),),
    "children:files": (page(WITH_CHILDREN, child="child"),),
    "children:file_add": (page(KEEP_FILES, KEEP_FILES, child="child"),),
    # ------------------------------------------------------------------ the cohorts beside the roll
    "children:previously": (page(ADVOCATES),),
    "children:previously_add": (page(ADVOCATES, ADVOCATES),),
    "children:previously_record": (page(ADVOCATES, record="record"),),
    "children:previously_agree": (page(ADVOCATES, ADVOCATES, record="record"),),
    "children:previously_withdraw": (page(None, ADVOCATES, record="record"),),
    "children:previously_ask": (page(ADVOCATES, ADVOCATES, record="record"),),
    "children:advise": (page(ADVOCATES, ADVOCATES, enquiry="enquiry"),),
    "children:hosted": (page(KEEP_ROLL | ADVOCATES),),
    "children:hosted_add": (page(KEEP_ROLL, KEEP_ROLL),),
    "children:hosted_end": (page(KEEP_ROLL, KEEP_ROLL, hosted_child="hosted"),),
    "children:figures": (page(ADVOCATES),),
    "children:figure_add": (page(ADVOCATES, ADVOCATES),),
    # ------------------------------------------------------------------ alerts and clocks
    "watch:alerts": (page(WITH_CHILDREN),),
    "watch:alert": (
        page(READ_WATCH, ADVOCATES, alert="alert_education"),
        page(READ_WATCH | {SEN}, ADVOCATES, alert="alert_sen"),
        page(READ_WATCH | {ADMISSIONS}, ADVOCATES, alert="alert_admissions"),
        *(
            page(READS[group], ADVOCATES, alert=f"alert_{group}")
            for group in ("attendance", "pep", "legal", "narrative")
        ),
    ),
    "watch:signs": (page(ADVOCATES),),
    "watch:sign": (words(page(ADVOCATES), sign="moves"),),
    "watch:clock": (
        page(READ_WATCH, clock="clock_education"),
        *(page(READS[group], clock=f"clock_{group}") for group in ("pep", "legal")),
    ),
    "watch:outside_team": (page(roles(MANAGER), roles(MANAGER)),),
    # ------------------------------------------------------------------ imports
    "imports:list": (page(IMPORT),),
    "imports:upload": (page(IMPORT, IMPORT),),
    "imports:detail": (page(IMPORT, run="run"),),
    "imports:rows": (page(IMPORT, run="run"),),
    "imports:confirm": (page(None, IMPORT, run="run"),),
    "imports:discard": (page(None, IMPORT, run="run"),),
    # ------------------------------------------------------------------ PEPs
    "peps:list": (page(READS["pep"], READS["pep"]),),
    "peps:due": (page(READS["pep"], READS["pep"]),),
    "peps:planner": (page(USE_PLANNER, USE_PLANNER),),
    "peps:planner_month": (page(USE_PLANNER, USE_PLANNER),),
    "peps:plan_several": (page(ARRANGE_MEETINGS, ARRANGE_MEETINGS),),
    "peps:owed": (page(READS["pep"]),),
    "peps:chase": (page(PLAN_PEPS),),
    "peps:chase_person": (leads_on(page(PLAN_PEPS)),),
    "peps:chase_file": (page(PLAN_PEPS),),
    "peps:chase_send": (page(None, PLAN_PEPS),),
    "peps:chase_sent": (page(PLAN_PEPS),),
    "peps:reviews": (page(REVIEW_DIARY, REVIEW_DIARY),),
    "peps:reviews_unplanned": (page(REVIEW_DIARY, REVIEW_DIARY),),
    "peps:reviews_file": (page(TAKE_LISTS_AWAY - {DATA} | {IRO}),),
    "peps:reviews_calendar": (page(REVIEW_DIARY),),
    "peps:review_summary": (page(READS["pep"], child="child"),),
    "peps:review_summary_paper": (page(None, READS["pep"], child="child"),),
    "peps:concerns": (page(READS["pep"]),),
    "peps:concern_raise": (page(roles(IRO), roles(IRO), child="child"),),
    "peps:concern": tuple(page(READS["pep"], concern=key) for key in ("concern", "concern_answered")),
    # the advocate of both children is the same
    "peps:concern_answer": (page(ADVOCATES, ADVOCATES, concern="concern"),),
    "peps:concern_accept": (sending(page(None, roles(IRO), concern="concern_answered"), round="1"),),
    "peps:concern_again": (page(roles(IRO), roles(IRO), concern="concern_answered"),),
    "peps:open": (page(PLAN_PEPS, PLAN_PEPS, child="child"),),
    "peps:detail": tuple(page(READS["pep"], pep=key) for key in ("pep", "pep_held", "pep_submitted", "pep_complete")),
    "peps:blank": (page(READS["pep"], READS["pep"]),),
    "peps:blank_of": tuple(page(READS["pep"], pep=key) for key in ("pep", "pep_complete")),
    "peps:paper": tuple(page(READS["pep"], READS["pep"], pep=key) for key in ("pep", "pep_complete")),
    "peps:set_note_aside": (leads_on(page(roles(TEACHER), roles(TEACHER), pep="pep_held")),),
    "peps:read": tuple(page(READS["pep"], pep=key) for key in ("pep", "pep_complete")),
    "peps:targets": tuple(page(READS["pep"], pep=key) for key in ("pep_held", "pep_complete")),
    "peps:quality": tuple(page(READS["pep"], pep=key) for key in ("pep_submitted", "pep_complete")),
    "peps:form": (page(PLAN_PEPS | {ALA}, PLAN_PEPS | {ALA}, pep="pep"), page(NOBODY, NOBODY, pep="pep_complete")),
    "peps:cancel": (page(PLAN_PEPS, PLAN_PEPS, pep="pep"), page(NOBODY, NOBODY, pep="pep_complete")),
    "peps:schedule": (page(ARRANGE_MEETINGS, ARRANGE_MEETINGS, pep="pep"), page(NOBODY, NOBODY, pep="pep_held")),
    "peps:add_section": (sending(page(None, ARRANGE_MEETINGS, pep="pep"), section="alternative_provision"),),
    "peps:target_add": (page(roles(TEACHER), roles(TEACHER), pep="pep_held"),),
    "peps:submit": (page(roles(TEACHER), roles(TEACHER), pep="pep_held"), page(NOBODY, NOBODY, pep="pep_submitted")),
    "peps:take_up": (page(None, ADVOCATES, pep="pep_submitted"),),
    "peps:grade": (page(None, ADVOCATES, pep="pep_submitted"), page(None, ADVOCATES, pep="pep_complete")),
    "peps:second_list": (page(ADVOCATES),),
    "peps:second_unsampled": (page(ADVOCATES),),
    "peps:moderation": (page(ADVOCATES),),
    "peps:decisions": (page(ADVOCATES),),
    "peps:second": tuple(page(ADVOCATES, mark=key) for key in ("second_waiting", "second_marked")),
    "peps:second_mark": tuple(page(None, roles(VSH), mark=key) for key in ("second_waiting", "second_marked")),
    "peps:second_agree": (page(None, NOBODY, mark="second_waiting"), page(None, ADVOCATES, mark="second_marked")),
    "peps:second_add": (page(ADVOCATES, ADVOCATES, pep="pep_complete"), page(ADVOCATES, ADVOCATES, pep="pep")),
    "peps:voice": tuple(page(READS["pep"] & READS["voice"], pep=key) for key in ("pep", "pep_held", "pep_complete")),
    "peps:voice_link": (page(GATHER_VOICE, GATHER_VOICE, pep="pep"), page(NOBODY, NOBODY, pep="pep_complete")),
    "peps:voice_back_link": (page(None, NOBODY, pep="pep"), page(None, GATHER_VOICE, pep="pep_held")),
    "peps:you_said": (page(NOBODY, NOBODY, pep="pep"), page(GATHER_VOICE, GATHER_VOICE, pep="pep_held")),
    "peps:you_said_paper": (page(None, NOBODY, pep="pep"), page(None, GATHER_VOICE, pep="pep_held")),
    "peps:given_back": (page(None, NOBODY, pep="pep"), page(None, GATHER_VOICE, pep="pep_held")),
    "peps:you_said_change": (page(GATHER_VOICE, GATHER_VOICE, row="you_said"),),
    "peps:you_said_remove": (page(GATHER_VOICE, GATHER_VOICE, row="you_said"),),
    "peps:voice_withdraw": (page(None, GATHER_VOICE, link="voice_link"),),
    # a designated teacher reads it, and passes it on to the school's safeguarding lead; social work and the advocates answer
    "peps:voice_concern": (page(READS["pep"] & READS["voice"], ADVOCATES | SOCIAL_WORK, concern="voice_concern"),),
    "peps:voice_no_links": (page(GATHER_VOICE, GATHER_VOICE, child="child"),),
    "peps:amend": (
        page(PLAN_PEPS | ADVOCATES, PLAN_PEPS | ADVOCATES, pep="pep_complete"),
        page(NOBODY, NOBODY, pep="pep_submitted"),
    ),
    "peps:versions": tuple(page(READS["pep"], pep=key) for key in ("pep", "pep_complete")),
    "peps:version": tuple(words(page(READS["pep"], pep="pep_complete"), number=number) for number in (1, 2)),
    "peps:section": (
        page(READS["pep"], section="section_school"),
        page(READS["pep"], section="section_social_work"),
        page(READS["voice"], section="section_voice"),
    ),
    "peps:write": (
        page(roles(TEACHER), roles(TEACHER), section="section_school"),
        page(SOCIAL_WORK, SOCIAL_WORK, section="section_social_work"),
        page(GATHER_VOICE, GATHER_VOICE, section="section_voice"),
        page(NOBODY, NOBODY, section="section_finished"),
    ),
    "peps:complete": (
        page(None, roles(TEACHER), section="section_school"),
        page(None, SOCIAL_WORK, section="section_social_work"),
        page(None, GATHER_VOICE, section="section_voice"),
    ),
    "peps:reopen": (
        page(None, roles(TEACHER), section="section_finished"),
        page(None, NOBODY, section="section_school"),
    ),
    # the designated teacher alone gives a section of the school's to a colleague, and takes it back
    "peps:delegate": (
        page(roles(TEACHER), roles(TEACHER), section="section_school"),
        page(roles(TEACHER), roles(TEACHER), section="section_voice"),
        page(NOBODY, NOBODY, section="section_social_work"),
        page(NOBODY, NOBODY, section="section_finished"),
    ),
    "peps:withdraw": (page(None, roles(TEACHER), section="section_school"),),
    # whoever may write it settles what was set aside of their own words; the social worker has some
    "peps:conflicts": (leads_on(page(SOCIAL_WORK, SOCIAL_WORK, section="section_social_work")),),
    "peps:section_file_add": (
        page(roles(TEACHER), roles(TEACHER), section="section_school"),
        page(SOCIAL_WORK, SOCIAL_WORK, section="section_social_work"),
        page(GATHER_VOICE, GATHER_VOICE, section="section_voice"),
        page(NOBODY, NOBODY, section="section_finished"),
    ),
    "peps:meeting_file_add": tuple(
        page(AT_THE_MEETING, AT_THE_MEETING, meeting=key) for key in ("meeting", "meeting_held")
    ),
    "peps:file_remove": (
        page(roles(VSH, SOCIAL_WORKER), roles(VSH, SOCIAL_WORKER), pep_file="pep_file"),
        page(NOBODY, NOBODY, pep_file="pep_file_complete"),
    ),
    "peps:meeting": tuple(page(READS["pep"], meeting=key) for key in ("meeting", "meeting_held")),
    "peps:calendar_file": tuple(page(READS["pep"], meeting=key) for key in ("meeting", "meeting_held")),
    "peps:rearrange": (page(ARRANGE_MEETINGS, ARRANGE_MEETINGS, meeting="meeting"),),
    "peps:hold": (page(AT_THE_MEETING, AT_THE_MEETING, meeting="meeting"),),
    "peps:book_next": (page(AT_THE_MEETING, AT_THE_MEETING, meeting="meeting_held"),),
    "peps:meeting_mode": tuple(
        page(AT_THE_MEETING, AT_THE_MEETING, meeting=key) for key in ("meeting", "meeting_held")
    ),
    "peps:meeting_over": (page(NOBODY, meeting="meeting"), page(READS["pep"], meeting="meeting_held")),
    "peps:child_summary": tuple(page(READS["pep"], meeting=key) for key in ("meeting", "meeting_held")),
    "peps:child_summary_paper": tuple(page(READS["pep"], meeting=key) for key in ("meeting", "meeting_held")),
    "peps:action_edit": (page(AT_THE_MEETING, AT_THE_MEETING, action="action"),),
    "peps:action_remove": (page(None, AT_THE_MEETING, action="action"),),
    "peps:action_done": (page(None, AT_THE_MEETING, action="action"),),
    "peps:invite": (page(ARRANGE_MEETINGS, ARRANGE_MEETINGS, meeting="meeting"),),
    "peps:uninvite": (
        leads_on(page(ARRANGE_MEETINGS, ARRANGE_MEETINGS, meeting="meeting")),
    ),  # of no guest it leads back
    "peps:answer": (page(roles(SOCIAL_WORKER), roles(SOCIAL_WORKER), invitation="invitation"),),
    "peps:target_edit": (page(roles(TEACHER), roles(TEACHER), target="target"),),
    "peps:target_remove": (page(None, roles(TEACHER), target="target"),),
    "peps:target_review": (page(roles(TEACHER), roles(TEACHER), target="target_last"),),
    "peps:cost_add": (page(roles(TEACHER), roles(TEACHER), target="target"),),
    "peps:cost_remove": (
        page(None, roles(TEACHER), cost="cost"),
        page(None, NOBODY, cost="cost_elsewhere"),
    ),
    "peps:cost_exception": (page(None, roles(VSH), cost="cost_excluded"),),
    # ------------------------------------------------------------------ attendance
    "attendance:rates": (page(READS["attendance"]),),
    "attendance:groups": (page(READS["attendance"]),),
    "attendance:groups_file": (page(TAKE_LISTS_AWAY),),
    "attendance:group": (words(page(READS["attendance"]), kind="all", key="all", figure="marked"),),
    "attendance:weeks": (page(READS["attendance"]),),
    "attendance:lost": (page(READS["attendance"]),),
    "attendance:lost_file": (page(TAKE_LISTS_AWAY),),
    "attendance:disputes": (page(READS["attendance"]),),
    "attendance:list": (words(page(READS["attendance"]), span="year", figure="marked"),),
    "attendance:child": (page(READS["attendance"], child="child"),),
    "attendance:year": (page(READS["attendance"], child="child"),),
    "attendance:lost_of": (page(READS["attendance"], child="child"),),
    "attendance:marks": (page(ENTER_MARKS, ENTER_MARKS),),
    "attendance:mappings": (page(IMPORT),),
    "attendance:mapping_add": (page(IMPORT, IMPORT),),
    "attendance:mapping": (page(IMPORT, IMPORT, mapping="mapping"),),
    "attendance:mapping_file": (page(IMPORT, IMPORT, mapping="mapping"),),
    "attendance:mapping_rename": (page(IMPORT, IMPORT, mapping="mapping"),),
    "attendance:mapping_remove": (page(IMPORT, IMPORT, mapping="mapping"),),
    "attendance:arrangements": (page(READS["attendance"], child="child"),),
    "attendance:timetables": (page(READS["attendance"]),),
    "attendance:timetables_file": (page(TAKE_LISTS_AWAY),),
    "attendance:timetable": (page(READS["attendance"], timetable="timetable"),),
    "attendance:timetable_add": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, child="child"),),
    "attendance:timetable_answer": (
        page(KEEP_TIMETABLES | SOCIAL_WORK, KEEP_TIMETABLES | SOCIAL_WORK, timetable="timetable"),
    ),
    "attendance:timetable_review": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, timetable="timetable"),),
    "attendance:timetable_end": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, timetable="timetable"),),
    "attendance:provisions": (page(READS["attendance"]),),
    "attendance:provisions_file": (page(TAKE_LISTS_AWAY),),
    "attendance:provision": (page(READS["attendance"], provision="provision"),),
    "attendance:provision_add": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, child="child"),),
    "attendance:provision_check": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, provision="provision"),),
    "attendance:provision_review": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, provision="provision"),),
    "attendance:provision_end": (page(KEEP_TIMETABLES, KEEP_TIMETABLES, provision="provision"),),
    "attendance:leaves": (page(READS["attendance"]),),
    "attendance:leaves_file": (page(TAKE_LISTS_AWAY),),
    "attendance:leave": (page(READS["attendance"], leave="leave"),),
    "attendance:leave_ask": (page(ASK_FOR_LEAVE, ASK_FOR_LEAVE, child="child"),),
    "attendance:leave_view": (page(SOCIAL_WORK, SOCIAL_WORK, leave="leave"),),
    "attendance:leave_answer": (page(ADVOCATES, ADVOCATES, leave="leave"),),
    "attendance:leave_decide": (page(roles(TEACHER, DATA), roles(TEACHER, DATA), leave="leave"),),
    "attendance:leave_withdraw": (page(ASK_FOR_LEAVE, ASK_FOR_LEAVE, leave="leave"),),
    "attendance:exclusions": (page(READS["attendance"]),),
    "attendance:exclusions_file": (page(TAKE_LISTS_AWAY),),
    "attendance:exclusions_of": (page(READS["attendance"], child="child"),),
    "attendance:exclusion_add": (page(RECORD_EXCLUSIONS, RECORD_EXCLUSIONS, child="child"),),
    "attendance:exclusion": (
        page(READS["attendance"], exclusion="exclusion"),
        page(READS["attendance"] - {TEACHER}, exclusion="exclusion_elsewhere"),
    ),
    "attendance:exclusion_correct": (
        page(RECORD_EXCLUSIONS, RECORD_EXCLUSIONS, exclusion="exclusion"),
        page(RECORD_EXCLUSIONS - {TEACHER}, RECORD_EXCLUSIONS - {TEACHER}, exclusion="exclusion_elsewhere"),
    ),
    "attendance:exclusion_provision": (page(RECORD_EXCLUSIONS, RECORD_EXCLUSIONS, exclusion="exclusion"),),
    "attendance:exclusion_step": (
        words(page(RECORD_EXCLUSIONS, RECORD_EXCLUSIONS, exclusion="exclusion"), event="cancel"),
    ),
    # ------------------------------------------------------------------ Pupil Premium Plus
    "pupil_premium:releases": (page(READS["money"]),),
    "pupil_premium:release": (
        page(READS["money"], release="release"),
        page(READS["money"] - {TEACHER}, release="release_elsewhere"),
    ),
    "pupil_premium:pay": (page(None, ADVOCATES, release="release"),),
    "pupil_premium:books": (page(READ_BOOKS),),
    "pupil_premium:open_year": (page(roles(VSH), roles(VSH)),),
    "pupil_premium:entry": (page(READ_BOOKS, entry="entry_grant"), page(READ_BOOKS, entry="entry_release")),
    "pupil_premium:reverse": (
        page(roles(VSH), roles(VSH), entry="entry_grant"),
        page(ADVOCATES, ADVOCATES, entry="entry_release"),
    ),
    # ------------------------------------------------------------------ places at risk
    # --- school moves
    "moves:list": (page(READ_MOVES),),
    "moves:officers": (page(ADVOCATES, ADVOCATES),),
    "moves:officer_end": (page(roles(VSH), roles(VSH), officer="officer"),),
    "moves:open": (page(PROPOSE_MOVES, PROPOSE_MOVES, child="child"),),
    "moves:detail": (page(READ_MOVES, move="move"),),
    # proposed already: nothing in it is written, proposed, accounted for, or put on a roll now
    "moves:edit": (page(NOBODY, NOBODY, move="move"),),
    "moves:keep": (page(NOBODY, NOBODY, move="move"),),
    "moves:school": (page(NOBODY, NOBODY, move="move"),),
    "moves:propose": (page(NOBODY, NOBODY, move="move"),),
    "moves:account": (page(NOBODY, NOBODY, move="move"),),
    "moves:on_roll": (page(NOBODY, NOBODY, move="move"),),
    "moves:complete": (page(NOBODY, NOBODY, move="move"),),
    "moves:view_of": (
        page(READ_MOVES, PROPOSE_MOVES | {IRO}, view="view"),
        page(READ_MOVES | {TEACHER}, PROPOSE_MOVES | {IRO, TEACHER}, view="view_school"),
    ),
    "moves:exception": (words(page(roles(VSH), roles(VSH), move="move"), stop="line"),),
    "moves:decide": (page(ADVOCATES, ADVOCATES, move="move"),),
    "moves:act": (page(PROPOSE_MOVES, PROPOSE_MOVES, move="move"),),
    "moves:revise": (page(PROPOSE_MOVES, PROPOSE_MOVES, move="move"),),
    "moves:withdraw": (page(PROPOSE_MOVES, PROPOSE_MOVES, move="move"),),
    # --- risk
    "referrals:list": (page(REPORT_RISK),),
    "referrals:which_child": (page(REPORT_RISK, REPORT_RISK),),
    "referrals:report_for": (page(REPORT_RISK, REPORT_RISK, child="child"),),
    "referrals:report": (words(page(REPORT_RISK, REPORT_RISK, child="child"), at_risk="care_placement"),),
    "referrals:reported": (page(REPORT_RISK, report="report"),),
    "referrals:detail": (page(REPORT_RISK, report="report"),),
    "referrals:plan": (page(ADVOCATES, ADVOCATES, report="report"),),
    "referrals:close": (page(ADVOCATES, ADVOCATES, report="report"),),
    # ------------------------------------------------------------------ applications for school places
    "admissions:list": (page(READ_APPLICATIONS),),
    # both children have a school
    "admissions:apply": (page(NOBODY, NOBODY, child="child"),),
    # proposed, not approved
    "admissions:apply_for_move": (page(NOBODY, NOBODY, move="move"),),
    "admissions:detail": (page(READ_APPLICATIONS, application="application"),),
    # nothing was answered that could be put right
    "admissions:put_right": (page(NOBODY, NOBODY, application="application"),),
    "admissions:step": (
        words(
            page(APPLY_FOR_PLACES | {ADMISSIONS}, APPLY_FOR_PLACES | {ADMISSIONS}, application="application"),
            event="offer",
        ),
        words(page(APPLY_FOR_PLACES, APPLY_FOR_PLACES, application="application"), event="withdraw"),
    ),
    # ------------------------------------------------------------------ courses for examinations
    "courses:child": (page(READS["education"], child="child"),),
    "courses:add": (page(RECORD_COURSES, RECORD_COURSES, child="child"),),
    "courses:change": (page(RECORD_COURSES, RECORD_COURSES, course="course"),),
    "courses:end": (page(RECORD_COURSES, RECORD_COURSES, course="course"),),
    "courses:match": (page(READ_MOVES, READ_MOVES - {DATA, IRO}, move="move", school="school"),),
    "courses:school": (page(WITH_CHILDREN, school="school"),),
    "courses:school_add": (page(RECORD_SCHOOL_COURSES, RECORD_SCHOOL_COURSES, school="school"),),
    "courses:whole": (page(RECORD_SCHOOL_COURSES, RECORD_SCHOOL_COURSES, school="school"),),
    "courses:school_change": (page(RECORD_SCHOOL_COURSES, RECORD_SCHOOL_COURSES, course="school_course"),),
    "courses:school_end": (page(RECORD_SCHOOL_COURSES, RECORD_SCHOOL_COURSES, course="school_course"),),
    # ------------------------------------------------------------------ the council's rules
    "rulebook:list": (page(EVERYBODY),),
    "rulebook:calendars": (page(EVERYBODY),),
    "rulebook:detail": (words(page(EVERYBODY), key="pep.initial.deadline"),),
    "rulebook:terms": (words(page(roles(VSH), roles(VSH)), year=2026),),
    "rulebook:change": (words(page(roles(VSH), roles(VSH)), key="pep.initial.deadline"),),
    "rulebook:withdraw": (page(roles(VSH), roles(VSH), rule="rule"),),
    # ------------------------------------------------------------------ people
    "accounts:people": (page(roles(ADMINISTRATOR)),),
    "accounts:invite": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR)),),
    "accounts:organisations": (page(roles(ADMINISTRATOR)),),
    "accounts:add_organisation": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR)),),
    "accounts:cover": (page(EVERYBODY),),
    "accounts:end_cover": (page(None, roles(ADMINISTRATOR, SOCIAL_WORKER), cover="cover"),),
    "accounts:teachers": (page(KEEP_ROLL),),
    "accounts:teacher": (
        page(KEEP_ROLL, KEEP_ROLL, organisation="organisation"),
        page(NOBODY, NOBODY, organisation="team"),
    ),
    "accounts:teacher_leaves": (
        page(KEEP_ROLL, KEEP_ROLL, organisation="organisation"),
        page(NOBODY, NOBODY, organisation="team"),
    ),
    "accounts:leave": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR), person="person", organisation="team"),),
    "accounts:person": (page(roles(ADMINISTRATOR), person="person"),),
    "accounts:role": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR), person="person"),),
    "accounts:administrator": (page(None, roles(ADMINISTRATOR), person="person"),),
    "accounts:deactivate": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR), person="person"),),
    "accounts:reactivate": (page(None, roles(ADMINISTRATOR), person="person"),),
    "accounts:send_link": (page(None, roles(ADMINISTRATOR), person="person"),),
    "accounts:join": (page(roles(ADMINISTRATOR), roles(ADMINISTRATOR), person="person"),),
    "accounts:cover_for": (
        page(roles(ADMINISTRATOR, SOCIAL_WORKER), roles(ADMINISTRATOR, SOCIAL_WORKER), person="person"),
    ),
    # ------------------------------------------------------------------ special educational needs
    "sen:matters": (page(READ_SEN),),
    "sen:transfers": (page(READ_SEN),),
    "sen:of_child": (page(READ_SEN, child="child"),),
    "sen:open": (page(OPEN_SEN, OPEN_SEN, child="child"),),
    "sen:matter": (page(READ_SEN, matter="sen_review"), page(READ_SEN, matter="sen_notice")),
    "sen:consult": (page(OPEN_SEN | {SEN}, OPEN_SEN | {SEN}, matter="sen_review"),),
    "sen:step": (
        words(page(ANSWER_SEN, ANSWER_SEN, matter="sen_notice"), event="answer"),
        words(page(ANSWER_SEN, ANSWER_SEN, matter="sen_review"), event="hold"),
        words(page(roles(VSH, COORDINATOR), roles(VSH, COORDINATOR), matter="sen_review"), event="pep_beside"),
        words(page(OPEN_SEN | {SEN}, OPEN_SEN | {SEN}, matter="sen_review"), event="close"),
        words(page(NOBODY, NOBODY, matter="sen_notice"), event="close"),
    ),
    # ------------------------------------------------------------------ who looked, and how the service is
    "audit:access": (page(roles(DPO)),),
    "audit:changes": (page(roles(DPO)),),
    "audit:events": (page(roles(DPO)),),
    "jobs:nights": (page(KEEP_ROLL),),
}

# Pages of ours for whoever comes by, and what they answer. They show nothing of anybody.
PUBLIC = {
    "overview:accessibility": 200,
    "jobs:health": 200,
    "account_signup": 404,  # nobody signs up: accounts are made by invitation
    # pages of a link for a child, a carer or a parent: without the device that opened it, all the same 404
    "voice:start": 404,
    "voice:about": 404,
    "voice:question": 404,
    "voice:check": 404,
    "voice:done": 404,
    "voice:answer": 404,
}
_LINK = {"link": "0123456789abcdef0123456789abcdef"}
PUBLIC_WORDS = {
    "voice:start": {"token": "no-such-token"},
    "voice:question": _LINK | {"step": 1},
    **{f"voice:{name}": _LINK for name in ("about", "check", "done", "answer")},
}

# Pages of the sign-in library: what a stranger gets, and what somebody who is signed in without password or second step.
LIBRARY = {
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "account_change_password": (302, 302),
    "account_set_password": (302, 200),
    "account_reauthenticate": (302, 403),
    "mfa_authenticate": (302, 302),
    "mfa_index": (302, 200),
    "mfa_reauthenticate": (302, 403),
    "mfa_activate_totp": (302, 200),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 200),
    "mfa_download_recovery_codes": (302, 404),
}
LIBRARY_WORDS = {"account_reset_password_from_key": {"uidb36": "1", "key": "set-password"}}
