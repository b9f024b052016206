"""The whole story of a PEP, through the pages: planned, declined, arranged again, written, sent in, returned, sent in again,
approved, its money released once, read by the reviewing officer, and not there at all for another school's designated teacher."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from peps.enums import PepState
from pupil_premium import books
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.models import Entry, Posting, Release
from tests.factories.pupil_premium import ReleaseFactory
from tests.factories.rulebook import set_rule
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import Choose, Desk, Pick
from tests.journeys.writing import CARER, HER_WORDS, SOCIAL_WORK, VOICE, write, write_on
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

DEVON = "Devon Virtual School: information for IROs and social workers"
AMY = "Amy Madeup"
RETURNED_WHY = "The target needs a number and the date of its test."
TARGETS = "New targets and Pupil Premium Plus"
GRADING = "#grading"


@dataclass
class Story:
    """Who sits where, and the addresses that were passed on the way."""

    cast: Cast
    sit_down: SitDown
    desks: dict[str, Desk] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    found_by: set[str] = field(default_factory=set)

    def __getitem__(self, role: str) -> Desk:
        """The person's desk; they sign in when they are first needed."""
        if role not in self.desks:
            self.desks[role] = self.sit_down(getattr(self.cast, role))
        return self.desks[role]

    def passed(self, name: str, desk: Desk) -> None:
        self.addresses[name] = desk.page.url

    def pep_at(self, role: str) -> Desk:
        """The person's desk with the PEP on it: found in their list of PEPs the first time, by its address from then on."""
        desk = self[role]
        if role in self.found_by:
            desk.go(self.addresses["pep"])
        else:
            self.found_by.add(role)
            desk.navigate("PEPs")
            desk.arrives("PEPs")
            desk.follow(AMY)
        desk.arrives("Initial PEP")
        return desk


def test_from_planning_to_the_reviewing_officer(cast: Cast, desk: SitDown) -> None:
    story = Story(cast, desk)
    a_meeting_is_planned(story)
    the_social_worker_declines(story)
    it_cannot_be_held_and_is_rearranged(story)
    the_social_worker_accepts_and_writes(story)
    an_advocate_writes_down_her_words(story)
    the_school_writes(story)
    the_meeting_is_held_with_its_social_worker(story)
    it_is_not_sent_in_while_something_is_missing(story)
    it_is_sent_in(story)
    whoever_wrote_does_not_grade(story)
    stale = it_is_returned(story)
    only_the_returned_section_opens(story)
    what_was_decided_of_an_earlier_sending_counts_for_nothing(stale)
    it_is_approved_once(story)
    the_money_went_once(story)
    the_school_sees_its_money(story)
    the_reviewing_officer_reads_it(story)
    another_school_finds_nothing(story)


# ---------------------------------------------------------------- the meeting


def a_meeting_is_planned(story: Story) -> None:
    coordinator = story["coordinator"]
    coordinator.look("home")
    coordinator.navigate("PEPs")
    coordinator.look("peps")
    coordinator.follow(AMY)
    coordinator.arrives("Initial PEP")
    coordinator.stands("Planned")
    coordinator.sees("Meeting due by", long_date(story.cast.pep.due_on), "Set by law")
    coordinator.look("pep-planned")
    story.passed("pep", coordinator)
    coordinator.press("Plan the meeting")
    coordinator.arrives("Plan the meeting")
    expect(coordinator.fact("Social worker")).to_contain_text("Sam Worker")
    expect(coordinator.fact("Social worker")).to_contain_text("Must come. Every PEP meeting")
    expect(coordinator.fact("Area Learning Advocate")).to_contain_text("Must come. Every initial PEP (York")
    coordinator.look("meeting-plan")
    coordinator.answer({"Date of the meeting": today(), "Time": "10:30", "Where, or how to join": "School library"})
    coordinator.press("Plan the meeting and invite")
    coordinator.told("The meeting is planned and the invitations are out.")
    coordinator.stands("Planned")
    coordinator.look("meeting-planned")
    story.passed("first meeting", coordinator)


