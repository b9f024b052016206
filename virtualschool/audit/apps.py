from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from virtualschool.audit import context, grants


class AuditConfig(AppConfig):
    name = "virtualschool.audit"
    label = "audit"
    verbose_name = "What was done and what was looked at"

    def ready(self) -> None:
        connection_created.connect(context.watch, dispatch_uid="audit.context")
        post_migrate.connect(grants.grant, sender=self, dispatch_uid="audit.grants")
