"""Second marking: who is drawn, who may mark, that the first marks are not seen before, and that nothing is decided by it."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert
from peps import moderation
from peps.actions import amending, drafting, moderating
from peps.actions.marking import Mark, sheet_again, sheet_of
from peps.enums import Decision, Grade, PepState
from peps.models import GradingDraft, NoteSetAside, Pep, PepAnswer, PepTarget, SecondMark
from tests.factories.accounts import UserFactory
from tests.factories.children import CareReviewFactory, ChildFactory
from tests.factories.peps import PepAuthorFactory, PepFactory, PepReviewFactory, SecondMarkFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
WORDS = "We read the targets differently; a number is needed for gold"


def drawn(**said):
    """Amy's PEP, approved by Alan Advocate and drawn."""
    set_rule("pep.qa.sample", 100)
    story = stages.submitted()
    story.extra["review"] = stages.approve(story, grading=stages.grading(story.pep, **said))
    story.again()
    story.extra["mark"] = SecondMark.objects.get()
    return story


def marks(story, band=Grade.GREEN):
    sheet = sheet_again(story.extra["mark"])
    return {one.key: Mark(Grade(band), "Well shown") for one in sheet.rubric.asked_of(sheet.asked)}


def marked(story, band=Grade.GREEN, *, by=None, **changes):
    facts = {"mark": story.extra["mark"], "marks": marks(story, band), "reason": "As I read it"}
    return moderating.mark_second(**facts | {"by": by or story.people.vsh} | changes)


def agreed(story, by=None):
    return moderating.agree(mark=story.extra["mark"], words=WORDS, by=by or story.people.ala)


def desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(story, name="second"):
    return reverse(f"peps:{name}", args=[story.extra["mark"].uuid])


def sent(story, band="green", **more):
    form = {"reason": "As I read it"}
    for key, mark in marks(story, band).items():
        form |= {f"mark_{key}": mark.band.value, f"note_{key}": mark.note}
    return form | more


def advocate():
    return UserFactory(role="ala", name="Bea Advocate")


def lot(number, term="autumn"):
    return moderation.lot(Pep(uuid=UUID(int=number), academic_year=2026, term=term))


class TestDraw:
    def test_is_of_the_peps_own_number_and_its_term(self):
        assert (lot(1), lot(1, term="spring"), lot(2)) == (2653, 1644, lot(2))

    def test_takes_about_the_share_that_the_rule_says(self):
        assert sum(lot(number) < 1000 for number in range(2000)) == 193

    @pytest.mark.parametrize(("share", "found"), [(0, 0), (100, 1)])
    def test_is_settled_when_it_is_approved_by_the_rule_of_that_day(self, share, found):
        set_rule("pep.qa.sample", share)
        stages.approved()
        assert SecondMark.objects.count() == found
        set_rule("pep.qa.sample", 100 - share)
        assert SecondMark.objects.count() == found

    def test_a_pep_that_went_back_is_not_drawn_before_it_is_approved(self):
        set_rule("pep.qa.sample", 100)
        story = stages.returned()
        assert SecondMark.objects.count() == 0
        stages.fill(story, "targets")
        stages.approved(stages.submitted(story))
        assert SecondMark.objects.get().review.submission == 2


