"""The pages of suspensions: the teacher's way through, what each reader sees, the file, and what is refused without an error."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from attendance.exclusions import timeline as exclusion_timeline
from attendance.models import Exclusion
from children.models import Enrolment
from tests import personas
from tests.factories.attendance import ExclusionFactory, mark
from tests.factories.children import SchoolFactory
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 10)


@pytest.fixture
def cast():
    with time_machine.travel("2026-11-10 10:00", tick=False):
        yield personas.cast()


def sent(people, **changed):
    given = {
        "school": people.school.uuid,
        "kind": "SUSP",
        "start-day": "9",
        "start-month": "11",
        "start-year": "2026",
        "last-day": "10",
        "last-month": "11",
        "last-year": "2026",
        "reason": "DB",
        "alternatives": "A quiet room",
    }
    return given | changed


def told(answer):
    return answer.content.decode()


def test_a_teacher_records_names_the_education_and_tells_what_became_of_it(client, cast):
    client.force_login(cast.teacher)
    add = reverse("attendance:exclusion_add", args=[cast.amy.uuid])
    answer = client.post(add, sent(cast), follow=True)
    one = Exclusion.objects.get()
    assert answer.redirect_chain[-1][0] == one.get_absolute_url()
    assert "A quiet room" in told(answer)
    again = client.post(add, sent(cast))
    assert "There is a record of this kind for these days already" in told(again)
    where = {"where": "The Hub", "start-day": "9", "start-month": "11", "start-year": "2026"}
    assert client.post(reverse("attendance:exclusion_provision", args=[one.uuid]), where).status_code == 302
    step = reverse("attendance:exclusion_step", args=[one.uuid, "cancel"])
    day = {"on-day": "10", "on-month": "11", "on-year": "2026", "seen": "given"}
    assert client.post(step, day).status_code == 302
    assert client.post(step, day).status_code == 409
    one.refresh_from_db()
    assert (one.state, one.provision) == ("cancelled", "The Hub")
    page = client.get(reverse("attendance:exclusions_of", args=[cast.amy.uuid]) + "?of=term")
    assert [figure["number"] for figure in page.context["figures"]] == ["1", "1"]
    assert len(page.context["table"].rows) == 1
    assert len(exclusion_timeline.moments(cast.amy, user=cast.teacher)) == 2


def test_a_correction_needs_a_reason_and_shows_what_is_recorded(client, cast):
    one = ExclusionFactory(child=cast.amy, school=cast.school, child_says="I was sad")
    client.force_login(cast.coordinator)
    page = reverse("attendance:exclusion_correct", args=[one.uuid])
    form = client.get(page).context["form"]
    assert "child_says" not in form.fields
    facts = sent(cast, seen=form.initial["seen"], sessions="3")
    assert client.post(page, facts).context["form"].errors.keys() == {"why"}
    assert client.post(page, facts | {"why": "The letter says three"}).status_code == 302
    one.refresh_from_db()
    assert (one.sessions, one.child_says) == (3, "I was sad")


def test_a_permanent_exclusion_that_the_school_thinks_of(client, cast):
    client.force_login(cast.ala)
    facts = {name: value for name, value in sent(cast).items() if not name.startswith("last")}
    add = reverse("attendance:exclusion_add", args=[cast.amy.uuid])
    client.post(add, facts | {"kind": "PERM", "stage": "proposed"})
    one = Exclusion.objects.get()
    assert (one.state, one.end, one.given_on) == ("proposed", None, None)
    day = {"on-day": "10", "on-month": "11", "on-year": "2026"}
    for event, state in (("give", "proposed"), ("uphold", "given")):
        client.post(reverse("attendance:exclusion_step", args=[one.uuid, event]), day | {"seen": state})
    final = reverse("attendance:exclusion_step", args=[one.uuid, "confirm"])
    assert "A review may be asked for until 1 December 2026" in told(client.get(final))
    client.post(final, day | {"seen": "upheld", "words": "The carer wrote that they will not ask"})
    assert Enrolment.objects.get(child=cast.amy).end == TUESDAY


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": ""},
        {"reason": "x\0"},
        {"reason": "\ud800"},
        {"alternatives": "a" * 100_000},
        {"alternatives": "a\0b"},
        {"sessions": "99999999999999999999"},
        {"start-year": "20266"},
        {"kind": "NONE"},
        {"school": "11111111-1111-1111-1111-111111111111"},
        {"last-day": "8"},
        {"reason_2": "DB"},
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_recorded(client, cast, changed):
    client.force_login(cast.vsh)
    text = {name: str(value).encode("utf-8", "surrogatepass") for name, value in sent(cast, **changed).items()}
    answer = client.post(reverse("attendance:exclusion_add", args=[cast.amy.uuid]), text)
    assert answer.status_code in (200, 400)
    assert not Exclusion.objects.exists()


def test_each_reader_sees_their_own_and_a_teacher_only_their_schools(client, cast):
    elsewhere = SchoolFactory(name="The School Before")
    own = ExclusionFactory(child=cast.amy, school=cast.school, start=date(2026, 11, 2), child_says="I was sad")
    before = ExclusionFactory(child=cast.amy, school=elsewhere, start=date(2026, 9, 7))
    ExclusionFactory(child=cast.bob, school=cast.other_school, start=date(2026, 11, 2))
    seen = {}
    for role in ("teacher", "socialworker", "ala", "sen"):
        client.force_login(cast[role])
        listed = client.get(reverse("attendance:exclusions"))
        rows = listed.context["table"].rows if listed.status_code == 200 else []
        one, other = (client.get(record.get_absolute_url()) for record in (own, before))
        seen[role] = (len(rows), one.status_code, other.status_code)
    assert seen == {
        "teacher": (1, 200, 404),
        "socialworker": (2, 200, 200),
        "ala": (3, 200, 200),
        "sen": (0, 404, 404),
    }
    client.force_login(cast.teacher)
    page = client.get(reverse("attendance:exclusions_of", args=[cast.amy.uuid]))
    assert "2 days of the year were at another school" in told(page)
    assert "The School Before" not in told(page)
    words = {role: "I was sad" in _read(client, cast[role], own) for role in ("teacher", "coordinator", "data")}
    assert words == {"teacher": True, "coordinator": False, "data": False}


def _read(client, user, one):
    client.force_login(user)
    return told(client.get(one.get_absolute_url()))


def test_a_teacher_whose_child_left_yesterday_finds_nothing(client, cast):
    one = ExclusionFactory(child=cast.amy, school=cast.school)
    Enrolment.objects.filter(child=cast.amy).update(end=today())
    client.force_login(cast.teacher)
    pages = [one.get_absolute_url(), reverse("attendance:exclusion_add", args=[cast.amy.uuid])]
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_the_register_stands_beside_the_record_and_the_file_is_logged(client, cast):
    one = ExclusionFactory(child=cast.amy, school=cast.school, start=date(2026, 11, 9))
    mark(cast.amy, date(2026, 11, 9), "E", "I")
    client.force_login(cast.vsh)
    page = client.get(one.get_absolute_url())
    assert page.context["agrees"] == "The register has 1 session of code E on these days."
    assert [row[0].cell.text for row in page.context["differences"].rows] == ["9 November 2026, afternoon"]
    for which, number in (("now", 1), ("open", 0), ("year", 1), ("proposed", 0), ("nonsense", 0)):
        assert len(client.get(reverse("attendance:exclusions"), {"which": which}).context["table"].rows) == number
    lines = client.get(reverse("attendance:exclusions_file")).content.decode().splitlines()
    assert len(lines) == 2
    assert AccessLog.objects.latest("pk").kind == "export"


def test_as_many_questions_for_one_as_for_ten(client, cast, django_assert_max_num_queries):
    client.force_login(cast.ala)
    client.get(reverse("attendance:exclusions"))
    numbers = []
    for number in (1, 9):
        for n in range(number):
            ExclusionFactory(child=cast.amy, school=cast.school, ago=10 + number * 20 + n * 3)
        with django_assert_max_num_queries(40) as asked:
            client.get(reverse("attendance:exclusions_of", args=[cast.amy.uuid]))
            client.get(reverse("attendance:exclusions"))
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
