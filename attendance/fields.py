"""Columns that PostgreSQL has and Django does not: one byte of text, and a string of bits of fixed length."""

from typing import Any

from django.db import models


class LetterField(models.Field):
    """One ASCII letter in PostgreSQL's one-byte type ``"char"``."""

    description = "One letter"

    def db_type(self, connection: Any) -> str:
        return '"char"'


class BitsField(models.Field):
    """A string of ``length`` bits, read and written as text of 0 and 1."""

    description = "A string of %(length)s bits"

    def __init__(self, *args: Any, length: int, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "length": self.length}

    def db_type(self, connection: Any) -> str:
        return f"bit({self.length})"
