from django.db import models


class AccessKind(models.TextChoices):
    """What a response did with the children it names."""

    VIEW = "view", "opened a record"
    LIST = "list", "saw a page or list"
    ACT = "act", "did something"
    SEARCH = "search", "searched"
    PRINT = "print", "printed"
    EXPORT = "export", "exported"
    DENIED = "denied", "was refused"
    BREAK_GLASS = "break_glass", "broke glass"
    AUDIT = "audit", "read the audit"


class Verb(models.TextChoices):
    """What a statement did to a row."""

    INSERT = "I", "added"
    UPDATE = "U", "changed"
    DELETE = "D", "deleted"


class Stream(models.TextChoices):
    """The tables that are sealed; each value is a table's name."""

    CHANGE = "audit_change", "change history"
    EVENT = "audit_auditevent", "events"
    ACCESS = "audit_accesslog", "access log"
