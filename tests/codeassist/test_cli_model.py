"""The commands that run a model, with the real default model."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import codeassist
from codeassist.cli import main
from codeassist.commands import demo
from codeassist.engine.decode.native import lib
from codeassist.engine.models import store

pytestmark = pytest.mark.model

ADD = "def add(a, b):\n    return a \n\n\nprint(add(1, 2))\n"


@pytest.fixture
def add(tmp_path):
    """A file with a hole."""
    path = tmp_path / "add.py"
    path.write_text(ADD)
    return path


def test_prints_the_text_alone(add, capsys):
    """A pipe gets the completion and nothing else, and the file stays as it was."""
    assert main(["complete", f"{add}:2:14"]) == 0
    out, err = capsys.readouterr()

    assert (out, err) == ("+ b\n", "")
    assert add.read_text() == ADD


def test_json(add, capsys):
    """--json gives text, reason, tokens and times."""
    assert main(["complete", f"{add}:2:14", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)

    assert answer["text"] == "+ b"
    assert answer["reason"] is None
    assert answer["model"] == "qwen2.5-coder-0.5b"
    assert answer["tokens"]["generated"] == len(answer["logprobs"])
    assert answer["ms"]["first_token"] <= answer["ms"]["total"]


def test_stdin(monkeypatch, capsys):
    """An editor may pipe a buffer that is not saved."""
    text = io.TextIOWrapper(io.BytesIO(ADD.encode()))
    monkeypatch.setattr("sys.stdin", text)

    assert main(["complete", "--stdin", "--path", "x.py", "2:14"]) == 0
    assert capsys.readouterr().out == "+ b\n"


def test_show_prompt(add, capsys):
    """--show-prompt prints the exact prompt, sentinels spelled out."""
    main(["complete", f"{add}:2:14", "--show-prompt"])
    err = capsys.readouterr().err

    assert "<|fim_prefix|>def add(a, b):\n<|fim_suffix|>" in err
    assert "<|fim_middle|>    return a\n" in err


def test_show_timings(add, capsys):
    """--show-timings says what the prompt cost; the text stays alone on stdout."""
    main(["complete", f"{add}:2:14", "--show-timings"])
    out, err = capsys.readouterr()

    assert out == "+ b\n"
    told = r"--- \d+ ms, .*: 0 tokens reused, (\d+) evaluated; (\d+) generated\n"
    assert re.fullmatch(told, err)


def test_max_tokens_and_lines(add, capsys):
    """--max-tokens and --lines are obeyed."""
    main(["complete", f"{add}:2:14", "--max-tokens", "1", "--lines", "block", "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert (answer["tokens"]["generated"], answer["lines"]) == (1, "block")


def test_silence_says_why(tmp_path, capsys):
    """An empty answer is no failure, and its reason is said."""
    path = tmp_path / ".env"
    path.write_text("KEY=\n")

    assert main(["complete", f"{path}:1:5"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "ignored-file" in err


def test_context_too_small(add, capsys):
    """A context without room for the request says what to raise."""
    assert main(["complete", f"{add}:2:14", "--n-ctx", "40"]) == 1
    err = capsys.readouterr().err

    assert "raise model.n_ctx (--n-ctx)" in err
    assert err.count("\n") == 1


def test_truncated_model(add, tmp_path, capsys):
    """A truncated GGUF gives one line and status 3, in a process that lives."""
    from codeassist.engine.models import resolve

    short = tmp_path / "short.gguf"
    with resolve("smollm2-135m").path.open("rb") as file:
        short.write_bytes(file.read(60_000_000))

    assert main(["complete", f"{add}:2:14", "--model", str(short)]) == 3
    err = capsys.readouterr().err
    assert "corrupted or incomplete" in err
    assert err.count("\n") == 1


def test_model_without_fim_tells_the_user(add, capsys):
    """A model without FIM is served left to right, and the user is told so."""
    assert main(["complete", f"{add}:2:14", "--model", "smollm2-135m"]) == 0
    out, err = capsys.readouterr()

    assert out.strip()
    assert "left to right" in err


def test_adapter_from_the_command_line(add, shared, capsys):
    """--adapter loads a LoRA over the model, which is surer of other things then."""
    lora = shared / "field" / "proof-fim-lora-0.5b.gguf"
    answers = []
    for extra in ([], ["--adapter", str(lora)]):
        assert main(["complete", f"{add}:2:14", "--json", *extra]) == 0
        answers.append(json.loads(capsys.readouterr().out))

    assert answers[0]["logprobs"] != answers[1]["logprobs"]
    assert answers[1]["text"] == "+ b"


def test_family_by_name(add, capsys):
    """--family forces a family; one that does not fit the model is refused."""
    assert main(["complete", f"{add}:2:14", "--family", "qwen3-coder"]) == 0
    assert capsys.readouterr().out == "+ b\n"
    assert main(["complete", f"{add}:2:14", "--family", "starcoder"]) == 3
    assert "it is not a starcoder model" in capsys.readouterr().err
    assert main(["complete", f"{add}:2:14", "--family", "nonsense"]) == 3
    assert "no FIM family is called 'nonsense'" in capsys.readouterr().err


def test_doctor(capsys):
    """doctor runs real completions and finds the default model in order."""
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert report["ok"]
    assert any("3 of 3 test holes" in f["what"] for f in report["findings"])
    where = "a GPU" if lib.llama_supports_gpu_offload() else "the CPU"
    assert any(f"its layers run on {where}" in f["what"] for f in report["findings"])


def test_doctor_finds_other_bytes(tmp_path, monkeypatch, capsys):
    """A model of the right size and with other bytes is damaged, though it answers."""
    raw = bytearray(store.resolve("smollm2-135m").path.read_bytes())
    raw[-1] ^= 1
    monkeypatch.setenv("CODEASSIST_MODELS", str(tmp_path))
    store.path_of(store.find("smollm2-135m")).write_bytes(raw)

    assert main(["doctor", "--json", "--model", "smollm2-135m"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert any("its SHA-256 is not the catalog's" in f["what"] for f in findings)
    assert any("loaded in" in f["what"] for f in findings)


def test_doctor_without_a_model(tmp_path, monkeypatch, capsys):
    """doctor says what is wrong and what to do, and fails."""
    monkeypatch.setenv("CODEASSIST_MODELS", str(tmp_path))

    assert main(["doctor"]) == 1
    assert "codeassist models pull" in capsys.readouterr().out


@pytest.mark.parametrize("hole", demo.HOLES, ids=lambda hole: hole.title)
def test_holes_of_the_demo_are_there(hole):
    """Each hole of the demo is cut out of a file that we ship."""
    before, after = demo.cut(hole)
    path = Path(codeassist.__file__).parent / hole.file

    assert before + hole.middle + after == path.read_text(encoding="utf-8")


def test_demo(capsys, monkeypatch):
    """The demo shows three completions with their times and reused tokens, two of them
    as the file has them; a terminal's user who wants no colour gets none."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["demo"]) == 0
    out = capsys.readouterr().out

    assert out.count("first token") == 3
    assert out.count("prompt tokens reused") == 3
    assert out.count("«") == 4
    assert "\033" not in out
    assert out.count("the file has the same") >= 2


def test_offline_with_the_model_no_socket_is_touched(add):
    """A completion makes no network call at all."""
    code = (
        "import sys\n"
        "def watch(event, args):\n"
        "    if event.startswith('socket.'):\n"
        "        sys.stderr.write(f'{event}\\n')\n"
        "sys.addaudithook(watch)\n"
        "from codeassist.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "complete", f"{add}:2:14"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("+ b\n", "")