def the_social_worker_declines(story: Story) -> None:
    worker = story["socialworker"]
    worker.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
    worker.arrives("Will you come to the PEP meeting?")
    worker.sees("School library", "You must be there: Every PEP meeting")
    worker.answer({"Will you come?": Pick("I cannot come")})
    worker.look("invitation")
    worker.press("Send my answer")
    expect(worker.page.get_by_role("alert")).to_contain_text("Say why you cannot come")
    worker.answer({"Why can you not come?": "In court all day"})
    worker.press("Send my answer")
    worker.told("Your answer is sent.")
    worker.sees("Social worker, Sam Worker: declined")


def it_cannot_be_held_and_is_rearranged(story: Story) -> None:
    coordinator, why = story["coordinator"], "The social worker cannot come, so the meeting has to be rearranged."
    coordinator.go("/")
    meetings = coordinator.panel("Meetings with something missing")
    expect(meetings).to_contain_text("social worker declined")
    meetings.get_by_role("link", name=AMY).click()
    coordinator.arrives("Initial PEP")
    coordinator.stands("Preparing")
    refused = coordinator.refused("Record that the meeting was held")
    expect(refused).to_contain_text(why)
    expect(refused).to_contain_text(f"Source: {DEVON}")
    coordinator.look("pep-declined")
    coordinator.go(f"{story.addresses['first meeting']}hold/", status=403)
    coordinator.arrives("You cannot do this")
    coordinator.sees(why, f"Source: {DEVON}")
    coordinator.look("refused")
    coordinator.go(story.addresses["first meeting"])
    coordinator.sees("In court all day")
    coordinator.press("Rearrange the meeting")
    coordinator.arrives("Rearrange the meeting")
    coordinator.look("rearrange")
    coordinator.answer({"Why is it rearranged?": "Sam is in court", "New date": today(), "Time": "2pm"})
    coordinator.press("Rearrange the meeting")
    coordinator.told("The meeting is rearranged and the invitations are out.")
    coordinator.stands("Preparing")
    first = coordinator.main.locator(".vs-card").filter(has_text="10:30am")
    expect(first).to_contain_text("Rearranged")
    expect(first).to_contain_text("Sam is in court")


def the_meeting_is_held_with_its_social_worker(story: Story) -> None:
    coordinator = story.pep_at("coordinator")
    coordinator.press("Record that the meeting was held")
    coordinator.arrives("Record the meeting")
    came = {
        "Social worker, Sam Worker": Pick("Apologies"),
        "Designated teacher, Tess Teacher": Pick("Came"),
        "Carer": Pick("Came"),
        "Area Learning Advocate, Alan Advocate": Pick("Came"),
        "The child": Pick("Sent views"),
        "PEP coordinator, Cora Coordinator": Pick("Apologies"),
    }
    coordinator.answer(came)
    coordinator.look("meeting-hold")
    coordinator.press("Record the meeting")
    summary = coordinator.page.get_by_role("alert")
    expect(summary).to_contain_text("The social worker was not there, so the meeting has to be rearranged.")
    expect(summary).to_contain_text(f"Source: {DEVON}")
    coordinator.answer({"Social worker, Sam Worker": Pick("Came")})
    coordinator.press("Record the meeting")
    coordinator.told("It is recorded that the meeting was held.")
    coordinator.stands("Meeting held")
    coordinator.sees("To be sent in by", "Council policy")


# ---------------------------------------------------------------- writing


def the_social_worker_accepts_and_writes(story: Story) -> None:
    worker = story["socialworker"]
    worker.go("/")
    worker.panel("Invitations").get_by_role("link", name=f"PEP meeting for {AMY}").click()
    worker.answer({"Will you come?": Pick("I will come")})
    worker.press("Send my answer")
    worker.sees("Social worker, Sam Worker: accepted")
    worker.follow("Child and care")
    worker.look("section-write")
    story.passed("section to write", worker)
    worker.press("Save and mark as finished")
    expect(worker.page.get_by_role("alert")).to_contain_text("before you mark this section as finished")
    assert write_on(worker, "Initial PEP") == [*SOCIAL_WORK]
    worker.follow(CARER)
    write(worker, CARER)
    worker.arrives("Initial PEP")


