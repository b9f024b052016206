from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from virtualschool.accounts.models import User
from virtualschool.accounts.roles import CHOICES
from virtualschool.audit import log
from virtualschool.kernel.dates import now


class Command(BaseCommand):
    help = (
        "Make the first administrator's account and print the link for choosing a password; refused while there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", default="data", choices=[role for role, _ in CHOICES])

    @transaction.atomic
    def handle(self, *args: Any, name: str, email: str, role: str, **options: Any) -> None:
        if User.objects.active().filter(is_administrator=True).exists():
            raise CommandError("There is an administrator already; they invite the next one on the page “People”.")
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"There is an account with the email address {email} already.")
        person = User.objects.create_user(email, name=name, role=role, is_administrator=True, invited_at=now())
        log.record("account.invited", by=None, subject=person, data={"role": role, "administrator": True})
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        uid, token = key.split("-", 1)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        self.stdout.write(f"{getattr(settings, 'VS_BASE_URL', '')}{path}")
