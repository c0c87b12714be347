"""A fully local code-completion assistant."""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("codeassist")
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
