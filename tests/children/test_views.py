"""Every page of the roll: who gets it, who is told no, and for whom it does not exist."""

from datetime import timedelta

import pytest
from django.urls import reverse

from children import urls
from tests import personas
from tests.factories.children import (
    ChildFileFactory,
    EnquiryFactory,
    HostedChildFactory,
    NoteFactory,
    PreviouslyInCareFactory,
    SchoolJudgementFactory,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)

EVERYBODY = frozenset(ROLES)
READERS = EVERYBODY - {"dpo"}
KEEPERS = frozenset({"vsh", "coordinator", "data"})
ADVISERS = frozenset({"vsh", "ala"})
NARRATIVE = frozenset({"vsh", "ala", "socialworker", "manager"})
REVIEWERS = KEEPERS | {"socialworker", "manager", "iro"}
FILERS = NARRATIVE | {"coordinator", "support", "data"}
ALLOCATORS = KEEPERS | {"manager"}

# page: (what its address names, whom it shows something to, for whom the record does not exist)
WITHOUT_ID = {
    "new": KEEPERS,
    "leavers": KEEPERS,
    "schools": READERS,
    "previously": ADVISERS,
    "previously_add": ADVISERS,
    "hosted": KEEPERS | ADVISERS,
    "hosted_add": KEEPERS,
    "figures": ADVISERS,
    "figure_add": ADVISERS,
}
OF_A_CHILD = {
    "identity": KEEPERS,
    "need": KEEPERS,
    "leave": KEEPERS,
    "placement": KEEPERS,
    "education_answer": KEEPERS | {"ala", "socialworker", "manager"},
    "legal_status": KEEPERS,
    "enrol": KEEPERS,
    "allocate": ALLOCATORS,
    "review": REVIEWERS,
    "notes": NARRATIVE,
    "note_add": NARRATIVE,
    "files": READERS,
    "file_add": FILERS,
}
OF_A_RECORD = {
    "end_enrolment": ("enrolment", KEEPERS, {"dpo"}),
    "end_relationship": ("relationship", KEEPERS, {"dpo"}),
    "note_edit": ("note", {"ala"}, EVERYBODY - NARRATIVE),
    "file_remove": ("file", {"ala", "vsh"}, {"dpo"}),
    "school": ("school", READERS, {"dpo"}),
    "carry_on": ("school", KEEPERS, {"dpo"}),
    "judgement_add": ("school", KEEPERS, {"dpo"}),
    "judgement_correct": ("judgement", KEEPERS, {"dpo"}),
    "judgement_remove": ("judgement", KEEPERS, {"dpo"}),
    "previously_record": ("previously", ADVISERS, EVERYBODY - ADVISERS),
    "previously_agree": ("previously", ADVISERS, EVERYBODY - ADVISERS),
    "previously_ask": ("previously", ADVISERS, EVERYBODY - ADVISERS),
    "advise": ("enquiry", ADVISERS, EVERYBODY - ADVISERS),
    "hosted_end": ("hosted", KEEPERS, EVERYBODY - KEEPERS - ADVISERS),
}
ELSEWHERE = {
    "new_details",
    "allocate_many",
    "previously_withdraw",
    "file",
}  # POST, or no page of ours: tests of their own


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def named(cast):
    """A record of each kind that an address names."""
    about = PreviouslyInCareFactory(agreed=True)
    return {
        "child": cast.amy,
        "school": cast.school,
        "judgement": SchoolJudgementFactory(school=cast.school),
        "enrolment": cast.amy.enrolments.get(),
        "relationship": cast.amy.relationships.get(kind="iro"),
        "note": NoteFactory(child=cast.amy, author=cast.ala),
        "file": ChildFileFactory(child=cast.amy, uploaded_by=cast.ala),
        "previously": about,
        "enquiry": EnquiryFactory(about=about),
        "hosted": HostedChildFactory(),
    }


def status(client, user, name, *args) -> int:
    client.force_login(user)
    return client.get(reverse(f"children:{name}", args=args)).status_code


def test_every_page_is_in_a_table_here():
    assert {pattern.name for pattern in urls.urlpatterns} == {*WITHOUT_ID, *OF_A_CHILD, *OF_A_RECORD, *ELSEWHERE}


@pytest.mark.parametrize("name", WITHOUT_ID)
def test_pages_without_a_record(client, cast, name):
    got = {role: status(client, cast[role], name) for role in ROLES}
    assert got == {role: 200 if role in WITHOUT_ID[name] else 403 for role in ROLES}


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_pages_of_a_child(client, cast, name):
    got = {role: status(client, cast[role], name, cast.amy.uuid) for role in ROLES}
    denied = {role: 404 if role == "dpo" else 403 for role in ROLES}
    assert got == denied | dict.fromkeys(OF_A_CHILD[name], 200)


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_a_child_of_others_does_not_exist(client, cast, name):
    got = {role: status(client, cast.outsiders[role], name, cast.amy.uuid) for role in cast.outsiders}
    assert got == dict.fromkeys(cast.outsiders, 404)


@pytest.mark.parametrize("name", OF_A_RECORD)
def test_pages_of_a_record(client, cast, named, name):
    what, allowed, strangers = OF_A_RECORD[name]
    got = {role: status(client, cast[role], name, named[what].uuid) for role in ROLES}
    assert got == dict.fromkeys(ROLES, 403) | dict.fromkeys(strangers, 404) | dict.fromkeys(allowed, 200)


