"""What is written in a PEP at a browser: some words that matter to who reads them later, and an answer to all else that is asked."""

from playwright.sync_api import expect

from tests.journeys.walking import Answer, Desk, Pick
from virtualschool.kernel.dates import today

HER_WORDS = "I like maths when it is quiet. I want a friend to sit with at lunch."
SOCIAL_WORK = ("Child and care", "People and permissions", "Health and wellbeing")
VOICE = "My views"
CARER = "Carer, parent and other views"
SAID: dict[str, dict[str, Answer]] = {
    "Child and care": {
        "What matters about my story for school": "Two schools in a year. A word before any change helps."
    },
    "Health and wellbeing": {
        "Health needs that touch learning": "Glasses for reading",
        "What helps at school, and what to avoid": "A quiet place before maths",
    },
    VOICE: {"How the child gave their views": Pick("Spoke"), "When": today(), "My words": HER_WORDS},
}


def write(desk: Desk, *sections: str) -> None:
    """One section after the other: each that is finished leads to the writer's next."""
    for title in sections:
        desk.arrives(title)
        desk.answer(SAID.get(title, {}))
        finish(desk)
        summary = desk.page.locator(".govuk-error-summary")
        expect(desk.page.get_by_text(f"“{title}” is finished.").or_(summary).first).to_be_visible()
        if summary.count():
            finish(desk)
        desk.told(f"“{title}” is finished.")


def finish(desk: Desk) -> None:
    """Answer what is asked; what one answer makes necessary beside it, the page says then."""
    desk.answer_the_rest()
    desk.press("Save and mark as finished")


def write_on(desk: Desk, pep: str) -> list[str]:
    """From the open section on, until no other waits and the PEP's own page comes; answers what was written."""
    written: list[str] = []
    while not (title := desk.heading()).startswith(pep):
        write(desk, title)
        written.append(title)
    return written
