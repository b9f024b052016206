"""What schools did in the last days: sections given to colleagues, files, what meetings decided, notes of the coach that do not hold."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password

from peps import coach, layouts
from peps.actions import coaching, deciding, delegating, files
from peps.actions.deciding import ActionFacts
from peps.actions.files import FileFacts
from peps.enums import FileKind, MeetingState, Owner, PepState
from peps.layouts import When
from peps.models import MeetingAction, Pep, PepMeeting, PepSection
from peps.policies import WITH_ROWS
from peps.querysets import owed
from virtualschool.accounts.actions import name_colleague
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.verdicts import Conflict
from virtualschool.overview.demo import papers, sections
from virtualschool.overview.demo import words_lately as words
from virtualschool.overview.demo.scene import Scene, tell_of

DAY = timedelta(days=1)
WRITING = (PepState.PREPARING, PepState.MEETING_HELD, PepState.RETURNED)
WITH_ACTIONS = 9  # of so many completed PEPs one had actions that are looked at again


def tell(scene: Scene) -> None:
    colleagues = _colleagues(scene)
    writing = list(scene.peps(*WRITING, school__isnull=False))
    tell_of(1, writing, _asked, scene, colleagues)
    tell_of(1, [pep for pep in writing[1:] if pep.state != PepState.RETURNED], _written, scene, colleagues)
    tell_of(3, writing, _report, scene)
    tell_of(3, list(scene.peps(*WRITING, meetings__state__in=["planned", "held"])), _beside_the_meeting, scene)
    tell_of(5, list(scene.peps(PepState.MEETING_HELD, meetings__state="held")), _decided, scene)
    _decided_before(scene)
    tell_of(3, [pep for pep in writing if pep.state != PepState.PREPARING], _not_so, scene)


# ---------------------------------------------------------------- a colleague


def _colleagues(scene: Scene) -> list[User]:
    """The first signs in like the twelve and works at the demo teacher's school; the second is for another school."""
    school, teacher = scene.world.demo_school, scene.world.demo("teacher")
    names = ("Oakley Thornfield", "Beckley Sandpiper")
    passwords = (make_password(settings.DEMO_PASSWORD), "!")
    emails = ("colleague@demo.example", "colleague1@demo.example")
    found = [
        User(email=email, name=name, role="teacher", password=password, is_demo=True)
        for email, name, password in zip(emails, names, passwords, strict=True)
    ]
    User.objects.bulk_create(found)
    with scene.at(20, 9, teacher):
        name_colleague(organisation=school.organisation, user=found[0], by=teacher)
    return found


def _to_give(pep: Pep) -> PepSection:
    """A section that the school owes and a colleague could finish."""
    now = (When.BEFORE,) if pep.state == PepState.PREPARING else tuple(When)
    layout = layouts.of_version(pep.layout)
    open_ones = PepSection.objects.filter(owed(), pep=pep, owner=Owner.DESIGNATED_TEACHER).exclude(key__in=WITH_ROWS)
    for section in open_ones.order_by("position"):
        if layout.section(section.key).when in now:
            return section
    raise Conflict("The school owes no section of this PEP.")


def _give(scene: Scene, colleagues: Sequence[User], pep: Pep, back: int) -> tuple[PepSection, User]:
    section, teacher = _to_give(pep), scene.teacher(pep, back)
    colleague = colleagues[0 if pep.school == scene.world.demo_school else 1]
    with scene.at(back, 15, teacher):
        delegating.delegate(section=section, colleague=colleague, by=teacher, words=words.ASK_COLLEAGUE)
    return section, colleague


def _asked(scene: Scene, colleagues: Sequence[User], pep: Pep) -> None:
    _give(scene, colleagues, pep, 2)


def _written(scene: Scene, colleagues: Sequence[User], pep: Pep) -> None:
    section, colleague = _give(scene, colleagues, pep, 4)
    with scene.at(2, 16, colleague):
        sections.write(pep, [section], colleague, scene.chance(pep), beside=False)


