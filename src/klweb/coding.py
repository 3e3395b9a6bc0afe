"""Prefix codes: Huffman's, and what to measure them by.

>>> words = huffman((0.5, 0.25, 0.125, 0.125))
>>> words
('0', '10', '110', '111')
>>> mean_length((0.5, 0.25, 0.125, 0.125), code_lengths(words))
1.75
"""

import math
import operator
import reprlib
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from klweb.categorical import check_distribution, normalize, surprisal
from klweb.errors import InputError, elements, finite, place, same_length

TIE = 1e-12
"""Weights closer than this, relative to the lighter one, count as equal in `huffman`."""

MOST_BLOCKS = 1_000_000
"""The largest alphabet that `blocks` will build."""

LONGEST_WORD = 1_000_000
"""The longest codeword that `kraft_sum` will add up."""


def huffman(weights: Iterable[float]) -> tuple[str, ...]:
    """Build Huffman's code for the weights: a codeword of '0' and '1' for each symbol, in order.

    Domain: at least one weight; each finite and >= 0; not all 0. Weights need not sum to 1. A
    symbol of weight 0 gets a codeword too. A single symbol gets '0', since something must be sent:
    that code's Kraft sum is 1/2, every other Huffman code's is 1. The mean length is at least the
    entropy H and less than H + 1; or just H + 1 where one symbol has all the weight.

    The rule. The two lightest items (symbols, or groups merged before) are merged, again and again.
    Of equally heavy items the one made first is taken first: symbols in their order, then groups in
    the order of merging; which also keeps the longest codeword as short as it can be. Weights
    within one part in 10^12 count as equal, so that 0.1 + 0.7 ties with 0.8, as it does on paper,
    though not in binary. The lengths come from that tree; the words are the canonical ones for
    these lengths: shorter words before longer ones and, among equals, symbols in their order, each
    word the next binary number.

    Only additions, comparisons, multiplications and divisions decide, so that every machine builds
    the same code. Time: that of sorting the weights.

    Raises InputError outside that domain.

    Source: D. A. Huffman, A Method for the Construction of Minimum-Redundancy Codes (1952); E. S.
    Schwartz, An Optimum Encoding with Minimum Longest Code and Total Number of Digits (1964), for
    the tie rule.

    >>> huffman((0.2, 0.2, 0.2, 0.2, 0.2))
    ('110', '111', '00', '01', '10')
    """
    scaled = normalize(weights)
    if len(scaled) == 1:
        return ("0",)
    return _canonical(_tree_depths(scaled))


def code_lengths(codewords: Iterable[str]) -> tuple[int, ...]:
    """Count the bits of each codeword.

    Domain: at least one codeword, each a string of '0' and '1'.

    Raises InputError for anything else.

    >>> code_lengths(("0", "10", "11"))
    (1, 2, 2)
    """
    return tuple(len(word) for word in _words(codewords))


def mean_length(p: Iterable[float], lengths: Iterable[float]) -> float:
    """Average the lengths over symbols from p: sum p length. Unit: that of the lengths.

    Domain: p a distribution; as many lengths, each >= 0. A length may be infinite, as
    `ideal_lengths` can be: it costs nothing where p = 0, and everything elsewhere. So
    `mean_length(p, ideal_lengths(q))` is the cross-entropy H(p, q).

    Raises InputError outside that domain.

    >>> mean_length((0.5, 0.5), (1, 3))
    2.0
    """
    shares = _shares(p, "p")
    costs = tuple(_length(value, i) for i, value in enumerate(elements(lengths, "lengths")))
    same_length(costs, "lengths", shares, "p")
    return math.fsum(a * cost for a, cost in zip(shares, costs, strict=True) if a > 0.0)


def kraft_sum(lengths: Iterable[int]) -> Fraction:
    """Add up 2^-length, exactly: Kraft's sum.

    At most 1 for a prefix code, and 1 when no codeword could be added to it.

    Domain: at least one length; each a whole number from 0 to 1,000,000.

    Raises InputError for anything else.

    Source: L. G. Kraft, A Device for Quantizing, Grouping, and Coding Amplitude-Modulated Pulses
    (1949).

    >>> kraft_sum((1, 2, 3))
    Fraction(7, 8)
    """
    values = elements(lengths, "lengths")
    counts = Counter(_whole_length(value, i) for i, value in enumerate(values))
    longest = max(counts)
    total = sum(count << (longest - length) for length, count in counts.items())
    return Fraction(total, 1 << longest)


def is_prefix_free(codewords: Iterable[str]) -> bool:
    """Tell whether no codeword begins another, nor equals it.

    A stream of such codewords can be cut apart in one way only, and without looking ahead.

    Domain: at least one codeword, each a string of '0' and '1'.

    Raises InputError for anything else.

    >>> is_prefix_free(("0", "10", "11")), is_prefix_free(("0", "10", "01"))
    (True, False)
    """
    # In dictionary order whatever begins with a word stands right behind it.
    words = sorted(_words(codewords))
    return not any(later.startswith(word) for word, later in pairwise(words))


