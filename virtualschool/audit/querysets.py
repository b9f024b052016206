from django.db.models import QuerySet


class NewestFirstQuerySet(QuerySet):
    """Rows that are only ever added: the id is their order, whatever a host's clock said."""

    def newest(self):
        return self.order_by("-id")

    def before(self, row_id: int | None):
        """The rows older than ``row_id``; all without one."""
        return self if row_id is None else self.filter(pk__lt=row_id)

    def of_child(self, child_id: int):
        return self.filter(child_id=str(child_id))


class AccessLogQuerySet(NewestFirstQuerySet):
    def of_child(self, child_id: int):
        return self.filter(child_ids__contains=[child_id])
