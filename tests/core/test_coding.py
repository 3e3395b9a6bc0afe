import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from klweb import categorical, coding
from klweb.errors import InputError

SOURCE = (0.30, 0.22, 0.18, 0.14, 0.10, 0.06)


def lengths_of(weights: Any) -> tuple[int, ...]:
    return coding.code_lengths(coding.huffman(weights))


def test_the_pages_figure() -> None:
    mean = coding.mean_length(SOURCE, lengths_of(SOURCE[::-1]))
    assert f"{mean:.3f}" == "3.220"
    assert coding.huffman(SOURCE[::-1]) == ("1110", "1111", "110", "00", "01", "10")


def test_huffmans_own_example() -> None:
    # Huffman (1952), table I: an ensemble of 13 messages with a mean length of 3.42 digits.
    p = (0.20, 0.18, 0.10, 0.10, 0.10, 0.06, 0.06, 0.04, 0.04, 0.04, 0.04, 0.03, 0.01)
    assert coding.mean_length(p, lengths_of(p)) == pytest.approx(3.42, rel=1e-12)


def test_a_dyadic_source_is_coded_without_waste() -> None:
    p = (0.5, 0.25, 0.125, 0.125)
    assert coding.huffman(p) == ("0", "10", "110", "111")
    assert coding.mean_length(p, lengths_of(p)) == categorical.entropy(p) == 1.75


def test_waste_is_not_the_divergence_unless_the_model_is_dyadic() -> None:
    fair, biased = (0.5, 0.5), (0.9, 0.1)
    assert coding.mean_length(fair, lengths_of(biased)) == categorical.entropy(fair)
    assert categorical.kl(fair, biased) == pytest.approx(0.737, abs=5e-4)
    dyadic = (0.5, 0.25, 0.25)
    p = (0.2, 0.3, 0.5)
    excess = coding.mean_length(p, lengths_of(dyadic)) - categorical.entropy(p)
    assert excess == pytest.approx(categorical.kl(p, dyadic), rel=1e-14)


def test_equal_weights_are_taken_in_the_symbols_order() -> None:
    assert coding.huffman((1, 1)) == ("0", "1")
    assert coding.huffman((1, 1, 1)) == ("10", "11", "0")
    assert coding.huffman((1,) * 5) == ("110", "111", "00", "01", "10")
    assert coding.huffman((1,) * 8) == tuple(f"{i:03b}" for i in range(8))


def test_symbols_are_taken_before_groups_of_the_same_weight() -> None:
    # With the group taken first the lengths would be 3, 3, 2, 1: as short on average, but deeper.
    assert lengths_of((1, 1, 2, 2)) == (2, 2, 2, 2)
    assert lengths_of((1, 1, 1, 2)) == (2, 2, 2, 2)


