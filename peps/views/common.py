"""What several of the PEP's pages say: its name, its path, its clock, and what can be done next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from children import clocks
from children.models import Clock
from peps import layouts, policies, workflow
from peps.actions.stepping import waiting_for_new_time
from peps.enums import MeetingState, PepState, SectionState
from peps.models import Pep, PepMeeting, PepSection
from peps.policies import Standing
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Verdict
from virtualschool.rulebook import rules, schoolyear
from virtualschool.rulebook.enums import TermName

Link = dict[str, Any]

TAGS = {
    PepState.PLANNED: "planned",
    PepState.PREPARING: "preparing",
    PepState.MEETING_HELD: "held",
    PepState.SUBMITTED: "submitted",
    PepState.IN_QA: "in_qa",
    PepState.RETURNED: "returned",
    PepState.COMPLETE: "complete",
    PepState.SUPERSEDED: "superseded",
    PepState.REARRANGED: "waiting",
    PepState.CANCELLED: "cancelled",
}
SECTION_TAGS = {
    SectionState.NOT_STARTED: {"text": "Not started", "status": "planned"},
    SectionState.STARTED: {"text": "In progress", "status": "preparing"},
    SectionState.COMPLETE: {"text": "Finished"},
    SectionState.RETURNED: {"text": "Returned", "status": "returned"},
}
PATH = (
    (PepState.PLANNED, "Planned"),
    (PepState.PREPARING, "Preparing"),
    (PepState.MEETING_HELD, "Meeting held"),
    (PepState.SUBMITTED, "Sent in"),
    (PepState.IN_QA, "Quality assurance"),
    (PepState.COMPLETE, "Complete"),
)
# Where a state that is no step of its own stands on the path.
STANDS_AT = {PepState.REARRANGED: 1, PepState.RETURNED: 2, PepState.SUPERSEDED: 5}
DUE_WORDS = {
    PepState.PLANNED: "Meeting due by",
    PepState.PREPARING: "Meeting due by",
    PepState.REARRANGED: "Meeting due by",
    PepState.MEETING_HELD: "To be sent in by",
    PepState.RETURNED: "To be sent in again by",
    PepState.SUBMITTED: "Answer due by",
    PepState.IN_QA: "Answer due by",
}


def kind_words(pep: Pep) -> str:
    words = str(pep.get_kind_display())
    return capfirst(words)


def term_words(pep: Pep) -> str:
    return f"{TermName(pep.term).label} term {schoolyear.year_words(pep.academic_year)}"


def form_words(pep: Pep) -> str:
    """Which phase's form it is, and of which year."""
    phase = capfirst(str(pep.get_phase_display()))
    return f"{phase}, {schoolyear.curriculum_year_words(pep.year_group)}" if pep.year_group is not None else phase


def caption(pep: Pep) -> str:
    """Whose it is, for a page about a part of it."""
    return f"{pep.child.name}, {kind_words(pep)}"


def state_tag(pep: Pep) -> dict[str, str]:
    words = str(pep.get_state_display())
    return {"text": capfirst(words), "status": TAGS[PepState(pep.state)]}


def section_tag(section: PepSection) -> dict[str, str]:
    if section.other_form:
        return {"text": "Another phase’s form", "status": "closed"}
    if section.state != SectionState.COMPLETE and section.due_on and section.due_on < today() and section.pep.is_open:
        return {"text": "Overdue", "status": "overdue"}
    return SECTION_TAGS[SectionState(section.state)]


def section_title(section: PepSection) -> str:
    return layouts.of_version(section.pep.layout).section(section.key).title


def crumbs(pep: Pep, *more: Link) -> list[Link]:
    """The way here: PEPs, the PEP, and what is below it."""
    first = {"text": "PEPs", "href": reverse("peps:list")}
    return [first, {"text": f"{pep.child.name}: {kind_words(pep)}", "href": pep.get_absolute_url()}, *more]


def way_back(pep: Pep, at: Standing) -> str:
    """Where the reader of a section came from: the PEP, or for a colleague who was given a section their own work."""
    return pep.get_absolute_url() if knows_the_pep(at) else reverse("overview:home")


def section_crumbs(section: PepSection, at: Standing) -> list[Link]:
    """The way to a section; a colleague who was given it knows of no page above it."""
    here = {"text": section_title(section)}
    if knows_the_pep(at):
        return crumbs(section.pep, here)
    return [{"text": "Your work", "href": reverse("overview:home")}, here]


def knows_the_pep(at: Standing) -> bool:
    """Whether the reader of a section may open its PEP; a colleague who was given the section may not."""
    return at.own or not at.asked


def path(pep: Pep) -> list[dict[str, str]]:
    """How far the PEP is on its way; empty for one that was cancelled."""
    if pep.state == PepState.CANCELLED:
        return []
    order = [state for state, _ in PATH]
    now = STANDS_AT[PepState(pep.state)] if PepState(pep.state) in STANDS_AT else order.index(PepState(pep.state))
    over = pep.state in workflow.CLOSED
    return [
        {"text": words, "state": "done" if place < now or over else "now" if place == now else "next"}
        for place, (_, words) in enumerate(PATH)
    ]


