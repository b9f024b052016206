"""Files, children previously in care, the light register and figures: what is kept and what is refused."""

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from children.actions import cohorts, files, hosted, previously
from children.models import ChildFile, CohortFigure, Enquiry, HostedChild, PreviouslyInCare
from tests import personas
from tests.children.samples import jpeg, pdf
from tests.factories.children import (
    ChildFactory,
    ChildFileFactory,
    EnquiryFactory,
    HostedChildFactory,
    LocalAuthorityFactory,
    PreviouslyInCareFactory,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast():
    return personas.cast()


def message(refused) -> str:
    return " ".join(refused.value.messages)


# ---------------------------------------------------------------- files


def add(child, by, *, name="plan.pdf", sent=None, **changed) -> ChildFile:
    upload = SimpleUploadedFile(name, pdf() if sent is None else sent, "application/x-claimed")
    given = {"title": "Care plan", "field_group": "education"}
    return files.add_file(child=child, upload=upload, by=by, **given | changed)


def content(file) -> bytes:
    with default_storage.open(file.stored_as) as stored:
        return stored.read()


def test_a_file_is_kept_under_a_random_name(cast):
    file = add(cast.amy, cast.ala, name="../Amy plan.pdf")
    assert (file.original_name, file.content_type, file.size) == ("Amy plan.pdf", "application/pdf", len(pdf()))
    assert (file.state, file.sha256) == ("clean", hashlib.sha256(pdf()).hexdigest())
    assert "Amy" not in file.stored_as
    assert file.stored_as != add(cast.amy, cast.ala).stored_as
    assert content(file) == pdf()


def test_what_is_kept_of_a_picture_is_what_was_drawn_anew(cast):
    file = add(cast.amy, cast.ala, name="photo.jpg", sent=jpeg(comment=b"secret place"))
    kept = content(file)
    assert b"secret place" not in kept
    assert (file.size, file.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())


def test_a_program_called_a_plan_is_refused_and_nothing_is_kept(cast):
    with pytest.raises(ValidationError) as refused:
        add(cast.amy, cast.ala, sent=b"MZ\x90\x00" + bytes(100))
    assert refused.value.message_dict == {"upload": ["The name ends in .pdf, but that is not what the file is."]}
    assert not ChildFile.objects.exists()


def test_a_file_too_large_is_refused_before_it_is_read(cast, monkeypatch):
    monkeypatch.setattr("children.filecheck.LARGEST", 10)
    monkeypatch.setattr(SimpleUploadedFile, "read", None)
    with pytest.raises(ValidationError) as refused:
        add(cast.amy, cast.ala)
    assert message(refused) == "The file must be smaller than 20 MB."


def test_a_file_sent_twice_is_kept_once(cast):
    key = uuid4()
    assert add(cast.amy, cast.ala, key=key) == add(cast.amy, cast.ala, key=key)
    assert ChildFile.objects.count() == 1
    with pytest.raises(Conflict):
        add(cast.amy, cast.vsh, key=key)


def test_a_hundred_files_a_day(cast, monkeypatch):
    monkeypatch.setattr(files, "A_DAY", 2)
    for _ in range(2):
        add(cast.amy, cast.ala)
    with pytest.raises(ValidationError) as refused:
        add(cast.amy, cast.ala)
    assert message(refused) == "You have added a hundred files today. Go on tomorrow."
    assert add(cast.amy, cast.vsh).pk


@pytest.mark.parametrize("group", ["health", "adoption_link", "address", "nonsense"])
def test_nobody_files_what_they_do_not_read(cast, group):
    with pytest.raises(ValidationError) as refused:
        add(cast.amy, cast.data, field_group=group)
    assert list(refused.value.message_dict) == ["field_group"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_adds_files(cast, role):
    if role in {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "data"}:
        assert add(cast.amy, cast[role]).uploaded_by == cast[role]
        return
    with pytest.raises(Refused):
        add(cast.amy, cast[role])


def test_nobody_files_on_a_child_out_of_reach(cast):
    with pytest.raises(Refused):
        add(cast.bob, cast.socialworker)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_file_is_removed_by_whoever_added_it_or_the_head(cast, role):
    file = ChildFileFactory(child=cast.amy, uploaded_by=cast.data)
    if role not in {"data", "vsh"}:
        with pytest.raises(Refused):
            files.remove_file(file=file, why="By mistake", by=cast[role])
        return
    files.remove_file(file=file, why="By mistake", by=cast[role])
    assert not ChildFile.objects.visible_to(cast.vsh).exists()
    with pytest.raises(Conflict):
        files.remove_file(file=file, why="By mistake", by=cast[role])


# ---------------------------------------------------------------- previously in care


def register(by, **changed) -> PreviouslyInCare:
    given = {"name": "Bea", "basis": "sgo", "since": today() - 100 * DAY}
    return previously.register(by=by, **given | changed)


def test_a_record_is_opened_once(cast):
    key = uuid4()
    assert register(cast.ala, key=key) == register(cast.ala, key=key)
    assert PreviouslyInCare.objects.count() == 1


def test_an_adopted_childs_record_is_never_joined_to_the_record_in_care(cast):
    with pytest.raises(ValidationError) as refused:
        register(cast.ala, basis="adoption", child=ChildFactory(left_care=True))
    assert message(refused) == "An adopted child's record is never joined to the record in care."
    assert register(cast.ala, basis="adoption").child is None


def test_a_child_has_one_record(cast):
    child = ChildFactory(left_care=True)
    register(cast.ala, child=child)
    with pytest.raises(ValidationError) as refused:
        register(cast.ala, child=child)
    assert message(refused) == "This is recorded already, or does not fit with what is recorded."


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "ala"}))
def test_nobody_else_advises(cast, role):
    about, by = PreviouslyInCareFactory(agreed=True), cast[role]
    agreement = {"agreed_by": "x", "agreed_on": today(), "evidence": "x", "evidence_seen_on": today()}
    for act in (
        lambda: register(by),
        lambda: previously.record_agreement(about=about, by=by, **agreement),
        lambda: previously.withdraw_agreement(about=about, by=by),
        lambda: previously.ask(about=about, asked_by="x", asked_on=today(), question="x", by=by),
        lambda: previously.advise(enquiry=EnquiryFactory(about=about), advice="x", by=by),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ({}, "A person with parental responsibility has not agreed to advice on this child."),
        ({"agreed": True, "evidence_seen_on": None}, "Nobody has seen evidence that this child was in care."),
        ({"agreed": True, "evidence": ""}, "Nobody has seen evidence that this child was in care."),
        (
            {"agreed": True, "agreed_by": ""},
            "A person with parental responsibility has not agreed to advice on this child.",
        ),
        ({"withdrawn": True}, "The agreement to advice on this child was withdrawn."),
    ],
)
def test_there_is_no_advice_without_agreement_and_evidence(cast, standing, reason):
    enquiry = EnquiryFactory(about=PreviouslyInCareFactory(**standing))
    with pytest.raises(Refused) as refused:
        previously.advise(enquiry=enquiry, advice="Ask the school.", by=cast.ala)
    assert refused.value.verdict.reason == reason
    assert refused.value.verdict.source == "Calderdale: the role of the Virtual School"
    assert Enquiry.objects.get().advice == ""


