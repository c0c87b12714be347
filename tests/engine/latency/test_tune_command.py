"""`codeassist tune` over models that take no time to measure."""

import argparse
import json
from dataclasses import replace

import pytest

from codeassist import config
from codeassist.arguments.tuning import add_tune
from codeassist.commands import tune
from codeassist.engine.latency import kept
from codeassist.errors import ConfigError, ModelFileError
from tests.engine.latency.machines import speed

SPEEDS = {"large": speed(115, 0.04), "small": speed(350, 0.015)}


@pytest.fixture
def asked(here, tmp_path, monkeypatch):
    """Models that were measured, in order; one without a speed cannot be loaded."""
    monkeypatch.setattr(config, "config_dir", lambda: tmp_path / "config")
    here("small", "large")
    names = []

    def measure(_settings, candidate):
        names.append(candidate.name)
        if candidate.name not in SPEEDS:
            msg = "it is damaged"
            raise ModelFileError(msg)
        return SPEEDS[candidate.name]

    monkeypatch.setattr(tune, "_measure", measure)
    return names


def run(*words):
    """Run the command."""
    parser = argparse.ArgumentParser()
    add_tune(parser.add_subparsers())
    return tune.run(parser.parse_args(["tune", *words]))


def test_a_second_run_measures_nothing(asked, capsys):
    """What is known is not measured again, and chooses the same."""
    assert run("--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert run("--json") == 0
    second = json.loads(capsys.readouterr().out)

    assert asked == ["large", "small"]
    assert first["choice"] == second["choice"]
    assert [each["measured_before"] for each in second["models"]] == [True, True]


def test_again_measures_all(asked):
    """--again takes nothing for known."""
    run()
    run("--again")

    assert asked == ["large", "small"] * 2


def test_a_busy_machine_is_measured_again(asked, monkeypatch, capsys):
    """Speeds beside busy programs are told of, and do not last."""
    monkeypatch.setitem(SPEEDS, "large", replace(SPEEDS["large"], others=1.5))
    run()
    run()

    assert asked == ["large", "small", "large"]
    assert "run `codeassist tune` again" in capsys.readouterr().out


def test_the_table_and_the_choice(asked, capsys):
    """One line a model, the choice with its sizes, and where to put the number."""
    run("--latency-ms", "400")
    out = capsys.readouterr().out

    assert out.splitlines()[1].split() == [
        "large", "115", "115", "115", "115", "115", "40.0", "10.0", "316",
    ]  # fmt: skip
    assert "for 400 ms: small, which takes about 124 ms while typing" in out
    assert "prefix_tokens = 384, suffix_tokens = 96, context_tokens = 0" in out
    assert "latency_ms = 400 under [completion]" in out


def test_one_damaged_model_does_not_stop_the_others(asked, monkeypatch, capsys):
    """It is left out with one line; where all fail, that is the error."""
    monkeypatch.delitem(SPEEDS, "large")
    assert run("--json") == 0
    told = capsys.readouterr()
    assert [each["id"] for each in json.loads(told.out)["models"]] == ["small"]
    assert told.err == "codeassist: large is left out: it is damaged\n"

    monkeypatch.delitem(SPEEDS, "small")
    with pytest.raises(ModelFileError):
        run("--again")


def test_a_full_disk_costs_only_the_keeping(asked, monkeypatch, capsys):
    """The table is shown all the same."""

    def refuse(_setup, _speed):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write", refuse)
    assert run("--json") == 0
    told = capsys.readouterr()

    assert json.loads(told.out)["choice"]["model"] == "small"
    assert "No space left on device" in told.err


def test_a_hopeless_target_is_valid_json(asked, monkeypatch, capsys):
    """Times that were not measured are null."""
    for name in SPEEDS:
        monkeypatch.setitem(SPEEDS, name, speed(1, 2.0, most=32))
    run("--json")
    choice = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["choice"]

    assert (choice["meets"], choice["jump_ms"]) == (False, None)


def test_a_target_must_be_one(asked):
    """0 is the setting's way to say that there is none."""
    with pytest.raises(ConfigError, match="above 0"):
        run("--latency-ms", "0")