@pytest.mark.parametrize(("a", "b"), [(1, 4), (1, 9), (2, 8), (3, 7), (5, 9), (8, 9)])
def test_ties_are_those_on_paper(a: int, b: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Group a + b weighs as much as each of the other two; as hundredths in binary, only nearly.
    on_paper = (a, b, a + b, a + b)
    in_binary = [weight / 100 for weight in on_paper]
    assert lengths_of(on_paper) == lengths_of(in_binary) == (2, 2, 2, 2)
    # Without the tolerance these very cases come out otherwise, so they do test it.
    monkeypatch.setattr(coding, "TIE", 0.0)
    assert lengths_of(in_binary) == (3, 3, 2, 1)


def test_thirds_tie_too() -> None:
    assert lengths_of((1 / 3, 1 / 3, 2 / 3, 2 / 3)) == (2, 2, 2, 2)
    assert lengths_of((0.1, 0.2, 0.3, 0.3, 0.6)) == lengths_of((1, 2, 3, 3, 6))


def test_symbols_whose_weights_differ_by_rounding_stay_in_order() -> None:
    a, b = 0.1 * 0.2 * 0.3, 0.3 * 0.2 * 0.1
    assert a != b
    assert coding.huffman((a, b, b)) == coding.huffman((b, a, a)) == ("10", "11", "0")
    # Small steps do not add up to a tie: the first weight is clearly the heaviest.
    steps = [1.0 + 0.7 * coding.TIE * k for k in (4, 3, 2, 1, 0)]
    assert lengths_of(steps)[0] == 2


def test_a_difference_above_rounding_counts() -> None:
    assert lengths_of((1 + 1e-11, 1, 1)) == (1, 2, 2)
    assert lengths_of((1 + 1e-13, 1, 1)) == (2, 2, 1)


def test_a_single_symbol_is_still_sent() -> None:
    assert coding.huffman((0.7,)) == ("0",)
    assert coding.kraft_sum(lengths_of((1,))) == Fraction(1, 2)


def test_symbols_of_weight_zero_get_codewords() -> None:
    words = coding.huffman((0, 1, 0, 0))
    assert words == ("110", "0", "111", "10")
    assert coding.huffman((1, 0)) == ("0", "1")


def test_weights_of_every_scale_and_kind() -> None:
    for scale in (5e-324, 1e-300, 1e300):
        assert lengths_of([scale * k for k in (1, 1, 2, 4)]) == (3, 3, 2, 1)
    assert lengths_of((1e308,) * 4) == (2, 2, 2, 2)
    assert lengths_of((5e-324, 1e-200, 1e-100, 1.0)) == (3, 3, 2, 1)
    assert coding.huffman(np.array([1, 1, 2])) == coding.huffman((1, 1, 2))


def test_the_longest_code() -> None:
    # Powers of two nest as deep as they can.
    assert lengths_of([2.0**-k for k in range(1000)]) == (*range(1, 1000), 999)


def test_large_alphabets() -> None:
    letters = categorical.normalize(range(1, 27))
    for p, n in ((letters, 3), (categorical.normalize(range(1, 17)), 3)):
        triples = coding.blocks(p, n)
        words = coding.huffman(triples)
        assert len(words) == len(p) ** 3
        assert coding.is_prefix_free(words)
        lengths = coding.code_lengths(words)
        assert coding.kraft_sum(lengths) == 1
        rate = coding.mean_length(triples, lengths) / n
        assert categorical.entropy(p) <= rate < categorical.entropy(p) + 1 / n


def test_kraft_sums() -> None:
    assert coding.kraft_sum((1, 2, 3, 3)) == 1
    assert coding.kraft_sum((1, 1, 1)) == Fraction(3, 2)
    assert coding.kraft_sum((0,)) == 1
    assert coding.kraft_sum(np.array([1, 2])) == Fraction(3, 4)
    # Far below the smallest double, and still exact.
    assert coding.kraft_sum((2000, 2000)) == Fraction(1, 2**1999)


def test_the_pages_prefix_codes() -> None:
    assert coding.is_prefix_free(("0", "10", "11"))
    assert not coding.is_prefix_free(("0", "10", "01"))
    assert not coding.is_prefix_free(("01", "00", "01"))
    assert not coding.is_prefix_free(("", "1"))
    assert coding.is_prefix_free(("",))
    assert not coding.is_prefix_free(("10", "0", "1011", "11"))


def test_blocks_are_products_in_lexicographic_order() -> None:
    assert coding.blocks((0.5, 0.5), 1) == (0.5, 0.5)
    assert coding.blocks((0.75, 0.25), 2) == (0.5625, 0.1875, 0.1875, 0.0625)
    p = (0.5, 0.3, 0.2)
    triples = coding.blocks(p, 3)
    assert triples == pytest.approx([a * b * c for a in p for b in p for c in p], rel=1e-15)
    assert coding.blocks((1,), 10**9) == (1.0,)
    # The slack of the sum does not grow with n.
    categorical.check_distribution(coding.blocks((0.5, 0.5 + 9e-10), 5))


def test_ideal_lengths_average_to_the_cross_entropy() -> None:
    p, q = (0.5, 0.5, 0.0), (0.25, 0.75, 0.0)
    assert coding.ideal_lengths(q) == (2.0, -math.log2(0.75), math.inf)
    mean = coding.mean_length(p, coding.ideal_lengths(q))
    assert mean == pytest.approx(categorical.cross_entropy(p, q), rel=1e-15)
    assert coding.mean_length((0.5, 0.25, 0.25), coding.ideal_lengths(q)) == math.inf


BAD: list[tuple[Callable[..., Any], tuple[Any, ...], str, int | None, str]] = [
    (coding.huffman, ((),), "weights", None, "empty"),
    (coding.huffman, ((0, 0),), "weights", None, "at least one weight must be positive"),
    (coding.huffman, ((1, -1),), "weights", 1, r"weights\[1\] is -1.0"),
    (coding.huffman, ((1, math.nan),), "weights", 1, r"weights\[1\] is nan"),
    (coding.huffman, ((math.inf,),), "weights", 0, r"weights\[0\] is inf"),
    (coding.code_lengths, ((),), "codewords", None, "empty"),
    (coding.code_lengths, (("0", "12"),), "codewords", 1, r"codewords\[1\] is '12'"),
    (coding.code_lengths, ((0, 1),), "codewords", 0, r"codewords\[0\] is 0"),
    (coding.code_lengths, (5,), "codewords", None, "sequence"),
    (coding.is_prefix_free, ((),), "codewords", None, "empty"),
    (coding.is_prefix_free, (("0", None),), "codewords", 1, r"codewords\[1\] is None"),
    (coding.mean_length, ((0.5, 0.6), (1, 1)), "p", None, "sums to"),
    (coding.mean_length, ((0.5, 0.5), (1,)), "lengths", None, "length 1 and p has length 2"),
    (coding.mean_length, ((0.5, 0.5), (1, -1)), "lengths", 1, r"lengths\[1\] is -1.0"),
    (coding.mean_length, ((0.5, 0.5), (1, -math.inf)), "lengths", 1, r"lengths\[1\] is -inf"),
    (coding.mean_length, ((0.5, 0.5), (math.nan, 1)), "lengths", 0, r"lengths\[0\] is nan"),
    (coding.mean_length, ((1,), 1), "lengths", None, "sequence"),
    (coding.kraft_sum, ((),), "lengths", None, "empty"),
    (coding.kraft_sum, ((1, 1.5),), "lengths", 1, r"lengths\[1\] is 1.5"),
    (coding.kraft_sum, ((-1,),), "lengths", 0, r"lengths\[0\] is -1"),
    (coding.kraft_sum, ((10**9,),), "lengths", 0, "from 0 to 1,000,000"),
    (coding.kraft_sum, (3,), "lengths", None, "sequence"),
    (coding.blocks, ((0.5, 0.6), 1), "p", None, "sums to"),
    (coding.blocks, ((0.5, 0.5), 0), "n", None, "n is 0"),
    (coding.blocks, ((0.5, 0.5), 1.5), "n", None, "n is 1.5"),
    (coding.blocks, ((0.5, 0.5), 20), "n", None, "more than 1,000,000"),
    (coding.blocks, ((0.5, 0.5), 10**18), "n", None, "more than 1,000,000"),
    (coding.ideal_lengths, ((0.5, 0.6),), "q", None, "q sums to"),
]


@pytest.mark.parametrize(("function", "arguments", "argument", "index", "message"), BAD)
def test_bad_input(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    argument: str,
    index: int | None,
    message: str,
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        function(*arguments)
    assert (caught.value.argument, caught.value.index) == (argument, index)


@pytest.mark.parametrize("p", [(1,), (1, 0), (0, 1, 0, 0)])
def test_certainty_costs_a_whole_bit(p: tuple[float, ...]) -> None:
    assert coding.mean_length(p, lengths_of(p)) == categorical.entropy(p) + 1 == 1
