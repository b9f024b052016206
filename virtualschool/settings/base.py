"""What holds everywhere. The other modules of this package say only what differs.

Environment variables, all optional in development:

- ``DATABASE_URL``        the service's own role, which owns no table
- ``DATABASE_OWNER_URL``  the role that owns the tables, for migrations (default: the same)
- ``REDIS_URL``           the broker, ``redis://…``, ``rediss://…`` or ``redis+socket:///path``
- ``VS_VAR``              the folder for uploads, mail and logs (default: ``var/``)
- ``EMAIL_HOST`` …        an SMTP server; without it mail is written to files
- ``DEFAULT_FROM_EMAIL``  who the service's mail is from
- ``COUNCIL_NAME``        what the pages call the council
- ``COUNCIL_CODE``        its three digits; a school of another council lies out of our area
- ``VS_BASE_URL``         where the service is, for links in mails, as ``https://virtualschool.example``
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("VS_VAR") or BASE_DIR / "var").resolve()


def flag(name: str, *, default: bool) -> bool:
    """An environment variable that says yes or no."""
    said = os.environ.get(name, "").strip().lower()
    if not said:
        return default
    if said in {"1", "true", "yes", "on"}:
        return True
    if said in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} must be yes or no, not {said!r}")


# ---------------------------------------------------------------- apps

INSTALLED_APPS = [
    "virtualschool.overview",
    "pupil_premium",
    "attendance",
    "referrals",
    "peps",
    "children",
    "virtualschool.rulebook",
    "virtualschool.jobs",
    "virtualschool.accounts",
    "virtualschool.audit",
    "virtualschool.kernel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_filters",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "virtualschool.kernel.hardening.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "virtualschool.kernel.hardening.HardFloorMiddleware",
    "virtualschool.kernel.hardening.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "virtualschool.audit.middleware.AuditContextMiddleware",
    "virtualschool.jobs.middleware.NudgeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "virtualschool.accounts.middleware.SessionLimitsMiddleware",
    "virtualschool.accounts.middleware.SecondStepMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "virtualschool.kernel.errors.VerdictMiddleware",
]

CSRF_FAILURE_VIEW = "virtualschool.kernel.errors.csrf_failure"

ROOT_URLCONF = "virtualschool.urls"
WSGI_APPLICATION = "virtualschool.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "virtualschool.kernel.context.layout",
            ],
            "builtins": ["virtualschool.kernel.templatetags.vs"],
        },
    },
]

# Every form is drawn by the official GOV.UK macros; crispy layouts only arrange the fields.
FORM_RENDERER = "virtualschool.kernel.formrendering.GovukRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("vs_forms",)
CRISPY_TEMPLATE_PACK = "vs_forms"
CRISPY_FAIL_SILENTLY = False

# What the layout calls the service.
PRODUCT_NAME = "Virtual School"
COUNCIL_NAME = os.environ.get("COUNCIL_NAME") or "Demo Council"
COUNCIL_CODE = os.environ.get("COUNCIL_CODE", "")

# ---------------------------------------------------------------- database

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or DATABASE_URL


def database(url: str) -> dict[str, object]:
    """Django's settings for a database URL; a socket's folder may stand in ``?host=``, where case is kept."""
    found = dict(dj_database_url.parse(url or "postgres:///virtual_school"))
    options = dict(found.get("OPTIONS") or {})
    for name in ("host", "port"):
        if name in options:
            found[name.upper()] = str(options.pop(name))
    return found | {
        "OPTIONS": options,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


# One alias for both roles: manage.py says which role a command needs.
DATABASES = {"default": database(DATABASE_OWNER_URL if os.environ.get("VS_DB_ROLE") == "owner" else DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---------------------------------------------------------------- broker, cache

REDIS_URL = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"


def cache_location(broker_url: str) -> str:
    """The database after the broker's on the same server, so that emptying the cache loses no message."""
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        number = int(parse_qs(parts.query).get("virtual_host", ["0"])[0])
        return f"unix://{parts.path}?db={number + 1}"
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{number + 1}").geturl()


CACHES = {
    "default": {
        "BACKEND": "virtualschool.kernel.caches.RedisOrHereCache",
        "LOCATION": cache_location(REDIS_URL),
        "KEY_PREFIX": "vs",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# A task is taken off the queue when it has been done, so a killed worker's task comes back; everything that a
# task is about lies in PostgreSQL, and with the broker wiped the sweeper still finds it.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # Whoever rings while the broker is away is told so at once. The worker keeps trying by its own rules.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_connect_timeout": 1,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "Europe/London"

# ---------------------------------------------------------------- sign-in and sessions

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Demo mode is for trying the service out over plain http with made-up children: no second factor, plain
# cookies, sign-ins shown on the page. Production refuses it.
DEMO_MODE = False
DEMO_PASSWORD = "a-made-up-authority"
DEMO_SIGN_INS = [
    (f"{role}@demo.example", title)
    for role, title in (
        ("vsh", "Virtual School Head"),
        ("ala", "Area Learning Advocate"),
        ("coordinator", "PEP coordinator"),
        ("support", "PEP support officer"),
        ("socialworker", "Social worker"),
        ("manager", "Social work team manager"),
        ("iro", "Independent Reviewing Officer"),
        ("teacher", "Designated teacher"),
        ("colleague", "Colleague of the designated teacher"),
        ("sen", "SEN officer"),
        ("admissions", "Admissions officer"),
        ("data", "Business support"),
        ("dpo", "Data protection officer"),
    )
]

ACCOUNT_ADAPTER = "virtualschool.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by invitation, which proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "virtualschool.accounts.links.LinkTokens"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    "link_missed": "20/m/ip",
}
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Virtual School"

# The link by which a password is chosen: an invitation may wait in a mailbox, a forgotten password may not.
PASSWORD_RESET_TIMEOUT = int(timedelta(days=7).total_seconds())
RESET_LINK_AGE = timedelta(minutes=30)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_AGE = timedelta(minutes=30)
SESSION_ABSOLUTE_AGE = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE_AGE.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# What was just done names people and children, so it waits in the session and never in a cookie that anybody can read.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---------------------------------------------------------------- what a browser may do

# No inline script or style is ever written, so nothing here has an exception. An identity provider's origin has
# to be added to form-action, because browsers apply it to the redirect too.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# ---------------------------------------------------------------- language, time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# ---------------------------------------------------------------- files

# The fonts of PDF files: a folder that installing fills.
PAPER_FONTS = BASE_DIR / "static" / "build" / "paper"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [
    ("build", BASE_DIR / "static" / "build"),
    ("js", BASE_DIR / "static" / "js"),
    ("images", BASE_DIR / "static" / "images"),
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Uploads have no URL: an authorised view hands them out.
        "OPTIONS": {"location": VAR / "files", "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "virtualschool.staticstorage.HashedStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# ---------------------------------------------------------------- mail

VS_BASE_URL = os.environ.get("VS_BASE_URL", "").rstrip("/")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or "Virtual School <virtual-school@localhost>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 15
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

# ---------------------------------------------------------------- logs

# To standard error, because standard output is for answers. Messages name rows by number, never a child by name:
# no request body, no parameters of statements, no local variables.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secrets": {"()": "virtualschool.kernel.redaction.WithoutSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "virtualschool": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "celery": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
