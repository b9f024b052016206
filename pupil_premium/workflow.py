"""When an agreed line may be released and reversed. Once released it never comes back: a reversed line is asked for anew in a PEP."""

from pupil_premium.enums import ReleaseState
from virtualschool.kernel.workflow import Workflow, move

RELEASE = Workflow(
    move("release", [ReleaseState.RELEASABLE], ReleaseState.RELEASED),
    move("reverse", [ReleaseState.RELEASED], ReleaseState.REVERSED),
)
