"""A PEP as a PDF: the whole, one section or its targets, cut to what its maker reads and its recipient may be given."""

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from children.models import CarePlacement
from peps import frozen, policies, record
from peps.forms.papers import WHOLE, PaperForm
from peps.models import Pep, PepSection, PepTarget
from peps.papers import BY_NAME, Recipient, groups_for, voices_for
from peps.policies_voice import can_pass_on_words
from peps.views import common
from peps.views.reading import decided_rows, section_cards, target_cards
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access, log
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, lower_first
from virtualschool.kernel.formpages import form_page, sent
from virtualschool.kernel.paper import Paper, Part, Record, Row, pdf

TARGETS = "targets"  # the section under which the targets stand
EVERY = "every"  # of a blank form's questions
Groups = Collection[FieldGroup]
SAID = ("School", "State")  # of the front sheet, on every paper anyway


@page(policies.can_read, methods=("GET", "POST"), pep=Pep)
def paper(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Ask what and for whom; the answer to that is the file, which nothing keeps."""
    pep = Pep.objects.select_related("child", "school").get(pk=pep.pk)
    user = request.user
    words = can_pass_on_words(user, pep) if user.reads(FieldGroup.VOICE) else None
    form = PaperForm(sent(request), parts=_parts(user, pep), named=_named(user), words=words)
    if not form.is_valid():
        return _ask(request, pep, form)
    recipient, part = Recipient(form.cleaned_data["recipient"]), form.cleaned_data["part"]
    groups = groups_for(user, recipient, form.cleaned_data["asked"])
    voices = voices_for(recipient, child_too=bool(form.cleaned_data.get("child_too")))
    made = document(pep, user, recipient, groups, part, voices)
    if part != WHOLE and not made.parts:
        form.add_error("part", f"Nothing in this part may be given to {made_for(user, recipient)}.")
        return _ask(request, pep, form)
    file, fields = pdf(made), sorted(group.value for group in groups)
    access.shown(request, pep, fields=fields)
    facts = {"for": recipient.value, "part": part, "fields": fields, "voices": sorted(voices)}
    log.record("pep.put_on_paper", by=user, subject=pep, data=facts)
    return download(file, f"pep-{pep.academic_year}-{pep.term}.pdf")


def _ask(request: HttpRequest, pep: Pep, form: PaperForm) -> HttpResponse:
    intro = ["The file opens in any PDF reader, and a screen reader can read it. Keep it as safe as the record."]
    back, more = reverse("peps:read", args=[pep.uuid]), _blank(pep)
    heading, caption = "PDF of this PEP", common.caption(pep)
    return form_page(request, form, heading=heading, caption=caption, back=back, intro=intro, more=more)


def made_for(user: User, recipient: Recipient) -> str:
    return user.name if recipient is Recipient.MYSELF else str(recipient.label)


def _blank(pep: Pep) -> list[dict[str, str]]:
    """This PEP's questions without an answer, to write on."""
    href = reverse("peps:blank_of", args=[pep.uuid])
    return [
        {"text": "Blank form: what has to be answered in this PEP", "href": href},
        {"text": "Blank form: every question of this PEP", "href": f"{href}?questions={EVERY}"},
    ]


def download(file: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def document(
    pep: Pep, user: User, recipient: Recipient, groups: Groups, part: str, voices: Collection[str] | None = None
) -> Paper:
    """The PEP, or the part of it, as a document for somebody. It names the child in its title and nowhere in a file's name.

    ``voices`` are those whose words it holds; the recipient's own when none are named.
    """
    whom, voices = made_for(user, recipient), voices_for(recipient) if voices is None else voices
    known, record_words = frozen.behind(pep)
    return Paper(
        title=f"{pep.child.name}: {lower_first(common.kind_words(pep))}",
        caption=common.term_words(pep),
        author=settings.COUNCIL_NAME,
        made=today(),
        footer=f"For {whom}. Made by {user.name} on {long_date(today())}. Keep it safe.",
        facts=[*_facts(pep, known, groups, part), *([Row("From the record", [record_words])] if record_words else [])],
        parts=list(_contents(pep, known, user, groups, part, voices)),
    )


def _parts(user: User, pep: Pep) -> list[tuple[PepSection, str]]:
    sections = list(pep.sections.order_by("position"))
    for section in sections:
        section.pep = pep
    return [(one, common.section_title(one)) for one in sections if policies.readable_fields(user, one)]


def _named(user: User) -> list[FieldGroup]:
    return [group for group in BY_NAME if user.reads(group)]


def _facts(pep: Pep, known: record.Facts, groups: Groups, part: str) -> Iterable[Row]:
    yield Row("Child", [pep.child.name])
    yield Row("Date of birth", [long_date(pep.child.date_of_birth)])
    yield Row("School", [pep.school.name] if pep.school else [], missing="no school")
    yield Row("State of this PEP", [str(pep.get_state_display())])
    if part == WHOLE:
        yield from (_row(row) for row in record.front_sheet(known, groups) if row["key"] not in SAID)
    placement = CarePlacement.objects.current().filter(child=pep.child).first() if set(groups) & set(BY_NAME) else None
    if placement is not None and FieldGroup.CARER in groups:
        yield Row(
            BY_NAME[FieldGroup.CARER], [placement.carer_name] if placement.carer_name else [], missing="not known"
        )
    if placement is not None and FieldGroup.ADDRESS in groups:
        yield Row(BY_NAME[FieldGroup.ADDRESS], _address(placement), missing="not known")


def _address(placement: CarePlacement) -> list[str]:
    return [line for line in (*placement.address.split("\n"), placement.postcode) if line.strip()]


def _contents(
    pep: Pep, known: record.Facts, user: User, groups: Groups, part: str, voices: Collection[str]
) -> Iterable[Part]:
    for card in section_cards(groups, pep, known, voices):
        if part in (WHOLE, card["key"]):
            yield Part(card["title"], [*(_row(row) for row in card["rows"]), *_files(card["files"])])
    if part in (WHOLE, TARGETS) and FieldGroup.PEP in groups:
        yield from _targets(pep, user, groups)
    if part in (WHOLE, "meeting") and FieldGroup.PEP in groups:
        yield from _decided(pep)


def _decided(pep: Pep) -> Iterable[Part]:
    """The actions of the meeting: what, who, by when."""
    if rows := decided_rows(pep):
        yield Part("What was decided at the meeting", [_row(row) for row in rows])


def _files(files: list[dict[str, str]]) -> list[Row]:
    """Files by their names: a paper holds none."""
    names = [f"{file['text']} ({file['hint']})" for file in files]
    return [Row("Files in the service", names)] if names else []


def _targets(pep: Pep, user: User, groups: Groups) -> Iterable[Part]:
    cards = target_cards(user, PepTarget.objects.filter(pep=pep))
    for card in cards:
        rows = [_row(row) for row in card["rows"]]
        if FieldGroup.MONEY in groups:
            rows += [Row(line["item"], [f"{line['kind']}: {line['sum']}. {line['state']}."]) for line in card["costs"]]
        yield Part(card["title"], rows)
    if not cards:
        yield Part("Targets", words="No target has been set yet.")


def _row(row: dict[str, Any]) -> Row:
    """A row of the page as a row of the paper."""
    lines = [*([str(row["value"])] if row.get("value") else []), *row.get("lines", ())]
    records = [
        Record(one["title"], [(fact["key"], fact["value"]) for fact in one["facts"]]) for one in row.get("records", ())
    ]
    return Row(row["key"], lines, missing=row.get("missing", "Not said"), records=records)
