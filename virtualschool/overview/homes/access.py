"""The data protection officer's first look: what was opened with a reason, and what was refused. No child is named."""

from datetime import timedelta

from django.db.models import Count, Max
from django.urls import reverse

from virtualschool.accounts.models import User
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now
from virtualschool.kernel.formfields import long_moment
from virtualschool.overview.homes.panel import SHOWN, Panel, plain

WEEK = timedelta(days=7)


def opened_with_a_reason(user: User) -> Panel:
    """Records opened outside somebody's own reach in the last week, with the reason given."""
    rows = AccessLog.objects.filter(kind=AccessKind.BREAK_GLASS, at__gte=now() - WEEK).order_by("-pk")
    names = _names([row.user_id for row in rows[:SHOWN]])
    items = [
        {
            "title": names.get(row.user_id, row.user_id),
            "href": f"{reverse('audit:access')}?kind={AccessKind.BREAK_GLASS}",
            "hint": row.reason,
            "status": plain(long_moment(row.at)),
        }
        for row in rows[:SHOWN]
    ]
    return Panel(
        "Opened with a reason in the last week",
        "Nobody opened a record outside their own reach.",
        rows.count(),
        items,
        reverse("audit:access"),
        "The access log",
    )


def denied(user: User) -> Panel:
    """Who was refused most in the last week: by mistake mostly, and otherwise worth a question."""
    rows = (
        AccessLog.objects.filter(kind=AccessKind.DENIED, at__gte=now() - WEEK)
        .values("user_id")
        .annotate(times=Count("pk"), last=Max("at"))
        .order_by("-times", "user_id")
    )
    first = list(rows[:SHOWN])
    names = _names([row["user_id"] for row in first])
    items = [
        {
            "title": names.get(row["user_id"], row["user_id"]),
            "href": f"{reverse('audit:access')}?kind={AccessKind.DENIED}&user={row['user_id']}",
            "hint": f"{row['times']} {'time' if row['times'] == 1 else 'times'}, last {long_moment(row['last'])}",
            "status": plain(""),
        }
        for row in first
    ]
    return Panel(
        "Refused in the last week",
        "Nobody was refused anything.",
        len(first),
        items,
        f"{reverse('audit:access')}?kind={AccessKind.DENIED}",
        "All refusals",
    )


def _names(ids: list[str]) -> dict[str, str]:
    keys = [int(key) for key in ids if key.isdigit()]
    return {str(pk): name for pk, name in User.objects.filter(pk__in=keys).values_list("pk", "name")}
