from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "virtualschool.overview"
    label = "overview"
    verbose_name = "Home pages and reports"
