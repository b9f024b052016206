"""The columns of the council's roll, under the names that councils give them."""

import re

from children.enums import RelationKind

# Each field, and the names it goes by; of two that a file has, the one named first is read.
NAMES: dict[str, tuple[str, ...]] = {
    "child_id": (
        "child_id",
        "child",
        "id",
        "person_id",
        "council_id",
        "mosaic_id",
        "liquidlogic_id",
        "case_id",
        "la_child_id",
    ),
    "first_names": ("first_names", "first_name", "forenames", "forename", "given_names", "given_name"),
    "last_name": ("last_name", "surname", "family_name", "last_names"),
    "name": ("name", "names", "full_name", "child_name", "childs_name"),
    "known_as": ("known_as", "preferred_name", "likes_to_be_called"),
    "date_of_birth": ("date_of_birth", "dob", "birth_date", "born"),
    "sex": ("sex", "gender"),
    "upn": ("upn", "unique_pupil_number"),
    "uln": ("uln", "unique_learner_number"),
    "first_language": ("first_language", "language", "home_language"),
    "school_urn": ("school_urn", "urn", "school"),
    "school_start": ("school_start", "school_start_date", "start_at_school", "enrolment_start", "school_from"),
    RelationKind.SOCIAL_WORKER: (
        "social_worker_email",
        "sw_email",
        "social_worker",
        "allocated_worker",
        "worker_email",
        "sw",
    ),
    RelationKind.TEAM: ("team", "social_work_team", "team_code", "team_name", "sw_team"),
    RelationKind.IRO: ("iro_email", "iro", "independent_reviewing_officer"),
    RelationKind.ADVOCATE: ("ala_email", "ala", "area_learning_advocate", "advocate_email", "advocate"),
    RelationKind.COORDINATOR: ("coordinator_email", "coordinator", "pep_coordinator_email", "pep_coordinator"),
    RelationKind.SUPPORT: ("support_email", "pepso_email", "pepso", "pep_support_officer", "support_officer"),
    "last_pep_date": ("last_pep_date", "last_pep", "date_of_last_pep", "last_pep_on", "last_pep_held"),
}
_END = re.compile(r"_(e_?mail|e_?mail_address|address)$")


def fold(column: str) -> str:
    """A column's name without its habits: “Child ID”, “child-id” and “CHILD_ID” are one, and so are “… e-mail” and “… email”."""
    words = re.sub(r"[^a-z0-9]+", "_", column.replace("'", "").replace("\u2019", "").casefold()).strip("_")
    return _END.sub("_email", words)


def find(columns: tuple[str, ...]) -> dict[str, str]:
    """For each field that the file has, the file's own name for it."""
    folded = {fold(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field, names in NAMES.items():
        column = next((folded[name] for name in names if name in folded), "")
        if column:
            found[field] = column
    return found


def missing(found: dict[str, str]) -> list[str]:
    """The columns that a roll cannot do without: the council's id and a name."""
    lacking = [] if "child_id" in found else ["child_id"]
    return lacking if {"last_name", "name"} & found.keys() else [*lacking, "last_name"]
