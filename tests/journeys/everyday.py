"""What two people write of Amy in their parts of her PEP, before its meeting: no more than is asked for."""

from tests.journeys.walking import Answer, Choose, Pick, Rows

CONSENTS = (
    "School day trips",
    "Residential trips",
    "Photographs and film",
    "Internet and devices",
    "Medical treatment and medicine",
)

SOCIAL_WORK = ("Child and care", "People and permissions", "Health and wellbeing")
SCHOOL = (
    "Education now",
    "Attendance and suspension",
    "Attainment and progress",
    "Special educational and additional needs",
)
ANSWERS: dict[str, dict[str, Answer]] = {
    "Child and care": {
        "Who has parental responsibility, and any order that school should act on": "The council and her mother.",
        "Is a change of care placement expected?": Pick("No"),
        "What matters about my story for school": "Two schools in a year. A word before any change helps.",
    },
    "People and permissions": {
        "Whom school rings first, and next": "Carer, then the duty social worker",
        "What each person does": Rows({"Carer": {"What they do": Pick("Emergency contact")}}),
        "Who may consent": Rows({one: {"Who decides": Choose("Carer")} for one in CONSENTS}),
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
        "Why sessions were missed": "none",
    },
    "Attainment and progress": {
        "Reading, writing and mathematics": Rows(
            {one: {"Now": "Working towards"} for one in ("Reading", "Writing", "Mathematics")}
        ),
        "Progress since the last PEP": Pick("First PEP"),
        "On track?": Pick("Yes"),
        "What this is based on, and what is missing": "Teacher assessment of this month",
    },
    "Special educational and additional needs": {
        "Special educational needs": Pick("None known"),
        "Needs, and what is provided for each": "none",
    },
}
