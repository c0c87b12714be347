"""One request from prompt to finished text, over one model."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from codeassist.config import CompletionSettings
from codeassist.fim import Contract

from .answering import Draft, answer_text
from .decode import Cancel, Generation, Greedy, Sampled, Sampler, Session, Stop
from .finish import BlockEnd, End, LineEnd, SpanEnd, look, step_of
from .foreseeing import below
from .gates import Gates
from .offering import offered, silence_of, with_crlf
from .plan import Plan, expected
from .prompt import Prompter, hurried
from .recall import Recall
from .refusal import refusal
from .request import Answer, Completion, Lines, Request, Silence, Timings
from .warming import evaluate_ahead, spare_power

if TYPE_CHECKING:
    from .context.select import Provider

__all__ = ["Completer"]

PATIENCE = 192
"""Tokens of other files that somebody who types on waits for: half a second."""


class Completer:
    """Answers requests one after another; any thread may call it.

    Args:
        session: The KV cache, with its model.
        contract: How the model's family wants its prompts.
        settings: What a completion may cost.
        context: Knows the repository; None: prompts show the document alone. It may
            be set later, from any thread.
        gates: Decide what is shown to somebody who only types; None: those that
            need no calibration.
    """

    def __init__(
        self,
        session: Session,
        contract: Contract,
        settings: CompletionSettings,
        context: "Provider | None" = None,
        gates: Gates | None = None,
    ) -> None:
        self.session = session
        self._gates = gates or Gates()
        self.context = context
        self.contract = contract
        self.settings = settings
        self._ends = frozenset(contract.stops)
        self._prompter = Prompter(
            session.model.vocab, contract, settings, session.n_ctx
        )
        self._alone = Prompter(
            session.model.vocab, contract, hurried(settings), session.n_ctx
        )
        self._recall = Recall()
        self._one_at_a_time = threading.Lock()

    def complete(
        self,
        request: Request,
        cancel: Cancel | None = None,
        *,
        sampler: Sampler | None = None,
        tell: Callable[[str], None] = lambda _text: None,
        ahead: bool = False,
    ) -> Answer:
        """The best completions for the cursor, or the reason why there are none.

        Args:
            request: What is asked for.
            cancel: Stops it from another thread.
            sampler: Of the first completion; None: the likeliest tokens.
            tell: Told what there is of the answer, token by token.
            ahead: Whether nobody waits for it: what cancels it stops it half-way.

        Raises:
            ContextTooSmallError: the context has no room for the prompt.
            DecodeError: llama.cpp refused to go on.
        """
        silence = refusal(request)
        if silence is not None:
            return Answer(silence=silence)
        started = time.monotonic()
        cancel = cancel or Cancel()
        with self._one_at_a_time:
            self.session.arm(cancel)
            try:
                answer, said = self._complete(
                    request, cancel, started, sampler or Greedy(), tell, ahead=ahead
                )
            finally:
                self.session.arm(None)
        if said and sampler is None:
            self._recall.keep(request, *said, block=answer.block)
        return answer

    def warm(self, request: Request, cancel: Cancel, *, hurried: bool = False) -> int:
        """Evaluate the prompt of a request that may come, as long as nobody waits.

        That request, and those of the keystrokes behind it, then find it in the cache.
        It leaves the machine to other programs that are busy, and batteries alone.

        Args:
            request: What may be asked for.
            cancel: Stops it from another thread; whole steps stay in the cache.
            hurried: Whether it may come soon: then the prompt that it would get at once,
                without other files where these take long.

        Returns:
            Tokens that were computed.

        Raises:
            ContextTooSmallError: the context has no room for the prompt.
            DecodeError: llama.cpp refused to go on.
        """
        if refusal(request) is not None:
            return 0
        with self._one_at_a_time:
            self.session.arm(cancel)
            try:
                return self._warm(
                    request, cancel, self._plan_in_time if hurried else self.plan
                )
            finally:
                self.session.arm(None)

    def foresee(self, request: Request, cancel: Cancel) -> bool:
        """Answer a request that may come, so that it need not ask the model.

        Where its line is complete, the line below it is. As `warm` it leaves the machine
        to others.

        Args:
            request: What may be asked for.
            cancel: Stops it from another thread; what was computed stays in the cache.

        Returns:
            Whether the model was asked.

        Raises:
            ContextTooSmallError: the context has no room for the prompt.
            DecodeError: llama.cpp refused to go on.
        """
        asked = False
        wanted: Request | None = request
        while wanted is not None and self.recall(wanted) is None:
            if cancel.is_set() or not spare_power(self.session.threads):
                break
            answer, asked = self.complete(wanted, cancel, ahead=True), True
            ended = answer.silence is Silence.NOTHING_TO_ADD
            wanted = below(wanted) if ended else None
        return asked

    def recall(self, request: Request) -> Answer | None:
        """What an older answer still says at the cursor; the model is not asked.

        Any thread may call it at any time.
        """
        if refusal(request) is not None:
            return None
        found = self._recall.find(request, partial(self._gates.sure, request=request))
        if found is None:
            return None
        return Answer((found.completion,), block=found.block, recalled=True)

    def forget(self) -> None:
        """Drop all that older requests left, as after a change of adapter."""
        with self._one_at_a_time:
            self.session.clear()
            self._prompter.forget()
            self._alone.forget()
            self._recall.clear()
            self._gates.clear()

    def plan(self, request: Request, *, alone: bool = False) -> Plan:
        """The prompt of a request, and where its answer will end.

        Args:
            request: What is asked for.
            alone: Whether the prompt shows the document and no other file.

        Raises:
            ContextTooSmallError: the context has no room for the prompt.
        """
        before, after = _unix(request.before), _unix(request.after)
        place = look(before, after, request.language)
        lines = request.lines or Lines(self.settings.lines)
        block = lines is Lines.BLOCK or (lines is Lines.AUTO and place.wants_block)
        span = lines is Lines.AUTO and not block and bool(place.rest.strip())
        # who only types gets the body of a new block when he has taken its first line
        free = lines is Lines.AUTO and not request.automatic
        long = block or place.goes_on or free
        usual = self.settings.block_max_tokens if long else self.settings.max_tokens
        max_tokens = request.max_tokens or usual
        prompter = self._alone if alone else self._prompter
        prompt, shown = prompter.render(
            before,
            after,
            path=request.path,
            language=request.language,
            max_tokens=max_tokens,
            context=None if alone else self.context,
        )
        end: End
        if span:
            end = SpanEnd(place, request.language, step_of(before))
        elif block:
            end = BlockEnd(place, request.language)
        else:
            end = LineEnd(place, request.language, body=free)
        names = expected(before, after, place, request.language)
        return Plan(
            *(prompt, place, end, block, max_tokens, shown, names, alone),
            removed=request.removed,
            above=before,
            below=after,
        )

    def _plan_in_time(self, request: Request) -> Plan:
        """The plan whose prompt somebody who types on can wait for.

        Where other files would have to be evaluated first, he gets an answer without
        them; they come into the cache while he rests.
        """
        plan = self.plan(request)
        if not (request.automatic and plan.shown):
            return plan
        missing = self.session.missing(plan.prompt.tokens)
        if missing <= PATIENCE:
            return plan
        alone = self.plan(request, alone=True)
        cheaper = missing - self.session.missing(alone.prompt.tokens) > PATIENCE
        return alone if cheaper else plan

    def _warm(
        self, request: Request, cancel: Cancel, plan: Callable[[Request], Plan]
    ) -> int:
        def go_on() -> bool:
            return not cancel.is_set() and spare_power(self.session.threads)

        if not go_on():
            return 0
        tokens = plan(request).prompt.tokens
        if not go_on():
            return 0
        self.session.latest = ""
        evaluated = evaluate_ahead(self.session, tokens, go_on)
        self.session.latest = request.path
        return evaluated

    def _complete(
        self,
        request: Request,
        cancel: Cancel,
        started: float,
        sampler: Sampler,
        tell: Callable[[str], None],
        *,
        ahead: bool,
    ) -> tuple[Answer, list[Completion]]:
        plan = self._plan_in_time(request)
        self.session.latest = ""
        limit_ms = request.time_limit_ms or self.settings.time_limit_ms
        deadline = started + limit_ms / 1000
        drafts: list[Draft] = []
        timings: Timings | None = None
        for n in range(max(1, request.alternatives)):
            begun = time.monotonic()
            tokens = plan.prompt.tokens
            cost = self.session.evaluate(tokens, deadline=deadline, ahead=ahead)
            self.session.latest = request.path
            evaluated = time.monotonic()
            generation = Generation(
                self.session,
                sampler=Sampled(seed=n) if n else sampler,
                ends=self._ends,
                max_tokens=plan.max_tokens,
                deadline=deadline,
                cancel=cancel,
                pending=plan.prompt.pending,
                leanings=plan.leanings(self.session.model.vocab),
            )
            if cost.complete:
                draft = answer_text(
                    generation,
                    plan.end,
                    plan.prompt.pending,
                    tell,
                    partial(
                        self._gates.enough,
                        request=request,
                        block=plan.block,
                        alone=plan.alone,
                    ),
                )
            else:
                cancelled = cancel.is_set()
                draft = Draft("", Stop.CANCELLED if cancelled else Stop.TIME_LIMIT)
            now = time.monotonic()
            timings = timings or Timings(
                prompt_ms=(evaluated - begun) * 1000,
                first_token_ms=((draft.first_token_at or now) - started) * 1000,
                total_ms=(now - started) * 1000,
                reused=cost.reused,
                evaluated=cost.evaluated,
                generated=len(draft.logprobs),
            )
            drafts.append(draft)
            if draft.stop in (Stop.CANCELLED, Stop.TIME_LIMIT):
                break
        return self._answer(drafts, plan, request, timings or Timings())

    def _answer(
        self, drafts: list[Draft], plan: Plan, request: Request, timings: Timings
    ) -> tuple[Answer, list[Completion]]:
        """What is shown, and what there is to remember."""
        answer = Answer(
            timings=timings, block=plan.block, shown=plan.shown, alone=plan.alone
        )
        if drafts[-1].stop is Stop.CANCELLED:
            return replace(answer, silence=Silence.CANCELLED), []
        found = (offered(draft, plan.place, plan.end) for draft in drafts)
        said = [replace(each, alone=plan.alone) for each in found if each]
        silence = None if said else silence_of(drafts[0])
        if said and request.automatic:
            asked = replace(
                request, before=_unix(request.before), after=_unix(request.after)
            )
            first, silence = self._gates.judge(said[0], asked, whole=drafts[0].whole)
            said = [first]
        if "\r\n" in request.before or "\r\n" in request.after:
            said = [with_crlf(each) for each in said]
        shown: dict[str, Completion] = {}
        for each in said:
            if each.text:
                shown.setdefault(each.text, each)
        answer = replace(answer, completions=tuple(shown.values()), silence=silence)
        return answer, said


def _unix(text: str) -> str:
    """Line ends as models know them; CRLF is put back into the answer."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")