class TestAddedByHand:
    def test_with_a_reason_that_is_kept(self):
        set_rule("pep.qa.sample", 0)
        story = stages.approved()
        mark = moderating.add_by_hand(pep=story.pep, why="First PEP of a new school", by=story.people.ala)
        assert (mark.added_by, mark.added_why, mark.waits) == (story.people.ala, "First PEP of a new school", True)
        assert AuditEvent.objects.filter(verb="pep.second_marking_added").get().why == "First PEP of a new school"

    def test_never_twice(self):
        story = drawn()
        with pytest.raises(Conflict, match="already"):
            moderating.add_by_hand(pep=story.pep, why="Again", by=story.people.ala)

    @pytest.mark.parametrize("bring", [stages.submitted, stages.returned])
    def test_nothing_that_is_not_approved(self, bring):
        story = bring()
        with pytest.raises(Conflict, match="approved by a rubric"):
            moderating.add_by_hand(pep=story.pep, why="Look again", by=story.people.ala)

    def test_without_a_reason_not_at_all(self):
        set_rule("pep.qa.sample", 0)
        story = stages.approved()
        with pytest.raises(ValueError, match="reason"):
            moderating.add_by_hand(pep=story.pep, why=" ", by=story.people.ala)

    @pytest.mark.parametrize("role", ["teacher", "coordinator", "socialworker", "iro", "support"])
    def test_by_nobody_else(self, role):
        set_rule("pep.qa.sample", 0)
        story = stages.approved()
        with pytest.raises(Refused):
            moderating.add_by_hand(pep=story.pep, why="Mine", by=story.people[role])

    def test_the_list_offers_who_was_not_in_it_for_twelve_months(self):
        set_rule("pep.qa.sample", 0)
        story = stages.approved()
        client = desk(story.people.ala)
        page = reverse("peps:second_unsampled")
        assert [pep.pk for pep in client.get(page).context["pages"].rows] == [story.pep.pk]
        add = reverse("peps:second_add", args=[story.pep.uuid])
        assert client.post(add, {"why": ""}).status_code == 200
        assert client.post(add, {"why": "Not seen for a year"}).status_code == 302
        assert client.post(add, {"why": "Not seen for a year"}).status_code == 409
        assert [*client.get(page).context["pages"].rows] == []
        SecondMark.objects.update(drawn_at=now() - timedelta(days=366))
        assert len(client.get(page).context["pages"].rows) == 1
        set_rule("pep.qa.sampled_within", 24)
        later = client.get(page)
        assert ([*later.context["pages"].rows], later.context["heading"]) == ([], "Not marked twice for 24 months")


class TestWhoMarks:
    def test_somebody_else_who_grades(self):
        story = drawn()
        mark = marked(story, Grade.AMBER)
        assert (mark.grade, mark.by, mark.marks["voice"]) == (
            "amber",
            story.people.vsh,
            {"band": "amber", "note": "Well shown"},
        )
        assert mark.marks["last_targets"]["band"] == "na"
        assert mark.working.startswith("12 amber (“Voice” counts twice")

    def test_never_the_first_marker(self):
        story = drawn()
        with pytest.raises(Refused, match="marked this PEP first"):
            marked(story, by=story.people.ala)

    def test_never_an_author_whatever_their_role_is_now(self):
        story = drawn()
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        with pytest.raises(Refused, match="wrote part"):
            marked(story, by=story.people.teacher)

    @pytest.mark.parametrize("role", ["teacher", "coordinator", "socialworker", "iro", "support", "data", "dpo"])
    def test_nobody_of_another_role(self, role):
        story = drawn()
        with pytest.raises(Refused):
            marked(story, by=story.people[role])
        client = desk(story.people[role])
        answers = [client.get(url(story)), client.post(url(story, "second_mark"), sent(story))]
        assert [answer.status_code for answer in answers] == [404, 404]

    def test_once(self):
        story = drawn()
        marked(story)
        with pytest.raises(Conflict, match="Vera Head has marked"):
            marked(story, Grade.AMBER, by=advocate())
        assert SecondMark.objects.get().grade == "green"

    def test_every_question_with_a_reason(self):
        story = drawn()
        short = {key: mark for key, mark in marks(story).items() if key != "voice"}
        with pytest.raises(ValueError, match="Grade “Voice”"):
            marked(story, marks=short)
        with pytest.raises(ValueError, match="reason"):
            marked(story, reason=" ")

    def test_by_the_rubric_of_the_first_whatever_holds_now(self):
        story = drawn()
        set_rule("pep.rubric", "lancashire_1")
        assert set(marked(story).marks) == set(story.extra["review"].marks)


