"""Which PEPs somebody may know of: those of the children they reach, when their role reads PEPs."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from children.querysets import OfChildQuerySet
from peps import workflow
from virtualschool.kernel.dates import today


class PepQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        return super().visible_to(user) if user.reads("pep") else self.none()

    def open(self):
        return self.filter(state__in=workflow.OPEN)

    def in_term(self, academic_year: int, term: str):
        return self.filter(academic_year=academic_year, term=term)

    def overdue(self, on: date | None = None):
        """Open, with its next step late: what is due on a day is overdue from the day after."""
        return self.open().filter(due_on__lt=on or today())

    def met(self):
        """Whose meeting was held."""
        return self.filter(state__in=workflow.HELD)

    def to_grade(self):
        """Sent in and waiting for the Virtual School's answer."""
        return self.filter(state__in=workflow.WITH_VIRTUAL_SCHOOL)

    def gradable_by(self, user):
        """Those of which the person wrote nothing."""
        authors = self.model._meta.get_field("authors").related_model._base_manager.all()
        return self.exclude(Exists(authors.filter(pep=OuterRef("pk"), user=user)))


class OfPepQuerySet(QuerySet):
    """Rows that belong to a PEP: seen by whoever sees the PEP."""

    pep_path = "pep"

    def visible_to(self, user):
        peps = self.model._meta.get_field(self.pep_path).related_model.objects
        return self.filter(**{f"{self.pep_path}__in": peps.visible_to(user)})


class OfTargetQuerySet(QuerySet):
    def visible_to(self, user):
        """Costed lines are money: a role that does not read money sees none."""
        targets = self.model._meta.get_field("target").related_model.objects
        return self.filter(target__in=targets.visible_to(user)) if user.reads("money") else self.none()


class OfMeetingQuerySet(QuerySet):
    def visible_to(self, user):
        meetings = self.model._meta.get_field("meeting").related_model.objects
        return self.filter(meeting__in=meetings.visible_to(user))
