"""When a child's care plan is reviewed next."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from children import policies, reviews
from children.actions.reviews import next_review, record_review
from children.forms.reviews import ReviewForm
from children.models import Child
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.rulebook import calendars, rules


@page(policies.can_record_review, methods=("GET", "POST"), child=Child)
def review(request: HttpRequest, child: Child) -> HttpResponse:
    """Record the day, beside the last day on which the law lets it be held, and how that was worked out."""
    planned = next_review(child)
    shown = {"on": planned.on, "seen": planned.on} if planned else {}
    form = ReviewForm(sent(request), initial=shown, cancel_href=child.get_absolute_url())
    if form.is_valid():
        facts = {"on": form.cleaned_data["on"], "seen": form.cleaned_data["seen"]}
        if attempt(form, lambda: record_review(child=child, by=request.user, **facts)):
            return done(request, "The day of the review is recorded.", child.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Next care review",
        caption=child.name,
        back=reverse("overview:child", args=[child.uuid]),
        rows=_rows(child, planned.on if planned else None),
    )


def _rows(child: Child, planned_on: object) -> list[dict[str, object]]:
    held = reviews.held([child.pk], today()).get(child.pk)
    rows: list[dict[str, object]] = [
        {
            "key": "Planned for",
            "value": long_date(planned_on) if planned_on else "",
            "missing": "No next review is known",
        }
    ]
    if held is None:
        return rows
    latest = reviews.at_the_latest(held, calendars.load(), rules.pack(today(), reviews.PREFIX))
    last = long_date(held.last_on) if held.last_on else ""
    return [
        *rows,
        {"key": "Last review", "value": last, "missing": "None since the child came into care"},
        {
            "key": "By law at the latest",
            "value": long_date(latest.due_on) if latest.due_on else "",
            "missing": "Not known",
            "lines": latest.explain(),
        },
    ]