class TestDatabase:
    """What no code can get past."""

    @pytest.fixture
    def mark(self):
        return SecondMarkFactory()

    def fill(self, mark, by, **changes):
        facts = {"marks": mark.review.marks, "grade": "green", "reason": "R", "at": now(), "by": by}
        with transaction.atomic():
            SecondMark.objects.filter(pk=mark.pk).update(**facts | changes)

    def test_refuses_the_first_marker(self, mark):
        with pytest.raises(IntegrityError, match="twice"):
            self.fill(mark, mark.review.by)

    def test_refuses_an_author(self, mark):
        author = PepAuthorFactory(pep=mark.pep).user
        with pytest.raises(IntegrityError, match="wrote in"):
            self.fill(mark, author)

    @pytest.mark.parametrize("odd", [{"marks": {"voice": {"band": "blue"}}}, {"marks": {}}, {"reason": ""}])
    def test_refuses_half_a_marking(self, mark, odd):
        with pytest.raises(IntegrityError, match="second_mark"):
            self.fill(mark, UserFactory(role="ala"), **odd)

    def test_refuses_a_change_of_marks_and_lets_the_note_in(self, mark):
        by = UserFactory(role="ala")
        self.fill(mark, by)
        with pytest.raises(IntegrityError, match="not changed"):
            self.fill(mark, by, grade="amber", at=SecondMark.objects.get().at)
        SecondMark.objects.update(note="Agreed", note_by=by, note_at=now())
        assert SecondMark.objects.get().note == "Agreed"

    def test_refuses_what_was_not_approved(self):
        review = PepReviewFactory(by_rubric=True, decision=Decision.RETURNED)
        with pytest.raises(IntegrityError, match="approval of the same PEP"), transaction.atomic():
            SecondMarkFactory(review=review)

    def test_refuses_another_peps_decision(self):
        with pytest.raises(IntegrityError, match="approval of the same PEP"), transaction.atomic():
            SecondMarkFactory(pep=PepFactory())


class TestBlind:
    SECRET = "Only the first marker wrote this"

    def test_nothing_of_the_first_marking_is_on_the_page_before(self):
        story = drawn(reason=self.SECRET, but={"voice": Mark(Grade.GOLD, "Secret note")})
        html = desk(story.people.vsh).get(url(story)).content.decode()
        assert "Only the first marker" not in html
        assert "Secret note" not in html
        assert "counts twice, “Targets” counts twice): gr" not in html
        assert 'name="mark_voice"' in html

    TELLS = re.compile(
        r"Only the first marker|Well shown|Graded gold|approved, gold|tag[^>]*>\s*Gold\b|,gold,|grade=gold|counts twice, “Targets”"
    )

    def pages(self, story):
        """Every page that tells how the PEP was graded; a review ahead brings the child into the diary and its file."""
        CareReviewFactory(child=story.pep.child, on=today() + timedelta(days=20), participation="")
        pep, child = story.pep.uuid, story.pep.child
        addresses = {name: (pep,) for name in ("detail", "read", "quality", "versions")}
        addresses |= {"version": (pep, 1), "review_summary": (child.uuid,)}
        addresses |= {name: () for name in ("list", "reviews", "reviews_file", "decisions", "moderation")}
        hrefs = {name: reverse(f"peps:{name}", args=given) for name, given in addresses.items()}
        return hrefs | {"child": child.get_absolute_url()}

    def telling(self, user, pages):
        """The pages, of those that the person may open, that tell something of the first marking."""
        client = desk(user)
        answers = {name: client.get(href) for name, href in pages.items()}
        return {name for name, answer in answers.items() if self.TELLS.search(answer.content.decode())}

    def test_no_page_tells_whoever_it_waits_for_and_every_page_tells_others(self):
        story, other = drawn(reason=self.SECRET, grade=Grade.GOLD), advocate()
        pages = self.pages(story)
        assert self.telling(story.people.vsh, pages) == set()
        drafting.save_second_draft(mark=story.extra["mark"], content={}, version=0, by=other)
        PepAuthorFactory(pep=story.pep, user=other)
        assert self.telling(other, pages) == set()
        assert self.telling(story.people.ala, pages) == set(pages)
        assert self.telling(story.people.teacher, pages) >= {"detail", "read", "quality", "versions", "version", "list"}
        marked(story)
        assert self.telling(story.people.vsh, pages) == set(pages)

    def test_the_list_shows_no_grade_of_what_waits(self):
        story = drawn()
        page = desk(story.people.vsh).get(reverse("peps:second_list"))
        assert [mark.pk for mark in page.context["pages"].rows] == [story.extra["mark"].pk]
        assert story.people.ala.name not in page.content.decode()

    def test_both_stand_side_by_side_afterwards(self):
        story = drawn(reason=self.SECRET)
        client = desk(story.people.vsh)
        assert client.post(url(story, "second_mark"), sent(story, "amber")).status_code == 302
        page = client.get(url(story))
        html = page.content.decode()
        assert (self.SECRET in html, "As I read it" in html) == (True, True)
        differences = [row[3].cell.tag["text"] for row in page.context["table"].rows]
        assert differences[0] == "1 band apart"
        assert set(differences) == {"1 band apart", "Not asked of both"}

    def test_the_first_marker_and_authors_get_no_form_and_no_marks(self):
        story = drawn(reason=self.SECRET)
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        for user in (story.people.ala, story.people.teacher):
            page = desk(user).get(url(story))
            assert (page.status_code, "form" in page.context, self.SECRET in page.content.decode()) == (
                200,
                False,
                False,
            )
            assert desk(user).post(url(story, "second_mark"), sent(story)).status_code == 403
            listed = desk(user).get(reverse("peps:second_list"))
            assert (len(listed.context["pages"].rows), "1 more wait" in listed.context["words"]) == (0, True)


