"""Background work: the Celery application and everything that runs by the clock.

Nothing here is needed for a correct result, only for a timely one: what is to be done lies in PostgreSQL, each
task asks there what is due, and a task that runs twice or late does the same.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.production")

app = Celery("virtualschool")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="notifications")

# Times are Europe/London (CELERY_TIMEZONE), so a night stays a night when the clocks change.
app.conf.beat_schedule = {
    "plan-nights": {
        "task": "virtualschool.jobs.tasks.plan_nights",
        "schedule": crontab(minute=30),
        "options": {"expires": 3000},
    },
    "sweep": {
        "task": "virtualschool.jobs.tasks.sweep",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "seal-audit": {
        "task": "virtualschool.audit.tasks.seal",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
}
