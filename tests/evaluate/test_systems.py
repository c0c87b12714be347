import pytest

from codeassist.config import Settings
from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.systems import LlamaVim, OpenAI, PeerError, against
from codeassist.evaluate.systems.llama_vim import Local, clean
from codeassist.evaluate.systems.ring import Ring, similarity
from tests.evaluate.peer_server import PeerServer


@pytest.fixture
def server():
    with PeerServer() as running:
        yield running


def hole(prefix="def f(x):\n    ", suffix="\n", lines="one", **more):
    given = {"id": "1", "path": "a.py", "language": "python", "kind": "line"}
    return Hole(
        **given, prefix=prefix, suffix=suffix, middle="return x", lines=lines, **more
    )


# -- servers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org:8012",
        "https://127.0.0.1:8012",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.org",
        "http://user@example.org",
        "http://127.0.0.1:99999",
        "file:///etc/passwd",
        "127.0.0.1:8012",
        "http://[::1",
        "http://",
    ],
)
def test_only_loopback_is_spoken_to(url):
    """A URL of another machine, or none, is refused in one line before any request."""
    with pytest.raises(InputError) as refused:
        against(f"llama.cpp={url}", Settings())
    assert "127.0.0.1:PORT" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("spec", ["", "llama.cpp", "llama.cpp=", "vllm=http://127.1"])
def test_an_unknown_peer_is_told_the_forms(spec):
    """A misspelt --against names what can be written."""
    with pytest.raises(InputError, match=r"llama\.cpp=URL"):
        against(spec, Settings())


@pytest.mark.parametrize("system", [LlamaVim, OpenAI])
def test_a_server_that_is_not_there_is_one_line(system):
    """Nobody listening is said at once, with what to do."""
    with PeerServer() as gone:
        url = gone.url
    with pytest.raises(PeerError, match="start the server there first") as failed:
        system(url)
    assert "\n" not in str(failed.value)


def test_a_peer_is_known_by_what_it_serves(server):
    """Another port is the same system, another model is not; nobody there is told."""
    first = against(f"openai={server.url}", Settings()).settings
    server.models = ["b.gguf"]
    second = against(f"openai={server.url}", Settings()).settings
    assert (first["server has"], second["server has"]) == ("a.gguf", "b.gguf")
    assert server.url not in str(first)
    server.models = []
    assert against(f"llama.cpp={server.url}", Settings()).settings == {
        "server has": "unknown"
    }


def test_a_server_that_is_not_there_is_told_before_anything_is_done():
    """Naming a peer that is not running is refused at once."""
    with PeerServer() as gone:
        url = gone.url
    with pytest.raises(PeerError, match="start the server"):
        against(f"openai={url}", Settings())


@pytest.mark.parametrize("system", [LlamaVim, OpenAI])
@pytest.mark.parametrize(
    "raw",
    [(500, b"out of\nmemory"), (200, b"<html>"), (200, b"[1]"), (503, b"\xff\xfe")],
)
def test_nonsense_of_a_server_is_one_line(server, system, raw):
    """A failing server, or one of another kind, gives an error and no traceback."""
    asked = system(server.url)
    server.raw = raw
    with pytest.raises(PeerError) as failed:
        asked.complete(hole())
    assert "\n" not in str(failed.value)


def test_choices_that_are_none_are_refused(server):
    """A JSON object that is no completion is told."""
    asked = OpenAI(server.url)
    server.raw = (200, b'{"choices": []}')
    with pytest.raises(PeerError, match="without a choice"):
        asked.complete(hole())


@pytest.mark.parametrize("system", [LlamaVim, OpenAI])
def test_a_server_that_dies_is_one_line(server, system):
    """A connection that breaks off ends the evaluation with one line."""
    asked = system(server.url)
    server.hangs_up = True
    with pytest.raises(PeerError, match="does not answer"):
        asked.complete(hole())