class TestSameWords:
    """Both mark one text: what was approved, whatever is written in the PEP since."""

    def test_what_was_changed_since_is_not_on_the_page_nor_in_what_gold_needs(self):
        set_rule("pep.rubric", "st_helens_eight")
        story = drawn()
        before = sheet_again(story.extra["mark"])
        amending.amend_pep(pep=story.pep, why="A wrong word", sections=["targets"], by=story.people.ala)
        figure = next(one.figure for one in before.rubric if one.figure)
        PepAnswer.objects.filter(section__pep=story.pep).update(value="Written since")
        PepAnswer.objects.filter(section__key=figure.section, field=figure.field).update(value=99.5)
        PepTarget.objects.update(goal="Set since")
        NoteSetAside.objects.create(
            pep=story.pep, note="n", words="Noted since", why="w", by=story.people.ala, at=now() + timedelta(minutes=1)
        )
        page = desk(story.people.vsh).get(url(story))
        html = page.content.decode()
        assert [words for words in ("Written since", "Set since", "Noted since") if words in html] == []
        assert [words for words in (stages.TARGET.goal, "Version 1, as it was approved") if words not in html] == []
        assert sheet_again(story.extra["mark"]) == before
        assert set(marked(story).marks) == set(story.extra["review"].marks)

    def test_where_no_version_was_kept_the_page_says_so(self):
        mark = SecondMarkFactory()
        html = desk(UserFactory(role="vsh")).get(mark.get_absolute_url()).content.decode()
        assert "was not kept as a version" in html

    def test_the_year_set_by_hand_is_the_rubrics_year_too(self):
        story = drawn()
        Pep.objects.update(year_group=9)
        assert sheet_of(story.again(), "house_1").asked.year == 9
        assert sheet_again(SecondMark.objects.select_related("pep", "review").get()).asked.year != 9


