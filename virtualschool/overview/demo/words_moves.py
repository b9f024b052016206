"""What is said in the made-up school moves. None of it is of a real child."""

from referrals.enums import Consultee, MoveView

REASONS = (
    "The new foster home is fifty minutes away, and the journey has cost the breakfast club and most Mondays.",
    "An aunt in the next town takes the child in at half-term, and the school there is round the corner.",
    "The school and the carers agree that the year group is not working after three suspensions.",
    "The placement by the coast is the one where both brothers can stay together.",
)
YEAR_11 = "The placement ends at Christmas and the only home found is in the next county."
BELOW = "It is the nearest school to the new home, and the only one with places in the year group."
KEEP = (
    "A taxi was tried for a month: late on half of the days, and sick on arrival.",
    "The bus would need two changes; the school would keep the place until Easter.",
)
KEEP_YEAR_11 = (
    "A taxi until the examinations is too long a day: an hour and a quarter each way, before nine and after three."
)
ACTED = "The carers gave notice on the same evening; the only bed was forty miles away."
VIEWS: dict[str, tuple[str, str]] = {
    Consultee.CHILD: (MoveView.MIXED, "I want to stay with my brother. I will miss Miss Okoro and the drama club."),
    Consultee.PARENTS: (MoveView.UNASKED, "The mother’s telephone has been off since August; a letter was sent."),
    Consultee.CARER: (MoveView.FOR, "The mornings are too long: asleep in the car both ways."),
    Consultee.SOCIAL_WORKER: (MoveView.FOR, "The home is meant to last; the school should be near it."),
    Consultee.TEACHER_NOW: (MoveView.AGAINST, "Just settled here, and we would keep the place."),
    Consultee.TEACHER_NEW: (
        MoveView.FOR,
        "We have a place, a key adult, and a tutor group with a friend from primary school.",
    ),
    Consultee.IRO: (MoveView.MIXED, "Only with a visit first, and with the drama club there."),
    Consultee.ADMISSIONS: (MoveView.FOR, "There is a place in the year group. Apply by Friday."),
    Consultee.OTHER_ADMISSIONS: (MoveView.FOR, "Their council has a place and asks for the form."),
}
AGREED = "The home will last, the school is near it, and the visit went well."
REFUSED = "Three weeks before the tests nothing outweighs staying. The taxi is paid until July."
COURSE_PLAN = "It goes on by video on Tuesdays, and the old school marks his work."
DONE = "There is a key adult, a bus pass, and the PEP is planned."
FACTS = "Year group and need are on the form. There is a friend in the tutor group."
