from django.apps import AppConfig
from django.db.models.signals import post_migrate

from virtualschool.rulebook import seeding


class RulebookConfig(AppConfig):
    name = "virtualschool.rulebook"
    label = "rulebook"
    verbose_name = "Rules, clocks and calendars"

    def ready(self) -> None:
        post_migrate.connect(seeding.seed, sender=self, dispatch_uid="rulebook.seeding")
