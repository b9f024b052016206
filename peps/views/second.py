"""Second marking: the list, the page on which it is done blind, and both markings side by side afterwards."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child
from peps import frozen, moderation, rubrics
from peps import policies_second as policies
from peps.actions import moderating
from peps.actions.drafting import SavedMeanwhile, save_second_draft, second_draft_of
from peps.actions.marking import sheet_again
from peps.enums import Decision, PepState
from peps.filters_moderation import SecondMarkFilter
from peps.forms.moderation import AddSecondForm, AgreedForm, SecondMarkForm
from peps.models import GradingDraft, Pep, PepReview, PepTarget, SecondMark
from peps.record import Record
from peps.views import blind, common, kept
from peps.views.coach import put_aside
from peps.views.grading import band_tag, draft_words, explained, other_draft, shown_again
from peps.views.reading import section_cards, target_cards
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.models import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import rules, schoolyear

COLUMNS = [Column("Child"), Column("PEP"), Column("First"), Column("Second"), Column("State")]
BLIND = "The first marks, and the grade, are shown beside yours once yours are handed in. The first marker sees nothing of yours before."


@page(policies.can_moderate)
def second_list(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's marks, then what was marked twice, the latest first."""
    rows = SecondMark.objects.listed_for(request.user)
    found = SecondMarkFilter(request.GET, queryset=rows)
    rows_found = found.qs.select_related("pep__child", "review__by", "by").annotate(begun=Exists(_drafts()))
    ordered = rows_found.order_by(F("at").desc(nulls_first=True), "pk")
    pages = paginate(request, ordered)
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    drawn = [_row(mark) for mark in pages.rows]
    context = {
        "heading": "Second marking",
        "tabs": tabs("second_list"),
        "words": _rule_words(request.user),
        "filter": found,
        "noun": "PEPs",
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "table": table("PEPs marked twice", COLUMNS, drawn, empty="No PEP waits for you here", caption_hidden=True),
    }
    return render(request, "peps/second_list.html", context)


@page(policies.can_moderate)
def unsampled(request: HttpRequest) -> HttpResponse:
    """Children with a complete PEP of whom none was in the sample for the months of rule ``pep.qa.sampled_within``."""
    rows = _unsampled(request.user)
    pages = paginate(request, rows.select_related("child", "school").order_by("completed_on", "pk"))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    drawn = [
        [
            Cell(pep.child.name, href=pep.get_absolute_url()),
            Cell(common.kind_words(pep), hint=common.term_words(pep)),
            Cell(long_date(pep.completed_on)),
            Cell("Add", href=reverse("peps:second_add", args=[pep.uuid]), hidden=f"the PEP of {pep.child.name}"),
        ]
        for pep in pages.rows
    ]
    context = {
        "heading": f"Not marked twice for {rules.value(moderation.WITHIN, on=today())} months",
        "tabs": tabs("second_unsampled"),
        "words": "The draw reaches some children seldom. An advocate may add one by hand, with a reason.",
        "pages": pages,
        "table": table(
            "Children not sampled",
            ["Child", "Last PEP", "Complete since", "Second marking"],
            drawn,
            empty="Every child with a complete PEP was in the sample",
            caption_hidden=True,
        ),
    }
    return render(request, "peps/second_list.html", context)


