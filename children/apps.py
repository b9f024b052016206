from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    name = "children"
    verbose_name = "The roll"

    def ready(self) -> None:
        """Every process knows what the night forgets, and passes on what accounts tell."""
        from children import receivers, tasks  # noqa: F401
