from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "virtualschool.kernel"
    label = "kernel"
    verbose_name = "Shared floor"
