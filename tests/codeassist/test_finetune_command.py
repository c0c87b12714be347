"""`codeassist finetune` from end to end, with a tiny random model and real code."""

import argparse
import functools
import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from codeassist.arguments.finetuning import add_finetune
from codeassist.commands import (
    finetune,
    finetune_learn,
    finetune_proof,
    finetune_sizes,
)
from codeassist.commands.finetune_sizes import Sizes
from codeassist.decoder import DecoderConfig, Rope
from codeassist.engine import adapters as store
from codeassist.engine.adapters.transfer import take_in_gguf
from codeassist.engine.models import resolve
from codeassist.errors import (
    ConfigError,
    FamilyError,
    InputError,
    MemoryShortError,
    TrainingError,
)
from codeassist.finetune.judging import Verdict
from codeassist.quantize.convert import load_config, to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.lora import read_adapter
from codeassist.records import (
    Checked,
    Recorder,
    RecordsError,
    Shown,
    Taken,
    Texts,
    records_file,
)
from codeassist.training.flops import fastest
from codeassist.training.fresh import random_checkpoint
from codeassist.training.tokenizers import (
    SENTINELS,
    from_byte_bpe,
    train_byte_bpe,
    write_vocabulary,
)
from tests.codeassist.records.entries import asked
from tests.engine.adapters.conftest import write_lora
from tests.evaluate.repositories import commit, git

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "engine").rglob("*.py"))[:40]
SIZE = 500


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A GGUF of random weights that can say holes, one that cannot, and a repository."""
    folder = tmp_path_factory.mktemp("made")
    config = DecoderConfig(
        architecture="qwen2",
        vocab_size=SIZE,
        context=2048,
        width=32,
        layers=1,
        heads=2,
        kv_heads=1,
        head_dim=16,
        ffn_width=32,
        rope=Rope(),
        qkv_bias=True,
        tied=True,
    )
    texts = [file.read_text() for file in CODE[:3]]
    for name, words in (("tiny", SENTINELS), ("plain", ("<|endoftext|>",))):
        random_checkpoint(folder / name, config, seed=0)
        trained = from_byte_bpe(train_byte_bpe(texts, SIZE, sentinels=words))
        write_vocabulary(trained, folder / name / "tokenizer.gguf", name="tiny")
        to_gguf(folder / name, folder / f"{name}.gguf", format_="F32")
    (folder / "loop").symlink_to("loop")
    own = folder / "own"
    own.mkdir()
    git(own, "init", "--quiet")
    few = "[completion]\nmax_tokens = 8\nblock_max_tokens = 8\n"
    for first, last in ((0, 28), (28, 38), (38, 40)):
        for n, file in enumerate(CODE[first:last], first):
            shutil.copy(file, own / f"{n}_{file.name}")
        commit(own, {".codeassist.toml": few})
    return folder


@pytest.fixture
def go(made, tmp_path, monkeypatch):
    """Runs the command on that repository, quickly, in folders of this test alone."""
    for name in ("DATA", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("CODEASSIST_SHARED", str(tmp_path))
    monkeypatch.setattr("os.nice", lambda _by: 19)
    quick = functools.partial(fastest, seconds=0.1)
    monkeypatch.setattr(finetune, "fastest", quick)
    monkeypatch.setattr(finetune_sizes, "EPOCHS", 1)
    monkeypatch.setattr(finetune_sizes, "CHARACTERS", 5000)
    monkeypatch.setattr(finetune_sizes, "LOOKS", 3)
    before = torch.get_num_threads()
    torch.set_num_threads(1)

    def run(*words, path="own", model="tiny"):
        parser = argparse.ArgumentParser()
        add_finetune(parser.add_subparsers())
        path, model = str(made / path), str(made / f"{model}.gguf")
        given = ["--yes", "--budget", "5m", "--model", model, "--n-ctx", "1024"]
        return finetune.run(parser.parse_args(["finetune", path, *given, *words]))

    yield run
    torch.set_num_threads(before)


def accepting(monkeypatch):
    """Makes the verdict an acceptance, whatever the proof has found."""
    real = finetune_proof.judge

    def judge(*found):
        return Verdict(True, ("told so",), real(*found).figures)

    monkeypatch.setattr(finetune_proof, "judge", judge)


def test_refused_with_a_report(go, made, tmp_path, capsys):
    """Random weights learn nothing in some steps: refused, reported, nothing stored."""
    assert go("--json") == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["accepted"] is False
    assert told["adapter"] is None
    assert "not proved better" in told["reasons"][0]
    assert "Python's standard library exact match" in " ".join(told["reasons"])
    assert "0 of 8 planted secrets" in told["reasons"][-1]
    report = Path(told["report"])
    assert "The adapter is refused." in report.read_text()
    left = {each.name for each in report.parent.iterdir()}
    assert left == {"key.txt", "report.html", "report.json"}
    assert store.adapters() == []
    for word in ("memory", "disk", "time", "budget"):
        assert word in said.err


def test_accepted_and_switched_on(go, made, tmp_path, capsys, monkeypatch):
    """The adapter is stored with recipe, figures and report, is active, and loads."""
    accepting(monkeypatch)
    assert go() == 0
    located = resolve(str(made / "tiny.gguf"))
    stored = store.active(store.base_of(located).sha256)
    about = stored.about
    assert "own is active" in capsys.readouterr().out
    assert store.active_for(located) == stored.path
    assert about.repository == str(made / "own")
    assert about.commit
    assert about.recipe["lora"]["rank"] == 16
    assert 0 <= about.figures["after"] <= 1
    assert (stored.folder / "report.html").is_file()
    assert (stored.folder / "report.json").is_file()
    assert not [*(tmp_path / "cache").rglob("adapter.gguf")]  # the work is tidied up


def test_another_became_active_meanwhile(go, made, tmp_path, capsys, monkeypatch):
    """An adapter is not put in the place of one that it was never compared with."""
    accepting(monkeypatch)
    located = resolve(str(made / "tiny.gguf"))
    base, real = store.base_of(located), finetune_proof.judge
    other = tmp_path / "other.gguf"
    write_lora(other, load_config(made / "tiny"), seed=0)

    def judge(*found):
        take_in_gguf(other, base, lambda *_: None, name="other")
        store.activate("other")
        return real(*found)

    monkeypatch.setattr(finetune_proof, "judge", judge)
    assert go() == 1
    assert "own is stored and not active" in capsys.readouterr().out
    assert store.active(base.sha256).about.name == "other"
    assert {each.about.name for each in store.adapters()} == {"own", "other"}


def test_interrupted_and_gone_on(go, tmp_path, capsys, monkeypatch):
    """Stopped in the middle, the same command ends with the adapter of one run."""
    sizes = {"measured": True, "steps": 4, "examples": 40, "holes": 40}
    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
    real_sized = finetune.sized

    def sized(*given):
        return Sizes(**sizes), real_sized(*given)[1]

    monkeypatch.setattr(finetune, "sized", sized)
    assert go("--out", str(tmp_path / "whole")) == 1

    real = finetune_learn.run_training

    def interrupted(*given, observe, **more):
        def seen(step, speed):
            observe(step, speed)
            if step.step == 2:
                signal.raise_signal(signal.SIGINT)

        return real(*given, observe=seen, **more)

    with monkeypatch.context() as patch:
        patch.setattr(finetune_learn, "run_training", interrupted)
        assert go("--out", str(tmp_path / "halves")) == 130
    assert "the same command goes on" in capsys.readouterr().err
    assert not (tmp_path / "halves" / "adapter.gguf").exists()
    assert go("--out", str(tmp_path / "halves")) == 1
    whole, halves = ((tmp_path / n / "adapter.gguf") for n in ("whole", "halves"))
    assert tensors(whole) == tensors(halves)


def tensors(path):
    file = GgufFile(path)
    return {name: file[name].tobytes() for name in file.shapes}


def test_told_to_an_editor(go, capsys):
    """With --progress json stderr has one object a line, from the estimate to the end."""
    assert go("--progress", "json") == 1
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    stages = [*dict.fromkeys(line["stage"] for line in lines)]
    assert stages == [
        "estimate",
        "unpacking",
        "examples",
        "training",
        "judging",
        "done",
    ]
    assert lines[0]["seconds"] > 0
    assert lines[0]["steps"] > 0
    percents = [line["percent"] for line in lines[1:]]
    assert percents == sorted(percents)
    assert lines[-1]["accepted"] is False
    assert any("held_out" in line for line in lines)


def test_the_history_is_learned_too(go, tmp_path):
    """With --since, what commits brought is learned beside the files, as is other code."""
    (tmp_path / "out").mkdir()
    assert go("--out", str(tmp_path / "out"), "--since", "HEAD~2") == 1
    about = json.loads((tmp_path / "out/rows/learned/rows.json").read_text())
    told = json.dumps(about)
    assert '"of history": 0' not in told
    assert '"of history": ' in told
    assert '"of other code": 0' not in told


def test_what_was_taken_is_learned_too(go, made, tmp_path, capsys):
    """With --accepted, a suggestion that was kept is an example more; without records
    that is said before anything begins."""
    with pytest.raises(RecordsError, match="nothing is recorded yet"):
        go("--accepted")
    name, line = "0_" + CODE[0].name, CODE[0].read_text().splitlines()[0]
    recorder = Recorder(records_file())
    told = {"root": str(made / "own"), "path": name, "at": time.time()}
    recorder.add(asked("a", texts=Texts(line[:9], "\n", line[9:]), **told))
    recorder.add(Shown("a", told["at"], "python", 5))
    recorder.add(Taken("a", told["at"], 5, whole=True, how="command"))
    recorder.add(Checked("a", 30, line, line))
    recorder.join()
    (tmp_path / "out").mkdir()
    assert go("--out", str(tmp_path / "out"), "--accepted") == 1
    assert "1 of 1 suggestions that you kept" in capsys.readouterr().err
    about = json.loads((tmp_path / "out/rows/learned/rows.json").read_text())
    assert '"accepted": 1' in json.dumps(about)


def test_a_history_that_may_not_be_learned(go, tmp_path, capsys):
    """Where all commits after --since are kept for judging, that is said."""
    (tmp_path / "out").mkdir()
    assert go("--out", str(tmp_path / "out"), "--since", "HEAD~1") == 1
    assert "no commit after --since may be learned" in capsys.readouterr().err


def test_above_another_adapter(go, made, tmp_path, monkeypatch):
    """With an adapter to begin with, what is stored goes on from it, in its rank."""
    accepting(monkeypatch)
    below = tmp_path / "below.gguf"
    write_lora(below, load_config(made / "tiny"), seed=0)
    assert go("--adapter", str(below)) == 0
    config = load_config(made / "tiny")
    before = read_adapter(below, config)
    after = read_adapter(store.adapters()[0].path, config)
    assert {pair.rank for pair in after.pairs.values()} == {2}
    name = "layers.0.attention.q.weight"
    old, new = (
        each.alpha / each.pairs[name].rank * each.pairs[name].b @ each.pairs[name].a
        for each in (before, after)
    )
    assert np.abs(new - old).max() < 0.2 * np.abs(old).max()
    assert not np.array_equal(new, old)


@pytest.mark.parametrize(
    ("words", "changed", "error", "said"),
    [
        (("--budget", "soon"), {}, ConfigError, "no time"),
        (("--budget", "0m"), {}, ConfigError, "no time"),
        (("--since", "no-such"), {}, InputError, "no revision"),
        ((), {"path": "none"}, InputError, "does not exist"),
        ((), {"path": "loop"}, InputError, "does not exist"),
        ((), {"path": "tiny"}, TrainingError, "too small"),
        ((), {"model": "plain"}, FamilyError, "--model"),
    ],
)
def test_refused_at_once(go, tmp_path, words, changed, error, said):
    """Bad input is one line that says what to do, before anything is trained."""
    with pytest.raises(error, match=said) as caught:
        go(*words, **changed)
    assert "\n" not in str(caught.value)
    assert store.adapters() == []
    assert not [*(tmp_path / "cache").glob("codeassist/finetune/*")]


def test_what_does_not_fit(go, monkeypatch):
    """Too little memory is refused with the estimate, too little time with a remedy."""
    monkeypatch.setattr(finetune, "fastest", lambda: {"float32": 1e3})
    with pytest.raises(TrainingError, match=r"give --budget \d+m"):
        go()
    monkeypatch.setattr(finetune, "fastest", lambda: {"float32": 1e12})

    class Memory:
        available = 1000

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    with pytest.raises(MemoryShortError, match=r"needs [\d,]+ MB"):
        go()
    slow = {"float32": 1e12, "bfloat16": 1e3}  # the faster one wants memory, not time
    monkeypatch.setattr(finetune, "fastest", lambda: slow)
    with pytest.raises(MemoryShortError, match=r"needs [\d,]+ MB"):
        go()


def test_what_fits_in_half_the_memory(go, monkeypatch, tmp_path):
    """Where float32 has no room, not even slowly, bfloat16 is taken, and kept to."""
    tried = []

    def check(_job, plan):
        tried.append(plan)
        if len(tried) < 3:
            raise MemoryShortError

    rates = {"float32": 1e12, "bfloat16": 1e11}
    monkeypatch.setattr(finetune, "fastest", lambda: rates)
    monkeypatch.setattr(finetune_sizes, "_check", check)
    monkeypatch.setattr(finetune, "holes_of", lambda *_: 1 / 0)
    (tmp_path / "out").mkdir()
    with pytest.raises(ZeroDivisionError):
        go("--out", str(tmp_path / "out"))
    sizes = json.loads((tmp_path / "out" / "sizes.json").read_text())
    assert (sizes["dtype"], sizes["recompute"]) == ("bfloat16", False)


def test_a_foreign_folder(go, tmp_path):
    """A folder of something else is left alone."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match="no fine-tuning's folder"):
        go("--out", str(tmp_path / "out"))


def test_a_folder_of_another_fine_tuning(go, tmp_path):
    """What was begun with another budget is not gone on with."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "key.txt").write_text("other")
    with pytest.raises(TrainingError, match="another budget"):
        go("--out", str(tmp_path / "out"))