def an_advocate_writes_down_her_words(story: Story) -> None:
    advocate = story.pep_at("other_advocate")
    advocate.follow(VOICE)
    write(advocate, VOICE)
    advocate.arrives("Initial PEP")


def the_school_writes(story: Story) -> None:
    teacher = story["teacher"]
    expect(teacher.panel("Sections to write")).to_contain_text("Education now")
    teacher.look("home-teacher")
    story.pep_at("teacher")
    teacher.follow("Education now")
    assert write_on(teacher, "Initial PEP")[0] == "Education now"
    teacher.follow(VOICE)
    teacher.sees(HER_WORDS, "Written down by Wendy Writer")
    teacher.look("section-read")
    story.passed("section", teacher)


def it_is_not_sent_in_while_something_is_missing(story: Story) -> None:
    teacher = story.pep_at("teacher")
    teacher.press("Send the PEP in")
    teacher.arrives("Send the PEP in")
    expect(teacher.main.get_by_role("heading", level=2)).to_have_text(["Designated teacher: Tess Teacher"])
    expect(teacher.main.get_by_role("listitem").filter(has=teacher.page.locator("a[href*=peps]"))).to_have_text(
        [
            "“The meeting” is not finished",
            "“New targets and Pupil Premium Plus” is not finished",
            "“Aspirations” is not finished",
            "“Sign-off and sharing” is not finished",
            "There is no target",
            "No Pupil Premium Plus is asked for, nor is it said why not",
            "The next meeting has no date",
        ]
    )
    expect(teacher.main.get_by_role("button", name="Send the PEP in")).to_have_count(0)
    teacher.look("not-ready")


def it_is_sent_in(story: Story) -> None:
    teacher = story.pep_at("teacher")
    a_target_is_set(teacher)
    story.passed("targets", teacher)
    the_next_meeting_is_booked(story.pep_at("teacher"))
    story.pep_at("teacher")
    teacher.follow("The meeting")
    assert write_on(teacher, "Initial PEP")[-1] == "Sign-off and sharing"
    teacher.press("Send the PEP in")
    teacher.sees("Everything that is needed is there.")
    teacher.look("ready")
    teacher.press("Send the PEP in")
    teacher.told("The PEP is with the Virtual School.")
    teacher.stands("Submitted")


def a_target_is_set(teacher: Desk) -> None:
    teacher.follow("Targets and Pupil Premium Plus")
    teacher.press("Add a target")
    teacher.answer(
        {
            "What is it for?": Choose("English"),
            "Now: where the child starts": "Reads 40 words a minute",
            "Target: where the child will be": "Reads faster",
            "How it is measured": "Words a minute, read aloud",
            "By when": today() + timedelta(days=90),
            "Who sees to it": "Ms Reader",
        }
    )
    teacher.look("target")
    teacher.press("Save the target")
    teacher.told("The target is saved.")
    teacher.follow("Ask for Pupil Premium Plus for Target 1: Reads faster")
    teacher.answer(
        {
            "What is paid for": "Reading tuition",
            "Kind of support": Choose("One-to-one or small group tuition"),
            "Sessions a week": "2",
            "Weeks": "10",
            "Price of a session, in pounds": "25",
        }
    )
    teacher.look("cost")
    teacher.press("Ask for it")
    teacher.told("The line is added.")
    teacher.sees("2 a week × 10 weeks × £25.00 = £500.00")
    teacher.look("targets")


def the_next_meeting_is_booked(teacher: Desk) -> None:
    teacher.press("Send the PEP in")
    teacher.follow("The next meeting has no date")
    teacher.arrives("Book the next meeting")
    teacher.answer({"Date of the next meeting": today() + timedelta(days=100)})
    teacher.press("Book the next meeting")
    teacher.told("The next meeting is booked.")
    teacher.stands("Held")


# ---------------------------------------------------------------- the answer


