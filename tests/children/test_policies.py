"""Every no of the roll says why and from where; every yes stands in one table."""

import inspect

import pytest

from children import access, policies
from children.models import Child
from tests import personas
from tests.factories.children import (
    ChildFactory,
    ChildFileFactory,
    EnquiryFactory,
    HostedChildFactory,
    NoteFactory,
    PreviouslyInCareFactory,
    SchoolJudgementFactory,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.verdicts import Verdict

pytestmark = pytest.mark.django_db

KEEPERS = {"vsh", "coordinator", "data"}
ADVISERS = {"vsh", "ala"}
NARRATIVE = {"vsh", "ala", "socialworker", "manager"}
REVIEWERS = {"vsh", "coordinator", "data", "socialworker", "manager", "iro"}
READERS = set(ROLES) - {"dpo"}
# policy: what it is asked about, and the roles to which it says yes
TABLE = {
    "can_keep_roll": ((), KEEPERS),
    "can_keep_roll_of": (("child",), KEEPERS),
    "can_answer_some_education": ((), KEEPERS | {"ala", "socialworker", "manager"}),
    "can_answer_education": (("child",), KEEPERS | {"ala", "socialworker", "manager"}),
    "can_record_need": (("child",), KEEPERS),
    "can_record_some_review": ((), REVIEWERS),
    "can_record_review": (("child",), REVIEWERS),
    "can_reopen": (("leaver",), KEEPERS),
    "can_end_enrolment": (("enrolment",), KEEPERS),
    "can_allocate_some": ((), KEEPERS | {"manager"}),
    "can_allocate": (("child",), KEEPERS | {"manager"}),
    "can_allocate_to": (("child", "kind", "iro"), KEEPERS),
    "can_end_some": ((), KEEPERS),
    "can_end_relationship": (("relationship",), KEEPERS),
    "can_read_notes": (("child",), NARRATIVE),
    "can_write_some_note": ((), NARRATIVE),
    "can_write_note": (("child",), NARRATIVE),
    "can_edit_note": (("note",), {"ala"}),
    "can_see_files": (("child",), READERS),
    "can_keep_some_files": ((), NARRATIVE | {"coordinator", "support", "data"}),
    "can_keep_files": (("child",), NARRATIVE | {"coordinator", "support", "data"}),
    "can_read_file": (("file",), READERS),
    "can_remove_some": (("file",), {"ala", "vsh"}),
    "can_remove_file": (("file",), {"ala", "vsh"}),
    "can_look_up_schools": ((), READERS),
    "can_see_school": (("school",), READERS),
    "can_carry_on": (("school",), KEEPERS),
    "can_keep_judgements": (("school",), KEEPERS),
    "can_correct_judgement": (("judgement",), KEEPERS),
    "can_advise": ((), ADVISERS),
    "can_keep_previously_in_care": (("previously",), ADVISERS),
    "can_advise_on": (("previously",), ADVISERS),
    "can_answer_enquiry": (("enquiry",), ADVISERS),
    "can_see_hosted": ((), KEEPERS | ADVISERS),
    "can_keep_hosted": ((), KEEPERS),
    "can_end_hosted": (("hosted",), KEEPERS),
    "can_read_figures": ((), ADVISERS),
}


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def asked(cast):
    about = PreviouslyInCareFactory(agreed=True)
    return {
        "child": cast.amy,
        "leaver": ChildFactory(left_care=True),
        "enrolment": cast.amy.enrolments.get(),
        "relationship": cast.amy.relationships.get(kind="iro"),
        "kind": "iro",
        "iro": cast.outsiders["iro"],
        "note": NoteFactory(child=cast.amy, author=cast.ala),
        "file": ChildFileFactory(child=cast.amy, uploaded_by=cast.ala),
        "school": cast.school,
        "judgement": SchoolJudgementFactory(school=cast.school),
        "previously": about,
        "enquiry": EnquiryFactory(about=about),
        "hosted": HostedChildFactory(),
    }


def test_every_policy_is_in_the_table():
    found = {name for name, _ in inspect.getmembers(policies, inspect.isfunction) if name.startswith("can_")}
    assert found == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_who_may(cast, asked, name):
    about, allowed = TABLE[name]
    verdicts = {role: getattr(policies, name)(cast[role], *(asked[word] for word in about)) for role in ROLES}
    assert {role for role, verdict in verdicts.items() if verdict} == allowed
    assert all(isinstance(verdict, Verdict) for verdict in verdicts.values())
    assert [role for role, verdict in verdicts.items() if not verdict and not (verdict.reason and verdict.source)] == []


OF_A_CHILD = (
    "can_keep_roll_of",
    "can_answer_education",
    "can_record_need",
    "can_allocate",
    "can_write_note",
    "can_keep_files",
)


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_nobody_acts_on_a_child_out_of_reach(cast, name):
    may = {role for role in cast.outsiders if getattr(policies, name)(cast.outsiders[role], cast.amy)}
    assert may == set()


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_nobody_acts_on_a_sealed_record(cast, name):
    Child.objects.filter(pk=cast.amy.pk).update(sealed=True)
    assert {role for role in ROLES if getattr(policies, name)(cast[role], cast.amy)} == set()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_puts_a_sealed_record_back(cast, role):
    assert not policies.can_reopen(cast[role], ChildFactory(left_care=True, sealed=True))


@pytest.mark.parametrize("name", ["can_allocate", "can_write_note", "can_keep_files"])
def test_a_broken_glass_reads_and_does_nothing(cast, name):
    manager = cast.outsiders["manager"]
    access.break_glass(child_uuid=cast.amy.uuid, reason="Police are with the child at the station", by=manager)
    assert Child.objects.visible_to(manager).filter(pk=cast.amy.pk).exists()
    assert not getattr(policies, name)(manager, cast.amy)
    assert getattr(policies, name)(manager, cast.bob)
