"""Beating the house: bets at odds that the house thinks fair, the growth of money, and bankrolls that luck gives."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from klweb.bars import Bars
from klweb.betting import growth_deviation, growth_rate, kelly_bets, log_bankrolls, log_returns, multiple, shortfall
from klweb.categorical import kl, surprisal
from klweb.pairs import MODEL, SYMBOLS, TRUTH, fitted, moved, resized
from klweb.parameter import Button, Choice, Distribution, Number
from klweb.scene import LOOKS, AnyMark, Dot, Drawn, Line, Look, Path, Rect, Role, Scale, Scene, Text, polyline
from klweb.simulation import MOST, SEEDS, draws, pressed, uniforms
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

HALF = (0.3, 0.25, 0.2, 0.25)
NAMES = {"p": "the truth", "q": "the house", "b": "your bets"}
BET_LOOKS = {**LOOKS, "b": Look("paper", "ink", "ink")}
HORIZONS = (20, 100, 300, MOST)
"""Ends of the axis of rounds: the first that has room for what was played."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

PARAMETERS = (
    Choice(
        "edit",
        "Drag the bars of",
        (("b", "b, your bets"), ("p", "p, the truth"), ("q", "q, the house")),
        "b",
        ("ink", "p-text", "q-text"),
    ),
    Distribution("p", "p, the truth", TRUTH, "p-text", len(SYMBOLS)),
    Distribution("q", "q, the house", MODEL, "q-text", len(SYMBOLS)),
    Distribution("b", "b, your bets", HALF, "ink", len(SYMBOLS)),
    Number("draws", "rounds played", 0, MOST, 1, 0, "n", whole=True),
    Number("seed", "seed", 1, SEEDS, 1, 1, whole=True, slides=False),
)
BUTTONS = (
    Button("bet-p", "Bet p (Kelly)"),
    Button("bet-q", "Bet as the house"),
    Button("bet-favourite", "All on the likeliest"),
    Button("draw-1", "Play 1"),
    Button("draw-10", "Play 10"),
    Button("draw-100", "Play 100"),
    Button("draw-1000", "Play 1,000"),
    Button("clear", "Start again"),
    Button("reseed", "Other luck"),
)
PRESETS = (
    Preset(
        "half-way",
        "Half-way bets",
        "Bets half-way between the house and the truth: they grow, but drag them and see what they miss.",
    ),
    Preset(
        "kelly",
        "A hundred rounds of Kelly",
        "Bet what you know, b = p, and money doubles about every two rounds, by luck somewhat more or less.",
        {"b": TRUTH, "draws": 100},
    ),
    Preset(
        "favourite",
        "All on the likeliest",
        "Nothing wins more in a round that goes well; the first that does not takes everything.",
        {"b": (1, 0, 0, 0), "draws": 10, "seed": 28},
    ),
    Preset(
        "as-the-house",
        "Betting as the house",
        "Bets in the house’s own proportions get back exactly what they cost, round after round.",
        {"b": MODEL, "draws": 100},
    ),
    Preset(
        "wrong-belief",
        "Believing wrongly",
        "The house is wrong, but these bets are further from the truth than the house is, and so they lose.",
        {"b": (0.1, 0.2, 0.2, 0.5), "draws": 100},
    ),
    Preset(
        "too-likely",
        "Priced too dear",
        "The house thinks D too likely, so a bet on D gives nothing to exploit; all that is won comes from A, B and C.",
        {"p": (0.3, 0.3, 0.3, 0.1), "q": (0.2, 0.2, 0.2, 0.4), "b": (0.3, 0.3, 0.3, 0.1), "draws": 20},
    ),
    Preset(
        "blunder",
        "Called impossible",
        "The house calls D impossible and would pay infinitely for it: the least bet on D is worth all others.",
        {"q": (0.4, 0.3, 0.3, 0), "b": (0.4, 0.25, 0.25, 0.1), "draws": 10},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control, or press a button: one that bets, one that plays, or one that changes the luck."""
    if name in {"p", "q", "b"}:
        fitting = {key: resized(state[key], len(value)) for key in "pqb"}
        return {**state, **fitting, name: value, "edit": name}
    if name.startswith("bet-"):
        return {**state, "b": _bets(state, name), "edit": "b"}
    drawn = pressed(state, name)
    return {**state, **drawn} if drawn else moved(state, name, value)


def _bets(state: State, button: str) -> list[float]:
    if button == "bet-p":
        return list(kelly_bets(state["p"]))
    if button == "bet-q":
        return list(state["q"])
    likeliest = state["p"].index(max(state["p"]))
    return [float(index == likeliest) for index in range(len(state["p"]))]


def check(state: State) -> None:
    """Fit p, q and b to one alphabet: p and q to the longer of the two, b to theirs."""
    fitted(state)
    if len(state["b"]) != len(state["p"]):
        state["b"] = resized(state["b"], len(state["p"]))


# ── what is to be shown ──────────────────────────────────────────────────────────────────────

Shares = tuple[float, ...]


@lru_cache(maxsize=4)
def _outcomes(p: Shares, seed: int, rounds: int) -> tuple[int, ...]:
    return tuple(draws(p, uniforms(seed, MOST)[:rounds]))


@lru_cache(maxsize=8)
def _walk(p: Shares, returns: Shares, seed: int, rounds: int) -> tuple[float, ...]:
    """Return the doublings of money before the first round and after each."""
    return tuple(log_bankrolls(_outcomes(p, seed, rounds), returns))


@dataclass(frozen=True, slots=True)
class _Game:
    """A state's figures: growth, what Kelly gets, what is missed, in bits a round; and both walks, in doublings."""

    p: Shares
    q: Shares
    b: Shares
    growth: float
    most: float
    missed: float
    spread: float
    """The standard deviation of Kelly's growth."""
    yours: tuple[float, ...]
    kellys: tuple[float, ...]
    outcomes: tuple[int, ...]
    """What comes in all rounds that the axis has room for, of which `played` are shown."""
    played: int

    @property
    def broke(self) -> int:
        """The round in which you are ruined, or 0."""
        return _first(self.yours[: self.played + 1], -math.inf)

    def unbacked(self) -> list[str]:
        """Name the outcomes that can come and have no bet."""
        return [SYMBOLS[i] for i, (x, y) in enumerate(zip(self.p, self.b, strict=True)) if x > 0 == y]

    def unpriced(self) -> list[str]:
        """Name the outcomes that can come although the house calls them impossible."""
        return [SYMBOLS[i] for i, (x, y) in enumerate(zip(self.p, self.q, strict=True)) if x > 0 == y]


@lru_cache(maxsize=4)
def _figures(p: Shares, q: Shares, b: Shares) -> tuple[float, float, float, float]:
    return growth_rate(p, q, b), kl(p, q), shortfall(p, b), growth_deviation(p, q, p)


def _game(state: State) -> _Game:
    p, q, b = (tuple(state[name]) for name in "pqb")
    seed, played = int(state["seed"]), int(state["draws"])
    rounds = next(end for end in HORIZONS if end >= played)
    yours, kellys = (_walk(p, log_returns(q, bets), seed, rounds) for bets in (b, p))
    return _Game(p, q, b, *_figures(p, q, b), yours, kellys, _outcomes(p, seed, rounds), played)


def times(doublings: float) -> str:
    """Print what so many doublings multiply money by.

    >>> times(0), times(10), times(-4), times(100), times(-math.inf)
    ('×1.00', '×1,024', '×0.062', '×1.3·10³⁰', '×0')
    """
    if math.isinf(doublings):
        return "×∞" if doublings > 0 else "×0"
    tens = doublings * math.log10(2)
    if -2 <= tens < 2:
        return f"×{fixed(2.0**doublings, 2 if tens >= -1 else 3)}"
    if 2 <= tens < 6:
        return f"×{2.0**doublings:,.0f}"
    return _powers_of_ten(tens)


def _powers_of_ten(tens: float) -> str:
    exponent = math.floor(tens)
    if abs(exponent) >= 1000:  # too long for an axis, and beyond all meaning
        return f"×10{str(exponent).translate(SUPERSCRIPTS)}"
    figure = f"{10 ** (tens - exponent):.1f}"
    if figure == "10.0":
        figure, exponent = "1.0", exponent + 1
    return f"×{figure}·10{str(exponent).translate(SUPERSCRIPTS)}"


def _exactly(doublings: int) -> str:
    """Print a power of two as an axis does.

    >>> _exactly(10), _exactly(-5), _exactly(20)
    ('×1,024', '×1/32', '×1.0·10⁶')
    """
    if abs(doublings) > 16:
        return _powers_of_ten(doublings * math.log10(2))
    return f"×{2**doublings:,}" if doublings >= 0 else f"×1/{2**-doublings:,}"


def view(state: State, frame: Frame) -> View:
    """Show the bets beside truth and odds, the sum that makes the growth, and two bankrolls on the same luck."""
    game = _game(state)
    money = game.yours[game.played]
    return View(
        scene=_Picture(state, frame, game).scene(),
        readouts=(
            Readout(
                "growth", "your growth", game.growth, bits(game.growth),
                "expected growth of your money a round; a bit is a doubling", "ink", _why_growth(game),
            ),
            Readout(
                "kl_pq", "D(p ‖ q)", game.most, bits(game.most),
                "Kelly’s growth a round, the most there is", detail=_why_most(game),
            ),
            Readout(
                "kl_pb", "D(p ‖ b)", game.missed, bits(game.missed),
                "what your bets miss of it", detail=_why_missed(game),
            ),
            Readout(
                "bankroll", "your money", multiple(money), times(money),
                "now, as a multiple of what you started with", "ink", _when(game),
            ),
        ),
        summary=_summary(game),
        table=_table(game),
    )  # fmt: skip


def _rounds(count: int) -> str:
    return f"{count:,} round{'' if count == 1 else 's'}"


def _why_missed(game: _Game) -> str:
    missing = game.unbacked()
    return f"p uses {listed(missing)}, on which you bet nothing" if missing else ""


def _why_most(game: _Game) -> str:
    missing = game.unpriced()
    return f"p uses {listed(missing)}, to which q gives probability 0" if missing else ""


def _why_growth(game: _Game) -> str:
    if math.isinf(game.growth):
        return "sure ruin, sooner or later" if game.growth < 0 else "an infinite win, sooner or later"
    return f"in the long run {times(game.growth)} a round"


def _when(game: _Game) -> str:
    if game.broke:
        return f"ruined in round {game.broke}"
    return f"after {_rounds(game.played)}" if game.played else "nothing played yet"


def _summary(game: _Game) -> str:
    return f"{_law(game)} {_luck(game)}".rstrip()


def _nil(amount: float) -> bool:
    """Whether an amount is printed as 0."""
    return abs(amount) < 0.5e-4


def _law(game: _Game) -> str:
    if math.isinf(game.missed):
        nothing = f"You bet nothing on {listed(game.unbacked())}, which can come"
        return f"{nothing}: growth is −∞, for sooner or later all is lost."
    if math.isinf(game.most):
        house = f"The house calls {listed(game.unpriced())} impossible and would pay infinitely for it"
        return f"{house}; you have a bet on it, and your growth is infinite."
    if not _nil(game.missed) and not _nil(game.most):
        return _difference(game)
    if not _nil(game.missed):
        return f"The house knows the truth, so nothing can be won: your bets lose {bits(game.missed)} a round."
    if _nil(game.most):
        return "The house knows as much as you do: even the best bets grow by 0 bits a round."
    best = f"money grows by D(p ‖ q) = {bits(game.most)} a round, and no bets do better"
    return f"You bet the truth, as Kelly does: {best}."


def _difference(game: _Game) -> str:
    terms = f"D(p ‖ q) = {fixed(game.most, 4)} less D(p ‖ b) = {fixed(game.missed, 4)}"
    if _nil(game.growth):
        return f"Your money neither grows nor shrinks in the long run: {terms} is 0 bits a round."
    if game.growth > 0:
        return f"Your money grows by {bits(game.growth)} a round: {terms}."
    return (
        f"Your money shrinks by {bits(-game.growth)} a round, although the house is wrong too, "
        f"for your bets are further from the truth: {terms}."
    )


def _luck(game: _Game) -> str:
    if not game.played:
        return ""
    now, kellys = game.yours[game.played], game.kellys[game.played]
    if game.broke:
        came = SYMBOLS[game.outcomes[game.broke - 1]]
        ruin = f"You were ruined in round {game.broke}, when {came} came"
        return f"{ruin}; Kelly, on the same luck, has {_richer(kellys)}."
    both = "" if _nil(game.missed) else f", and Kelly, on the same luck, {_richer(kellys)}"
    return f"After {_rounds(game.played)} you have {_richer(now)}{both}."


def _richer(doublings: float) -> str:
    if doublings == math.inf:
        return "infinitely much"
    return f"{times(doublings).removeprefix('×')} times the start"


def _table(game: _Game) -> Table:
    rows = []
    columns = zip(SYMBOLS, game.p, game.q, game.b, log_returns(game.q, game.b), strict=False)
    for symbol, x, y, z, won in columns:
        term = x * won if x > 0 else 0.0
        shares = (fixed(value, 4) for value in (x, y, z))
        rows.append((symbol, *shares, _pays(y), times(won), fixed(term, 4)))
    rows.append(("sum", "1", "1", "1", "–", "–", fixed(game.growth, 4)))
    return Table(
        "What the house pays for one unit, what each outcome does to your money, and what that adds to growth",
        ("outcome", "p", "q", "b", "pays 1/q", "money × b/q", "p log₂(b/q)"),
        tuple(rows),
    )


def _pays(q: float) -> str:
    return times(surprisal(min(q, 1.0)))


class _Picture:
    """Lays out one state in one frame: bets on top, the sum that is their growth, and the bankrolls below."""

    def __init__(self, state: State, frame: Frame, game: _Game) -> None:
        self.frame, self.game = frame, game
        self.seed = int(state["seed"])
        self.left, self.right = frame.left, frame.right
        scale = Scale(0, 1, 210, 68) if frame.phone else Scale(0, 1, 222, 52)
        shares = {"p": game.p, "q": game.q, "b": game.b}
        gap = 3.0 if (self.right - self.left) / len(game.p) > 40 else 1.5
        self.bars = Bars(
            frame, shares, state["edit"], scale, self.left, self.right, part=0.27, gap=gap, looks=BET_LOOKS
        )

    def scene(self) -> Scene:
        """Return the whole picture."""
        bars = self.bars
        names = {name: f"{name}, {words}" for name, words in NAMES.items()}
        marks = [*bars.legend(names, 104 if self.frame.phone else 128), *self._axis()]
        for name in bars.shares:
            labelled = bars.slot > 108 or (name == bars.edited and bars.slot > 27)
            marks += bars.bars(name, labelled=labelled, lift=13)
        marks += self._outcomes()
        top = bars.base + 68
        marks += self._sum(top)
        bankrolls = _Bankrolls(self.frame, self.game, self.seed, top + 104)
        marks += bankrolls.marks()
        marks += bars.handles(radius=min(6.5, max(3.2, bars.width * 0.4)))
        return Scene(self.frame.width, bankrolls.bottom + 44, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def _axis(self) -> list[AnyMark]:
        words = "probability, or share of your money"
        if self.frame.phone:
            return [self._text(6, 40, words, "muted"), *self.bars.axis()]
        return self.bars.axis(words)

    def _outcomes(self) -> list[AnyMark]:
        """Name the outcomes, and what the house pays for each where there is room for all."""
        marks: list[AnyMark] = []
        for index in range(self.bars.count):
            marks.append(self.bars.letter(index, 18))
        pays = [_pays(value) for value in self.game.q]
        if max(map(len, pays)) * 0.56 * self.frame.text > self.bars.slot - 4:
            return marks
        marks.append(self._text(self.left - 8, self.bars.base + 36, "pays", "q-text", anchor="end"))
        for index, text in enumerate(pays):
            marks.append(
                self._text(
                    self.bars.middle(index), self.bars.base + 36, text, "q-text", anchor="middle", key=f"pays.{index}",
                )
            )  # fmt: skip
        return marks

    def _sum(self, top: float) -> list[AnyMark]:
        """Draw D(p ‖ q), what is missed of it, and the growth that is left, end to end."""
        game, phone = self.game, self.frame.phone
        names = ("D(p ‖ q)", "D(p ‖ b)", "growth") if phone else (
            "D(p ‖ q), Kelly’s growth", "D(p ‖ b), what your bets miss", "your growth",
        )  # fmt: skip
        start = 6 if phone else self.left
        figures = start + (116 if phone else 252)
        scale = _sum_scale(game, figures + 10, self.right)
        ends = ((0.0, game.most), (game.growth, game.most), (0.0, game.growth))
        amounts = (game.most, game.missed, game.growth)
        looks: tuple[tuple[Role, Role], ...] = (("gap", "gap"), ("gap-soft", "gap"), ("ink", "ink"))
        texts: tuple[Role, ...] = ("gap-text", "gap-text", "ink")
        zero = scale(0)
        marks: list[AnyMark] = [
            self._text(start, top, "a round, in bits (doublings)", "muted"),
            Line(zero, top + 8, zero, top + 78, "muted"),
        ]
        for row, (sign, name, amount) in enumerate(zip(("", "−", "="), names, amounts, strict=True)):
            y = top + 14 + row * 22
            bold = row == 2
            if sign:
                marks.append(self._text(start, y + 11, sign, texts[row]))
            marks.append(self._text(start + 14, y + 11, name, texts[row], bold=bold))
            marks.append(self._text(figures, y + 11, fixed(amount, 3), texts[row], anchor="end", bold=bold))
            a, b = (scale.clamped(end) for end in ends[row])
            fill, stroke = looks[row]
            marks.append(Rect(min(a, b), y, abs(b - a), 14, fill, stroke, 1.5, key=f"sum.{row}"))
        for row, value in ((0, game.most), (1, game.growth)):
            x, y = scale.clamped(value), top + 14 + row * 22 + 14
            marks.append(Line(x, y, x, y + 8, "muted", dash=(2, 2), key=f"sum.{row}.end"))
        return marks


def _sum_scale(game: _Game, left: float, right: float) -> Scale:
    """Return the scale of the sum; it changes in steps, so that D(p ‖ q) keeps its length while bets are dragged."""
    most = _nice(game.most if math.isfinite(game.most) else 1.0)
    if -most / 4 <= game.growth:
        return Scale(-most / 4, most, left, right)
    return Scale(-_nice(-game.growth) if math.isfinite(game.growth) else -most, most, left, right)


def _nice(value: float) -> float:
    """Return the least step of a scale that is at least `value`, from a quarter on.

    >>> _nice(0.1), _nice(0.51), _nice(7), _nice(130)
    (0.25, 0.6, 8.0, 150.0)
    """
    if value <= 0.25:
        return 0.25
    power = 10.0 ** math.floor(math.log10(value))
    return next((round(step * power, 9) for step in (1, 1.5, 2, 3, 4, 6, 8) if step * power >= value), 10 * power)


class _Bankrolls:
    """Lays out the two bankrolls: doublings over rounds, yours and Kelly’s, and what is to be expected of both."""

    def __init__(self, frame: Frame, game: _Game, seed: int, top: float) -> None:
        self.frame, self.game, self.seed, self.top = frame, game, seed, top
        self.horizon = len(game.outcomes)
        self.ceiling = top + 56
        self.bottom = self.ceiling + (164 if frame.phone else 190)
        self.law = self._law()
        low, high = self._range()
        step = _step((high - low) / 6.5)
        self.ticks = [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
        longest = max(len(f"{tick:,}") for tick in self.ticks)
        self.left = max(frame.left, 14 + longest * frame.text * 0.5)
        self.right = frame.width - (68 if frame.phone else 76)
        self.x = Scale(0, self.horizon, self.left, self.right)
        self.y = Scale(low, high, self.bottom, self.ceiling)

    def _law(self) -> list[tuple[float, float, float]]:
        """List rounds, and the ends of the band around Kelly’s mean; nothing where that is infinite."""
        game = self.game
        if math.isinf(game.most):
            return []
        law = []
        for i in range(13):
            n = self.horizon * (i / 12) ** 2  # densely where the band’s ends are steep
            reach = 2 * game.spread * math.sqrt(n)
            law.append((n, n * game.most - reach, n * game.most + reach))
        return law

    def _range(self) -> tuple[float, float]:
        """Return the ends of the axis: room for the law and for all that can be played before it gets longer."""
        game = self.game
        values = [0.0, *(end for _, *ends in self.law for end in ends)]
        for walk in (game.yours, game.kellys):
            finite = [value for value in walk if math.isfinite(value)]
            values += (min(finite), max(finite))
        if math.isfinite(game.growth):
            values.append(self.horizon * game.growth)
        low, high = min(values), max(values)
        room = max(high - low, 2.0)
        if math.isinf(min(game.yours)):
            low -= room * 0.12  # the floor that a ruined walk falls to
        if math.isinf(max(game.kellys)):
            high += room * 0.12
        middle = (low + high) / 2
        half = max(high - low, 2.4) / 2 * 1.03
        return middle - half, middle + half

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def marks(self) -> list[AnyMark]:
        """Return all marks: what is named, the axes, the law, and luck on top of it."""
        return [*self._legend(), *self._band(), *self._axes(), *self._means(), *self._walks(), *self._ends()]

    def _legend(self) -> list[AnyMark]:
        game, phone = self.game, self.frame.phone
        left, middle = (6.0, 178.0) if phone else (self.frame.left, self.frame.left + 290)
        first, second = self.top, self.top + 20
        you, kelly = "you, betting b", "Kelly, betting p"
        if game.played:
            you, kelly = f"{you}: {times(game.yours[game.played])}", f"{kelly}: {times(game.kellys[game.played])}"
        marks: list[AnyMark] = [
            Line(left, first - 4.5, left + 18, first - 4.5, "ink", 2),
            self._text(left + 24, first, you),
            Line(middle, first - 4.5, middle + 18, first - 4.5, "p", 4),
            self._text(middle + 24, first, kelly, "p-text"),
        ]
        if self.law:
            name = "Kelly’s mean ± 2 standard deviations"
            marks.append(Rect(left, second - 11, 18, 13, "gap-soft"))
            marks.append(Line(left, second - 4.5, left + 18, second - 4.5, "gap", 2, (5, 3)))
            right = left + (240 if phone else 290)
        else:
            name, right = "Kelly’s mean: ∞", middle
        marks.append(self._text(left + 24, second, name, "gap-text"))
        mean = "your mean"
        if math.isfinite(game.growth):
            marks.append(Line(right, second - 4.5, right + 18, second - 4.5, "ink", 1.5, (3, 3)))
            right += 24
        else:
            mean = f"{'yours' if self.law else 'your mean'}: {fixed(game.growth, 0)}"
        marks.append(self._text(right, second, mean))
        return marks

    def _axes(self) -> list[AnyMark]:
        start, above = 6 if self.frame.phone else self.frame.left, self.ceiling - 13
        marks: list[AnyMark] = [
            self._text(start, above, "doublings of the money", "muted"),
            self._text(self.frame.width - 6, above, "× the start", "muted", anchor="end"),
        ]
        for tick in self.ticks:
            y, key = self.y(tick), f"level.{tick}"
            doublings = f"{tick:,}".replace("-", "−")
            marks.append(Line(self.left, y, self.right, y, "muted" if tick == 0 else "faint", key=key))
            marks.append(self._text(self.left - 8, y + 4.5, doublings, "muted", anchor="end", key=key))
            marks.append(self._text(self.right + 8, y + 4.5, _exactly(tick), "muted", key=f"{key}.times"))
        marks.append(Line(self.left, self.bottom, self.right, self.bottom, "muted"))
        parts = 3 if self.horizon == 300 else 4
        for i in range(parts + 1):
            n = self.horizon * i // parts
            x = self.x(n)
            marks.append(Line(x, self.bottom, x, self.bottom + 4, "muted"))
            marks.append(self._text(x, self.bottom + 19, f"{n:,}", "muted", anchor="middle"))
        marks.append(self._text((self.left + self.right) / 2, self.bottom + 36, "rounds", "muted", anchor="middle"))
        marks.append(self._text(self.frame.width - 6, self.bottom + 36, f"seed {self.seed}", "muted", anchor="end"))
        return marks

    def _drawn(self, points: list[tuple[float, float]]) -> Drawn:
        columns = self.x.drawn((n for n, _ in points), 1)
        return polyline(zip(columns, self.y.drawn((value for _, value in points), 1), strict=True))

    def _band(self) -> list[AnyMark]:
        if not self.law:
            return []
        upper = [(n, high) for n, _, high in self.law]
        lower = [(n, low) for n, low, _ in reversed(self.law)]
        return [Path(self._drawn([*upper, *lower]), closed=True, fill="gap-soft", key="band")]

    def _means(self) -> list[AnyMark]:
        marks: list[AnyMark] = []
        end = self.horizon
        if self.law:
            y = self.y(end * self.game.most)
            marks.append(Line(self.x(0), self.y(0), self.x(end), y, "gap", 2, (7, 4), key="kelly.mean"))
        if math.isfinite(self.game.growth):
            y = self.y(end * self.game.growth)
            marks.append(Line(self.x(0), self.y(0), self.x(end), y, "ink", 1.5, (3, 3), key="you.mean"))
        return marks

    def _walks(self) -> list[AnyMark]:
        if not self.game.played:
            return []
        return [
            Path(self._track(self.game.kellys), stroke="p", width=4, key="kelly"),
            Path(self._track(self.game.yours), stroke="ink", width=2, key="you"),
        ]

    def _track(self, walk: tuple[float, ...]) -> Drawn:
        """Return a walk’s line, on the same rounds however many were played, to its end or where it leaves the axis."""
        stride = max(1, self.horizon // 100)
        played = self.game.played
        # What is not finite any more never is again.
        gone = 0 if math.isfinite(walk[played]) else next(n for n, value in enumerate(walk) if math.isinf(value))
        last = gone - 1 if gone else played
        points = [(float(n), walk[n]) for n in (*range(0, last, stride), last)]
        if gone:
            points.append((gone, self.y.low if walk[gone] < 0 else self.y.high))
        return self._drawn(points)

    def _ends(self) -> list[AnyMark]:
        """Mark where the walks have got to, and say so in words where that is ruin, or beyond all counting."""
        game = self.game
        marks: list[AnyMark] = []
        walks: tuple[tuple[str, tuple[float, ...], Role, float], ...] = (
            ("kelly", game.kellys, "p", 5.5), ("you", game.yours, "ink", 4),
        )  # fmt: skip
        for name, walk, role, radius in walks:
            now = walk[game.played]
            if math.isfinite(now):
                marks.append(Dot(self.x(game.played), self.y(now), radius, role, key=f"{name}.now"))
        if game.broke:
            marks += self._ruin(game.broke)
        win = _first(game.kellys[: game.played + 1], math.inf)
        if win:
            marks.append(Dot(self.x(win), self.ceiling, 5.5, "p", key="kelly.now"))
            marks.append(self._beside(win, self.ceiling + 18, f"infinite win in round {win}", "p-text"))
        return marks

    def _ruin(self, n: int) -> list[AnyMark]:
        x, y = self.x(n), self.bottom
        return [
            Line(x - 5, y - 5, x + 5, y + 5, "ink", 3, key="ruin.down"),
            Line(x - 5, y + 5, x + 5, y - 5, "ink", 3, key="ruin.up"),
            self._beside(n, y - 7, f"ruined in round {n}", "ink"),
        ]

    def _beside(self, n: int, y: float, words: str, role: Role) -> Text:
        """Write beside a round, on the side that has room; where neither has, as far right as there is some."""
        x, width = self.x(n), len(words) * 0.56 * self.frame.text
        if x + 10 + width > self.right and x - 10 - width >= self.left:
            return self._text(x - 10, y, words, role, anchor="end", bold=True, halo=True)
        return self._text(min(x + 10, self.right - width), y, words, role, bold=True, halo=True)


def _first(walk: tuple[float, ...], value: float) -> int:
    """Return the first round after which money is `value`, or 0."""
    return walk.index(value) if value in walk else 0


def _step(least: float) -> int:
    """Return the least of 1, 2, 5, 10, 20 and so on that is at least `least`."""
    step = int(10.0 ** math.floor(math.log10(max(least, 1.0))))
    return next((step * k for k in (1, 2, 5) if step * k >= least), 10 * step)


def code(state: State) -> str:
    """Return the lines that compute the growth, and play the rounds again."""
    return script(
        "betting: growth_rate, log_bankrolls, log_returns, multiple, shortfall; categorical: kl; "
        "simulation: draws, uniforms",
        [
            assigned("p", state["p"], "the truth"),
            assigned("q", state["q"], "the house"),
            assigned("b", state["b"], "your bets"),
            assigned("rounds", int(state["draws"])),
            assigned("seed", int(state["seed"])),
            "",
            "outcomes = draws(p, uniforms(seed, rounds))",
            "doublings = log_bankrolls(outcomes, log_returns(q, b))",
            "",
            shown("your growth", "growth_rate(p, q, b)", "bits a round"),
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("D(p ‖ b)", "shortfall(p, b)", "bits"),
            shown("your money", "multiple(doublings[-1])", "times what you had"),
        ],
    )


WIDGET = Widget(
    name="casino",
    title="What is it worth to know better than the house?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    buttons=BUTTONS,
    change=change,
    check=check,
    walk="draws",
)
