"""Why a request is not even put to the model."""

from codeassist.ignore import KeptAway, is_secret

from .request import MAX_CHARACTERS, Request, Silence

__all__ = ["refusal"]

KEPT_AWAY = KeptAway()


def refusal(request: Request) -> Silence | None:
    """The reason why the model is not even asked."""
    if is_secret(request.path) or KEPT_AWAY.names(request.path):
        return Silence.IGNORED_FILE
    if len(request.before) + len(request.after) > MAX_CHARACTERS:
        return Silence.TOO_LARGE
    if not request.before.strip() and not request.after.strip():
        return Silence.NOTHING_TO_ADD
    return None
