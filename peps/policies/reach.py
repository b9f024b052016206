"""How somebody stands to a PEP, and where the rules on who may do what come from."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from children.models import Child
from peps.models import Pep, PepSection
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act

ROLES = "Roles of the Virtual School"
GUIDANCE = "Promoting the education of looked-after and previously looked-after children (DfE, February 2018)"
CONTENT = "Care Planning, Placement and Case Review (England) Regulations 2010, Schedule 1 paragraph 2"
SEPARATION = "Devon Virtual School: information for IROs and social workers"


ARRANGING = (Act.PLAN_PEPS, Act.WRITE_SCHOOL_SECTIONS)
AT_THE_MEETING = (Act.PLAN_PEPS, Act.WRITE_SCHOOL_SECTIONS, Act.WRITE_SOCIAL_WORK_SECTIONS, Act.GRADE_PEPS)


@dataclass(frozen=True)
class Standing:
    """How somebody stands to one PEP: whether the child is theirs by role, whether they wrote any of it, which sections they were given."""

    own: bool
    wrote: bool
    asked: frozenset[int] = frozenset()


def standing(user: User, pep: Pep) -> Standing:
    """One query; a page that asks several policies asks this once and hands it on."""
    own = Child.objects.in_own_reach(user).filter(pk=OuterRef("child"))
    wrote = Pep.objects.written_by(user).filter(pk=OuterRef("pk"))
    asked = ArraySubquery(PepSection.objects.asked_of(user).filter(pep=OuterRef("pk")).order_by().values("pk"))
    found = Pep.objects.filter(pk=pep.pk).values_list(Exists(own), Exists(wrote), asked).get()
    return Standing(found[0], found[1], frozenset(found[2] or ()))


def reaches(user: User, pep: Pep, at: Standing | None = None) -> bool:
    """Whether the child is theirs by role: what most policies ask, and a far lighter query than the whole ``standing``."""
    return at.own if at else bool(Child.objects.in_own_reach(user).filter(pk=pep.child_id).exists())


def was_given(user: User, section: PepSection, at: Standing | None = None) -> bool:
    """Whether the section was given to the person by name, and is now."""
    if at is not None:
        return section.pk in at.asked
    return bool(PepSection.objects.asked_of(user).filter(pk=section.pk).exists())