# -- llama.vim -----------------------------------------------------------------------


def test_llama_vim_asks_as_documented(server):
    """Window, limits, samplers and stop rule are those of the plugin's description."""
    prefix = "".join(f"line_{n}\n" for n in range(400)) + "    y = "
    suffix = ")\n" + "".join(f"below_{n}\n" for n in range(100))
    answer = LlamaVim(server.url).complete(hole(prefix, suffix))
    _, asked = server.bodies("/infill")
    assert asked["input_prefix"].split("\n")[0] == "line_144"
    assert asked["input_prefix"].endswith("line_399\n")
    assert asked["prompt"] == "    y = "
    assert asked["input_suffix"].startswith(")\nbelow_0\n")
    assert asked["input_suffix"].endswith("below_63\n")
    assert asked["n_indent"] == 4
    assert asked["n_predict"] == 128
    assert asked["samplers"] == ["top_k", "top_p", "infill"]
    assert (asked["t_max_prompt_ms"], asked["t_max_predict_ms"]) == (500, 250)
    assert asked["cache_prompt"] is True
    assert (answer.text, answer.prompt_tokens, answer.evaluated_tokens) == (
        "return 1",
        10,
        7,
    )
    assert answer.busy_ms == 9.0 + 5.0  # the ring was evaluated ahead


def test_llama_vim_never_sees_the_reference(server):
    """Nothing that is sent holds the text that was taken out."""
    taken_out = hole(files=(("b.py", "one\ntwo\nthree\n"),))
    LlamaVim(server.url).complete(taken_out)
    assert taken_out.middle not in str(server.asked)


def test_the_ring_holds_what_the_user_came_by(server, tmp_path):
    """Neighbours of the hole's file are sent as chunks; secrets and the file are not."""
    for name in ("b.py", "a.py", "c.txt", ".env"):
        (tmp_path / name).write_text(f"first of {name}\nsecond\nthird\n")
    LlamaVim(server.url).complete(hole(root=str(tmp_path)))
    warmed, asked = server.bodies("/infill")
    assert warmed["n_predict"] == 0
    for body in (warmed, asked):
        assert [chunk["filename"] for chunk in body["input_extra"]] == ["b.py"]


def test_a_line_is_asked_for_and_a_line_is_taken(server):
    """Where one line is asked for, what the server writes below it does not count."""
    server.text = "return x\n\n\ndef g():"
    assert LlamaVim(server.url).complete(hole()).text == "return x"
    assert OpenAI(server.url).complete(hole()).text == "return x"
    assert "def g" in OpenAI(server.url).complete(hole(lines="block")).text


def test_a_line_of_blanks_is_asked_from_its_beginning():
    """The plugin sends no blanks, and takes those off that the answer brings."""
    local = Local.at("def f():\n    ", "\nf()\n")
    assert (local.middle, local.indent, local.prefix) == ("", 0, "def f():\n")
    assert clean("    return 1", local) == "return 1"
    assert clean("        return 1", local) == "    return 1"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("", ""),
        (" \n\n", ""),
        (")", ""),
        (")\nnext()\nlast()", ""),
        ("x)", "x)"),
        (")\nother()", ")\nother()"),
        ("x\n\n", "x"),
    ],
)
def test_what_stands_there_already_is_not_shown(answer, shown):
    """An answer that equals the rest of the line, or the next lines, is dropped."""
    local = Local.at("call(", ")\nnext()\nlast()\n")
    assert clean(answer, local) == shown


def test_the_ring_keeps_the_newest_sixteen():
    """The oldest chunk makes room, and the order is that of the visits."""
    ring = Ring()
    for n in range(20):
        ring.pick(f"{n}.py", [f"alpha{n} = {n}", f"beta{n}()", f"gamma{n}"])
        ring.promote()
    assert [chunk.path for chunk in ring.chunks] == [f"{n}.py" for n in range(4, 20)]


