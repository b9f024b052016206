from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "virtualschool.overview"
    label = "overview"
    verbose_name = "Home pages and reports"

    def ready(self) -> None:
        from virtualschool.jobs import registry
        from virtualschool.kernel import context
        from virtualschool.overview import navigation, nights

        context.register_navigation(navigation.main_navigation)
        context.register_person(navigation.person)
        context.register_night_banner(navigation.night_banner)
        registry.register_lateness(nights.lateness)
