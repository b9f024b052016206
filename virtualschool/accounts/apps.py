from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "virtualschool.accounts"
    label = "accounts"
    verbose_name = "People who use the service"
