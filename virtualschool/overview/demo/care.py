"""What happened on the roll in the days that are told through the actions: coming into care, moves, schools, workers, leaving."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from children.actions import care as actions
from children.actions import people, schools
from children.enums import RelationKind
from children.models import Child, Enrolment
from children.moving import move_from
from virtualschool.accounts.models import User
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.registry import consumed
from virtualschool.overview.demo import loading, words
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.moves import settle
from virtualschool.overview.demo.roll import Made, Place, Stay
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
# Working days after coming into care on which the others are named; the newest children still wait for them.
NAMED_AFTER = {"coordinator": 1, "advocate": 2, "iro": 3}
Followed = Callable[[Made], None]


class Life:
    """One child's time in care, as far as it is told. ``followed`` is called when something may have opened or ended a PEP."""

    def __init__(self, one: Made, world: World, diary: Diary, followed: Followed) -> None:
        self.one, self.world, self.diary, self.followed = one, world, diary, followed
        self.keeper: User = world.demo("data")

    def enter(self) -> None:
        """Put into the diary what is to be told of the child."""
        one, since = self.one, self.world.since
        told = max(one.start, since)
        if one.start >= since:
            self._at(one.start, 11, self.come_into_care)
        for place in one.places[1:]:
            if place.start >= since:
                self._at(place.start, 13, lambda place=place: self.move(place))
        for stay in one.stays:
            self._stay(stay, told)
        for start, user in one.workers[1:]:
            if start >= since:
                self._at(start, 7, lambda start=start, user=user: self.change_worker(user, start))
        if one.end is not None:
            self._at(one.end, 15, self.leave_care)

    def _at(self, day: date, hour: int, deed: Callable[[], None]) -> None:
        """Schools and workers in the early hours, so that whatever else is of the day finds them as they are by then."""
        if self.one.end is None or day <= self.one.end:
            self.diary.enter(day, hour, deed, by=self.keeper)

    def _stay(self, stay: Stay, told: date) -> None:
        """Its start and its end; a child who stays on the roll of one school until the next begins has no end told."""
        if stay.start >= told:
            self._at(stay.start, 4, lambda: self.enrol(stay))
        followed_at_once = any(other.start == stay.end for other in self.one.stays)
        if stay.end is not None and stay.end >= told and not followed_at_once:
            self._at(stay.end, 4, lambda: self.leave_school(stay))

    # ------------------------------------------------------------ deeds

    def come_into_care(self) -> None:
        one = self.one
        with transaction.atomic():
            period = actions.enter_care(
                start=one.start,
                legal_status=one.status,
                placement=_facts(one.places[0]),
                by=self.keeper,
                facts=_who(one.child),
                need=one.need,
                home_postcode=loading.HOME,
                education=one.schooling(one.start),
            )
            one.child = period.child
            self._known_before()
            self.allocate(one.workers[0][1], one.start)
            deliver_pending(8)
        loading.records(self.world, [one])
        for kind, after in NAMED_AFTER.items():
            day = self.world.working_day(one.start + DAY * after)
            self._at(day, 7, lambda kind=kind, day=day: self._name(kind, day))
        self.followed(one)

    def _known_before(self) -> None:
        """The schools before, and the one whose roll the child is on."""
        one = self.one
        past = [stay for stay in one.stays if stay.end is not None and stay.start < stay.end <= one.start]
        Enrolment.objects.bulk_create(loading.enrolment(one, stay, stay.end) for stay in past)
        now = one.stay(one.start)
        if now is not None and now.start < one.start:
            schools.enrol(child=one.child, school=now.school, start=now.start, by=None, hours_offered=loading.HOURS)

    def allocate(self, worker: User, start: date) -> None:
        tie = {"child": self.one.child, "start": start, "by": self.keeper}
        people.allocate(kind=RelationKind.SOCIAL_WORKER, user=worker, **tie)
        people.allocate(kind=RelationKind.TEAM, team=self.world.team_of[worker.pk], **tie)

    @transaction.atomic
    def change_worker(self, worker: User, start: date) -> None:
        self.allocate(worker, start)
        deliver_pending(4)

    @transaction.atomic
    def _name(self, kind: str, start: date) -> None:
        people.allocate(
            child=self.one.child, kind=RelationKind(kind), user=self.one.others[kind], start=start, by=self.keeper
        )
        deliver_pending(1)

    def move(self, place: Place) -> None:
        with transaction.atomic():
            actions.record_placement(
                child=self.one.child,
                on=place.start,
                placement=_facts(place),
                same_carer=place.same_carer,
                reason=place.reason,
                education=self.one.schooling(place.start),
                by=None,
            )
            deliver_pending(len(consumed()["placement.changed"]))

    def enrol(self, stay: Stay) -> None:
        """As the council's file tells it: what has happened needs no case here."""
        moves = Enrolment.objects.main().filter(child=self.one.child, end=None).exists()
        left = move_from(self.one.child, stay.school, stay.start)
        with transaction.atomic():
            place = schools.enrol(
                child=self.one.child, school=stay.school, start=stay.start, by=None, hours_offered=loading.HOURS
            )
            if left is not None:
                settle(self.world, self.one, place, left)
            told = consumed()
            deliver_pending(len(told["enrolment.started"]) + (len(told["enrolment.ended"]) if moves else 0))
        self.followed(self.one)

    @transaction.atomic
    def leave_school(self, stay: Stay) -> None:
        place = Enrolment.objects.select_related("child").get(child=self.one.child, school=stay.school, end=None)
        schools.end_enrolment(enrolment=place, end=stay.end, reason=words.LEFT_SCHOOL, by=self.keeper)
        deliver_pending(len(consumed()["enrolment.ended"]))

    def leave_care(self) -> None:
        with transaction.atomic():
            actions.leave_care(child=self.one.child, on=self.one.end, reason=self.one.end_reason, by=self.keeper)
            deliver_pending(len(consumed()["care.ended"]))
        self.followed(self.one)


def _who(child: Child) -> actions.ChildFacts:
    names = ("child_id", "date_of_birth", "first_names", "last_name", "sex", "ethnicity", "first_language", "upn")
    return actions.ChildFacts(is_unaccompanied=child.is_unaccompanied, **{name: getattr(child, name) for name in names})


def _facts(place: Place) -> actions.PlacementFacts:
    return actions.PlacementFacts(
        placement_type=place.kind,
        provider=place.provider,
        ofsted_urn="SC900001",
        carer_name=place.carer,
        carer_telephone="01632 960 200",
        address=place.address,
        postcode=place.postcode,
        area_code="999",
        out_of_area=place.out_of_area,
    )
