"""Theorems about codes, and Huffman's optimality against every other code."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb import categorical, coding
from tests.core.strategies import Distribution, distributions, positive_distributions

ANY_SIZE = st.integers(2, 30).flatmap(distributions)


@cache
def complete_lengths(size: int) -> frozenset[tuple[int, ...]]:
    """The sorted lengths of every full binary tree of that size, made by splitting leaves."""
    if size == 1:
        return frozenset({(0,)})
    return frozenset(
        tuple(sorted((*smaller[:i], *smaller[i + 1 :], smaller[i] + 1, smaller[i] + 1)))
        for smaller in complete_lengths(size - 1)
        for i in range(size - 1)
    )


def test_all_trees_are_there() -> None:
    # The number of compositions of 1 into powers of 1/2: OEIS A002572.
    assert [len(complete_lengths(size)) for size in range(1, 10)] == [1, 1, 1, 2, 3, 5, 9, 16, 28]


@given(st.integers(2, 9).flatmap(distributions))
def test_no_code_is_shorter(p: Distribution) -> None:
    heavy_first = sorted(p, reverse=True)
    best = min(
        sum(a * length for a, length in zip(heavy_first, lengths, strict=True)) for lengths in complete_lengths(len(p))
    )
    mean = coding.mean_length(p, coding.code_lengths(coding.huffman(p)))
    assert mean == pytest.approx(best, rel=1e-11)


@given(st.lists(st.integers(0, 20), min_size=2, max_size=9).filter(any))
def test_the_tie_rule_gives_the_least_longest_codeword(counts: list[int]) -> None:
    heavy_first = sorted(counts, reverse=True)
    costs = {
        lengths: sum(a * length for a, length in zip(heavy_first, lengths, strict=True))
        for lengths in complete_lengths(len(counts))
    }
    best = min(costs.values())
    least_longest = min(max(lengths) for lengths, cost in costs.items() if cost == best)
    assert max(coding.code_lengths(coding.huffman(counts))) == least_longest


@given(ANY_SIZE)
def test_prefix_free_and_complete(p: Distribution) -> None:
    words = coding.huffman(p)
    assert coding.is_prefix_free(words)
    assert coding.kraft_sum(coding.code_lengths(words)) == 1


@given(ANY_SIZE)
def test_canonical_order(p: Distribution) -> None:
    words = coding.huffman(p)
    order = sorted(range(len(p)), key=lambda i: (len(words[i]), i))
    assert [words[i] for i in order] == sorted(words)


@given(st.integers(2, 30).flatmap(positive_distributions))
def test_within_a_bit_of_the_entropy(p: Distribution) -> None:
    mean = coding.mean_length(p, coding.code_lengths(coding.huffman(p)))
    assert categorical.entropy(p) * (1.0 - 1e-12) <= mean < categorical.entropy(p) + 1.0


@given(ANY_SIZE)
def test_heavier_symbols_never_have_longer_words(p: Distribution) -> None:
    lengths = coding.code_lengths(coding.huffman(p))
    for a, length in zip(p, lengths, strict=True):
        for b, other in zip(p, lengths, strict=True):
            assert length <= other or a <= b * (1.0 + 1e-11)


@given(st.integers(2, 5).flatmap(positive_distributions), st.integers(1, 4))
def test_blocks_close_in_on_the_entropy(p: Distribution, n: int) -> None:
    products = coding.blocks(p, n)
    mean = coding.mean_length(products, coding.code_lengths(coding.huffman(products)))
    entropy = categorical.entropy(p)
    assert categorical.entropy(products) == pytest.approx(n * entropy, rel=1e-12)
    assert entropy * (1.0 - 1e-12) <= mean / n < entropy + 1.0 / n


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any), st.integers(1, 12))
def test_the_scale_of_the_weights_does_not_matter(counts: list[int], digits: int) -> None:
    # Decimals add up in binary only nearly; ties must survive that.
    assert coding.huffman([count / 10**digits for count in counts]) == coding.huffman(counts)


@given(st.lists(st.text("01", max_size=4), min_size=1, max_size=6))
def test_prefix_freedom_from_its_definition(words: list[str]) -> None:
    clash = any(other.startswith(word) for i, word in enumerate(words) for j, other in enumerate(words) if i != j)
    assert coding.is_prefix_free(words) == (not clash)
    if not clash:
        assert coding.kraft_sum(coding.code_lengths(words)) <= 1


@given(ANY_SIZE, st.data())
def test_a_stream_of_codewords_can_be_cut_apart(p: Distribution, data: st.DataObject) -> None:
    words = coding.huffman(p)
    message = data.draw(st.lists(st.integers(0, len(p) - 1), max_size=20))
    symbols = {word: i for i, word in enumerate(words)}
    decoded, read = [], ""
    for bit in "".join(words[i] for i in message):
        read += bit
        if read in symbols:
            decoded.append(symbols[read])
            read = ""
    assert (decoded, read) == (message, "")
