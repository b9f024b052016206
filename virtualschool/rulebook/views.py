"""Pages of the rulebook: what holds today, how a rule came to say it, the calendars; and changing them."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.money import pounds
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import require
from virtualschool.rulebook import actions, policies, rules, schoolyear, shipped
from virtualschool.rulebook.enums import Kind, Unit, Use
from virtualschool.rulebook.forms import ChangeRuleForm, TermDatesForm, WithdrawForm, plain
from virtualschool.rulebook.models import BankHoliday, Rule, SchoolClosure, TermDate
from virtualschool.rulebook.schoolyear import words

ONE_DAY = timedelta(days=1)
KIND_COLOURS = {Kind.LAW: "purple", Kind.POLICY: "blue", Kind.TARGET: "grey"}
YEARS_AHEAD = 5


def definition_or_404(key: str) -> shipped.Definition:
    known = shipped.definitions().get(key)
    if known is None:
        raise Http404
    return known


def value_lines(definition: shipped.Definition, value: Any) -> list[str]:
    """A value as people read it, one line for each entry."""
    if definition.unit == Unit.PENCE:
        return [pounds(value)]
    lines = definition.shape.write(value).splitlines()
    if not lines:
        return ["None set"]
    if definition.shape.name in ("texts", "choice"):
        return [plain(line) for line in lines]
    return [f"{line} {_unit(definition, value)}".strip() for line in lines]


def _unit(definition: shipped.Definition, value: Any) -> str:
    label = str(definition.unit.label)
    return label[:-1] if value == 1 and label.endswith("s") else label


def value_cell(definition: shipped.Definition, value: Any) -> Cell:
    first, *others = value_lines(definition, value)
    return Cell(first, lines=tuple(others))


def kind_tag(kind: str) -> dict[str, str]:
    return {"text": str(Kind(kind).label), "colour": KIND_COLOURS[Kind(kind)]}


def since(start: date) -> str:
    return "The beginning" if start == shipped.BEGINNING else words(start)


@page(policy=policies.can_read_rules)
def rule_list(request: HttpRequest) -> HttpResponse:
    """What holds today, in groups, each with what binds it and where it comes from."""
    pack = rules.pack(today())
    groups: dict[str, list[list[Cell]]] = {name: [] for name in shipped.groups().values()}
    for definition in shipped.definitions().values():
        groups[definition.group].append(_list_row(definition, pack.find(definition.key)))
    columns = [Column("Rule"), Column("Value"), Column("What binds it"), Column("Source"), Column("Since")]
    tables = [table(name, columns, rows) for name, rows in groups.items()]
    return render(request, "rulebook/list.html", {"tables": tables, "on": words(today())})


def _list_row(definition: shipped.Definition, rule: rules.InForce | None) -> list[Cell]:
    unused = {"text": str(Use.PLANNED.label), "colour": "grey"} if definition.use == Use.PLANNED else None
    href = reverse("rulebook:detail", args=[definition.key])
    name = Cell(definition.words, href=href, hint=definition.key, tag=unused)
    if rule is None:
        return [name, Cell("No value", hint=definition.missing), Cell(tag=kind_tag(definition.kind)), Cell(), Cell()]
    return [
        name,
        value_cell(definition, rule.value),
        Cell(tag=kind_tag(rule.kind)),
        Cell(rule.source, hint=rule.confidence),
        Cell(since(rule.effective_from)),
    ]


@page(policy=policies.can_read_rules)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One rule: what it says today, every value it had, and the changes that are planned."""
    definition = definition_or_404(key)
    rows = list(
        Rule.objects.visible_to(request.user)
        .filter(key=key)
        .select_related("author")
        .order_by("-effective_from", "-pk")
    )
    current = next((row for row in rows if row.withdrawn_at is None and actions.holds(row, today())), None)
    verdict = policies.can_change_rule(request.user, definition)
    withdrawable = [row for row in rows if policies.can_withdraw_change(request.user, row)]
    context = {
        "definition": definition,
        "summary": _summary(definition, current),
        "history": _history(definition, rows),
        "withdrawable": [
            {
                "href": reverse("rulebook:withdraw", args=[row.uuid]),
                "text": f"Withdraw the change from {words(row.effective_from)}",
            }
            for row in withdrawable
        ],
        "change_href": reverse("rulebook:change", args=[key]) if verdict else "",
        "fixed": _fixed(definition),
        "crumbs": crumbs(definition.words),
    }
    return render(request, "rulebook/detail.html", context)


