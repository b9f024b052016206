"""A link while it lives: its token, the device that it is bound to, and whether it works now.

A token is 256 random bits and stands nowhere: its SHA-256 is kept, which is enough because nobody guesses 256 bits. Whoever asks
for a link that does not work is told nothing of why.
"""

import hashlib
import hmac
import secrets
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from peps import policies_voice as policies
from peps.models import VoiceLink
from virtualschool.kernel.dates import now

TOKEN_BYTES = 32


def new_secret() -> str:
    """256 random bits, as an address may hold them."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def by_token(token: str) -> VoiceLink | None:
    """The link of a token, when it works now or did until it was finished."""
    return _working(_rows().filter(digest=digest(token)).first())


def opens(link: VoiceLink, token: str) -> bool:
    """Whether the token is the link's still, and the link works: asked again of what is held."""
    return hmac.compare_digest(link.digest, digest(token)) and works(link)


def of_device(handle: str, secret: str) -> VoiceLink | None:
    """The link whose pages a device asks for, when that device is the one that it is bound to and it works now."""
    uuid = _uuid(handle)
    link = _working(_rows().filter(uuid=uuid).first()) if uuid else None
    return link if link is not None and bound_to(link, secret) else None


def bound_to(link: VoiceLink, secret: str) -> bool:
    """Whether this is the device that opened it."""
    return bool(link.device_digest) and hmac.compare_digest(link.device_digest, digest(secret))


def works(link: VoiceLink) -> bool:
    """Not withdrawn, not too old, and the PEP still asks. One that is finished may be read again for as long."""
    if link.withdrawn_at is not None or link.expires_at <= now():
        return False
    return bool(policies.may_ask(link.pep, link.audience, link.purpose))


def _working(link: VoiceLink | None) -> VoiceLink | None:
    return link if link is not None and works(link) else None


def _rows() -> "QuerySet[Any]":
    return VoiceLink.objects.select_related("pep__child", "made_by", "given_back")


def _uuid(handle: str) -> UUID | None:
    try:
        return UUID(hex=handle)
    except ValueError:
        return None
