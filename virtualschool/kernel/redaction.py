"""What must stand in no log: the secret part of an address that opens something without signing in."""

import logging
import re

SECRETS = re.compile(r"(/say/k/|/accounts/password/reset/key/)[^/\s'\"?#]+")
HIDDEN = r"\1…"


def redacted(text: str) -> str:
    """The same without the secret part of such addresses."""
    return SECRETS.sub(HIDDEN, text)


class WithoutSecrets(logging.Filter):
    """For every handler of the service: Django writes the address of whatever it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        clean = redacted(text)
        if clean != text:
            record.msg, record.args = clean, ()
        return True
