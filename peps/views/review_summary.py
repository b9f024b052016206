"""The one-page summary of a child's education for the care review, to read, to print, and as a PDF."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children.models import Child
from peps import review_summary
from peps.review_policies import can_raise_concern, can_read_summary
from peps.review_summary import Education
from peps.views.blind import without_grades
from peps.views.summary_rows import Row, facts, none_words, parts
from virtualschool.accounts.models import User
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel import paper as papers
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date

TITLE = "Education, for the care review"


@page(can_read_summary, child=Child)
def summary(request: HttpRequest, child: Child) -> HttpResponse:
    """Cut to what the reader's role reads."""
    found = _gathered(child, request.user)
    access.shown(request, child, fields=sorted(found.groups))
    context = {
        "heading": TITLE,
        "child": child,
        "none": none_words(found),
        "facts": facts(found),
        "parts": [{"title": title, "rows": rows} for title, rows in parts(found)],
        "paper_href": reverse("peps:review_summary_paper", args=[child.uuid]),
        "made": f"As the record stands on {long_date(today())}.",
        "links": _links(child, request.user),
    }
    return render(request, "peps/review_summary.html", context)


@page(can_read_summary, methods=("POST",), child=Child)
def paper(request: HttpRequest, child: Child) -> HttpResponse:
    """The same on paper. It bears the child's name inside and not in the name of the file; nothing keeps it."""
    found = _gathered(child, request.user)
    fields = sorted(found.groups)
    file = papers.pdf(document(found, request.user))
    access.shown(request, child, kind=AccessKind.PRINT, fields=fields)
    log.record("review_summary.put_on_paper", by=request.user, subject=child, child=child, data={"fields": fields})
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="education-summary-{today().isoformat()}.pdf"'
    return answer


def _gathered(child: Child, user: User) -> Education:
    """Without the grade of a last PEP that the reader is to mark a second time."""
    found = review_summary.gather(child, user)
    without_grades(user, [found.facts.last])
    return found


def document(found: Education, user: User) -> papers.Paper:
    """As a document, for whoever makes it."""
    return papers.Paper(
        title=f"{found.child.name}: {TITLE[0].lower()}{TITLE[1:]}",
        caption=f"As the record stands on {long_date(today())}",
        author=settings.COUNCIL_NAME,
        made=today(),
        footer=f"For {user.name}. Keep it safe.",
        facts=[_on_paper(row) for row in facts(found)],
        parts=[
            *([papers.Part("No PEP yet", words=none_words(found))] if none_words(found) else []),
            *(papers.Part(title, [_on_paper(row) for row in rows]) for title, rows in parts(found)),
        ],
        compact=True,
    )


def _on_paper(row: Row) -> papers.Row:
    lines = list(_lines(row))
    return papers.Row(row["key"], lines, missing=row.get("missing", ""))


def _lines(row: Row) -> Iterable[str]:
    """The value with the words of its tag, which has no colour here, then what stands under it."""
    words = [str(row["value"])] if row["value"] else []
    words += [row["tag"]["text"]] if row.get("tag") else []
    if words:
        yield ": ".join(words)
    yield from row.get("lines", ())


def _links(child: Child, user: User) -> list[dict[str, Any]]:
    raising = {"text": "Raise a concern or recommendation", "href": reverse("peps:concern_raise", args=[child.uuid])}
    return [raising] if can_raise_concern(user, child) else []
