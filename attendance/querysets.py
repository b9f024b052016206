from datetime import date, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from attendance import workflow
from attendance.enums import CheckKind, ExclusionKind, ExclusionState, LeaveState, Party, ProvisionState, TimetableState
from attendance.workflow import LEAVE_OPEN
from children.querysets import OfChildQuerySet
from virtualschool.accounts.roles import Act, FieldGroup, Reach
from virtualschool.rulebook import schoolyear


class MarksQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Marks of the children whom the reader reaches, for roles that read attendance."""
        return super().visible_to(user) if user.reads(FieldGroup.ATTENDANCE) else self.none()

    def between(self, first, last):
        """From ``first`` to ``last``, both included."""
        return self.filter(date__range=(first, last))


class DisputeQuerySet(MarksQuerySet):
    def open(self):
        """Where the two sources differ still."""
        return self.filter(open=True)


class MappingQuerySet(QuerySet):
    def visible_to(self, user):
        return self.kept() if user.may(Act.IMPORT) else self.none()

    def kept(self):
        """Without those that were removed."""
        return self.filter(removed_on=None)


class AttendanceQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Of the children whom the reader reaches, for roles that read attendance."""
        return super().visible_to(user) if user.reads(FieldGroup.ATTENDANCE) else self.none()


class TimetableQuerySet(AttendanceQuerySet):
    def running(self):
        return self.filter(state=TimetableState.RUNNING)

    def with_agreement(self, on=None):
        """With ``agrees_<party>`` for each party: the last word of this round, up to the day; None before they said anything."""
        given = self.model._meta.get_field("agreements").related_model._base_manager.order_by("-pk")
        said = given.filter(timetable=OuterRef("pk"), round=OuterRef("round"))
        said = said.filter(on__lte=on) if on else said
        return self.annotate(
            **{f"agrees_{party}": Subquery(said.filter(party=party).values("agrees")[:1]) for party in Party.values}
        )

    def not_agreed(self, parties, on=None):
        """Running, without the word of one of the parties, or with a no."""
        missing = Q(pk__in=[])
        for party in parties:
            missing |= ~Q(**{f"agrees_{party}": True}) | Q(**{f"agrees_{party}__isnull": True})
        return self.running().with_agreement(on).filter(missing)

    def waiting_for(self, *parties):
        """Running, and one of the parties has said nothing in this round."""
        silent = Q(pk__in=[])
        for party in parties:
            silent |= Q(**{f"agrees_{party}__isnull": True})
        return self.running().with_agreement().filter(silent)

    def late(self, on):
        """Running past their review or their last day."""
        return self.running().filter(Q(review_on__lt=on) | Q(end__lte=on))

    def covering(self, child, day):
        """For a sub-query: those that hold for a row's child on its day, or had overrun it."""
        return self.filter(Q(end__gt=day) | Q(state=TimetableState.RUNNING), child=child, start__lte=day)


class ProvisionQuerySet(AttendanceQuerySet):
    def running(self):
        return self.filter(state=ProvisionState.RUNNING)

    def unregistered(self):
        return self.filter(school__isnull=True)

    def with_checks(self, on=None):
        """With ``last_<kind>`` for each kind of check: when it last satisfied, up to the day."""
        made = self.model._meta.get_field("checks").related_model._base_manager.order_by("-on")
        made = made.filter(provision=OuterRef("pk"), satisfied=True)
        made = made.filter(on__lte=on) if on else made
        return self.annotate(
            **{f"last_{kind}": Subquery(made.filter(kind=kind).values("on")[:1]) for kind in CheckKind.values}
        )

    def checks_overdue(self, asked, on):
        """Running, unregistered, begun, and a check that ``asked`` names (kind: weeks) was never made, or too long ago."""
        overdue = Q(pk__in=[])
        for kind, weeks in asked.items():
            overdue |= Q(**{f"last_{kind}__isnull": True})
            if weeks:
                overdue |= Q(**{f"last_{kind}__lt": on - timedelta(weeks=weeks)})
        return self.running().unregistered().filter(start__lte=on).with_checks(on).filter(overdue)

    def late(self, on):
        """Running past their review or their last day."""
        return self.running().filter(Q(review_on__lt=on) | Q(end__lte=on))


class LeaveQuerySet(AttendanceQuerySet):
    def open(self):
        """The school has yet to decide."""
        return self.filter(state__in=LEAVE_OPEN)

    def standing(self):
        """Asked for and not withdrawn, whatever was decided."""
        return self.exclude(state=LeaveState.WITHDRAWN)

    def covering(self, child, day):
        """For a sub-query: those for a row's child and day."""
        return self.standing().filter(child=child, start__lte=day, end__gt=day)


class ExclusionQuerySet(MarksQuerySet):
    def visible_to(self, user):
        """Of children whom the reader reaches, for roles that read attendance; a designated teacher knows their own school's."""
        found = super().visible_to(user)
        if user.role_class.reach is not Reach.SCHOOL:
            return found
        schools = self.model._meta.get_field("school").related_model.objects
        return found.filter(school__in=schools.visible_to(user))

    def given(self):
        """Days of them were spent away from school, or will be."""
        return self.filter(state__in=workflow.GIVEN)

    def proposed(self):
        """The school thinks of excluding for good."""
        return self.filter(state=ExclusionState.PROPOSED)

    def holding(self, on):
        """In force on the day: suspended, if only at lunchtimes, or permanently excluded and not yet off the roll."""
        standing = self.filter(state__in=workflow.STANDING, start__lte=on)
        return standing.filter(Q(end__gt=on) | Q(end__isnull=True) & ~Q(state=ExclusionState.FINAL))

    def away(self, on):
        """By which the child is away from school on the day: who is sent away at lunchtimes is at school in every session."""
        return self.holding(on).exclude(kind=ExclusionKind.LUNCHTIME)

    def in_year(self, on):
        """That began or went on in the academic year of the day. A permanent exclusion goes on until it is final or taken back."""
        year = schoolyear.academic_year(on)
        first = date(year, 9, 1)
        decided = Q(end=None, state__in=(*workflow.TAKEN_BACK, ExclusionState.FINAL), decided_on__lte=first)
        over = Q(end__lte=first) | decided | Q(start__gte=date(year + 1, 9, 1))
        return self.exclude(over)