def whoever_wrote_does_not_grade(story: Story) -> None:
    writer = story["other_advocate"]
    writer.go("/")
    expect(writer.panel("PEPs to quality-assure")).to_contain_text("No PEP waits for you.")
    story.pep_at("other_advocate")
    writer.follow("Quality assurance")
    writer.arrives("Quality assurance")
    writer.sees("You wrote part of this PEP, so somebody else answers it.", f"Source: {DEVON}")
    expect(writer.main.get_by_role("button")).to_have_count(0)
    writer.look("quality-refused")


def it_is_returned(story: Story) -> Desk:
    advocate = story["advocate"]
    advocate.panel("PEPs to quality-assure").get_by_role("link", name=AMY).click()
    advocate.press("Quality-assure this PEP")
    advocate.arrives("Quality assurance")
    advocate.sees(HER_WORDS, "Reading tuition")
    advocate.look("quality")
    story.passed("quality", advocate)
    stale = advocate.second_tab()
    grading = advocate.within(GRADING)
    grading.answer({"Reason": RETURNED_WHY, "What do you decide?": Pick("Return it")})
    grading.answer({"Sections to be mended": Pick(TARGETS)})
    grading.answer_the_rest("Amber")
    grading.press("Send the answer")
    advocate.told("The PEP is returned with your reason.")
    advocate.stands("Returned")
    advocate.sees(RETURNED_WHY)
    return stale


def only_the_returned_section_opens(story: Story) -> None:
    teacher = story["teacher"]
    teacher.go("/")
    teacher.panel("Sent back to you").get_by_role("link", name=AMY).click()
    teacher.arrives("Initial PEP")
    teacher.stands("Returned")
    teacher.sees(RETURNED_WHY, "To be sent in again by")
    teacher.look("pep-returned")
    worker = story["socialworker"]
    worker.go(story.addresses["section to write"], status=403)
    worker.sees("Only the sections that were returned are open.", f"Source: {DEVON}")
    teacher.follow("The meeting")
    expect(teacher.main.get_by_role("button")).to_have_count(0)
    teacher.page.go_back()
    teacher.follow(TARGETS)
    teacher.arrives(TARGETS)
    teacher.sees(RETURNED_WHY)
    teacher.look("section-returned")
    teacher.follow("The targets themselves")
    teacher.follow("Change Target 1: Reads faster")
    teacher.answer({"Target: where the child will be": "Reads 70 words a minute"})
    teacher.press("Save the target")
    teacher.told("The target is saved.")
    story.pep_at("teacher")
    teacher.follow(TARGETS)
    write(teacher, TARGETS)
    teacher.press("Send the PEP in")
    teacher.press("Send the PEP in")
    teacher.told("The PEP is with the Virtual School.")
    teacher.stands("Submitted")


def what_was_decided_of_an_earlier_sending_counts_for_nothing(stale: Desk) -> None:
    """The tab was drawn before the PEP was returned and sent in again."""
    approves(stale, "Read before it was mended")
    stale.arrives("This has changed since you opened it")
    stale.sees("This PEP has been sent in again since you opened the page. Read it again before you decide.")
    stale.look("changed-since")


def approves(advocate: Desk, reason: str) -> None:
    """Every question of the rubric is green, and so is the PEP."""
    grading = advocate.within(GRADING)
    grading.answer({"Reason": reason, "What do you decide?": Pick("Approve it")})
    grading.answer({"Pupil Premium Plus lines that are agreed": Pick("Reading tuition: £500.00")})
    grading.answer_the_rest("Green")
    grading.press("Send the answer")


def it_is_approved_once(story: Story) -> None:
    advocate = story["advocate"]
    advocate.go(story.addresses["quality"])
    advocate.sees("Reads 70 words a minute", RETURNED_WHY)
    twice = advocate.second_tab()
    approves(advocate, "Strong voice, a clear target")
    advocate.told("The PEP is approved. The agreed lines may be released.")
    advocate.stands("Complete")
    advocate.look("pep-complete")
    approves(twice, "Pressed in another tab")
    twice.arrives("This has changed since you opened it")
    twice.sees("This PEP has been decided: it is “complete”.")
    assert story.cast.pep.state == PepState.COMPLETE


# ---------------------------------------------------------------- the money