def _fixed(definition: shipped.Definition) -> str:
    """Why nobody can change the rule, or nothing."""
    if definition.use == Use.PLANNED:
        return "Not used yet: nothing in the system asks for this rule. It is written down for what is to come."
    return "" if definition.configurable else "This is a minimum set by law or by design. No council can change it."


def _summary(definition: shipped.Definition, current: Rule | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"key": "Name in the system", "value": definition.key}]
    if current is None:
        missing = definition.missing or "No value is in force today."
        return [*rows, {"key": "Value today", "value": "", "missing": missing}]
    return [
        *rows,
        {"key": "Value today", "value": "", "lines": value_lines(definition, current.value)},
        {"key": "What binds it", "value": "", "tag": kind_tag(current.kind)},
        {"key": "Source", "value": current.source},
        {"key": "How sure we are", "value": current.confidence or "Read in the source itself, or decided here"},
        {"key": "Since", "value": since(current.effective_from)},
    ]


def _history(definition: shipped.Definition, rows: list[Rule]) -> Table:
    columns = [Column("From"), Column("Until"), Column("Value"), Column("State"), Column("Set by"), Column("Why")]
    cells = [
        [
            Cell(since(row.effective_from)),
            Cell(words(row.effective_to - ONE_DAY) if row.effective_to else "No end"),
            value_cell(definition, row.value),
            Cell(tag=_state(row)),
            Cell(row.author.name if row.author else "Came with the system"),
            Cell(row.reason or row.source),
        ]
        for row in rows
    ]
    return table("Every value this rule has had", columns, cells, empty="This rule has had no value yet")


def _state(row: Rule) -> dict[str, str]:
    if row.withdrawn_at is not None:
        return {"text": "Withdrawn", "colour": "grey"}
    if actions.holds(row, today()):
        return {"text": "In force", "colour": "green"}
    planned = row.effective_from > today()
    return {"text": "Planned", "colour": "blue"} if planned else {"text": "Past", "colour": "grey"}


def crumbs(*names: str) -> list[dict[str, str]]:
    """The way back to the list; the last name is this page."""
    return [{"text": "Rules", "href": reverse("rulebook:list")}, *({"text": name, "href": ""} for name in names)]


@page(policy=policies.can_change_rules, methods=("GET", "POST"))
def change(request: HttpRequest, key: str) -> HttpResponse:
    """A new value from a day on."""
    definition = definition_or_404(key)
    require(policies.can_change_rule(request.user, definition))
    current = rules.find(key, on=today())
    initial = {"value": definition.shape.write(current.value)} if current else {}
    back = reverse("rulebook:detail", args=[key])
    form = ChangeRuleForm(definition, sent(request), initial=initial, cancel_href=back)
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.change_rule(key=key, by=request.user, **form.cleaned_data)
        except actions.BadChange as wrong:
            form.add_error(wrong.field, str(wrong))
        else:
            return done(request, f"The rule changes from {words(rule.effective_from)}.", back)
    return form_page(request, form, heading="Change a rule", caption=definition.words, back=back)


@page(policy=policies.can_withdraw_change, methods=("GET", "POST"), rule=Rule)
def withdraw(request: HttpRequest, rule: Rule) -> HttpResponse:
    """Take back a change that has not been in force."""
    back = rule.get_absolute_url()
    form = WithdrawForm(sent(request), cancel_href=back)
    if request.method == "POST" and form.is_valid():
        actions.withdraw_change(rule=rule, by=request.user, **form.cleaned_data)
        return done(request, "The change was withdrawn.", back)
    heading = f"Withdraw the change from {words(rule.effective_from)}"
    return form_page(request, form, heading=heading, caption=rule.words, back=back)


