"""The picture of a training."""

import numpy as np

from codeassist.training.curve import draw_curve, smoothed


def step(number, held_out=None):
    return {"step": number, "loss": 3 / number, "lr": 1e-3, "held_out": held_out}


def test_smoothing_is_unbiased():
    """A constant loss stays what it is, from the first step on."""
    np.testing.assert_allclose(smoothed(np.full(200, 2.5)), 2.5)


def test_smoothing_takes_noise_away():
    """Of noise around a constant, less than a third is left."""
    noise = np.random.default_rng(0).standard_normal(2000)

    assert smoothed(noise)[200:].std() < noise.std() / 3


def test_picture(tmp_path):
    """Any run has a picture: one step, and some with held-out rows."""
    for name, steps in (
        ("one.png", [step(1)]),
        ("some.png", [step(1), step(2, 1.4), step(3, 1.2)]),
    ):
        draw_curve(steps, tmp_path / name, "a run")
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")

    assert {path.name for path in tmp_path.iterdir()} == {"one.png", "some.png"}