def test_agreement_and_evidence_open_the_way_once(cast):
    about = register(cast.ala)
    enquiry = previously.ask(about=about, asked_by="Aunt", asked_on=today(), question="What may we ask?", by=cast.ala)
    previously.record_agreement(
        about=about, agreed_by="Aunt", agreed_on=today(), evidence="The order", evidence_seen_on=today(), by=cast.ala
    )
    previously.advise(enquiry=enquiry, advice="Ask the school.", by=cast.ala)
    enquiry.refresh_from_db()
    assert (enquiry.advice, enquiry.advised_by, enquiry.advised_on) == ("Ask the school.", cast.ala, today())
    with pytest.raises(Conflict):
        previously.advise(enquiry=enquiry, advice="Something else.", by=cast.ala)


def test_agreement_is_withdrawn_once_and_may_be_given_again(cast):
    about = PreviouslyInCareFactory(agreed=True)
    previously.withdraw_agreement(about=about, by=cast.ala)
    with pytest.raises(Conflict):
        previously.withdraw_agreement(about=about, by=cast.ala)
    again = previously.record_agreement(
        about=about, agreed_by="Aunt", agreed_on=today(), evidence="The order", evidence_seen_on=today(), by=cast.ala
    )
    assert again.agreement_withdrawn_on is None


def test_nothing_is_agreed_tomorrow(cast):
    with pytest.raises(ValidationError):
        previously.record_agreement(
            about=PreviouslyInCareFactory(),
            agreed_by="Aunt",
            agreed_on=today(),
            evidence="The order",
            evidence_seen_on=today() + DAY,
            by=cast.ala,
        )


# ---------------------------------------------------------------- placed here by others, and figures


def test_a_child_placed_here_is_entered_once_and_ends_once(cast):
    facts = {
        "name": "Cal",
        "home_authority": LocalAuthorityFactory(code="998"),
        "contact": "Jo",
        "start": today() - DAY,
    }
    key = uuid4()
    entry = hosted.add_hosted(by=cast.data, key=key, **facts)
    assert hosted.add_hosted(by=cast.data, key=key, **facts) == entry
    with pytest.raises(ValidationError):
        hosted.end_hosted(hosted=entry, end=today() - 2 * DAY, by=cast.data)
    hosted.end_hosted(hosted=entry, end=today(), by=cast.data)
    with pytest.raises(Conflict):
        hosted.end_hosted(hosted=entry, end=today(), by=cast.data)
    assert HostedChild.objects.get().end == today()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "coordinator", "data"}))
def test_nobody_else_keeps_the_light_register(cast, role):
    with pytest.raises(Refused):
        hosted.end_hosted(hosted=HostedChildFactory(), end=today(), by=cast[role])


def test_a_figure_given_again_corrects_it(cast):
    given = {"cohort": "kinship", "measure": "Suspended", "area": "North", "on": date(2026, 10, 1), "by": cast.ala}
    cohorts.record_figure(count=10, out_of=90, **given)
    cohorts.record_figure(count=12, out_of=90, **given)
    assert CohortFigure.objects.values_list("count", flat=True).get() == 12
    assert AuditEvent.objects.filter(verb="cohort_figure.recorded").count() == 2


def test_a_part_is_not_more_than_the_whole(cast):
    with pytest.raises(ValidationError) as refused:
        cohorts.record_figure(cohort="kinship", measure="x", area="North", on=today(), count=11, out_of=10, by=cast.ala)
    assert list(refused.value.message_dict) == ["count"]
    assert not CohortFigure.objects.exists()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"vsh", "ala"}))
def test_nobody_else_works_with_cohort_figures(cast, role):
    with pytest.raises(Refused):
        cohorts.record_figure(cohort="kinship", measure="x", area="North", on=today(), count=11, by=cast[role])