@pytest.mark.parametrize("name", ["end_enrolment", "end_relationship", "note_edit", "file_remove", "file"])
def test_a_record_of_others_does_not_exist(client, cast, named, name):
    what = OF_A_RECORD[name][0] if name in OF_A_RECORD else name
    got = {role: status(client, cast.outsiders[role], name, named[what].uuid) for role in cast.outsiders}
    assert got == dict.fromkeys(cast.outsiders, 404)


@pytest.mark.parametrize("name", [*WITHOUT_ID, *OF_A_CHILD])
def test_nobody_gets_a_page_without_signing_in(client, cast, name):
    answer = client.get(reverse(f"children:{name}", args=[cast.amy.uuid] if name in OF_A_CHILD else []))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_opening_a_page_of_a_child_is_in_the_access_log(client, cast, name):
    assert status(client, cast.vsh, name, cast.amy.uuid) in (200, 403)
    log = AccessLog.objects.latest("pk")
    assert (log.route, log.child_ids, log.user_id) == (f"children:{name}", [cast.amy.pk], str(cast.vsh.pk))


@pytest.mark.parametrize("name", sorted({*WITHOUT_ID, *OF_A_CHILD, *OF_A_RECORD} - {"note_edit"}))
def test_a_page_opens_without_complaint(client, cast, named, name):
    """A form that nobody has sent yet says nothing is wrong."""
    args = {**dict.fromkeys(WITHOUT_ID, []), **{page: [cast.amy.uuid] for page in OF_A_CHILD}}
    args |= {page: [named[what].uuid] for page, (what, _, _) in OF_A_RECORD.items()}
    client.force_login(cast.vsh)
    answer = client.get(reverse(f"children:{name}", args=args[name]))
    form = answer.context.get("form")
    assert (answer.status_code, form.errors if form else {}) == (200, {})
    assert "There is a problem" not in answer.content.decode()


@pytest.mark.parametrize("name", [*OF_A_CHILD, "school", "leavers", "schools"])
def test_address_and_carer_are_on_no_page(client, cast, name):
    """Amy's care placement has both, and the Virtual School Head reads both."""
    args = {"school": [cast.school.uuid], "leavers": [], "schools": []}.get(name, [cast.amy.uuid])
    client.force_login(cast.vsh)
    shown = client.get(reverse(f"children:{name}", args=args)).content.decode()
    assert cast.amy.care_placements.get().address == "1 Hidden Lane, Nowhere"
    assert not any(words in shown for words in ("Hidden Lane", "Secretname", "ZZ9 9ZZ"))


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("vsh", {"carer_name", "carer_telephone", "address", "postcode"}),
        ("coordinator", set()),
        ("data", set()),
    ],
)
def test_address_and_carer_are_asked_of_those_who_read_them(client, cast, role, asked):
    client.force_login(cast[role])
    form = client.get(reverse("children:placement", args=[cast.amy.uuid])).context["form"]
    assert {"carer_name", "carer_telephone", "address", "postcode"} & set(form.fields) == asked


def test_a_sealed_record_exists_for_nobody(client, cast, named):
    cast.amy.sealed = True
    cast.amy.save()
    pages = [(name, cast.amy.uuid) for name in OF_A_CHILD]
    pages += [
        (name, named[what].uuid)
        for name, what in (("end_enrolment", "enrolment"), ("file", "file"), ("note_edit", "note"))
    ]
    got = {status(client, cast[role], name, uuid) for role in ROLES for name, uuid in pages}
    assert got == {404}


def test_a_teacher_finds_only_the_children_of_their_school(client, cast):
    client.force_login(cast.teacher)
    assert client.get(reverse("children:school", args=[cast.other_school.uuid])).status_code == 404
    shown = client.get(reverse("children:school", args=[cast.school.uuid])).content.decode()
    assert "Amy Madeup" in shown


def test_a_school_page_shows_an_officer_only_their_own_children(client, cast):
    client.force_login(cast.iro)
    shown = client.get(reverse("children:school", args=[cast.other_school.uuid])).content.decode()
    assert "Bob Madeup" not in shown
    assert "None of the children you work with is on its roll" in shown


@pytest.mark.parametrize("name", ["new_details", "allocate_many"])
def test_the_second_step_leads_back_to_the_first(client, cast, name):
    client.force_login(cast.data)
    back = {"new_details": reverse("children:new"), "allocate_many": reverse("overview:roll")}
    answer = client.get(reverse(f"children:{name}"))
    assert (answer.status_code, answer.url) == (302, back[name])


@pytest.mark.parametrize("name", ["new_details", "allocate_many"])
def test_the_second_step_has_the_same_policy(client, cast, name):
    allowed = {"new_details": KEEPERS, "allocate_many": ALLOCATORS}[name]
    got = {}
    for role in ROLES:
        client.force_login(cast[role])
        got[role] = client.post(reverse(f"children:{name}")).status_code
    assert got == {role: 200 if role in allowed else 403 for role in ROLES}


def test_withdrawing_is_a_post_of_those_who_advise(client, cast):
    got = {}
    for role in ROLES:
        about = PreviouslyInCareFactory(agreed=True)
        client.force_login(cast[role])
        href = reverse("children:previously_withdraw", args=[about.uuid])
        assert client.get(href).status_code == 405
        got[role] = client.post(href).status_code
    assert got == {role: 302 if role in ADVISERS else 404 for role in ROLES}
