from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from virtualschool.jobs.enums import UNSENT, WAITING, WorkState


class DeliveryQuerySet(QuerySet):
    def due(self, at: datetime):
        return self.filter(state__in=WAITING, next_try_at__lte=at)


class MessageQuerySet(QuerySet):
    def unsent(self, at: datetime):
        return self.filter(state__in=UNSENT, due_at__lte=at)

    def leaving(self, at: datetime, midnight: datetime):
        """What could be sent now: the day's mail not to those who have had one since ``midnight``, the urgent to everybody."""
        had = self.model.objects.filter(to=OuterRef("to"), urgent=False, sent_at__gte=midnight)
        return self.unsent(at).exclude(Q(urgent=False) & Exists(had))


class NightShardQuerySet(QuerySet):
    def of(self, job: str):
        return self.filter(job=job)

    def undone(self):
        return self.exclude(state=WorkState.DONE)

    def claimable(self, at: datetime):
        """Waiting, or held by a worker whose lease ran out; never before every shard of the job's earlier dates is done."""
        free = Q(state__in=WAITING, next_try_at__lte=at) | Q(state=WorkState.RUNNING, lease_until__lt=at)
        earlier = self.model.objects.undone().filter(job=OuterRef("job"), for_date__lt=OuterRef("for_date"))
        return self.filter(free).exclude(Exists(earlier))

    def oldest_first(self):
        return self.order_by("for_date", F("job"), "shard")
