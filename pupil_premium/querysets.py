"""Who sees which money: the books are for those who keep them; a line is seen by whoever sees the child and reads money."""

from django.db.models import QuerySet

from children.models import School
from children.querysets import OfChildQuerySet
from virtualschool.accounts.roles import Act, Reach


class ReleaseQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """A designated teacher sees their own school's money only; a role that does not read money sees none."""
        if not user.reads("money"):
            return self.none()
        seen = super().visible_to(user)
        if user.role_class.reach is Reach.SCHOOL:
            return seen.filter(school__in=School.objects.visible_to(user))
        return seen

    def releasable(self):
        return self.filter(state="releasable")


class EntryQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.READ_BOOKS) else self.none()


class GrantYearQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.READ_BOOKS) else self.none()
