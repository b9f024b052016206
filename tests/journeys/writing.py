"""What is written in Amy's PEP, by section: every answer that is asked for before a section is finished."""

from tests.journeys.walking import Answer, Desk, Pick
from virtualschool.kernel.dates import today

HER_WORDS = "I like maths when it is quiet. I want a friend to sit with at lunch."
SOCIAL_WORK = ("Child and care", "People and permissions", "Health and wellbeing")
SCHOOL_BEFORE = (
    "Education now",
    "Attendance and suspension",
    "Attainment and progress",
    "Special educational and additional needs",
)
SCHOOL_AFTER = ("The meeting", "New targets and Pupil Premium Plus", "Sign-off and sharing")
VOICE = "My views"
CARER = "Carer, parent and other views"


def answers_to(section: str) -> dict[str, Answer]:
    """The answers of a section, by the words of the questions."""
    return {
        "Child and care": {
            "Legal status, and who has parental responsibility": "Full care order. The council and her mother.",
            "Is a change of care placement expected?": Pick("No"),
            "What matters about my story for school": "Two schools in a year. A word before any change helps.",
        },
        "People and permissions": {
            "Whom school rings first, and next": "Carer, then the duty social worker",
            "Who gets school reports and comes to parents' evening": "Carer and social worker",
            "Who may consent": "Day trips: the carer. Residential trips: the social worker.",
            "Who gets a copy of this PEP": "Carer, school, reviewing officer",
        },
        "Health and wellbeing": {
            "Health needs that touch learning": "Glasses for reading",
            "Emotional wellbeing: what is being done, by which agency": "Play therapy, by the children's service",
            "What helps at school, and what to avoid": "A quiet place before maths",
        },
        "Education now": {
            "Hours offered a week": "25",
            "Key adult at school": "Ms Reader",
            "Clubs, music, sport, reading: life beyond lessons": "Choir on Mondays",
        },
        "Attendance and suspension": {
            "Attendance this school year, per cent": "96.5",
            "Unauthorised, late, suspended: sessions and reasons": "none",
        },
        "Attainment and progress": {
            "Reading: now, and expected at the end of the year": "Working towards; expected",
            "Writing: now, and expected at the end of the year": "Working towards; expected",
            "Mathematics: now, and expected at the end of the year": "Expected; expected",
            "Progress since the last PEP": Pick("First PEP"),
            "On track?": Pick("Yes"),
            "What this is based on, and what is missing": "Teacher assessment of this month",
        },
        "Special educational and additional needs": {
            "Special educational needs": Pick("None known"),
            "Needs, and what is provided for each": "none",
        },
        VOICE: {
            "How the child gave their views": Pick("Spoke"),
            "When": today(),
            "My words": HER_WORDS,
            "What adults understood": "Amy learns best without noise.",
        },
        CARER: {"Carer: what goes well, worries, what is needed from school": "Bedtimes go well. Homework is a worry."},
        "The meeting": {"Key points": "Reading first. A quiet table is found."},
        "New targets and Pupil Premium Plus": {"Did the child help choose them?": Pick("Yes")},
        "Sign-off and sharing": {
            "How the child was told what was decided": "Ms Reader told her the same day",
            "Shared with, and when": "Carer and reviewing officer, the same week",
        },
    }[section]


def write(desk: Desk, *sections: str) -> None:
    """One section after the other: each that is finished leads to the writer's next."""
    for title in sections:
        desk.arrives(title)
        desk.answer(answers_to(title))
        desk.press("Save and mark as finished")
        desk.told(f"“{title}” is finished.")
