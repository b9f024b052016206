from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Places at risk and moves"

    def ready(self) -> None:
        """The roll asks this app before a child starts elsewhere."""
        from referrals import guards  # noqa: F401
