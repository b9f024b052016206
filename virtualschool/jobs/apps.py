from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "virtualschool.jobs"
    label = "jobs"
    verbose_name = "Nights, events and mail"

    def ready(self) -> None:
        """Every process knows every consumer, so that an event gets its deliveries where it is written."""
        autodiscover_modules("consumers", "checks")