def the_money_went_once(story: Story) -> None:
    assert money() == Money(released=[50_000], entries=1, paid=50_000, trial_balance=0)
    advocate = story["advocate"]
    advocate.navigate("Money")
    advocate.look("money")
    advocate.follow("Reading tuition")
    expect(advocate.fact("State")).to_have_text("released")
    expect(advocate.fact("Released")).to_have_text(f"Alan Advocate, {long_date(today())}")
    expect(advocate.main.get_by_role("button", name="Release to the school")).to_have_count(0)
    advocate.look("line")
    story.passed("line", advocate)
    advocate.navigate("Money")
    advocate.follow("The books")
    advocate.sees("Trial balance of all years: £0.00")
    expect(advocate.main.get_by_role("link", name="Released: Reading tuition")).to_have_count(1)
    advocate.look("books")


def the_school_sees_its_money(story: Story) -> None:
    teacher = story["teacher"]
    teacher.navigate("Money")
    teacher.follow("Reading tuition")
    expect(teacher.fact("State")).to_have_text("released")


@dataclass
class Money:
    """What the books say: pence of released lines, entries of releases, pence on the account of what was paid."""

    released: list[int]
    entries: int
    paid: int
    trial_balance: int


def money() -> Money:
    lines = Release.objects.filter(state=ReleaseState.RELEASED).values_list("amount_pence", flat=True)
    paid = Posting.objects.filter(account=AccountKind.PAID).values_list("amount_pence", flat=True)
    entries = Entry.objects.filter(key__startswith="release:").count()
    return Money(list(lines), entries, sum(paid), books.trial_balance())


def test_a_second_person_releases_a_line_once(cast: Cast, desk: SitDown) -> None:
    """Where the council wants a second person: not the one who agreed it, and the second press releases nothing more."""
    set_rule("pp.release.mode", "second_person")
    line = ReleaseFactory(child=cast.amy, school=cast.school, advocate=cast.advocate)
    agreed_it = desk(cast.advocate)
    agreed_it.go(line.get_absolute_url())
    refused = agreed_it.refused("Release to the school")
    expect(refused).to_contain_text("You agreed this line or approved its PEP: a second person releases it.")
    second = desk(cast.head)
    second.panel("Pupil Premium Plus to release").get_by_role("link", name="Maths tutor, Ash School").click()
    twice = second.second_tab()
    second.press("Release to the school")
    second.told("Released to the school.")
    twice.press("Release to the school")
    twice.arrives("This has changed since you opened it")
    assert money() == Money(released=[10_000], entries=1, paid=10_000, trial_balance=0)


# ---------------------------------------------------------------- reading


def the_reviewing_officer_reads_it(story: Story) -> None:
    reviewer = story.pep_at("reviewer")
    reviewer.stands("Complete")
    reviewer.follow("Read and print the whole PEP")
    reviewer.arrives(f"{AMY}: initial PEP")
    reviewer.sees(
        HER_WORDS,
        "Written down by Wendy Writer",
        "Two schools in a year. A word before any change helps.",
        "Reads 70 words a minute",
        "Strong voice, a clear target",
        RETURNED_WHY,
        "A quiet place before maths",
    )
    reviewer.does_not_see("Reading tuition", "Glasses for reading")
    reviewer.look("whole-pep")
    story.passed("print", reviewer)


def another_school_finds_nothing(story: Story) -> None:
    other = story["other_teacher"]
    other.go("/search/")
    other.answer({"Name, id or UPN": "Madeup"})
    other.press("Search")
    other.sees("No child that you work with matches")
    other.go("/peps/")
    other.does_not_see(AMY)
    other.go("/money/")
    other.does_not_see("Reading tuition")
    pep = story.addresses["pep"]
    own = (story.addresses[name] for name in ("pep", "print", "section", "section to write", "targets", "line"))
    for address in (*own, f"{pep}submit/", story.addresses["quality"], story.addresses["first meeting"]):
        other.go(address, status=404)
        other.arrives("Page not found")
        other.does_not_see("Amy", "Madeup")
    other.look("not-found")
