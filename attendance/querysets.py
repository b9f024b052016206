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