class TestDraft:
    """Half a second marking is kept as half a first one is, and the first marker knows nothing of it."""

    KEPT = "Half a thought of the second marker"

    def half(self, **more):
        return {"mark_voice": "gold", "note_voice": self.KEPT, "draft": "0", "keep": "keep"} | more

    def keep(self, story, user, **more):
        return desk(user).post(url(story, "second_mark"), self.half(**more))

    def test_is_kept_shown_again_and_ends_with_the_marks(self):
        story = drawn()
        assert self.keep(story, story.people.vsh).status_code == 302
        page = desk(story.people.vsh).get(url(story))
        assert page.context["form"]["note_voice"].value() == self.KEPT
        assert page.context["draft"].endswith("Still open: 9 of 10 questions.")
        assert "Half done, and kept" in desk(story.people.vsh).get(reverse("peps:second_list")).content.decode()
        assert SecondMark.objects.get().waits
        desk(story.people.vsh).post(url(story, "second_mark"), sent(story, draft="1"))
        assert (SecondMark.objects.get().by, GradingDraft.objects.count()) == (story.people.vsh, 0)

    def test_is_neither_the_first_markers_nor_an_authors_to_see_or_to_keep(self):
        story = drawn()
        self.keep(story, story.people.vsh)
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        for user in (story.people.ala, story.people.teacher):
            client = desk(user)
            for page in (url(story), reverse("peps:quality", args=[story.pep.uuid]), reverse("peps:second_list")):
                assert self.KEPT not in client.get(page).content.decode()
            assert self.keep(story, user).status_code == 403
            with pytest.raises(Refused):
                drafting.save_second_draft(mark=story.extra["mark"], content={}, version=1, by=user)

    def test_two_second_markers_both_see_both(self):
        story, other = drawn(), advocate()
        self.keep(story, story.people.vsh)
        answer = self.keep(story, other, note_voice="Mine of the two")
        html = answer.content.decode()
        assert (answer.status_code, self.KEPT in html, "Mine of the two" in html) == (409, True, True)
        late = desk(other).post(url(story, "second_mark"), sent(story, draft="0"))
        assert (late.status_code, SecondMark.objects.get().waits) == (409, True)
        assert self.keep(story, other, note_voice="Mine of the two", draft="1").status_code == 302
        assert GradingDraft.objects.get().by == other

    def test_is_no_draft_of_the_answer_nor_kept_once_it_is_marked(self):
        story = drawn()
        self.keep(story, story.people.vsh)
        assert drafting.draft_of(story.pep) is None
        marked(story)
        assert self.keep(story, story.people.vsh).status_code == 409
        assert GradingDraft.objects.count() == 0


class TestPage:
    def test_names_what_is_missing(self):
        story = drawn()
        answer = desk(story.people.vsh).post(url(story, "second_mark"), sent(story, mark_voice="", reason=""))
        assert set(answer.context["form"].errors) == {"mark_voice", "reason"}
        assert SecondMark.objects.get().waits

    def test_a_second_click_is_a_conflict_and_changes_nothing(self):
        story = drawn()
        client = desk(story.people.vsh)
        codes = [client.post(url(story, "second_mark"), sent(story, band)).status_code for band in ("green", "amber")]
        assert (codes, SecondMark.objects.get().grade) == ([302, 409], "green")

    @pytest.mark.parametrize("odd", [{"mark_voice": "blue"}, {"mark_voice": "na"}])
    def test_odd_bytes_mark_nothing(self, odd):
        story = drawn()
        answer = desk(story.people.vsh).post(url(story, "second_mark"), sent(story, **odd))
        assert (answer.status_code, SecondMark.objects.get().waits) == (200, True)

    def test_the_filter(self):
        story = drawn()
        client = desk(story.people.vsh)

        def found(**query):
            return len(client.get(reverse("peps:second_list"), query).context["pages"].rows)

        states = ("waiting", "marked", "open")
        assert [found(state=state) for state in states] == [1, 0, 0]
        marked(story)
        assert [found(state=state) for state in states] == [0, 1, 1]
        agreed(story)
        assert [found(state=state) for state in states] == [0, 1, 0]
        assert (found(term="2026-autumn"), found(term="2026-spring"), found(state="odd")) == (1, 0, 0)

    def test_queries_do_not_grow(self):
        client = desk(UserFactory(role="vsh"))
        page = reverse("peps:second_list")

        def two():
            for more in ({}, {"marked": True}):
                child = ChildFactory(in_care=True)
                pep = PepFactory(complete=True, child=child, period=child.periods_of_care.get())
                SecondMarkFactory(review__pep=pep, **more)

        def asked():
            with CaptureQueriesContext(connection) as seen:
                rows = client.get(page).context["pages"].rows
            return len(rows), len(seen)

        two()
        asked()
        few = asked()
        two()
        assert (few[0], asked()) == (2, (4, few[1]))


