from django.apps import AppConfig


class PepsConfig(AppConfig):
    name = "peps"
    verbose_name = "Personal education plans"

    def ready(self) -> None:
        """Every process knows what the night opens, and what the record can tell."""
        from peps import recordfacts, tasks  # noqa: F401
