"""Two schools became academies in the last days: the children of one were carried on, those of the other are still on the old roll."""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from children.actions.closures import carry_on
from children.models import Child, School, SchoolLink
from peps.models import Pep
from peps.workflow import OPEN
from virtualschool.accounts.models import Membership, Organisation
from virtualschool.kernel import periods
from virtualschool.overview.demo.scene import Scene

DAY = timedelta(days=1)
CARRIED_BACK, WAITING_BACK = 6, 3


def tell(scene: Scene) -> None:
    """The smallest schools whose children have no PEP under way, so that nothing else is told of them meanwhile."""
    for school, back, done in zip(_schools(scene), (CARRIED_BACK, WAITING_BACK), (True, False), strict=False):
        day = scene.day(back)
        after = _become_academy(school, day)
        if done:
            by = scene.world.demo("data")
            with scene.at(back - 1, 10, by):
                carry_on(school=school, to=after, by=by)


def _schools(scene: Scene) -> list[School]:
    """Open schools with children on their roll today, none of them with a PEP under way there: few children first."""
    held = periods.on(scene.world.on, prefix="enrolments__")
    children = Child.objects.on_roll(scene.world.on)
    there = Count("enrolments", filter=held & Q(enrolments__child__in=children), distinct=True)
    writing = Pep.objects.filter(school=OuterRef("pk"), state__in=OPEN)
    planned = Q(enrolments__start__gt=scene.day(CARRIED_BACK + 1)) | Q(enrolments__end__gt=scene.day(CARRIED_BACK + 1))
    changing = School.objects.filter(planned, pk=OuterRef("pk"))
    maintained = School.objects.open().filter(type_name__startswith="Community").exclude(pk=scene.world.demo_school.pk)
    found = maintained.annotate(there=there).filter(~Exists(writing), ~Exists(changing), there__gt=0)
    return list(found.order_by("there", "urn")[:2])


def _become_academy(school: School, day: date) -> School:
    """Closed on the day and opened under another number, with the same designated teacher."""
    name, urn = f"{school.name.removesuffix(' School')} Academy", str(int(school.urn) + 500)
    body = Organisation.objects.create(kind=Organisation.Kind.SCHOOL, name=name, code=urn)
    after = School.objects.get(pk=school.pk)
    after.pk, after._state.adding = None, True
    after.uuid = School._meta.get_field("uuid").get_default()
    after.urn, after.name, after.organisation, after.opened_on = urn, name, body, day
    after.type_name, after.type_group = "Academy converter", "Academies"
    after.save()
    SchoolLink.objects.create(predecessor=school, successor=after, link_type="Successor", established_on=day)
    School.objects.filter(pk=school.pk).update(status=School.Status.CLOSED, closed_on=day)
    school.refresh_from_db()
    for place in Membership.objects.current(day).filter(organisation=school.organisation):
        Membership.objects.create(user=place.user, organisation=body, start=day, position=place.position)
    return after