def test_the_ring_replaces_and_evicts_what_is_alike():
    """A chunk gives way to a newer state of itself, and to the text at the cursor."""
    ring = Ring()
    lines = [f"value_{n} = compute_{n}()" for n in range(20)]
    ring.pick("a.py", lines)
    ring.pick("a.py", lines)
    ring.pick("a.py", [*lines, "one_more"])
    ring.promote(9)
    assert [chunk.text.count("\n") for chunk in ring.chunks] == [21]
    ring.evict("nothing of the kind")
    assert len(ring.chunks) == 1
    ring.evict("\n".join(lines))
    assert ring.chunks == ()


def test_a_long_text_gives_a_chunk_of_half_its_size():
    """Of many lines 32 in a row are picked, the same ones for the same seed."""
    lines = [f"line {n}" for n in range(300)]
    first, second = Ring(seed=3), Ring(seed=3)
    for ring in (first, second):
        ring.pick("a.py", lines)
        ring.promote()
    (chunk,) = first.chunks
    start = lines.index(chunk.text.split("\n")[0])
    assert chunk.text == "\n".join(lines[start : start + 32]) + "\n"
    assert first.chunks == second.chunks


def test_similarity_is_of_words():
    """Equal texts are alike, texts without a common word are not."""
    assert similarity("a = b + c", "a = b + c") == 1.0
    assert similarity("alpha beta", "gamma delta") == 0.0
    assert similarity("a b c d", "a b x y") == 0.5


# -- /v1/completions -----------------------------------------------------------------


def test_openai_sends_prompt_and_suffix(server):
    """Without a family the protocol's own fields are used, in a bounded window."""
    far = "".join(f"line {n}\n" for n in range(2000))
    OpenAI(server.url).complete(hole(far + "x = ", "\n" + far))
    (asked,) = server.bodies("/v1/completions")
    assert asked["prompt"].endswith("line 1999\nx = ")
    assert asked["prompt"].startswith("line ")
    assert len(asked["prompt"]) <= 2048
    assert asked["suffix"].startswith("\nline 0\n")
    assert asked["suffix"].endswith("\n")
    assert len(asked["suffix"]) <= 513
    assert asked["temperature"] == 0.0
    assert asked["stop"] == ["\n"]


def test_a_family_puts_its_sentinels_into_the_prompt(server):
    """Servers without `suffix` get the family's own prompt."""
    OpenAI(server.url, family="qwen2.5-coder").complete(hole("a(", ")"))
    OpenAI(server.url, family="codestral").complete(hole("a(", ")"))
    qwen, codestral = server.bodies("/v1/completions")
    expected = "<|fim_prefix|>a(<|fim_suffix|>)<|fim_middle|>"
    assert (qwen["prompt"], codestral["prompt"]) == (expected, "[SUFFIX])[PREFIX]a(")
    assert "suffix" not in qwen


def test_an_unknown_family_is_told_the_known_ones(server):
    """A family of no table is refused by name."""
    with pytest.raises(InputError, match=r"'gpt'.*qwen2\.5-coder"):
        OpenAI(server.url, family="gpt")


@pytest.mark.parametrize(
    "told",
    [
        {"token_logprobs": [None, -1.0, -3.0]},
        {"content": [{"logprob": -1.0}, {"logprob": -3.0}]},
    ],
)
def test_log_probabilities_are_read_in_both_forms(server, told):
    """Both spellings of the protocol give the mean of the tokens."""
    server.logprobs = told
    assert OpenAI(server.url).complete(hole()).logprob == -2.0


def test_a_draw_carries_seed_and_temperature(server):
    """Samples differ by their seed alone."""
    OpenAI(server.url).sample(hole(), temperature=0.8, seed=3)
    LlamaVim(server.url).sample(hole(), temperature=0.8, seed=3)
    for _, asked in server.asked:
        assert (asked["seed"], asked["temperature"]) == (3, 0.8)
