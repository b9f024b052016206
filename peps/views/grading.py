"""A grading as people read it: each mark by the version of the rubric that it was made with."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst

from peps import rubrics
from peps.actions.drafting import SavedMeanwhile
from peps.actions.marking import Mark, Sheet
from peps.enums import Marked
from peps.forms.quality import FEEDBACK, marks_in
from peps.models import GradingDraft, PepReview
from peps.rubrics import Rubric
from virtualschool.kernel.formfields import long_moment

LABELS = dict(zip(FEEDBACK, ("Good", "To be mended", "Next time"), strict=True))


def band_tag(band: str) -> dict[str, str]:
    status = "closed" if band == Marked.NOT_ASKED else band
    return {"text": capfirst(str(Marked(band).label)), "status": status}


def reviewed(review: PepReview, *, earlier: bool = False) -> dict[str, Any]:
    """A decision with its marks, its working and what was said besides."""
    decision = review.get_decision_display()
    first = f"Last PEP: {decision}" if earlier else capfirst(str(decision))
    return {
        "title": f"{first} by {review.by}, {long_moment(review.at)}",
        "tag": band_tag(review.grade),
        "text": review.reason,
        "lines": [*said_lines(review)],
        "footer": working_words(review),
        "rubric": rubrics.of_version(review.rubric).title if review.rubric else "",
        "rows": mark_rows(review.rubric, review.marks),
    }


def working_words(review: PepReview) -> str:
    """How the grade came about; a departure says that it is one, and why."""
    if not review.departed_why:
        return review.working
    return f"{review.working} Graded {review.get_grade_display()} instead: {review.departed_why}"


def said_lines(review: PepReview) -> list[str]:
    return [f"{label}: {getattr(review, name)}" for name, label in LABELS.items() if getattr(review, name)]


def mark_rows(version: str, marks: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """A row for each question of the version, with its band, what the band means there, and the note."""
    if not version:
        return []
    rubric = rubrics.of_version(version)
    rows = []
    for question in rubric:
        mark = marks.get(question.key)
        if mark is not None:
            means = next((words for band, words in question.words.items() if band == mark["band"]), "")
            lines = [words for words in (means, capfirst(mark["note"])) if words]
            rows.append({"key": question.title, "value": "", "tag": band_tag(mark["band"]), "lines": lines})
    return rows


def plain(marks: Mapping[str, Mark]) -> dict[str, dict[str, str]]:
    """Marks of a draft in the shape of kept ones."""
    return {key: {"band": mark.band.value, "note": mark.note} for key, mark in marks.items()}


def explained(rubric: Rubric) -> dict[str, Any]:
    """The rubric's head: what each grade means as a whole, and where it comes from."""
    lines = [f"{capfirst(str(band.label))}: {words}" for band, words in rubric.words.items()]
    source = f"Source: {rubric.source}"
    return {"title": rubric.title, "lines": [*lines, source, *([rubric.confidence] if rubric.confidence else [])]}


# ---------------------------------------------------------------- what is kept to be finished later


def draft_words(draft: GradingDraft | None, sheet: Sheet) -> str:
    """Who kept the marking that is shown, and the grade that its marks make when none is open."""
    if draft is None:
        return ""
    words, marks = f"Kept by {draft.by}, {long_moment(draft.at)}.", marks_in(draft.content, sheet)
    open_ = len(sheet.problems(marks))
    if open_:
        return f"{words} Still open: {open_} of {len(sheet.rubric.asked_of(sheet.asked))} questions."
    return f"{words} {sheet.overall(marks).words}"


def shown_again(data: QueryDict, standing: GradingDraft) -> QueryDict:
    """What was sent, now that its sender is shown the other draft: sent again, it takes its place."""
    again = data.copy()
    again["draft"] = str(standing.version)
    return again


def other_draft(conflict: SavedMeanwhile, sheet: Sheet) -> dict[str, Any]:
    """The draft that stands, beside the reader's own in the form."""
    standing = conflict.standing
    rows = mark_rows(sheet.rubric.version, plain(marks_in(standing.content, sheet)))
    said = [{"key": words, "value": standing.content.get(name, "")} for name, words in LABELS.items()]
    said.append({"key": "Reason", "value": standing.content.get("reason", "")})
    return {
        "title": f"Kept by {standing.by}, {long_moment(standing.at)}",
        "words": f"{conflict} What you wrote is still in the form; save it again to put it in the place of this.",
        "rows": [*rows, *(row for row in said if row["value"])],
    }
