from celery import shared_task

from virtualschool.audit import sealing
from virtualschool.audit.enums import Stream


@shared_task
def seal() -> None:
    """Each minute: seal what has come, ten stretches of each stream at most; what is left waits for the next minute."""
    for stream in Stream.values:
        for _ in range(10):
            if not sealing.seal(stream):
                break