@page(policies.can_add_second, methods=("GET", "POST"), pep=Pep)
def add(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Put a PEP that was not drawn into the sample."""
    back = reverse("peps:second_unsampled")
    form = AddSecondForm(sent(request), cancel_href=back)
    if form.is_valid():
        mark = moderating.add_by_hand(pep=pep, why=form.cleaned_data["why"], by=request.user)
        return done(request, "The PEP waits for a second marking.", mark.get_absolute_url())
    return form_page(
        request, form, heading="Add to second marking", caption=common.caption(pep), back=back, intro=[BLIND]
    )


@page(policies.can_read_second, mark=SecondMark)
def second(request: HttpRequest, mark: SecondMark) -> HttpResponse:
    """The PEP and the rubric while it waits; both markings, question by question, once it is marked."""
    return _page(request, mark)


@page(policies.can_mark_second, methods=("POST",), mark=SecondMark)
def mark_second(request: HttpRequest, mark: SecondMark) -> HttpResponse:
    """Keep the marking for later, or hand it in."""
    mark = _whole(mark)
    form = _form(mark, request.POST)
    if not form.is_valid():
        return _page(request, mark, form=form)
    version, by = form.cleaned_data.get("draft") or 0, request.user
    try:
        if form.keeps:
            save_second_draft(mark=mark, content=form.content(), version=version, by=by)
            return done(request, "Your marks are kept, and count once you hand them in.", f"{_here(mark)}#marking")
        reason = form.cleaned_data["reason"]
        marked = moderating.mark_second(mark=mark, marks=form.marks(), reason=reason, by=by, seen_draft=version)
    except SavedMeanwhile as conflict:
        again = _form(mark, shown_again(request.POST, conflict.standing))
        return _page(request, mark, form=again, conflict=conflict)
    return done(request, f"Your marks are saved. {marked.working}", _here(mark))


@page(policies.can_agree, methods=("POST",), mark=SecondMark)
def agree(request: HttpRequest, mark: SecondMark) -> HttpResponse:
    form = AgreedForm(request.POST)
    if not form.is_valid():
        return _page(request, mark, agreed=form)
    moderating.agree(mark=mark, words=form.cleaned_data["note"], by=request.user)
    return done(request, "What was agreed is kept. The grade of the PEP stands.", mark.get_absolute_url())


# ---------------------------------------------------------------- parts


def tabs(active: str) -> list[dict[str, Any]]:
    pages = (("second_list", "Second marking"), ("second_unsampled", "Not drawn of late"), ("moderation", "Moderation"))
    return [{"text": text, "href": reverse(f"peps:{name}"), "active": name == active} for name, text in pages]


def difference_tag(apart: int | None) -> dict[str, str] | None:
    """How far two marks lie apart, in words."""
    if apart is None:
        return {"text": "Not asked of both", "status": "closed"}
    if apart == 0:
        return {"text": "The same", "status": "done"}
    return {"text": f"{apart} bands apart" if apart > 1 else "1 band apart", "status": "red" if apart > 1 else "amber"}


def _rule_words(user: User) -> str:
    from_rule = rules.value(moderation.SAMPLE, on=today())
    others = SecondMark.objects.visible_to(user).waiting().exclude(pk__in=SecondMark.objects.offered_to(user)).count()
    words = f"{from_rule} in 100 approved PEPs of a term are drawn by their own number when they are approved."
    return (
        f"{words} {others} more wait for somebody else: you marked them first, or wrote in them." if others else words
    )


def _row(mark: SecondMark) -> list[Cell]:
    pep, how = mark.pep, "Added by hand" if mark.added_by_id else "Drawn"
    child = Cell(pep.child.name, href=mark.get_absolute_url(), hint=f"{how} {long_moment(mark.drawn_at)}")
    about = Cell(common.kind_words(pep), hint=common.term_words(pep))
    if mark.waits:
        return [
            child,
            about,
            Cell(hint="Shown when you have marked it"),
            Cell(hint="Yours"),
            Cell(
                tag={"text": "Waits for your marks", "status": "waiting"},
                hint="Half done, and kept" if mark.begun else "",
            ),
        ]
    first = Cell(str(mark.review.by), tag=band_tag(mark.review.grade))
    seconds = Cell(str(mark.by), tag=band_tag(mark.grade))
    apart = difference_tag(moderation.apart(mark.review.grade, mark.grade))
    return [child, about, first, seconds, Cell(tag=apart, hint="Agreed" if mark.note else "Nothing agreed yet")]


def _drafts() -> Any:
    """What was kept of a second marking, seen from its row."""
    kind = GradingDraft.Kind.SECOND
    return GradingDraft.objects.filter(pep=OuterRef("pep"), submission=OuterRef("review__submission"), kind=kind)


def _unsampled(user: User) -> Any:
    """The last complete PEP of each child in care without a second marking drawn in the months of rule ``pep.qa.sampled_within`` before today."""
    since = schoolyear.add_months(today(), -rules.value(moderation.WITHIN, on=today()))
    sampled = SecondMark.objects.filter(pep__child=OuterRef("child"), drawn_at__date__gte=since)
    approved = PepReview.objects.filter(pep=OuterRef("pk"), decision=Decision.APPROVED).exclude(rubric="")
    mine = Child.objects.in_own_reach(user).counted()
    rows = Pep.objects.visible_to(user).filter(state=PepState.COMPLETE, child__in=mine)
    return rows.filter(Exists(approved), ~Q(Exists(sampled)))


def _whole(mark: SecondMark) -> SecondMark:
    rows = SecondMark.objects.select_related("pep__child", "pep__school", "review__by", "by", "note_by", "added_by")
    found: SecondMark = rows.get(pk=mark.pk)
    return found


def _here(mark: SecondMark) -> str:
    return str(mark.get_absolute_url())


def _form(mark: SecondMark, data: Any = None) -> SecondMarkForm:
    """The form with what was kept of it. Made for those alone who may mark."""
    sheet, draft = sheet_again(mark), second_draft_of(mark) if data is None else None
    begin = {"draft": draft.version, **draft.content} if draft else {"draft": 0}
    return SecondMarkForm(data, sheet=sheet, action=reverse("peps:second_mark", args=[mark.uuid]), initial=begin)


def _page(
    request: HttpRequest,
    mark: SecondMark,
    *,
    form: SecondMarkForm | None = None,
    agreed: AgreedForm | None = None,
    conflict: SavedMeanwhile | None = None,
) -> HttpResponse:
    mark = _whole(mark)
    access.shown(request, mark, fields=sorted(group.value for group in request.user.role_class.reads))
    crumbs = [{"text": "Second marking", "href": reverse("peps:second_list")}, {"text": common.kind_words(mark.pep)}]
    head = {"mark": mark, "heading": "Second marking", "caption": common.caption(mark.pep), "crumbs": crumbs}
    head |= {"rubric": explained(rubrics.of_version(mark.review.rubric)), "why": _why(mark)}
    body = _waiting(request.user, mark, form, conflict) if mark.waits else _compared(request.user, mark, agreed)
    return render(request, "peps/second.html", head | body, status=409 if conflict else 200)


def _why(mark: SecondMark) -> str:
    if mark.added_by:
        return f"Added by {mark.added_by}, {long_moment(mark.drawn_at)}: {mark.added_why}"
    return f"Drawn {long_moment(mark.drawn_at)}, when it was approved."


def _waiting(
    user: User, mark: SecondMark, form: SecondMarkForm | None, conflict: SavedMeanwhile | None
) -> dict[str, Any]:
    """The version that was approved, beside the form with what was kept of it: both mark the same words, also while the PEP is
    changed. Nothing of the first marking, and to the first marker nothing of this."""
    verdict = policies.can_mark_second(user, mark)
    if not verdict:
        return {"verdict": verdict}
    form = form or _form(mark)
    return {
        "form": form,
        "draft": "" if conflict else draft_words(second_draft_of(mark), form.sheet),
        "theirs": other_draft(conflict, form.sheet) if conflict else None,
        "blind": BLIND,
        **_approved(user, mark),
    }


def _approved(user: User, mark: SecondMark) -> dict[str, Any]:
    """What the first marker graded. Where no version was kept it is the PEP as it stands, and the page says so."""
    pep, version = mark.pep, frozen.version_of(mark.review)
    unseen = policies.unseen_grades(user, [pep.previous_id or pep.pk])
    if version is not None:
        words = f"Version {version.number}, as it was approved {long_moment(version.at)}: what the first marker read."
        drawn = kept.whole(user, pep, version, unseen)
        return drawn | {"which": words, "set_aside": put_aside(pep, until=version.at)}
    return {
        "which": "What was approved was not kept as a version: this is the PEP as it stands today.",
        "set_aside": put_aside(pep),
        "cards": section_cards(user.role_class.reads, pep, blind.facts(Record(pep), unseen)),
        "targets": target_cards(user, PepTarget.objects.filter(pep=pep)),
    }


def _compared(user: User, mark: SecondMark, agreed: AgreedForm | None) -> dict[str, Any]:
    """Both markings, and what was agreed or the form for it."""
    may = policies.can_agree(user, mark)
    if not mark.note and may and agreed is None:
        agreed = AgreedForm()
    if agreed is not None:
        agreed.action = reverse("peps:second_agree", args=[mark.uuid])
    return {
        "table": _side_by_side(mark),
        "rows": _said(mark),
        "agreed": None if mark.note else agreed,
        "verdict": None if may or mark.note else may,
    }


def _side_by_side(mark: SecondMark) -> Table:
    first, second_by = str(mark.review.by), str(mark.by)
    overall = moderation.apart(mark.review.grade, mark.grade)
    rows = [
        [
            Cell("The grade as a whole"),
            Cell(tag=band_tag(mark.review.grade)),
            Cell(tag=band_tag(mark.grade)),
            Cell(tag=difference_tag(overall)),
        ]
    ]
    for pair in moderation.pairs(mark.review.rubric, mark.review.marks, mark.marks):
        cells = [Cell(tag=band_tag(one["band"]), hint=capfirst(one["note"])) for one in (pair.first, pair.second)]
        rows.append([Cell(pair.question.title), *cells, Cell(tag=difference_tag(pair.apart))])
    heads = ["Question", f"First: {first}", f"Second: {second_by}", "Difference"]
    return table("Both markings", heads, rows)


def _said(mark: SecondMark) -> list[dict[str, Any]]:
    review = mark.review
    first = [review.reason, review.working, *([review.departed_why] if review.departed_why else [])]
    said = [
        {"key": f"First: {review.by}, {long_moment(review.at)}", "value": "", "lines": first},
        {"key": f"Second: {mark.by}, {long_moment(mark.at)}", "value": "", "lines": [mark.reason, mark.working]},
    ]
    if mark.note:
        lines = [f"{mark.note_by}, {long_moment(mark.note_at)}"]
        said.append({"key": "What was agreed", "value": mark.note, "lines": lines})
    return said
