"""From a target in the settings to other settings, without any measuring."""

import pytest

from codeassist.config import Settings, merge
from codeassist.engine.latency import candidates, kept, tuned
from codeassist.errors import ModelMissingError
from tests.engine.latency.machines import speed


def aimed():
    """The defaults with a target."""
    return merge(Settings(), {"completion": {"latency_ms": 400}}, "test")


def measured(**speeds):
    """Keep speeds of some models, as a run of `codeassist tune` would."""
    for each in candidates(Settings()):
        if each.name in speeds:
            kept.write(each.setup(Settings()), speeds[each.name])


def test_without_a_target_nothing_is_looked_up(here):
    """0 leaves the settings as they are, even where there is no model."""
    assert tuned(Settings()).settings == Settings()


def test_the_largest_comes_first_and_plain_ones_last(here):
    """Models that cannot fill in the middle are chosen only where there are no others."""
    here("plain")
    assert [each.name for each in candidates(Settings())] == ["plain"]

    here("small", "large")
    assert [each.name for each in candidates(Settings())] == ["large", "small"]


def test_without_a_model_it_is_said_what_to_do(here):
    """An empty machine gives the usual line."""
    with pytest.raises(ModelMissingError, match="models pull small"):
        tuned(aimed())


def test_before_anything_is_measured(here):
    """The settings hold as they are, and one line says what to run."""
    here("small")
    found = tuned(aimed())

    assert found.settings == aimed()
    assert "codeassist tune" in found.note


def test_model_and_sizes_are_set(here):
    """The model and the sizes that meet the target are in the settings then."""
    here("small", "large")
    measured(small=speed(350, 0.015), large=speed(2000, 0.01))
    found = tuned(aimed())

    assert found.note == ""
    assert found.settings.model.id == "large"
    assert found.settings.completion.context_tokens > 0


def test_a_new_model_waits_until_it_is_measured(here):
    """One that was fetched since is not chosen on a guess."""
    here("small", "large")
    measured(small=speed(350, 0.015))

    assert tuned(aimed()).settings.model.id == "small"


def test_the_users_model_is_kept(here):
    """A model that is named stays, with sizes that fit it."""
    here("small", "large")
    measured(small=speed(200, 0.015), large=speed(2000, 0.01))
    own = merge(aimed(), {"model": {"id": "small"}}, "test")
    found = tuned(own)

    assert found.settings.model.id == "small"
    assert found.settings.completion.prefix_tokens < 512


def test_a_hopeless_machine_is_told_of(here):
    """The note names the times that can be had, and the setting to change."""
    here("small")
    measured(small=speed(10, 0.5))
    found = tuned(aimed())

    assert found.settings.completion.prefix_tokens == 64
    assert "raise completion.latency_ms" in found.note


def test_another_number_of_threads_is_another_machine(here):
    """Speeds with two threads say nothing of one."""
    here("small")
    measured(small=speed())
    own = merge(aimed(), {"model": {"threads": 1}}, "test")
    limits = {candidates(each)[0].setup(each).threads for each in (own, aimed())}

    assert (tuned(own).note == "") == (len(limits) == 1)
