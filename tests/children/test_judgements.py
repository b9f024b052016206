"""What inspections found of a school: two facts with two dates, a dated line, and the pages that keep them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children import judgements
from children.actions import judgements as actions
from children.actions.judgements import JudgementFacts
from children.inspection import EVERY_SCHOOL, Area, Grade, Kind, Point, lines
from children.models import SchoolJudgement
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import SchoolFactory, SchoolJudgementFactory, SchoolLinkFactory
from tests.factories.rulebook import RuleFactory
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules, shipped
from virtualschool.rulebook.models import Rule

DAY = timedelta(days=1)
FINE = {**dict.fromkeys((area.value for area in EVERY_SCHOOL), "expected standard"), "safeguarding": "met"}
LINE = shipped.definition(judgements.LINE).versions[0].value
CARDS_ONLY_SAFE = LINE | {"safeguarding": False}
STRICT = LINE | {"grades": ["Requires improvement"], "points": ["urgent improvement", "needs attention"], "at_least": 2}


@pytest.mark.parametrize(
    ("kind", "outcome", "line", "below"),
    [
        ("grade", {"overall": "Outstanding"}, LINE, ()),
        ("grade", {"overall": "Requires improvement"}, LINE, ()),
        ("grade", {"overall": "Inadequate"}, LINE, ("Inadequate",)),
        ("grade", {"overall": "Requires improvement"}, STRICT, ("Requires improvement",)),
        ("grade", {"overall": "Inadequate"}, STRICT, ("Inadequate",)),
        ("grade", {}, LINE, ()),
        ("report_card", FINE, LINE, ()),
        ("report_card", FINE | {"inclusion": "needs attention"}, LINE, ()),
        ("report_card", FINE | {"achievement": "urgent improvement"}, LINE, ("urgent improvement in achievement",)),
        ("report_card", FINE | {"early_years": "urgent improvement"}, LINE, ("urgent improvement in early years",)),
        ("report_card", FINE | {"safeguarding": "not met"}, LINE, ("safeguarding not met",)),
        ("report_card", FINE | {"safeguarding": "not met"}, CARDS_ONLY_SAFE, ()),
        ("report_card", FINE | {"inclusion": "needs attention"}, STRICT, ()),
        (
            "report_card",
            FINE | {"inclusion": "needs attention", "achievement": "urgent improvement"},
            STRICT,
            ("needs attention in inclusion", "urgent improvement in achievement"),
        ),
        ("report_card", FINE | {"achievement": "urgent improvement"}, LINE | {"areas": ["inclusion"]}, ()),
        ("report_card", FINE, LINE | {"at_least": 0}, ()),
        ("report_card", {}, LINE, ()),
    ],
)
def test_what_is_below_the_line(kind, outcome, line, below):
    assert judgements.below(kind, outcome, line) == below


def test_the_rule_knows_the_official_words_and_no_others():
    shape = shipped.definition(judgements.LINE).shape
    assert {name: list(words) for name, words in shape.options.items()} == {
        "grades": Grade.values,
        "points": Point.values,
        "areas": Area.values,
    }
    typed = shape.write(LINE)
    assert shape.read(typed) == LINE
    with pytest.raises(ValueError, match="Inadeqate is not one of"):
        shape.read(typed.replace("grades: Inadequate", "grades: Inadeqate"))


def test_an_outcome_is_told_in_the_official_order_and_names():
    assert lines({"safeguarding": "met", **dict.fromkeys(sorted(Area.values), "exceptional")})[:5] == (
        "Inclusion: exceptional",
        "Curriculum and teaching: exceptional",
        "Achievement: exceptional",
        "Attendance and behaviour: exceptional",
        "Personal development and well-being: exceptional",
    )
    assert lines({"safeguarding": "met", "another_area": "x"}) == ("Another area: x", "Safeguarding: met")


# ---------------------------------------------------------------- standing


GRADED, CARDED = date(2019, 3, 14), date(2026, 3, 12)


def judged(school, on, outcome):
    kind = Kind.GRADE if "overall" in outcome else Kind.REPORT_CARD
    return SchoolJudgementFactory(school=school, kind=kind, on=on, outcome=outcome)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "on", "below", "words"),
    [
        ([], CARDED, None, "No inspection outcome is recorded, so nothing says whether the school is below the line"),
        ([(CARDED, FINE)], CARDED - DAY, None, None),
        ([(CARDED, FINE)], CARDED, False, "Report card of 12 March 2026: not below the line"),
        ([(GRADED, {"overall": "Good"})], CARDED, False, "Overall grade Good of 14 March 2019: not below the line"),
        (
            [(GRADED, {"overall": "Inadequate"})],
            CARDED,
            True,
            "Overall grade Inadequate of 14 March 2019: below the line (Inadequate)",
        ),
        ([(GRADED, {"overall": "Inadequate"}), (CARDED, FINE)], CARDED, False, None),
        ([(GRADED, {"overall": "Inadequate"}), (CARDED, FINE)], CARDED - DAY, True, None),
        (
            [(GRADED, {"overall": "Good"}), (CARDED, FINE | {"safeguarding": "not met"})],
            CARDED,
            True,
            "Report card of 12 March 2026: below the line (safeguarding not met)",
        ),
        ([(CARDED, FINE | {"safeguarding": "not met"}), (CARDED + DAY, FINE)], CARDED + DAY, False, None),
    ],
)
def test_the_newest_outcome_decides_on_each_day(known, on, below, words):
    school = SchoolFactory()
    for day, outcome in known:
        judged(school, day, outcome)
    found = judgements.standing(school, on)
    assert (found.below, found.words) == (below, words or found.words)
    assert {fact.kind for fact in found.facts} == {
        Kind.GRADE if "overall" in outcome else Kind.REPORT_CARD for day, outcome in known if day <= on
    }
    assert found.rule == rules.get(judgements.LINE, on=on)


@pytest.mark.django_db
def test_the_line_is_the_one_of_the_day():
    school = SchoolFactory()
    judged(school, GRADED, {"overall": "Requires improvement"})
    Rule.objects.filter(key=judgements.LINE).update(effective_to=CARDED)
    RuleFactory(
        key=judgements.LINE, value=LINE | {"grades": ["Inadequate", "Requires improvement"]}, effective_from=CARDED
    )
    assert [judgements.standing(school, day).below for day in (CARDED - DAY, CARDED)] == [False, True]


@pytest.mark.django_db
def test_many_schools_are_two_queries():
    schools = SchoolFactory.create_batch(3)
    for school in schools[:2]:
        judged(school, GRADED, {"overall": "Good"})
        judged(school, CARDED, FINE)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = judgements.standings(schools, today())
    assert (len(asked), [len(found[school.pk].facts) for school in schools]) == (2, [2, 2, 0])


# ---------------------------------------------------------------- recording


def facts(**given) -> JudgementFacts:
    return JudgementFacts(
        **{"kind": "report_card", "on": CARDED, "source": "Inspection report", "outcome": FINE} | given
    )


@pytest.fixture
def keeper():
    return UserFactory(role="coordinator")


@pytest.mark.django_db
def test_an_outcome_is_recorded_once_put_right_and_removed(keeper):
    school = SchoolFactory()
    made = [actions.record_judgement(school=school, facts=facts(), by=keeper) for _ in range(2)]
    assert made[0] == made[1]
    seen = actions.seen_of(made[0])
    better = facts(outcome=FINE | {"inclusion": "strong standard"})
    for _ in range(2):  # a double click
        actions.correct_judgement(judgement=made[0], facts=better, seen=seen, by=keeper)
    with pytest.raises(actions.Conflict):
        actions.remove_judgement(judgement=made[0], reason="Another school's", seen=seen, by=keeper)
    row = SchoolJudgement.objects.get()
    actions.remove_judgement(judgement=row, reason="Another school's", seen=actions.seen_of(row), by=keeper)
    with pytest.raises(actions.Conflict):
        actions.correct_judgement(judgement=row, facts=facts(), seen=seen, by=keeper)
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", "why")) == [
        ("school_judgement.recorded", ""),
        ("school_judgement.corrected", ""),
        ("school_judgement.removed", "Another school's"),
    ]
    kept = Change.objects.filter(table_name="children_schooljudgement").order_by("pk")
    assert [change.get_verb_display() for change in kept] == ["added", "changed", "deleted"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": today() + DAY}, "__all__"),
        ({"on": date(2025, 11, 9)}, "on"),
        ({"kind": "grade", "outcome": {"overall": "Good"}, "on": date(2025, 11, 10)}, "on"),
        ({"kind": "grade", "outcome": {"overall": "good"}, "on": GRADED}, "overall"),
        ({"kind": "grade", "outcome": FINE, "on": GRADED}, "overall"),
        ({"outcome": {}}, "inclusion"),
        ({"outcome": {name: point for name, point in FINE.items() if name != "safeguarding"}}, "safeguarding"),
        ({"outcome": FINE | {"inclusion": "Good"}}, "inclusion"),
        ({"outcome": FINE | {"safeguarding": "expected standard"}}, "safeguarding"),
        ({"outcome": FINE | {"overall": "Good"}}, "overall"),
    ],
)
def test_what_does_not_fit_is_refused(keeper, given, field):
    with pytest.raises(actions.ValidationError) as refused:
        actions.record_judgement(school=SchoolFactory(), facts=facts(**given), by=keeper)
    found = refused.value.message_dict if hasattr(refused.value, "error_dict") else {"__all__": refused.value.messages}
    assert field in found
    assert not SchoolJudgement.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "on", "outcome"),
    [
        ("grade", date(2025, 11, 10), {"overall": "Good"}),
        ("report_card", date(2025, 11, 9), FINE),
        ("grade", GRADED, {"overall": "Splendid"}),
    ],
)
def test_the_database_refuses_it_too(kind, on, outcome):
    school = SchoolFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SchoolJudgement.objects.create(school=school, kind=kind, on=on, outcome=outcome, source="x")


@pytest.mark.django_db
def test_two_of_one_kind_and_day_are_one_to_be_corrected(keeper):
    school = SchoolFactory()
    actions.record_judgement(school=school, facts=facts(), by=keeper)
    with pytest.raises(actions.ValidationError, match="Correct that one"):
        actions.record_judgement(school=school, facts=facts(outcome=FINE | {"inclusion": "exceptional"}), by=keeper)


@pytest.mark.django_db
def test_what_the_register_said_is_put_right_from_another_source(keeper):
    row = SchoolJudgementFactory(on=GRADED, source=actions.REGISTER)
    right = facts(kind="grade", on=GRADED, outcome={"overall": "Inadequate"}, source=actions.REGISTER)
    seen = actions.seen_of(row)
    with pytest.raises(actions.ValidationError, match="where you have it from"):
        actions.correct_judgement(judgement=row, facts=right, seen=seen, by=keeper)


# ---------------------------------------------------------------- pages


def sent(on: date, **given: str) -> dict[str, str]:
    return {
        "on-day": on.day,
        "on-month": on.month,
        "on-year": on.year,
        "source": "Report",
        "kind": "report_card",
        **given,
    }


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def cast(self, client):
        cast = personas.cast()
        client.force_login(cast.coordinator)
        return cast

    def test_a_report_card_is_recorded_and_shown_with_its_date(self, client, cast):
        href = reverse("children:judgement_add", args=[cast.school.uuid])
        answer = client.post(href, sent(CARDED, **FINE | {"achievement": "urgent improvement"}, overall="Good"))
        assert (answer.status_code, answer.url) == (302, cast.school.get_absolute_url())
        assert "overall" not in SchoolJudgement.objects.get().outcome
        shown = client.get(answer.url).content.decode()
        assert "Report card of 12 March 2026: below the line (urgent improvement in achievement)." in shown
        listed = client.get(reverse("children:schools")).content.decode()
        assert "Report card, 12 March 2026" in listed
        assert "Below the line" in listed

    def test_a_new_school_tells_of_the_one_whose_place_it_took_and_is_not_known_itself(self, client, cast):
        link = SchoolLinkFactory(predecessor__name="Old School", successor=cast.school)
        judged(link.predecessor, GRADED, {"overall": "Inadequate"})
        shown = client.get(cast.school.get_absolute_url()).content.decode()
        assert judgements.NOTHING_KNOWN in shown
        assert "Old School, whose place it took: Overall grade Inadequate of 14 March 2019: below the line" in shown

    def test_a_missing_area_is_said_under_its_field(self, client, cast):
        href = reverse("children:judgement_add", args=[cast.school.uuid])
        form = client.post(href, sent(CARDED, inclusion="exceptional")).context["form"]
        assert form.errors["achievement"] == ["Select the outcome of achievement."]

    @pytest.mark.parametrize("odd", ["x" * 100_000, "a\0b", "\ud800", "exceptional\n", "None"])
    def test_odd_words_are_refused_and_nothing_breaks(self, client, cast, odd):
        href = reverse("children:judgement_add", args=[cast.school.uuid])
        typed = sent(CARDED, **FINE | {"inclusion": odd})
        bytes_sent = {name: str(value).encode("utf-8", "surrogatepass") for name, value in typed.items()}
        assert client.post(href, bytes_sent).status_code in (200, 400)
        assert not SchoolJudgement.objects.exists()

    def test_a_stale_page_is_told(self, client, cast):
        row = judged(cast.school, GRADED, {"overall": "Good"})
        href = reverse("children:judgement_correct", args=[row.uuid])
        seen = client.get(href).context["form"].initial["seen"]
        typed = sent(GRADED, kind="grade", overall="Inadequate", seen=seen)
        SchoolJudgement.objects.update(outcome={"overall": "Outstanding"})
        assert client.post(href, typed).status_code == 409
        typed["seen"] = client.get(href).context["form"].initial["seen"]
        assert client.post(href, typed).status_code == 302
        assert SchoolJudgement.objects.get().outcome == {"overall": "Inadequate"}

    def test_removing_asks_for_a_reason(self, client, cast):
        row = judged(cast.school, GRADED, {"overall": "Good"})
        href = reverse("children:judgement_remove", args=[row.uuid])
        seen = client.get(href).context["form"].initial["seen"]
        assert client.post(href, {"seen": seen}).context["form"].errors.keys() == {"reason"}
        assert client.post(href, {"seen": seen, "reason": "Another school's"}).status_code == 302
        assert not SchoolJudgement.objects.exists()

    def test_a_teacher_reads_their_own_school_and_changes_nothing(self, client, cast):
        row, other = (judged(school, GRADED, {"overall": "Good"}) for school in (cast.school, cast.other_school))
        client.force_login(cast.teacher)
        shown = client.get(cast.school.get_absolute_url()).content.decode()
        assert "Overall grade Good of 14 March 2019" in shown
        assert "Record an inspection outcome" not in shown
        codes = [client.get(reverse("children:judgement_correct", args=[one.uuid])).status_code for one in (row, other)]
        assert codes == [403, 404]
