from pathlib import Path

import pytest

from codeassist.errors import ConfigError
from codeassist.training.corpus import read_recipe


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("speed = 1\n", "there is no 'speed'"),
        ("[filters]\nmin_size = 1\n", "there is no 'min_size'"),
        ("[near]\njaccard = 'much'\n", "give it as its default is"),
        ("[near]\njaccard = 7.0\n", "give a number from 0 to 1"),
        ("[mix.caps]\npython = 2\n", "give a number from 0 to 1"),
        ("[mix.caps]\nPython = 0.1\n", "there is no 'Python'; write 'python'"),
        ("[mix.weights]\nsh = 0.1\n", "there is no 'sh'; write 'shellscript'"),
        ("[filters]\nskip_languages = ['javascrpt']\n", "known are python, java"),
        ("[licences]\nallow = ['Apache 2.0']\n", "write 'Apache-2.0'"),
        ("[licences]\nallow = ['GPL-3.0']\n", "write 'GPL-3.0-only'"),
        ("[licences]\nallow = ['MITT']\n", "no 'MITT'; give SPDX identifiers"),
        ("[licences]\nallow = ['MIT OR ISC']\n", "give SPDX identifiers"),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(
    tmp_path: Path, text: str, error: str
) -> None:
    """Unknown keys and names, wrong types and values out of range are told."""
    (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(ConfigError, match=error):
        read_recipe(tmp_path / "recipe.toml")


def test_a_recipe_may_allow_any_licence(tmp_path: Path) -> None:
    """Licences of SPDX, with their exceptions, and one's own are taken as they are."""
    allow = ("GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-Own", "MIT")
    (tmp_path / "recipe.toml").write_text(f"[licences]\nallow = {list(allow)}\n")
    assert read_recipe(tmp_path / "recipe.toml").licences.allow == allow


def test_a_recipe_is_read_from_its_own_folder(tmp_path: Path) -> None:
    """Relative folders of a recipe are seen from where it lies."""
    (tmp_path / "recipe.toml").write_text('sources = ["code"]\n[near]\njaccard = 1\n')
    recipe = read_recipe(tmp_path / "recipe.toml")
    assert recipe.sources == (str(tmp_path / "code"),)
    assert recipe.near.jaccard == 1.0
