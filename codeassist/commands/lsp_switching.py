"""What settings come to, for the server: which model, its adapter, the sizes."""

from dataclasses import replace
from typing import TYPE_CHECKING

from codeassist.config import Settings
from codeassist.engine.adapters import chosen
from codeassist.engine.latency import tuned
from codeassist.engine.models.store import resolve
from codeassist.lsp import Wanted

if TYPE_CHECKING:
    from codeassist.engine import Runtime

__all__ = ["Switching"]


class Switching:
    """By the latency target, and by what is active now."""

    def wanted(self, settings: Settings) -> Wanted:
        """The model, its adapter and the sizes.

        Raises:
            ModelError: one of them is missing or damaged.
        """
        found = tuned(settings)
        model = found.settings.model
        adapter = chosen(model.adapter, resolve(model.id))
        named = replace(model, adapter=str(adapter or ""))
        return Wanted(replace(found.settings, model=named), found.note)

    def adjusted(self, runtime: "Runtime", settings: Settings) -> "Runtime":
        """The same weights and their cache, with other settings for completing."""
        from .lsp_model import adjusted  # the engine's rooms are open by then

        return adjusted(runtime, settings)
