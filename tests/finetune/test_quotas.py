"""Examples are spread evenly, and what one language lacks goes to the others."""

from codeassist.finetune.quotas import quotas

LIMITS = {"per_file": 2, "per_repository": 50}


def by_language(found):
    sums = {}
    for (_, language), count in found.items():
        sums[language] = sums.get(language, 0) + count
    return sums


def test_shares_of_languages():
    """Each language gets its share, each repository as much as another."""
    files = {(f"r{n}", "python"): 100 for n in range(4)}
    files |= {(f"r{n}", "go"): 100 for n in range(2)}
    found = quotas(files, 120, {"python": 2, "go": 1}, **LIMITS)
    assert by_language(found) == {"python": 80, "go": 40}
    assert set(found.values()) == {20}


def test_a_small_repository_gives_what_it_has():
    """What it lacks comes from the larger ones."""
    files = {("small", "go"): 2, ("large", "go"): 100, ("larger", "go"): 400}
    found = quotas(files, 60, {}, **LIMITS)
    assert found == {("small", "go"): 4, ("large", "go"): 28, ("larger", "go"): 28}


def test_a_short_language_is_filled_by_the_others():
    """The sum stays what was wanted as long as there is enough of anything."""
    files = {("a", "rust"): 5, ("b", "python"): 100, ("c", "python"): 100}
    found = quotas(files, 80, {"rust": 1, "python": 1}, **LIMITS)
    assert by_language(found) == {"rust": 10, "python": 70}


def test_no_more_than_there_is():
    """A cap holds even where too few examples come of it."""
    found = quotas({("a", "go"): 3, ("b", "c"): 900}, 10_000, {}, **LIMITS)
    assert found == {("a", "go"): 6, ("b", "c"): 50}
    assert quotas({}, 10, {}, **LIMITS) == {}


def test_languages_without_a_share_are_left_out():
    """Where shares are named, others get none."""
    files = {("a", "go"): 50, ("a", "shellscript"): 50}
    assert quotas(files, 20, {"go": 0.5}, **LIMITS) == {("a", "go"): 20}
