"""The roll's records, by what they are about."""

from children.models.child import (
    CareEpisode,
    CarePlacement,
    CareReview,
    Child,
    HealthReturn,
    MissingEpisode,
    PeriodOfCare,
    PreviouslyInCare,
    ReturnRow,
    SocialWorkerEpisode,
)
from children.models.people import AccessGrant, Attainment, ChildFile, Note, Relationship
from children.models.registers import CohortFigure, Enquiry, HostedChild, ImportRun, LocalAuthority, ReferenceCode
from children.models.schools import Enrolment, School, SchoolJudgement, SchoolLink, SenRecord
from children.models.watch import Alert, Clock

__all__ = [
    "AccessGrant",
    "Alert",
    "Attainment",
    "CareEpisode",
    "CarePlacement",
    "CareReview",
    "Child",
    "ChildFile",
    "Clock",
    "CohortFigure",
    "Enquiry",
    "Enrolment",
    "HealthReturn",
    "HostedChild",
    "ImportRun",
    "LocalAuthority",
    "MissingEpisode",
    "Note",
    "PeriodOfCare",
    "PreviouslyInCare",
    "ReferenceCode",
    "Relationship",
    "ReturnRow",
    "School",
    "SchoolJudgement",
    "SchoolLink",
    "SenRecord",
    "SocialWorkerEpisode",
]
