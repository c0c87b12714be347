"""Why a request is not even put to the model."""

from codeassist.ignore import is_secret

from .request import MAX_CHARACTERS, Request, Silence

__all__ = ["refusal"]


def refusal(request: Request) -> Silence | None:
    """The reason why the model is not even asked."""
    if is_secret(request.path):
        return Silence.IGNORED_FILE
    if len(request.before) + len(request.after) > MAX_CHARACTERS:
        return Silence.TOO_LARGE
    if not request.before.strip() and not request.after.strip():
        return Silence.NOTHING_TO_ADD
    return None