# ---------------------------------------------------------------- files


def _report(scene: Scene, pep: Pep) -> None:
    """The school's report, in a section that the school still writes."""
    section, teacher = _to_give(pep), scene.teacher(pep, 2)
    facts = FileFacts(papers.page("report.pdf", words.REPORT), words.REPORT[0], FileKind.SCHOOL_REPORT, uuid4())
    with scene.at(2, 12, teacher):
        files.attach_to_section(section=section, facts=facts, by=teacher)


def _beside_the_meeting(scene: Scene, pep: Pep) -> None:
    """A drawing that the social worker was given, and a letter of somebody who cannot come."""
    meeting = pep.meetings.exclude(state__in=(MeetingState.REARRANGED, MeetingState.CANCELLED)).last()
    worker = scene.worker(pep, 1)
    drawn = FileFacts(papers.drawing(), "The sea, drawn for the meeting", FileKind.DRAWING, uuid4())
    letter = FileFacts(papers.page("letter.pdf", words.LETTER), words.LETTER[0], FileKind.LETTER, uuid4())
    with scene.at(1, 13, worker):
        for facts in (drawn, letter):
            files.attach_to_meeting(meeting=meeting, facts=facts, by=worker)


# ---------------------------------------------------------------- what meetings decided


def _decided(scene: Scene, pep: Pep) -> None:
    """Three actions of a meeting that was held some days ago: one is done, one is late, one is to come."""
    meeting = pep.meetings.get(state=MeetingState.HELD)
    held = meeting.starts_at.astimezone(LONDON).date()
    back = (scene.world.on - held).days
    if back < 4:
        raise Conflict("This meeting was held a moment ago.")
    by_when = (scene.day(1), scene.day(2), scene.world.on + DAY * 14)
    by = scene.teacher(pep, back)
    with scene.at(back, 16, by):
        made = [
            deciding.add_action(meeting=meeting, facts=ActionFacts(what, who, day), by=by)
            for (what, who), day in zip(words.DECIDED, by_when, strict=True)
        ]
    with scene.at(1, 11, by):
        deciding.tick_action(action=made[0], by=by)


def _decided_before(scene: Scene) -> None:
    """Of some completed PEPs, loaded at once: most are done, some are late, some are to come."""
    done = scene.peps(PepState.COMPLETE, PepState.SUPERSEDED).values("pk")
    meetings = PepMeeting.objects.filter(pep__in=done, state=MeetingState.HELD).select_related(
        "arranged_by", "pep__child"
    )
    met = sorted(meetings, key=lambda one: (one.starts_at, one.pep.child.child_id))[::WITH_ACTIONS]
    with scene.at(1, 8, None):
        MeetingAction.objects.bulk_create(_before(scene, place, meeting) for place, meeting in enumerate(met))


def _before(scene: Scene, place: int, meeting: PepMeeting) -> MeetingAction:
    what, who = words.DECIDED[place % len(words.DECIDED)]
    held = meeting.starts_at.astimezone(LONDON).date()
    row = MeetingAction(
        meeting=meeting, what=what, named_person=who, by_when=held + DAY * 28, added_by=meeting.arranged_by
    )
    if place % 5:
        row.done_by, row.done_on = meeting.arranged_by, min(held + DAY * 20, scene.day(1))
    return row


# ---------------------------------------------------------------- the coach


def _not_so(scene: Scene, pep: Pep) -> None:
    """A note of the coach is put aside with a reason; whoever grades the PEP reads both."""
    teacher = scene.teacher(pep, 1)
    note = next(iter(coach.notes(pep)), None)
    if note is None:
        raise Conflict("The coach says nothing of this PEP.")
    why = scene.chance(pep).choice(words.NOT_SO)
    with scene.at(1, 14, teacher):
        coaching.set_aside(pep=pep, note=note.id, why=why, by=teacher)
