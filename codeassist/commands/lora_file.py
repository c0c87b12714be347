"""A file that has an adapter, as the user names it."""

from pathlib import Path

from codeassist.errors import AdapterError

__all__ = ["lora_file"]


def lora_file(name: str) -> Path:
    """Where it lies.

    Raises:
        AdapterError: a folder, as PEFT saves adapters.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        msg = (
            f"{path} is a folder; name a LoRA in GGUF (llama.cpp's "
            f"convert_lora_to_gguf.py makes one of a PEFT folder)"
        )
        raise AdapterError(msg)
    return path
