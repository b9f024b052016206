"""A term's moderation: how often two markers agree on each question, and which notes of the coach stood at which grade.

Every figure opens the list that it counts. Figures by question are told for each version of the rubric apart.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from peps import coach, rubrics
from peps import policies_second as policies
from peps.enums import Decision, Grade
from peps.filters import terms
from peps.filters_moderation import FURTHEST, NO_NOTE, OVERALL, ReviewsFilter, bands_apart, in_term
from peps.models import Pep, PepReview, SecondMark
from peps.views import common
from peps.views.grading import band_tag
from peps.views.second import tabs
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.models import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import calendars

BY_QUESTION = (Column("Question"), *(Column(text, numeric=True) for text in ("The same", "1 band apart", "2 or more")))
BY_NOTE = (Column("Note of the coach"), *(Column(capfirst(str(grade.label)), numeric=True) for grade in Grade))
NOTES = {NO_NOTE: "None", **coach.KINDS}
TERMS_OFFERED = 4


@page(policies.can_moderate)
def moderated(request: HttpRequest) -> HttpResponse:
    """The figures of one term: two queries for them, however many PEPs were marked."""
    offered = _terms()
    asked = request.GET.get("term", "")
    term = asked if asked in dict(offered) else offered[0][0]
    context = {
        "heading": f"Moderation: {dict(offered)[term].lower()}",
        "tabs": tabs("moderation"),
        "terms": [{"text": text, "href": f"?term={key}", "active": key == term} for key, text in offered],
        "decisions_href": reverse("peps:decisions"),
        "tables": [*_agreement(request.user, term), _coached(request.user, term)],
    }
    return render(request, "peps/moderation.html", context)


@page(policies.can_moderate)
def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions that a figure of the coach's notes counts, the latest first."""
    rows = _decided(request.user)
    found = ReviewsFilter(request.GET, queryset=rows)
    pages = paginate(request, found.qs.select_related("pep__child", "by").order_by("-at", "-pk"))
    access.shown(request, [review.pep for review in pages.rows], kind=AccessKind.LIST)
    drawn = [_row(review) for review in pages.rows]
    context = {
        "heading": "Decisions by grade and note",
        "tabs": tabs("moderation"),
        "words": "What the coach had said of a PEP, and nobody had put aside, when it was graded.",
        "filter": found,
        "noun": "decisions",
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "table": table(
            "Decisions",
            ["Child", "PEP", "Decision", "Grade"],
            drawn,
            empty="No decision matches",
            caption_hidden=True,
        ),
    }
    return render(request, "peps/second_list.html", context)


# ---------------------------------------------------------------- parts


def _agreement(user: User, term: str) -> Iterable[Table]:
    """For each version of the rubric that was marked with twice, its questions with how far the pairs lie apart."""
    marked = SecondMark.objects.visible_to(user).marked().select_related("review")
    counts: dict[str, Counter[tuple[str, int]]] = {}
    for mark in in_term(marked, term):
        counts.setdefault(mark.review.rubric, Counter()).update(bands_apart(mark).items())
    if not counts:
        yield table("Two markings", BY_QUESTION, [], empty="No PEP of this term has been marked twice")
    for version, found in sorted(counts.items()):
        rubric = rubrics.of_version(version)
        asked = [(OVERALL, "The grade as a whole"), *((one.key, one.title) for one in rubric)]
        rows = []
        for key, title in asked:
            query = {"term": term, "question": f"{version}:{key}"}
            figures = [_figure(found[key, far], "second_list", **query, apart=far) for far in range(FURTHEST + 1)]
            rows.append([Cell(title), *figures])
        yield table(f"Two markings by “{rubric.title}”", BY_QUESTION, rows)


def _coached(user: User, term: str) -> Table:
    """Kinds of notes that stood at grading, by the grade; a PEP with several counts in each of them."""
    counts: Counter[tuple[str, str]] = Counter()
    for notes, grade in in_term(_decided(user), term).values_list("coach_notes", "grade"):
        counts.update((note, grade) for note in set(notes) or {NO_NOTE})
    rows = []
    for kind, title in NOTES.items():
        query = {"term": term, "note": kind}
        if any(counts[kind, grade.value] for grade in Grade):
            figures = [_figure(counts[kind, one.value], "decisions", **query, grade=one.value) for one in Grade]
            rows.append([Cell(title), *figures])
    none = "No PEP of this term has been graded"
    return table("What the coach had said, by grade", BY_NOTE, rows, empty=none)


def _figure(number: int, name: str, **query: Any) -> Cell:
    return Cell(str(number), href=f"{reverse(f'peps:{name}')}?{urlencode(query)}") if number else Cell("0")


def _decided(user: User) -> Any:
    """Decisions by a rubric; those before rubrics were kept had no coach to look at. None that the reader is to mark blind."""
    rows = PepReview.objects.filter(pep__in=Pep.objects.visible_to(user)).exclude(rubric="")
    return rows.exclude(pep__in=SecondMark.objects.visible_to(user).blind_to(user).values("pep"))


def _terms() -> list[tuple[str, str]]:
    """This term and those just before, the latest first."""
    now = calendars.load().term_of(today())
    known = terms()
    place = [key for key, _ in known].index(f"{now.academic_year}-{now.name.value}")
    return known[place : place + TERMS_OFFERED]


def _row(review: PepReview) -> list[Cell]:
    href = reverse("peps:quality", args=[review.pep.uuid])
    return [
        Cell(review.pep.child.name, href=href),
        Cell(common.kind_words(review.pep), hint=common.term_words(review.pep)),
        Cell(capfirst(Decision(review.decision).label), hint=f"{review.by}, {long_moment(review.at)}"),
        Cell(tag=band_tag(review.grade)),
    ]
