"""KL divergence explained: the mathematics, the widgets, and the site built from them.

The mathematical core needs the standard library alone:

- `klweb.categorical`: entropy, cross-entropy, KL, Jensen-Shannon and total variation
- `klweb.gaussian`: densities and closed forms, one- and multivariate
- `klweb.coding`: Huffman codes, Kraft sums, blocks of symbols
- `klweb.errors`: the one error that bad input raises
"""

__version__ = "0.1.0"
