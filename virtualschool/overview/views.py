"""Pages that compose the other apps: home, the roll, search, the child's page, the dashboard and its lists."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from attendance.policies.marks import can_read as can_read_attendance
from children.models import Child
from children.policies import can_allocate_some
from virtualschool.accounts.places import sentence_of, title_of
from virtualschool.accounts.roles import ONLY_BY_NAME
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel import csvfiles, searching
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import table
from virtualschool.overview import child as child_page
from virtualschool.overview import figures, homes, navigation, policies, roll
from virtualschool.overview.filters import RollFilter
from virtualschool.rulebook import rules


@page(policies.can_use_service)
def home(request: HttpRequest) -> HttpResponse:
    """Each role's own work, first thing."""
    panels = homes.panels_for(request.user)
    access.shown(request, [child for panel in panels for child in panel.child_ids])
    context = {
        "panels": panels,
        "figures": homes.figures_for(request.user),
        "offers": homes.offers_for(request.user),
    }
    return render(request, "overview/home.html", context)


@page(policies.can_use_service)
def you(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own page: what their role reaches, reads and does."""
    role = request.user.role_class
    rows = [
        {"key": "Name", "value": request.user.name},
        {"key": "Email address", "value": request.user.email},
        {"key": "Role", "value": title_of(request.user), "lines": [sentence_of(request.user)]},
        {
            "key": "You read",
            "value": ", ".join(sorted(g.value.replace("_", " ") for g in role.reads)) or "nothing of a child",
        },
    ]
    return render(request, "overview/you.html", {"rows": rows})


@page(public=True)
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "overview/accessibility.html")


@page(policies.can_use_service)
def help_page(request: HttpRequest) -> HttpResponse:
    """Where to begin, by role."""
    return render(request, "overview/help.html", {"role": request.user.role_class})


@page(policies.can_use_service)
def more(request: HttpRequest) -> HttpResponse:
    """Everything that the role may open beside the places of its daily work."""
    return render(request, "overview/more.html", {"groups": navigation.more_for(request.user)})


@page(policies.can_list_children, methods=("GET", "POST"))
def children_list(request: HttpRequest) -> HttpResponse:
    """The roll, filtered; one child is one row. The filter is posted, and its answer opens the list by an address without a name."""
    if request.method == "POST":
        return RollFilter.sent_on(request)
    mine = Child.objects.visible_to(request.user)
    found = RollFilter(request.GET, queryset=mine, request=request)
    pages = paginate(request, roll.in_order(found.qs), shown=roll.page_for(request.user))
    choose = bool(can_allocate_some(request.user))
    headings, rows = roll.table_of(pages.rows, request.user, choose=choose)
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    query = request.GET.urlencode()
    csv_href = f"{reverse('overview:roll_file')}{f'?{query}' if query else ''}"
    drawn = table(
        "Children",
        headings,
        rows,
        empty="No child matches these filters" if query else "No child is yours today",
        caption_hidden=True,
        choices=roll.CHOICES if choose else "",
    )
    context = {
        "filter": found,
        "pages": pages,
        "total": mine.count() if query else pages.total,
        "table": drawn,
        "clear_href": reverse("overview:roll"),
        "csv_href": csv_href if policies.can_export_roll(request.user) else "",
    }
    return render(request, "overview/roll.html", context)


@page(policies.can_export_roll)
def roll_file(request: HttpRequest) -> HttpResponse:
    """The list as the filter shows it, all of its pages, as CSV. Logged with every child in it."""
    found = RollFilter(request.GET, queryset=Child.objects.visible_to(request.user), request=request)
    children = list(roll.listed(found.qs, request.user))
    headings, rows = roll.file_of(children, request.user)
    access.shown(request, children, kind=AccessKind.EXPORT)
    log.record("roll.exported", by=request.user, subject=request.user, data={"rows": len(children)})
    return csv_file(f"roll-{today().isoformat()}", csvfiles.write(headings, rows))


@page(policies.can_search, methods=("GET", "POST"))
def search(request: HttpRequest) -> HttpResponse:
    """Find a child by any part of the name, the council's id or the UPN; only children the reader reaches are found."""
    if request.method == "POST":
        return searching.sent_on(request)
    asked = searching.search_of(request)
    text = "" if asked.lost else asked.term
    pack = rules.pack(today(), prefix="search.")
    least, most = pack.value("search.least_letters"), pack.value("search.results")
    found = []
    if len(text) >= least:
        found = list(roll.listed(Child.objects.visible_to(request.user).named_like(text), request.user)[: most + 1])
    headings, rows = roll.table_of(found[:most], request.user)
    if text:
        access.shown(request, found[:most], kind=AccessKind.SEARCH)
    context = {
        "text": text,
        "asked": asked,
        "too_short": bool(text) and len(text) < least,
        "least": least,
        "more": len(found) > most,
        "most": most,
        "table": table(
            "Children found", headings, rows, empty="No child that you work with matches", caption_hidden=True
        ),
    }
    return render(request, "overview/search.html", context)


@page(policies.can_open_child, child=Child)
def child_detail(request: HttpRequest, child: Child) -> HttpResponse:
    """One child: today's facts, what needs somebody, what comes next, what happened."""
    moments, kinds = child_page.timeline(child, request.user, request.GET.get("kind", "")[:40])
    shown = paginate(request, moments, per_page=20)
    groups = request.user.role_class.reads - ONLY_BY_NAME
    access.shown(request, child, kind=AccessKind.VIEW, fields=groups)
    href = child.get_absolute_url()
    items = [{"when": m.on, "title": m.title, "by": m.by, "text": m.text, "href": m.href} for m in shown.rows]
    active = request.GET.get("kind", "")
    tabs = [{"text": "Everything", "href": f"{href}#timeline", "active": not active}]
    tabs += [{"text": capfirst(k), "href": f"{href}?kind={k}#timeline", "active": k == active} for k in kinds]
    context = {"page": child_page.page_of(child, request.user), "items": items, "pages": shown, "tabs": tabs}
    context["roll_href"] = reverse("overview:roll")
    return render(request, "overview/child.html", context)


@page(policies.can_read_dashboard)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Figures of today; each opens the list that it counts."""
    context = {"groups": figures.groups_for(request.user), "reads_attendance": bool(can_read_attendance(request.user))}
    return render(request, "overview/dashboard.html", context)


@page(policies.can_read_dashboard)
def figure(request: HttpRequest, key: str) -> HttpResponse:
    """The children that one figure counts, from the queryset that counted them."""
    found = figures.known().get(key)
    if found is None or not found.shown_to(request.user):
        raise Http404
    pages = paginate(request, roll.in_order(found.children(request.user)), shown=roll.page_for(request.user))
    headings, rows = roll.table_of(pages.rows, request.user)
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    context = {
        "figure": found,
        "pages": pages,
        "dashboard_href": reverse("overview:dashboard"),
        "table": table(found.label, headings, rows, empty="Nobody is counted here today", caption_hidden=True),
    }
    return render(request, "overview/figure.html", context)