class TestHeldFirst:
    def test_the_pep_before_the_mark_and_then_the_policy(self):
        story = drawn()
        for act in (marked, agreed):
            with CaptureQueriesContext(connection) as seen:
                act(story)
            locks = [one["sql"] for one in seen if "FOR UPDATE" in one["sql"]]
            found = [sql.split(" FROM ", 1)[1].split('"')[1] for sql in locks]
            assert found[:2] == ["peps_pep", "peps_secondmark"]


class TestAgreeing:
    @pytest.mark.parametrize("role", ["ala", "vsh"])
    def test_either_writes_it_once_and_the_decision_stays(self, role):
        story = drawn()
        marked(story, Grade.RED)
        agreed(story, story.people[role])
        with pytest.raises(Conflict, match="has written"):
            agreed(story, story.people.vsh)
        assert (story.again().grade, story.pep.state) == ("green", PepState.COMPLETE)
        assert SecondMark.objects.get().note == WORDS

    def test_nobody_else_and_not_before_there_are_two(self):
        story = drawn()
        with pytest.raises(Refused, match="nothing to agree"):
            agreed(story)
        marked(story)
        with pytest.raises(Refused, match="one of the two markers"):
            agreed(story, advocate())
        with pytest.raises(Refused):
            agreed(story, story.people.teacher)

    def test_on_the_page(self):
        story = drawn()
        marked(story)
        client = desk(story.people.ala)
        assert client.post(url(story, "second_agree"), {"note": " "}).status_code == 200
        assert client.post(url(story, "second_agree"), {"note": WORDS}).status_code == 302
        assert client.post(url(story, "second_agree"), {"note": "Other"}).status_code == 409
        assert WORDS in client.get(url(story)).content.decode()


TOLD = {"vsh": True, "ala": True, "teacher": False, "socialworker": False, "manager": False, "coordinator": False}


class TestAlert:
    def open(self):
        return Alert.objects.open().filter(check_name=moderating.CHECK)

    def night(self, day):
        engine.run_check(CHECKS[moderating.CHECK], day)

    def told_the_virtual_school_alone(self, alert, people):
        seen = {role: Alert.objects.visible_to(people[role]).filter(pk=alert.pk).exists() for role in TOLD}
        assert seen == TOLD

    def test_two_bands_tell_the_head_until_it_is_agreed(self):
        story = drawn()
        marked(story, Grade.RED)
        alert = self.open().get()
        assert (alert.child, alert.evidence["sentence"][:28]) == (story.people.amy, "Two markings of a PEP lie 2 ")
        self.told_the_virtual_school_alone(alert, story.people)
        self.night(today())
        self.told_the_virtual_school_alone(alert, story.people)
        assert self.open().get() == alert
        agreed(story)
        assert not self.open().exists()
        self.night(today())
        assert not self.open().exists()

    def test_one_band_does_not_unless_the_rule_says_so(self):
        story = drawn()
        marked(story, Grade.AMBER)
        assert not self.open().exists()
        set_rule("pep.qa.apart", 1)
        self.night(today())
        assert self.open().count() == 1

    @pytest.mark.parametrize(("role", "leads"), [("vsh", True), ("socialworker", False)])
    def test_leads_those_who_grade_to_both_markings(self, role, leads):
        story = drawn()
        marked(story, Grade.RED)
        told = self.open().get().evidence["facts"][0]["href"]
        page = desk(story.people[role]).get(told)
        assert (page.status_code, url(story) in page.content.decode()) == (200, leads)

    def test_names_neither_grade(self):
        story = drawn()
        marked(story, Grade.RED)
        told = str(self.open().get().evidence)
        assert ("green" in told, "red" in told) == (False, False)


class TestApart:
    @pytest.mark.parametrize(
        ("first", "second", "bands"),
        [("gold", "gold", 0), ("gold", "red", 3), ("amber", "green", 1), ("na", "red", None)],
    )
    def test_bands(self, first, second, bands):
        assert moderation.apart(first, second) == bands
