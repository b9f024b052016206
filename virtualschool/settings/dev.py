"""Developing and trying out on one machine, over plain http, with made-up children.

``VS_DEBUG=1`` shows what went wrong and the styleguide; ``VS_DEMO_MODE=no`` takes the demonstration sign-ins away.
"""

from .base import *
from .base import VAR, flag

SECRET_KEY = "development-only-no-secret-at-all"
DEBUG = flag("VS_DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

DEMO_MODE = flag("VS_DEMO_MODE", default=True)
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,20/5m/key"}

for folder in (VAR / "files", VAR / "mail"):
    folder.mkdir(parents=True, exist_ok=True)
