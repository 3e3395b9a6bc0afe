r"""The formula of each widget, which readers can take along as LaTeX.

They are written for any document: plain LaTeX with `amsmath` and `amssymb`, and none of the site's own commands.

>>> formula("bregman")
"B_F(p, q) = F(p) - F(q) - F'(q)\\,(p - q)"
"""

from klweb.sitegen.problems import SourceError

PATH = "src/klweb/sitegen/exports.py"

FORMULAS = {
    "asymmetry": (
        r"D(p \parallel q) = \sum_x p(x) \log_2 \frac{p(x)}{q(x)}, \qquad "
        r"D(q \parallel p) = \sum_x q(x) \log_2 \frac{q(x)}{p(x)}"
    ),
    "wasted-bits": r"H(p, q) = -\sum_x p(x) \log_2 q(x) = H(p) + D(p \parallel q)",
    "gaussians": (
        r"D\bigl(\mathcal{N}(\mu_p, \sigma_p^2) \parallel \mathcal{N}(\mu_q, \sigma_q^2)\bigr) = "
        r"\ln \frac{\sigma_q}{\sigma_p} + \frac{\sigma_p^2 + (\mu_p - \mu_q)^2}{2 \sigma_q^2} - \frac{1}{2}"
    ),
    "surprise": (
        r"D(p \parallel q) = \mathbb{E}_{x \sim p}\bigl[-\log_2 q(x)\bigr] "
        r"- \mathbb{E}_{x \sim p}\bigl[-\log_2 p(x)\bigr]"
    ),
    "evidence": (
        r"\mathbb{E}_{x \sim p}\left[\log_2 \frac{p(x)}{q(x)}\right] = D(p \parallel q), \qquad "
        r"n_{20} \approx \frac{\log_2 20}{D(p \parallel q)}"
    ),
    "likelihood": (
        r"\hat\theta = \operatorname*{arg\,max}_\theta \frac{1}{n} \sum_{i=1}^n \log_2 q_\theta(x_i) "
        r"= \operatorname*{arg\,min}_\theta H(\hat p, q_\theta)"
    ),
    "casino": r"W(b) = \sum_x p(x) \log_2 \frac{b(x)}{q(x)} = D(p \parallel q) - D(p \parallel b)",
    "lottery": r"G = \sum_i p_i \log_2 \frac{(1 - c)\,p_i}{q_i} = D(p \parallel q) + \log_2 (1 - c)",
    "bregman": r"B_F(p, q) = F(p) - F(q) - F'(q)\,(p - q)",
    # What is left to learn before a goal: the goal and all that it rests on, without what is known.
    "topic-map": r"R(g) = \bigl(\{g\} \cup N^{*}(g)\bigr) \setminus K",
}
"""Widget → the formula that its numbers come from."""


def formula(widget: str) -> str:
    """Return the LaTeX of a widget's formula, or raise `SourceError` for a widget that has none."""
    if widget not in FORMULAS:
        raise SourceError(f"the widget {widget!r} needs a formula that readers can copy", PATH)
    return FORMULAS[widget]