@page(policy=policies.can_read_rules)
def calendars(request: HttpRequest) -> HttpResponse:
    """Terms, closures and bank holidays that the clocks count by."""
    year = schoolyear.academic_year(today())
    may_change = bool(policies.can_change_rules(request.user))
    context = {
        "terms": _terms_table(),
        "closures": _closures_table(),
        "holidays": _holidays_table(year),
        "changes": [
            {
                "text": f"Change the dates of {schoolyear.year_words(each)}",
                "href": reverse("rulebook:terms", args=[each]),
            }
            for each in range(year, year + 3)
            if may_change
        ],
        "crumbs": crumbs("Calendars"),
    }
    return render(request, "rulebook/calendars.html", context)


def _terms_table() -> Table:
    columns = [Column("Term"), Column("Whose"), Column("First day"), Column("Last day"), Column("Source")]
    rows = [
        [
            f"{row.get_term_display()} {schoolyear.year_words(row.academic_year)}",
            row.owner,
            words(row.start),
            words(row.end - ONE_DAY),
            row.source,
        ]
        for row in TermDate.objects.order_by("school_urn", "-start")
    ]
    return table("School terms", columns, rows, empty="No term dates are loaded: school days are unknown")


def _closures_table() -> Table:
    columns = [Column("Name"), Column("Whose"), Column("First day"), Column("Last day")]
    rows = [
        [row.name, row.owner, words(row.start), words(row.end - ONE_DAY)]
        for row in SchoolClosure.objects.order_by("school_urn", "-start")
    ]
    return table("Half-terms and other days without school", columns, rows, empty="None are loaded")


def _holidays_table(year: int) -> Table:
    days = BankHoliday.objects.filter(day__gte=date(year, 9, 1), day__lt=date(year + 3, 1, 1))
    rows = [[words(row.day), row.name] for row in days]
    return table(
        "Bank holidays in England",
        [Column("Date"), Column("Name")],
        rows,
        empty="None are loaded: working days are unknown",
    )


@page(policy=policies.can_change_rules, methods=("GET", "POST"))
def change_terms(request: HttpRequest, year: int) -> HttpResponse:
    """The council's terms and closures of one academic year."""
    current = schoolyear.academic_year(today())
    if not current - YEARS_AHEAD <= year <= current + YEARS_AHEAD:
        raise Http404
    back = reverse("rulebook:calendars")
    form = TermDatesForm(sent(request), initial=_terms_initial(year), cancel_href=back)
    if request.method == "POST" and form.is_valid() and _set_terms(request, form, year):
        return done(request, f"The dates of {schoolyear.year_words(year)} were saved.", back)
    heading = f"The council's school terms {schoolyear.year_words(year)}"
    return form_page(request, form, heading=heading, back=back)


def _set_terms(request: HttpRequest, form: TermDatesForm, year: int) -> bool:
    data = form.cleaned_data
    try:
        actions.set_terms(
            academic_year=year, terms=form.terms(), closures=data["closures"], source=data["source"], by=request.user
        )
    except actions.BadChange as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else f"{wrong.field}_start", str(wrong))
        return False
    return True


def _terms_initial(year: int) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for row in TermDate.objects.filter(school_urn="", academic_year=year):
        initial |= {f"{row.term}_start": row.start, f"{row.term}_last": row.end - ONE_DAY}
    closures = SchoolClosure.objects.filter(
        school_urn="", start__gte=date(year, 8, 15), start__lt=date(year + 1, 8, 15)
    )
    lines = [f"{row.start:%d/%m/%Y} to {row.end - ONE_DAY:%d/%m/%Y} {row.name}" for row in closures]
    return initial | {"closures": "\n".join(lines)}
