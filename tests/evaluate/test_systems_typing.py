import asyncio
import os

import pytest

from codeassist.config import Settings
from codeassist.evaluate.hole import Output
from codeassist.evaluate.replay.assistant import AssistantError, View
from codeassist.evaluate.replay.policy import VSCODE
from codeassist.evaluate.systems import LlamaVimAssistant, assistant_of
from codeassist.evaluate.systems.llama_vim_cache import AnswerCache
from codeassist.evaluate.systems.serving import Turns
from tests.evaluate.peer_server import PeerServer


@pytest.fixture
def server():
    with PeerServer() as running:
        yield running


@pytest.fixture
async def vim(server):
    assistant = LlamaVimAssistant(server.url)
    await assistant.start()
    await assistant.open("/w/a.py", "")
    yield assistant
    await assistant.close()


def at(before, after="\n"):
    return View("/w/a.py", before, after)


async def settled(assistant):
    """Let the request that was made ahead come to its end."""
    ahead = [task for task in assistant._tasks if "_ahead" in str(task.get_coro())]
    await asyncio.gather(*ahead)


async def test_an_answer_is_shown_and_the_next_is_asked_ahead(server, vim):
    """The plugin asks as if what it shows were accepted, with a longer limit."""
    answer = await vim.suggest(at("x = "))
    await settled(vim)
    asked, ahead = server.bodies("/infill")
    assert (answer.text, answer.prompt_tokens, answer.evaluated_tokens) == (
        "return 1",
        10,
        7,
    )
    assert (asked["prompt"], asked["t_max_predict_ms"]) == ("x = ", 250)
    assert (ahead["prompt"], ahead["t_max_predict_ms"]) == ("x = return 1", 1000)


async def test_what_is_typed_through_asks_nobody(server, vim):
    """Typing what an answer says is answered from the cache, for no tokens."""
    await vim.suggest(at("x = "))
    await settled(vim)
    before = len(server.asked)
    answer = await vim.suggest(at("x = ret"))
    assert (answer.text, answer.evaluated_tokens) == ("urn 1", 0)
    assert len(server.asked) == before


async def test_what_came_meanwhile_is_not_asked_twice(server, vim):
    """A request that had to wait is answered by what the one before it brought."""
    server.text = "one + two"
    first, second = await asyncio.gather(
        vim.suggest(at("x = ")), vim.suggest(at("x = one"))
    )
    await settled(vim)
    assert first.text == "one + two"
    assert (second.text, second.evaluated_tokens) == (" + two", 0)
    assert [body["prompt"] for body in server.bodies("/infill")] == [
        "x = ",
        "x = one + two",
    ]


async def test_a_long_rest_of_the_line_asks_nobody(server, vim):
    """More than eight characters behind the cursor: the plugin stays silent."""
    answer = await vim.suggest(at("x = ", "something long\n"))
    assert (answer.text, answer.reason, server.asked) == ("", "line-suffix", [])


async def test_visited_files_wait_for_the_ring(vim):
    """Files that were left and entered are queued, not sent before the user rests."""
    text = "".join(f"name_{n} = {n}\n" for n in range(10))
    await vim.open("/w/b.py", text)
    assert vim._system.ring.chunks == ()
    assert vim._system.ring.promote()
    assert [chunk.path for chunk in vim._system.ring.chunks] == ["/w/b.py"]


async def test_a_server_that_dies_ends_the_replay(server, vim):
    """The replay learns of it as its own error."""
    server.hangs_up = True
    with pytest.raises(AssistantError, match="does not answer"):
        await vim.suggest(at("x = "))


async def test_any_endpoint_can_type(server):
    """Peers without a policy of their own are asked for a line at the cursor."""
    assistant, policy = assistant_of(f"openai={server.url}", Settings(), VSCODE)
    assert policy is VSCODE
    await assistant.start()
    answer = await assistant.suggest(at("x = "))
    assert answer.text == "return 1"
    # the server of this test is a thread of this process
    assert [process.pid for process in assistant._processes] == [os.getpid()]
    assert assistant.cpu_seconds() > 0
    await assistant.close()
    await assistant.close()


async def test_a_peer_that_is_gone_does_not_start():
    """An assistant without its server says so when it is started."""
    with PeerServer() as server:
        specs = [f"{kind}={server.url}" for kind in ("openai", "llama.cpp")]
        made = [assistant_of(spec, Settings(), VSCODE) for spec in specs]
    for assistant, _ in made:
        with pytest.raises(AssistantError, match="start the server"):
            await assistant.start()


async def test_of_those_that_wait_the_newest_is_asked():
    """One request is under way; of those behind it all but the last keystroke's go."""
    turns, begun, go_on = Turns(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    worked = []

    def work(name, wait=None):
        worked.append(name)
        loop.call_soon_threadsafe(begun.set)
        if wait:
            asyncio.run_coroutine_threadsafe(wait(), loop).result()
        return Output(name)

    first = asyncio.create_task(turns.take(lambda: work("first", go_on.wait)))
    await begun.wait()
    rest = [
        asyncio.create_task(turns.take(lambda name=name: work(name)))
        for name in ("second", "third")
    ]
    rest.append(asyncio.create_task(turns.take(lambda: work("aside"), aside=True)))
    await asyncio.sleep(0)
    go_on.set()
    answers = await asyncio.gather(first, *rest)
    texts = [answer and answer.text for answer in answers]
    assert texts == ["first", None, "third", "aside"]
    assert worked == ["first", "third", "aside"]


def test_the_cache_serves_what_was_typed_through_and_nothing_else():
    """An answer is found behind its own beginning, and not behind other text."""
    cache = AnswerCache()
    cache.keep("a\nb\nx = ", "\n", "one + two")
    assert cache.find("a\nb\nx = ", "\n") == "one + two"
    assert cache.find("a\nb\nx = one", "\n") == " + two"
    assert cache.find("b\nx = one", "\n") == " + two"
    assert cache.find("a\nb\nx = two", "\n") is None
    assert cache.find("a\nb\nx = one + two", "\n") is None
    assert cache.find("a\nb\nx = ", "other") is None


def test_the_cache_is_bounded():
    """Two hundred and fifty keys are kept, the latest ones."""
    cache = AnswerCache()
    for n in range(400):
        cache.keep(f"x{n} = ", "", "answer")
    assert cache.find("x0 = ", "") is None
    assert cache.find("x399 = ", "") == "answer"
    assert len(cache._answers) == 250
