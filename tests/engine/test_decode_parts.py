"""The parts of the decode room that need no weights."""

import struct

import numpy as np
import pytest

from codeassist.engine.decode.adapter import check_adapter
from codeassist.engine.decode.cancel import ABORT_IF_SET, Cancel
from codeassist.engine.decode.gguf_header import read_header
from codeassist.engine.decode.sampling import Greedy, Sampled, log_probability
from codeassist.engine.decode.threads import Load, ThreadPolicy
from codeassist.errors import AdapterError, ModelFileError


class TestCancel:
    def test_the_callback_sees_the_flag(self):
        """llama.cpp's abort callback answers 0 until the flag is set."""
        cancel = Cancel()

        assert not ABORT_IF_SET(cancel.address)
        cancel.set()
        assert ABORT_IF_SET(cancel.address)
        assert cancel.is_set()


class TestSampling:
    def test_greedy_takes_the_first_of_equals(self):
        """Equal logits give the lower id, so that runs agree."""
        assert Greedy().choose(np.array([0, 2, 2], np.float32)) == 1

    def test_log_probability_of_uniform_logits(self):
        """Four equal logits give each a probability of a quarter."""
        logits = np.full(4, 7.0, np.float32)

        assert log_probability(logits, 2) == pytest.approx(np.log(0.25))

    def test_top_p_cuts_the_tail(self):
        """A token outside of the kept probability is never drawn."""
        logits = np.log(np.array([0.6, 0.35, 0.05], np.float32))
        sampler = Sampled(temperature=1.0, top_p=0.9, seed=3)

        drawn = {sampler.choose(logits) for _ in range(200)}

        assert drawn == {0, 1}


class Machine:
    """A machine whose clock and load the test turns."""

    def __init__(self):
        self.load = Load(0.0, 0.0, 0.0)

    def look(self):
        return self.load

    def run(self, seconds, own, others):
        """Let time go by with so many cores busy."""
        old = self.load
        self.load = Load(
            old.at + seconds,
            old.all + seconds * (own + others),
            old.own + seconds * own,
        )


class TestThreads:
    @pytest.mark.parametrize(
        ("others", "threads"), [(0.0, 4), (0.2, 4), (1.0, 3), (2.5, 1), (9.0, 1)]
    )
    def test_as_many_as_there_are_idle_cores(self, others, threads):
        """Cores that other programs use are left to them; one thread always stays."""
        machine = Machine()
        policy = ThreadPolicy(4, machine.look, cores=4)
        machine.run(1.0, own=1.0, others=others)

        assert policy.threads() == threads

    def test_comes_back_when_the_machine_is_quiet(self):
        """Threads return once the others are done; our own load does not count."""
        machine = Machine()
        policy = ThreadPolicy(2, machine.look, cores=2)
        machine.run(1.0, own=1.0, others=1.5)
        assert policy.threads() == 1
        machine.run(1.0, own=2.0, others=0.0)

        assert policy.threads() == 2


def string(text):
    """A GGUF string."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf(values, tensors, data=b""):
    """A GGUF of version 3 with string and float values and F32 tensors."""
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    for key, value in values.items():
        out += string(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + string(value)
        elif isinstance(value, list):
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(string, value))
        else:
            out += struct.pack("<If", 6, value)
    for name, shape in tensors.items():
        out += string(name) + struct.pack("<I", len(shape))
        out += struct.pack(f"<{len(shape)}QIQ", *shape, 0, 0)
    return out + data


BASE = gguf(
    {"general.architecture": "qwen2", "tokenizer.ggml.tokens": ["a", "b"]},
    {
        "token_embd.weight": (8, 20),
        "blk.0.attn_q.weight": (8, 16),
        "output_norm.weight": (8,),
    },
)
LORA = {
    "general.type": "adapter",
    "adapter.type": "lora",
    "general.architecture": "qwen2",
    "adapter.lora.alpha": 16.0,
}
Q = "blk.0.attn_q.weight"
PAIR = {f"{Q}.lora_a": (8, 2), f"{Q}.lora_b": (2, 16)}


@pytest.fixture
def check(tmp_path):
    """Check an adapter, given as bytes, against the small base."""

    def run(raw):
        base, adapter = tmp_path / "base.gguf", tmp_path / "adapter.gguf"
        base.write_bytes(BASE)
        adapter.write_bytes(raw)
        check_adapter(adapter, base)

    return run


class TestAdapter:
    def test_one_that_fits(self, check):
        """A pair of the right shapes passes."""
        check(gguf(LORA, PAIR, bytes(4 * (16 + 32))))

    @pytest.mark.parametrize(
        ("values", "tensors", "says"),
        [
            ({"general.type": "model"}, PAIR, "not a LoRA adapter but a model"),
            ({"general.architecture": "llama"}, PAIR, "architecture llama"),
            ({"adapter.lora.alpha": "x"}, PAIR, "alpha is missing"),
            ({}, {}, "no tensors"),
            ({}, {f"{Q}.lora_a": (8, 2)}, "one half"),
            ({}, {**PAIR, f"{Q}.lora_b": (2, 17)}, "its pair is"),
            ({}, {**PAIR, f"{Q}.lora_b": (3, 16)}, "its pair is"),
            ({}, {"x.lora_a": (8, 2), "x.lora_b": (2, 16)}, "no tensor x"),
            ({}, {"other": (8, 2)}, "neither a lora_a nor"),
            ({}, {f"{Q}.lora_a": (8,), f"{Q}.lora_b": (16,)}, "only matrices"),
            ({}, {f"{Q}.lora_a": (8, 0), f"{Q}.lora_b": (0, 16)}, "only matrices"),
            (
                {},
                {"output_norm.weight.lora_a": (8,), "output_norm.weight.lora_b": (8,)},
                "only matrices",
            ),
            (
                {},
                {
                    "token_embd.weight.lora_a": (2, 20),
                    "token_embd.weight.lora_b": (2, 8),
                },
                "ties them",
            ),
        ],
    )
    def test_one_that_does_not_fit(self, check, values, tensors, says):
        """What does not fit is refused with the first thing that is wrong."""
        with pytest.raises(AdapterError, match=says):
            check(gguf({**LORA, **values}, tensors, bytes(4096)))

    def test_one_that_is_cut_short(self, check):
        """An adapter without its data is refused."""
        with pytest.raises(AdapterError, match="cut short"):
            check(gguf(LORA, PAIR))

    def test_a_foreign_file(self, check):
        """A text file is no adapter."""
        with pytest.raises(AdapterError, match="not a GGUF"):
            check(b"hello")


class TestHeader:
    def test_names_and_shapes(self, tmp_path):
        """Scalars, strings and shapes are read; arrays are walked over."""
        path = tmp_path / "x.gguf"
        path.write_bytes(BASE)

        header = read_header(path)

        assert header.meta == {"general.architecture": "qwen2"}
        assert header.shapes[Q] == (8, 16)

    @pytest.mark.parametrize("size", range(5, len(BASE), 7))
    def test_cut_anywhere(self, tmp_path, size):
        """A header that is cut anywhere gives an error, never a crash."""
        path = tmp_path / "x.gguf"
        path.write_bytes(BASE[:size])

        with pytest.raises(ModelFileError, match=r"damaged GGUF|not a GGUF"):
            read_header(path)
