from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    name = "children"
    verbose_name = "The roll"

    def ready(self) -> None:
        """Every process knows what the night forgets."""
        from children import tasks  # noqa: F401
