from django.db.models import OuterRef, Q, Subquery

from attendance.enums import Party, TimetableState
from children.querysets import OfChildQuerySet
from virtualschool.accounts.roles import FieldGroup


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