def blocks(p: Iterable[float], n: int) -> tuple[float, ...]:
    """Compute the distribution of blocks of n independent symbols from p.

    Products of probabilities, in lexicographic order of the blocks.

    Domain: p a distribution of k symbols, n a whole number >= 1, k^n at most 1,000,000.

    Raises InputError outside that domain.

    >>> blocks((0.75, 0.25), 2)
    (0.5625, 0.1875, 0.1875, 0.0625)
    """
    shares = _shares(p, "p")
    try:
        count = operator.index(n)
    except TypeError:
        raise InputError(f"n is {reprlib.repr(n)}, but it must be a whole number", "n") from None
    if count < 1:
        raise InputError(f"n is {count}, but it must be at least 1", "n")
    products = shares
    for _ in range(count - 1):
        if len(products) * len(shares) > MOST_BLOCKS:
            made = f"{len(shares)} symbols make more than {MOST_BLOCKS:,} such blocks"
            message = f"n is {count}, but {made}"
            raise InputError(message, "n")
        products = tuple(a * b for a in products for b in shares)
        if len(shares) == 1:
            break
    return products


def ideal_lengths(q: Iterable[float]) -> tuple[float, ...]:
    """Compute the lengths a code made for q would ideally have: -log2 q bits.

    Infinity where q = 0.

    Raises InputError if q is not a distribution.

    >>> ideal_lengths((0.5, 0.5, 0))
    (1.0, 1.0, inf)
    """
    return tuple(surprisal(share) for share in _shares(q, "q"))


def _tree_depths(weights: tuple[float, ...]) -> list[int]:
    """Each symbol's depth in Huffman's tree, by two queues that are both in order of weight."""
    size = len(weights)
    symbols = _by_weight(weights)
    node_weights = [weights[symbol] for symbol in symbols]
    parents = [0] * (2 * size - 2)
    symbol, group = 0, size
    for parent in range(size, 2 * size - 1):
        total = 0.0
        for _ in range(2):
            groups_left = group < parent
            if symbol < size and not (groups_left and node_weights[group] * (1.0 + TIE) < node_weights[symbol]):
                taken, symbol = symbol, symbol + 1
            else:
                taken, group = group, group + 1
            parents[taken] = parent
            total += node_weights[taken]
        node_weights.append(total)
    depths = [0] * (2 * size - 1)
    for node in reversed(range(2 * size - 2)):
        depths[node] = depths[parents[node]] + 1
    return [depth for _, depth in sorted(zip(symbols, depths[:size], strict=True))]


def _by_weight(weights: tuple[float, ...]) -> list[int]:
    """Sort symbols from light to heavy, and in their own order where weights count as equal.

    A run of equals is measured from its lightest member, so that small steps cannot add up.
    """
    symbols = sorted(range(len(weights)), key=weights.__getitem__)
    start = 0
    for end in range(1, len(symbols) + 1):
        limit = weights[symbols[start]] * (1.0 + TIE)
        if end == len(symbols) or weights[symbols[end]] > limit:
            symbols[start:end] = sorted(symbols[start:end])
            start = end
    return symbols


def _canonical(lengths: list[int]) -> tuple[str, ...]:
    words = [""] * len(lengths)
    code = previous = 0
    for symbol in sorted(range(len(lengths)), key=lengths.__getitem__):
        code <<= lengths[symbol] - previous
        previous = lengths[symbol]
        words[symbol] = f"{code:0{previous}b}"
        code += 1
    return tuple(words)


def _shares(p: Iterable[float], name: str) -> tuple[float, ...]:
    values = check_distribution(p, name)
    total = math.fsum(values)
    return tuple(value / total for value in values)


def _words(codewords: Iterable[object]) -> list[str]:
    words: list[str] = []
    for i, word in enumerate(elements(codewords, "codewords")):
        if not isinstance(word, str) or word.strip("01"):
            message = f"codewords[{i}] is {reprlib.repr(word)}, but it must be a string of 0 and 1"
            raise InputError(message, "codewords", i)
        words.append(word)
    return words


def _length(value: object, index: int) -> float:
    if isinstance(value, float) and value == math.inf:
        return math.inf
    length = finite(value, "lengths", index)
    if length < 0.0:
        message = f"{place('lengths', index)} is {length!r}, but a length cannot be negative"
        raise InputError(message, "lengths", index)
    return length


def _whole_length(value: int, index: int) -> int:
    where = place("lengths", index)
    try:
        length = operator.index(value)
    except TypeError:
        message = f"{where} is {reprlib.repr(value)}, but it must be a whole number"
        raise InputError(message, "lengths", index) from None
    if not 0 <= length <= LONGEST_WORD:
        message = f"{where} is {reprlib.repr(length)}, but it must be from 0 to {LONGEST_WORD:,}"
        raise InputError(message, "lengths", index)
    return length
