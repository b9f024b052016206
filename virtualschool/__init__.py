"""The Virtual School: the project package, its settings and the shared floor that every app stands on."""

from virtualschool.celery import app as celery_app

__all__ = ["celery_app"]
