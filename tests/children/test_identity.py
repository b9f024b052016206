"""Who a child is, put right: by whom, what is kept, what is flagged, and what two people at once do not lose."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from children import shared_upns, upn
from children.actions import care, identity
from children.checks import engine
from children.checks.registry import CHECKS
from children.enums import AlertState
from children.imports.report import Report
from children.imports.roll import import_roll
from children.imports.ssda903.load import load_return
from children.models import Alert, Child
from tests import personas
from tests.factories.children import ChildFactory, PeriodOfCareFactory, ReferenceCodeFactory
from tests.imports.samples import csv_file
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEEPERS = {"vsh", "coordinator", "data"}
GOOD, OTHER, WRONG = "H801200001001", "B302401216001", "Z801200001001"
TEMPORARY = upn.check_letter("80120000100A") + "80120000100A"
DUPLICATE = CHECKS["roll.duplicate_upn"]


@pytest.fixture
def cast():
    return personas.cast()


def correct(child, by, seen=None, **changed):
    """Change some facts, as they stand in the database now."""
    child = Child.objects.get(pk=child.pk)
    held = identity.facts_of(child)
    return identity.correct_identity(
        child=child, facts=replace(held, **changed), seen=held.seen if seen is None else seen, by=by
    )


def held(child, *names):
    return tuple(Child.objects.values_list(*names).get(pk=child.pk))


def open_alerts() -> dict[int, str]:
    rows = Alert.objects.filter(check_name="roll.duplicate_upn", state=AlertState.OPEN)
    return dict(rows.values_list("child", "evidence__sentence"))


# ---------------------------------------------------------------- the action


def test_every_fact_is_put_right_and_the_councils_id_stays(cast):
    facts = {
        "first_names": "Amelia Rose",
        "last_name": "O’Hara-Ńemec",
        "known_as": "Amy",
        "date_of_birth": date(2016, 5, 14),
        "sex": "U",
        "ethnicity": "AIND",
        "first_language": "Hindi",
        "interpreter_needed": True,
        "uln": "1000000018",
        "is_unaccompanied": True,
        "unaccompanied_until": date(2034, 5, 14),
    }
    done = correct(cast.amy, cast.data, upn=GOOD, **facts)
    assert set(done.changed) == {*facts, "upn"}
    assert held(cast.amy, *facts, "upn", "upn_problem") == (*facts.values(), GOOD, "")
    assert held(cast.amy, "child_id") == (cast.amy.child_id,)


def test_the_record_of_it_names_what_changed_and_not_how(cast):
    correct(cast.amy, cast.data, last_name="Newname", sex="M")
    deed = AuditEvent.objects.get(verb="child.identity_corrected")
    assert (deed.by, deed.child_id, deed.data) == (
        str(cast.data.pk),
        str(cast.amy.pk),
        {"changed": ["last_name", "sex"]},
    )


def test_what_is_so_already_is_not_recorded_even_from_a_stale_page(cast):
    assert correct(cast.amy, cast.data, seen="of yesterday").changed == ()
    assert not AuditEvent.objects.filter(verb="child.identity_corrected").exists()


def test_a_stale_page_changes_nothing(cast):
    seen = identity.facts_of(cast.amy).seen
    correct(cast.amy, cast.coordinator, known_as="Ames")
    with pytest.raises(Conflict):
        correct(cast.amy, cast.data, seen=seen, known_as="Mimi")
    assert held(cast.amy, "known_as") == ("Ames",)


@pytest.mark.parametrize("role", sorted(set(ROLES) - KEEPERS))
def test_nobody_else_puts_it_right(cast, role):
    with pytest.raises(Refused):
        correct(cast.amy, cast[role], last_name="Newname")
    assert held(cast.amy, "last_name") == ("Madeup",)


def test_a_child_out_of_care_is_not_theirs_to_change(cast):
    with pytest.raises(Refused):
        correct(ChildFactory(left_care=True), cast.data, last_name="Newname")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"first_names": "", "last_name": ""}, "last_name", "Enter first names, a last name, or both."),
        (
            {"date_of_birth": date(2025, 10, 7)},
            "date_of_birth",
            "The child came into care on 6 October 2025, before this date.",
        ),
        (
            {"date_of_birth": date(2007, 10, 6)},
            "date_of_birth",
            "The child would have been 18 when care started on 6 October 2025.",
        ),
        (
            {"unaccompanied_until": date(2030, 1, 1)},
            "unaccompanied_until",
            "Only an unaccompanied child stops being one.",
        ),
        (
            {"is_unaccompanied": True, "unaccompanied_until": date(2015, 1, 1)},
            "unaccompanied_until",
            "This must be after the child was born.",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast, changed, field, words):
    with pytest.raises(ValidationError) as refused:
        correct(cast.amy, cast.data, **changed)
    assert refused.value.message_dict == {field: [words]}
    assert not AuditEvent.objects.filter(verb="child.identity_corrected").exists()


def test_a_date_of_birth_to_come_is_refused(cast):
    with pytest.raises(ValidationError, match="today or before"):
        correct(cast.amy, cast.data, date_of_birth=today() + DAY)


def test_a_child_born_on_the_day_care_started_and_one_just_not_18(cast):
    start = cast.amy.periods_of_care.get().start
    correct(cast.amy, cast.data, date_of_birth=start)
    correct(cast.amy, cast.data, date_of_birth=date(2007, 10, 7))
    assert held(cast.amy, "date_of_birth") == (date(2007, 10, 7),)


def test_a_nameless_child_may_stay_so(cast):
    child = ChildFactory(in_care=True, nameless=True)
    correct(child, cast.data, sex="M")
    assert held(child, "sex", "last_name") == ("M", "")


def test_nothing_that_is_stored_is_reckoned_anew_for_another_date_of_birth(cast):
    before = held(cast.amy, "known_from", "last_pep_before_go_live", "unaccompanied_until")
    correct(cast.amy, cast.data, date_of_birth=date(2014, 1, 1))
    assert held(cast.amy, "known_from", "last_pep_before_go_live", "unaccompanied_until") == before


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("given", "number", "problem"),
    [
        ("h80 1200 001001", GOOD, ""),
        (WRONG, WRONG, "The check letter should be H."),
        (TEMPORARY, TEMPORARY, "This is a temporary UPN."),
        ("12345", "12345", "A UPN is a letter, eleven digits, and a digit or letter."),
        ("ÄÖÜ", "ÄÖÜ", "A UPN is a letter, eleven digits, and a digit or letter."),
    ],
)
def test_a_doubtful_number_is_kept_and_flagged(cast, given, number, problem):
    correct(cast.amy, cast.data, upn=given)
    assert held(cast.amy, "upn", "upn_problem", "former_upn") == (number, problem, "")


def test_a_number_that_changes_leaves_the_former_one(cast):
    correct(cast.amy, cast.data, upn=WRONG)
    correct(cast.amy, cast.data, upn=GOOD)
    assert held(cast.amy, "upn", "upn_problem", "former_upn") == (GOOD, "", WRONG)
    correct(cast.amy, cast.data, upn="")
    assert held(cast.amy, "upn", "upn_problem", "former_upn") == ("", "", GOOD)


def test_another_fact_leaves_the_numbers_alone(cast):
    correct(cast.amy, cast.data, upn=WRONG)
    correct(cast.amy, cast.data, sex="M")
    assert held(cast.amy, "upn", "upn_problem", "former_upn") == (WRONG, "The check letter should be H.", "")


def test_the_returns_reason_for_having_none_is_no_number(cast):
    child = ChildFactory(in_care=True, return_fields={"MOTHER": "0", "UPN": "UN1"})
    correct(child, cast.data, upn="un4")
    assert held(child, "upn", "upn_problem", "return_fields") == ("", "", {"MOTHER": "0", "UPN": "UN4"})
    assert identity.facts_of(Child.objects.get(pk=child.pk)).upn == "UN4"
    correct(child, cast.data, upn=GOOD)
    assert held(child, "upn", "former_upn", "return_fields") == (GOOD, "", {"MOTHER": "0"})


def test_a_new_child_may_have_the_reason_too(cast):
    facts = care.ChildFacts(child_id="N1", date_of_birth=date(2016, 3, 1), last_name="New", upn="UN4")
    placement = care.PlacementFacts(placement_type="U6")
    new = care.enter_care(
        start=today(), legal_status="C2", placement=placement, facts=facts, education="stays", by=cast.data
    ).child
    assert held(new, "upn", "upn_problem", "return_fields") == ("", "", {"UPN": "UN4"})


class TestShared:
    """One number with two children: told on both, with an alert, until it is so no longer."""

    def test_is_told_on_both_and_resolved_on_both(self, cast):
        correct(cast.bob, cast.data, upn=GOOD)
        done = correct(cast.amy, cast.data, upn=GOOD)
        assert done.child.upn_problem == f"It is also the UPN of child {cast.bob.child_id}."
        assert held(cast.bob, "upn_problem") == (f"It is also the UPN of child {cast.amy.child_id}.",)
        words = f"The UPN {GOOD} is also that of another child"
        assert open_alerts() == {cast.amy.pk: words, cast.bob.pk: words}
        correct(cast.amy, cast.data, upn=OTHER)
        assert (held(cast.amy, "upn_problem"), held(cast.bob, "upn_problem")) == (("",), ("",))
        assert open_alerts() == {}
        assert set(Alert.objects.values_list("state", "resolved_on")) == {(AlertState.RESOLVED, today())}

    def test_by_three_until_one_is_left(self, cast):
        third = ChildFactory(in_care=True, child_id="T3")
        for child in (cast.amy, cast.bob, third):
            correct(child, cast.data, upn=WRONG)
        first = min(cast.amy.child_id, cast.bob.child_id)
        told = f"The check letter should be H. It is also the UPN of child {first} and 1 more."
        assert held(third, "upn_problem") == (told,)
        correct(cast.amy, cast.data, upn="")
        assert set(open_alerts()) == {cast.bob.pk, third.pk}
        correct(cast.bob, cast.data, upn="")
        assert (open_alerts(), held(third, "upn_problem")) == ({}, ("The check letter should be H.",))

    def test_a_reason_for_having_none_is_shared_by_many(self, cast):
        correct(cast.amy, cast.data, upn="UN4")
        correct(cast.bob, cast.data, upn="UN4")
        assert (open_alerts(), held(cast.bob, "upn_problem")) == ({}, ("",))

    def test_with_a_child_who_left_care_the_one_on_the_roll_has_the_alert(self, cast):
        gone = ChildFactory(left_care=True, upn=GOOD)
        correct(cast.amy, cast.data, upn=GOOD)
        assert (set(open_alerts()), held(gone, "upn_problem")) == (
            {cast.amy.pk},
            (f"It is also the UPN of child {cast.amy.child_id}.",),
        )

    def test_not_with_a_sealed_record(self, cast):
        ChildFactory(left_care=True, is_sealed=True, upn=GOOD)
        correct(cast.amy, cast.data, upn=GOOD)
        assert (open_alerts(), held(cast.amy, "upn_problem")) == ({}, ("",))

    def test_a_new_child_with_a_number_that_is_held(self, cast):
        correct(cast.amy, cast.data, upn=GOOD)
        facts = care.ChildFacts(child_id="N1", date_of_birth=date(2016, 3, 1), last_name="New", upn=GOOD)
        placement = care.PlacementFacts(placement_type="U6")
        new = care.enter_care(
            start=today(), legal_status="C2", placement=placement, facts=facts, education="stays", by=cast.data
        ).child
        assert set(open_alerts()) == {cast.amy.pk, new.pk}
        assert held(cast.amy, "upn_problem") == ("It is also the UPN of child N1.",)

    def test_an_adoption_gives_the_number_up(self, cast):
        for child in (cast.amy, cast.bob):
            correct(child, cast.data, upn=GOOD)
        care.leave_care(child=cast.bob, on=today(), reason="E11", by=cast.data)
        assert (open_alerts(), held(cast.amy, "upn_problem")) == ({}, ("",))
        assert held(cast.bob, "upn", "former_upn", "upn_problem") == ("", GOOD, "")

    @pytest.mark.parametrize("kind", ["roll", "return"])
    def test_an_import_tells_and_untells_it(self, cast, kind):
        def read(child, number):
            who = {"child_id": child.child_id, "last_name": "Madeup", "upn": number}
            born = f"{child.date_of_birth:%d/%m/%Y}"
            row = {"CHILD": child.child_id, "SEX": "F", "DOB": born, "ETHNIC": "WBRI", "UPN": number}
            if kind == "roll":
                import_roll([csv_file("roll.csv", tuple(who), [who])], report=Report(), options={})
            else:
                load_return([csv_file("header.csv", tuple(row), [row])], report=Report(), options={"year": "2026"})

        read(cast.amy, GOOD)
        read(cast.bob, GOOD)
        assert set(open_alerts()) == {cast.amy.pk, cast.bob.pk}
        read(cast.bob, OTHER)
        assert (open_alerts(), held(cast.amy, "upn_problem")) == ({}, ("",))

    def test_the_night_finds_what_the_action_told_and_nothing_more(self, cast):
        for child in (cast.amy, cast.bob):
            correct(child, cast.data, upn=GOOD)
        assert engine.run_check(DUPLICATE, today()) == engine.Counts(unchanged=2)

    def test_the_night_opens_and_resolves_what_nobody_told(self, cast):
        Child.objects.filter(pk__in=[cast.amy.pk, cast.bob.pk]).update(upn=GOOD)
        assert engine.run_check(DUPLICATE, today() - DAY) == engine.Counts(opened=2)
        Child.objects.filter(pk=cast.bob.pk).update(upn="")
        assert engine.run_check(DUPLICATE, today()) == engine.Counts(resolved=2)

    def test_alerts_are_read_by_whoever_reaches_the_child_and_show_no_way_to_the_other(self, cast):
        for child in (cast.amy, cast.bob):
            correct(child, cast.data, upn=GOOD)
        alert = Alert.objects.visible_to(cast.teacher).get()
        assert alert.child == cast.amy
        assert [(one["words"], one["href"]) for one in alert.evidence["facts"]] == [
            (f"Child {cast.bob.child_id} has it too, known here from this day", "")
        ]

    @pytest.mark.parametrize(("pairs", "queries"), [(0, 1), (1, 3), (20, 3)])
    def test_the_check_asks_as_often_for_many(self, django_assert_num_queries, pairs, queries):
        for number in range(pairs):
            ChildFactory.create_batch(2, in_care=True, upn=f"X{number:012d}")
        with django_assert_num_queries(queries):
            assert len(shared_upns.found(Child.objects.on_roll())) == 2 * pairs


# ---------------------------------------------------------------- the page


@pytest.fixture
def keeper(client, cast):
    client.force_login(cast.data)
    return cast.data


def here(child) -> str:
    return reverse("children:identity", args=[child.uuid])


def days(name, on) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def form_of(child, **changed) -> dict[str, str]:
    """What a browser would send, with some fields typed over."""
    facts = identity.facts_of(Child.objects.get(pk=child.pk))
    texts = ("first_names", "last_name", "known_as", "sex", "ethnicity", "first_language", "upn", "uln")
    sent = {name: getattr(facts, name) for name in texts} | days("date_of_birth", facts.date_of_birth)
    return sent | {"seen": facts.seen} | changed


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_send_it(client, cast, role):
    client.force_login(cast[role])
    answer = client.post(here(cast.amy), form_of(cast.amy, last_name="Newname"))
    assert answer.status_code == (302 if role in KEEPERS else 404 if role == "dpo" else 403)
    assert held(cast.amy, "last_name") == (("Newname",) if role in KEEPERS else ("Madeup",))


@pytest.mark.parametrize("role", personas.DATED)
def test_a_child_of_others_does_not_exist(client, cast, role):
    client.force_login(cast.outsiders[role])
    assert client.post(here(cast.amy), form_of(cast.amy, last_name="Newname")).status_code == 404


def test_details_are_put_right_and_doubts_are_said(client, cast, keeper):
    answer = client.post(
        here(cast.amy), form_of(cast.amy, known_as="Ames", upn="z801200001001", uln="1000 000 011"), follow=True
    )
    shown = text(answer)
    assert "The details of Ames Madeup are corrected." in shown
    assert "The UPN is kept as you gave it. The check letter should be H." in shown
    assert "The ULN is kept as you gave it. The last digit of the ULN does not fit the others." in shown
    assert held(cast.amy, "upn", "uln") == (WRONG, "1000000011")


def test_a_form_sent_as_it_was_drawn_changes_nothing(client, cast, keeper):
    drawn = client.get(here(cast.amy)).context["form"]
    assert drawn["seen"].value() == identity.facts_of(cast.amy).seen
    answer = client.post(here(cast.amy), form_of(cast.amy), follow=True)
    assert "Nothing was changed." in text(answer)
    assert not AuditEvent.objects.filter(verb="child.identity_corrected").exists()


def test_a_stale_page_shows_both_and_saves_neither_away(client, cast, keeper):
    typed = form_of(cast.amy, known_as="Mimi")
    correct(cast.amy, cast.coordinator, known_as="Ames", sex="M")
    answer = client.post(here(cast.amy), typed)
    assert answer.status_code == 409
    assert held(cast.amy, "known_as", "sex") == ("Ames", "M")
    assert answer.context["form"]["known_as"].value() == "Mimi"
    rows = {row["key"]: row["value"] for row in answer.context["rows"] if row["key"].startswith("Saved")}
    assert rows == {"Saved meanwhile: Known as": "Ames", "Saved meanwhile: Sex": "Male (M)"}
    again = typed | {"seen": answer.context["form"]["seen"].value()}
    assert client.post(here(cast.amy), again).status_code == 302
    assert held(cast.amy, "known_as", "sex") == ("Mimi", "F")


def test_a_form_without_its_sign_is_stale(client, cast, keeper):
    assert client.post(here(cast.amy), form_of(cast.amy, known_as="Mimi", seen="")).status_code == 409


def test_a_double_click_is_one_change(client, cast, keeper):
    sent = form_of(cast.amy, known_as="Ames")
    assert [client.post(here(cast.amy), sent).status_code for _ in range(2)] == [302, 302]
    assert AuditEvent.objects.filter(verb="child.identity_corrected").count() == 1


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"first_names": " ", "last_name": ""}, {"last_name": ["Enter first names, a last name, or both."]}),
        ({"sex": "X"}, {"sex": ["Select a valid choice. X is not one of the available choices."]}),
        ({"ethnicity": "NONE"}, {"ethnicity": ["Select a valid choice. NONE is not one of the available choices."]}),
        (days("date_of_birth", date(2027, 1, 1)), {"date_of_birth": ["Date of birth must be today or in the past"]}),
        (
            {"date_of_birth-day": "31", "date_of_birth-month": "2"},
            {"date_of_birth": ["Date of birth must be a real date"]},
        ),
        (
            days("date_of_birth", date(2026, 1, 1)),
            {"date_of_birth": ["The child came into care on 6 October 2025, before this date."]},
        ),
        ({"upn": "H80120000100100"}, {"upn": ["UPN must be 13 characters or fewer"]}),
        ({"uln": "12345678901"}, {"uln": ["ULN must be 10 characters or fewer"]}),
        ({"last_name": "x" * 121}, {"last_name": ["Last name must be 120 characters or fewer"]}),
        (
            {"is_unaccompanied": "on", **days("unaccompanied_until", date(1999, 1, 1))},
            {"unaccompanied_until": ["This must be after the child was born."]},
        ),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(client, cast, keeper, changed, found):
    before = held(cast.amy, "last_name", "date_of_birth", "sex")
    assert errors(client.post(here(cast.amy), form_of(cast.amy) | changed)) == found
    assert held(cast.amy, "last_name", "date_of_birth", "sex") == before


def test_a_date_under_a_box_that_is_not_ticked_is_no_answer(client, cast, keeper):
    correct(cast.amy, cast.data, is_unaccompanied=True, unaccompanied_until=date(2033, 1, 1))
    assert client.post(here(cast.amy), form_of(cast.amy) | {"unaccompanied_until-day": "x"}).status_code == 302
    assert held(cast.amy, "is_unaccompanied", "unaccompanied_until") == (False, None)


def test_a_code_that_has_gone_out_of_the_list_is_not_lost(client, cast, keeper):
    ReferenceCodeFactory(field="ETHNIC", code="OLDC", meaning="old", last_year=2009)
    Child.objects.filter(pk=cast.amy.pk).update(ethnicity="OLDC")
    assert client.post(here(cast.amy), form_of(cast.amy, known_as="Ames")).status_code == 302
    assert held(cast.amy, "ethnicity", "known_as") == ("OLDC", "Ames")


def test_names_of_any_kind_are_shown_as_they_are(client, cast, keeper):
    name = "<b>Zoë</b> “{{ x }}” ‮O'Neil"
    assert client.post(here(cast.amy), form_of(cast.amy, last_name=name)).status_code == 302
    assert held(cast.amy, "last_name") == (name,)
    assert "<b>Zoë" not in client.get(here(cast.amy)).content.decode()


@pytest.mark.parametrize("periods", [1, 4])
def test_the_page_asks_as_often_whatever_happened(client, cast, keeper, django_assert_num_queries, periods):
    for number in range(1, periods):
        end = today() - (500 + 100 * number) * DAY
        PeriodOfCareFactory(child=cast.amy, start=end - 50 * DAY, end=end, end_reason="E4A")
    client.get(here(cast.amy))
    with django_assert_num_queries(10):
        client.get(here(cast.amy))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"dpo"}))
def test_the_childs_page_leads_there_for_those_who_may(client, cast, role):
    client.force_login(cast[role])
    shown = client.get(cast.amy.get_absolute_url()).content.decode()
    assert (here(cast.amy) in shown) == (role in KEEPERS)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_number_at_once_are_told_of_each_other(cast):
    def take(child):
        try:
            correct(child, cast.data, upn=GOOD)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[child]) for child in (cast.amy, cast.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(open_alerts()) == {cast.amy.pk, cast.bob.pk}
    assert held(cast.amy, "upn_problem") == (f"It is also the UPN of child {cast.bob.child_id}.",)
    assert held(cast.bob, "upn_problem") == (f"It is also the UPN of child {cast.amy.child_id}.",)
