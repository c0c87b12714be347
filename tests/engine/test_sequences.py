"""Which sequence a prompt goes on with, over cells that a list can hold."""

import pytest

from codeassist.engine.decode.sequences import WORTH, Sequences


class Cells:
    """A cache whose cells know nothing but how many there are."""

    def __init__(self, *, forgets=True):
        self.lengths = {}
        self.copies = []
        self.forgets = forgets

    def cut(self, number, start):
        if start and not self.forgets:
            return False
        self.lengths[number] = start
        return True

    def copy(self, source, target, end):
        assert self.lengths.get(target, 0) == 0, "copied over what is still there"
        self.copies.append((source, target, end))
        self.lengths[target] = end


class Cache:
    """Sequences, and an evaluation that costs what is not there."""

    def __init__(self, n=4, *, forgets=True):
        self.cells = Cells(forgets=forgets)
        self.sequences = Sequences(self.cells, n)

    def evaluate(self, tokens, answer=()):
        """Take a prompt up, and what is answered behind it; how much was evaluated."""
        shared = self.sequences.take(tokens)
        current = self.sequences.current
        assert current.tokens == list(tokens[:shared])
        current.tokens += tokens[shared:]
        current.prompt = len(current.tokens)
        current.tokens += answer
        self.cells.lengths[current.number] = len(current.tokens)
        return len(tokens) - shared


def text(seed, n=1000):
    """A document of n tokens that no other seed has."""
    return [1, *(seed * 10_000 + i for i in range(n - 1))]


def test_other_documents_are_kept():
    """Whoever comes back to a file finds its prompt where it was."""
    cache = Cache()
    for seed in (1, 2, 3, 4):
        cache.evaluate(text(seed))

    assert [cache.evaluate(text(seed)) for seed in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_the_least_recent_goes_first():
    """A fifth document takes the place of the one that was used longest ago."""
    cache = Cache()
    for seed in (1, 2, 3, 4, 1, 5):
        cache.evaluate(text(seed))

    assert [cache.evaluate(text(seed)) for seed in (1, 3, 4, 5)] == [1, 1, 1, 1]
    assert cache.evaluate(text(2)) == 999


def test_a_common_beginning_is_shared():
    """Two files that begin with the same 300 tokens pay for them once."""
    cache = Cache()
    header = text(9, 300)
    cache.evaluate([*header, *text(1)])

    assert cache.evaluate([*header, *text(2)]) == 999
    (copy,) = cache.cells.copies
    assert copy[2] == 301  # both go on with 1 behind the header
    assert cache.evaluate([*header, *text(1)]) == 1


def test_typing_stays_in_one_sequence():
    """A few other tokens at the end, and the answer behind them, are no new place."""
    cache = Cache()
    for n in range(10):
        cache.evaluate([*text(1), *range(50_000, 50_000 + n)], answer=[7] * 500)

    assert not cache.cells.copies
    assert len(cache.cells.lengths) == 1


@pytest.mark.parametrize(("lost", "copies"), [(WORTH, 0), (WORTH + 2, 1)])
def test_little_is_not_worth_keeping(lost, copies):
    """A lost end as long as `WORTH` is cut off; from there on it is kept."""
    cache = Cache()
    cache.evaluate(text(1, 300))
    cache.evaluate([*text(1, 300)[: 300 - lost], *text(2, 300)[1:]])

    assert len(cache.cells.copies) == copies


def test_jumping_about_costs_no_document():
    """Requests that were cancelled early take each other's places, nobody else's."""
    cache = Cache()
    for seed in (1, 2, 3):
        cache.evaluate(text(seed))
    for seed in range(4, 20):
        cache.evaluate(text(seed, 32))

    assert [cache.evaluate(text(seed)) for seed in (1, 2, 3)] == [1, 1, 1]


def test_models_that_cannot_forget():
    """A recurrent model goes on where a prompt does, and else begins afresh."""
    cache = Cache(1, forgets=False)
    cache.evaluate(text(1))

    assert cache.evaluate([*text(1), 5, 6]) == 2
    assert cache.evaluate(text(1)) == 1000
    assert cache.sequences.current.tokens == text(1)


def test_room_is_made_to_the_last():
    """When cells run out all others go, oldest first; the one in use never does."""
    cache = Cache()
    for seed in (1, 2, 3):
        cache.evaluate(text(seed))

    assert cache.sequences.make_room()
    assert [cache.evaluate(text(seed)) for seed in (2, 3)] == [1, 1]
    assert cache.sequences.make_room()
    assert not cache.sequences.make_room()
    assert cache.evaluate(text(3)) == 1
    assert sum(cache.cells.lengths.values()) == 1000


def test_the_last_token_is_always_evaluated():
    """Its logits are wanted, so the same prompt again costs one token; none costs none."""
    cache = Cache()

    assert cache.evaluate(text(1)) == 1000
    assert cache.evaluate(text(1)) == 1
    assert cache.evaluate([]) == 0
