"""A personal education plan, its meeting, sections, targets, costed lines and quality assurance.

Statutory content: Care Planning, Placement and Case Review Regulations 2010, reg 5 and Schedule 1 paragraph 2.
"""

from peps.models.chasing import PepChaser
from peps.models.coach import NoteSetAside
from peps.models.concerns import Concern, ConcernStep
from peps.models.files import PepFile
from peps.models.meeting import MeetingAction, MeetingInvitation, PepMeeting
from peps.models.moderation import SecondMark
from peps.models.pep import Pep
from peps.models.quality import GradingDraft, PepReview, PepVersion
from peps.models.targets import PepCost, PepTarget
from peps.models.voice import GivenBack, NoLinks, VoiceConcern, VoiceLink, VoiceReply, VoiceStatement, YouSaid
from peps.models.writing import PepAnswer, PepAuthor, PepSection, PepSetAside, SectionDelegation

__all__ = [
    "Concern",
    "ConcernStep",
    "GivenBack",
    "GradingDraft",
    "MeetingAction",
    "MeetingInvitation",
    "NoLinks",
    "NoteSetAside",
    "Pep",
    "PepAnswer",
    "PepAuthor",
    "PepChaser",
    "PepCost",
    "PepMeeting",
    "PepFile",
    "PepReview",
    "PepSection",
    "PepSetAside",
    "PepTarget",
    "PepVersion",
    "SecondMark",
    "SectionDelegation",
    "VoiceConcern",
    "VoiceLink",
    "VoiceReply",
    "VoiceStatement",
    "YouSaid",
]