def due(pep: Pep) -> dict[str, Any] | None:
    """The clock of the next step; a termly PEP's meeting is due by the council's date for the term."""
    if not pep.is_open:
        return None
    label = DUE_WORDS[PepState(pep.state)]
    if pep.clock:
        return {"label": label, "clock": _drawn(pep.clock) | {"due_on": pep.due_on}}
    rule = rules.get("pep.term_cutoff", on=pep.opened_on)
    href, state = reverse("rulebook:detail", args=[rule.key]), "overdue" if pep.due_on < today() else "on_time"
    drawn = {"due_on": pep.due_on, "kind": rule.kind.value, "state": state, "href": href, "words": rule.words}
    return {"label": label, "clock": drawn}


def new_meeting_due(pep: Pep) -> dict[str, Any] | None:
    """The clock of a meeting that has to be held again and has no time yet."""
    clock = waiting_for_new_time(pep).first() if pep.state == PepState.REARRANGED else None
    return {"label": "New meeting to be planned by", "clock": _drawn(clock)} if clock else None


def _drawn(clock: Clock) -> dict[str, Any]:
    rule = rules.in_force(clock.rule)
    return {
        "due_on": clock.due_on,
        "kind": rule.kind.value,
        "state": clocks.standing(clock),
        "href": clock.get_absolute_url(),
        "words": rule.words,
    }


def meeting_day(meeting: PepMeeting) -> str:
    return long_date(meeting.starts_at.astimezone(LONDON).date())


@dataclass(frozen=True)
class Step:
    """Something that may be done next: the words, where, whether, and which acts make it somebody's business at all."""

    text: str
    href: str
    verdict: Verdict
    acts: tuple[Act, ...]
    kind: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    posts: bool = False

    def drawn(self) -> Link:
        if not self.posts:
            return {"text": self.text, "href": self.href, "kind": self.kind}
        fields = [{"name": name, "value": value} for name, value in self.fields]
        return {"text": self.text, "action": self.href, "kind": self.kind, "fields": fields}


def next_steps(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> tuple[list[Link], list[Link]]:
    """What the person may do with the PEP now, and what their role does but cannot now, each with the reason.

    The table says which events the state has, the policies who may: the same that the actions ask.
    """
    steps = [step for event in workflow.PEP.events(pep.state) for step in _steps(event, user, pep, at, meeting)]
    return split(user, steps)


def split(user: User, steps: Iterable[Step]) -> tuple[list[Link], list[Link]]:
    """What may be done, and what cannot be done with the reason; what is not the person's business at all is left out.

    What comes first stands first: one plain button, then the quieter ones.
    """
    theirs = [step for step in steps if any(user.may(act) for act in step.acts)]
    refused = [
        {"text": step.text, "reason": step.verdict.reason, "source": step.verdict.source}
        for step in theirs
        if not step.verdict
    ]
    may = sorted((step for step in theirs if step.verdict), key=lambda step: step.kind != "")
    return [(replace(step, kind="secondary") if place else step).drawn() for place, step in enumerate(may)], refused


def _steps(event: str, user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> list[Step]:
    makers = {
        "schedule": _schedule,
        "rearrange": _rearrange,
        "hold_meeting": _hold,
        "submit": _submit,
        "take_up": _take_up,
        "approve": _answer,
        "amend": _amend,
        "cancel": _cancel,
    }
    step = makers[event](user, pep, at, meeting) if event in makers else None
    return [step] if step else []


def _schedule(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step | None:
    if meeting is not None and meeting.state == MeetingState.PLANNED:
        return None
    acts = (Act.PLAN_PEPS, Act.WRITE_SCHOOL_SECTIONS)
    return Step(
        "Plan the meeting", reverse("peps:schedule", args=[pep.uuid]), policies.can_schedule(user, pep, at), acts
    )


def _rearrange(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step | None:
    if meeting is None or meeting.state != MeetingState.PLANNED:
        return None
    verdict, href = policies.can_rearrange(user, meeting, at), reverse("peps:rearrange", args=[meeting.uuid])
    return Step("Rearrange the meeting", href, verdict, policies.ARRANGING, "secondary")


def _hold(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step | None:
    if meeting is None or meeting.state != MeetingState.PLANNED:
        return None
    href = reverse("peps:hold", args=[meeting.uuid])
    return Step("Record that the meeting was held", href, policies.can_hold(user, meeting, at), policies.AT_THE_MEETING)


def _submit(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step:
    acts = (Act.SUBMIT_PEPS,) if pep.school_id else (Act.WRITE_SOCIAL_WORK_SECTIONS, Act.PLAN_PEPS)
    return Step("Send the PEP in", reverse("peps:submit", args=[pep.uuid]), policies.can_submit(user, pep, at), acts)


def _take_up(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step:
    fields = (("submission", str(pep.submission)),)
    verdict, href = policies.can_grade(user, pep, at), reverse("peps:take_up", args=[pep.uuid])
    return Step("Take it up", href, verdict, (Act.GRADE_PEPS,), "secondary", fields, posts=True)


def _answer(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step:
    href = reverse("peps:quality", args=[pep.uuid])
    return Step("Quality-assure this PEP", href, policies.can_grade(user, pep, at), (Act.GRADE_PEPS,))


def _amend(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step:
    href, acts = reverse("peps:amend", args=[pep.uuid]), (Act.GRADE_PEPS, Act.PLAN_PEPS)
    return Step("Change this completed PEP", href, policies.can_amend(user, pep, at), acts, "secondary")


def _cancel(user: User, pep: Pep, at: Standing, meeting: PepMeeting | None) -> Step:
    href, verdict = reverse("peps:cancel", args=[pep.uuid]), policies.can_cancel(user, pep, at)
    return Step("Cancel this PEP", href, verdict, (Act.PLAN_PEPS,), "secondary")
