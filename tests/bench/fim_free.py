"""The model left alone on the engine's prompt: does it end its answer by itself?"""

from collections.abc import Mapping, Sequence

from codeassist.config import Settings
from codeassist.engine.decode import Generation, Greedy, Sampled, Stop
from codeassist.evaluate.hole import Hole, Output
from codeassist.evaluate.systems import Contender, Ours, ours
from codeassist.evaluate.systems.ours import request_of

__all__ = ["STOPS", "left_alone", "stops"]

STOPS = "stops"


class LeftAlone:
    """Our prompt, decoding and number of tokens, without the rules that end an answer."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.name = name
        self._ours = Ours(settings, name=name)

    def complete(self, hole: Hole) -> Output:
        """All that the model says; `reason` tells why it said no more."""
        return self._say(hole, Greedy())

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """The same, drawn."""
        return self._say(hole, Sampled(temperature=temperature, seed=seed))

    def close(self) -> None:
        """Free the model."""
        self._ours.close()

    def _say(self, hole: Hole, sampler: Greedy | Sampled) -> Output:
        completer = self._ours.runtime.completer
        completer.forget()
        session, plan = completer.session, completer.plan(request_of(hole))
        session.evaluate(plan.prompt.tokens)
        generation = Generation(
            session,
            sampler=sampler,
            ends=frozenset(completer.contract.stops),
            max_tokens=plan.max_tokens,
            pending=plan.prompt.pending,
        )
        said = b"".join(token.piece for token in generation)
        return Output(said.decode(errors="replace"), reason=generation.stop.value)


def left_alone(settings: Settings, name: str) -> Contender:
    """The model of these settings, without our rules."""
    told = dict(ours(settings).settings) | {"left alone": "yes"}
    return Contender(name, told, lambda: LeftAlone(settings, name))


def stops(_hole: Hole, outputs: Sequence[Output]) -> Mapping[str, float]:
    """Whether the model itself ended its answer."""
    return {STOPS: float(outputs[0].reason == Stop.END_TOKEN.value)}
