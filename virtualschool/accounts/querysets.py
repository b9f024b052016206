from datetime import date

from django.contrib.auth.base_user import BaseUserManager
from django.db.models import Q, QuerySet

from virtualschool.kernel import periods
from virtualschool.kernel.dates import today


class UserQuerySet(QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_role(self, *roles: str):
        return self.filter(role__in=roles)

    def visible_to(self, user):
        """Whoever keeps accounts sees every account; everybody else their own."""
        return self if user.is_administrator else self.filter(pk=user.pk)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    use_in_migrations = False

    def create_user(self, email: str, password: str | None = None, **fields):
        """A new account. Without a password nobody can sign in with one until an invitation or a reset is answered."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


class DatedQuerySet(QuerySet):
    """Rows with a half-open ``[start, end)``."""

    def current(self, on: date | None = None):
        return self.filter(periods.on(on or today()))


class CoverQuerySet(DatedQuerySet):
    def visible_to(self, user):
        """The two it is between, and whoever keeps accounts."""
        return self if user.is_administrator else self.filter(Q(user=user) | Q(covered_by=user))


class OrganisationQuerySet(QuerySet):
    def visible_to(self, user):
        """Names of bodies are no secret; the pages that keep them ask more."""
        return self if user.is_active else self.none()

    def schools(self):
        return self.filter(kind="school")

    def teams(self):
        return self.filter(kind="team")
