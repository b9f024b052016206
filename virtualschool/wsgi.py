"""The web server's way in. Development and tests name their own settings; anything else is production."""

import os

from django.core.wsgi import get_wsgi_application

from virtualschool.kernel.hardening import GuardedApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.production")

application = GuardedApplication(get_wsgi_application())
