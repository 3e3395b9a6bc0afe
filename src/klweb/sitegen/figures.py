"""A widget ahead of time: its pictures, its HTML, and the views of all its presets for the browser.

The browser gets one file for each widget and frame, ``{"presets": {name: answer}, "near": {name: file}}``, whose
answers are exactly those that `klweb.live` would give: a preset shows what Python would show, without
Python. Beside it lies a file for each preset with what is shown around it; see `klweb.sitegen.neighbours`.
"""

import json
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from klweb import live, svg
from klweb.parameter import Choice, Distribution, Number, Sample
from klweb.sitegen import cache, exports, neighbours, runtime
from klweb.sitegen.problems import SourceError, line_of
from klweb.widget import FRAMES, Preset, View, Widget
from klweb.widgets import WIDGETS

ROOT = Path(__file__).parents[3]
"""The checkout, which paths in messages are relative to."""


@dataclass(frozen=True)
class Prepared:
    """What the build makes of one widget."""

    widget: Widget
    files: dict[str, bytes]
    """Site path → content of the preset files, and of those around each preset."""
    data: dict[str, str]
    """Frame → site path of its preset file."""
    near: dict[str, str]
    """Frame → site path of the file around the first preset, which is fetched together with the presets."""
    characters: frozenset[str]
    """All characters that pictures of these files may hold."""


_prepared: dict[str, Prepared] = {}
"""What this process has computed; a widget does not change while it runs."""
INDEX = "index.json"


def prepare_all() -> dict[str, Prepared]:
    """Compute every preset of every widget, on all processors that there are, unless an earlier build did."""
    missing = [name for name in WIDGETS if name not in _prepared]
    if missing:
        digest = sha256(runtime.fingerprint(ROOT).encode() + json.dumps(missing).encode())
        for module in (__file__, neighbours.__file__):
            digest.update(Path(module).read_bytes())
        files = cache.kept(ROOT, "figures", digest.hexdigest(), lambda: _packed(missing))
        for name, (data, near, characters, paths) in json.loads(files[INDEX]).items():
            contents = {path: files[Path(path).name] for path in paths}
            _prepared[name] = Prepared(WIDGETS[name], contents, data, near, frozenset(characters))
    return {name: _prepared[name] for name in WIDGETS}


def _packed(names: list[str]) -> dict[str, bytes]:
    """Compute widgets, and return their files by name, with one that says how they belong together."""
    # Not forked: the server of the watch mode has threads.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = list(pool.map(prepare, names))
    index = {
        item.widget.name: (item.data, item.near, "".join(sorted(item.characters)), sorted(item.files)) for item in found
    }
    files = {Path(path).name: content for item in found for path, content in item.files.items()}
    return {**files, INDEX: json.dumps(index).encode()}


def prepare(name: str) -> Prepared:
    """Compute every preset of a widget at every frame."""
    if name not in _prepared:
        _prepared[name] = _prepare(WIDGETS[name])
    return _prepared[name]


def _prepare(widget: Widget) -> Prepared:
    name = widget.name
    files, data, first = {}, {}, {}
    shown: set[str] = set()
    for frame in FRAMES.values():
        answers = {preset.name: live.answer(widget, widget.preset(preset.name), frame) for preset in widget.presets}
        for preset, answer in answers.items():
            _check_words(widget, preset, answer)
        near = {}
        for example in widget.presets:
            packed = neighbours.pack(widget, example, frame)
            near[example.name] = f"{name}.{frame.name}.{example.name}.near.{_digest(packed.content)}.bin"
            files[f"data/{near[example.name]}"] = packed.content
            shown |= packed.characters
        first[frame.name] = f"data/{near[widget.presets[0].name]}"
        both = {"presets": answers, "near": near}
        content = json.dumps(both, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        data[frame.name] = f"data/{name}.{frame.name}.{_digest(content.encode())}.json"
        files[data[frame.name]] = content.encode()
        shown |= set(content)
    return Prepared(widget, files, data, first, frozenset(shown))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


def _check_words(widget: Widget, preset: str, answer: dict[str, Any]) -> None:
    """Refuse a figure without words: every view has a sentence, every handle a name and a value, every spot a name."""
    view = answer["view"]
    marks = view["scene"]["marks"]
    handles = [mark for mark in marks if mark["mark"] == "handle"]
    spots = [mark for mark in marks if mark["mark"] == "spot"]
    is_worded = all(mark["label"] and mark["value_text"] for mark in handles) and all(mark["label"] for mark in spots)
    if not view["summary"].strip() or not is_worded:
        path, source = _module(widget)
        raise SourceError(f"preset {preset} shows a figure without words", path, line_of(source, f'"{preset}"'))


def _module(widget: Widget) -> tuple[str, str]:
    """Return the path of the module that defines a widget, as messages name it, and its source."""
    path = Path(widget.view.__code__.co_filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path), path.read_text()


@lru_cache(maxsize=1 << 12, typed=True)  # what is Markup is not escaped again
def letters(text: str) -> Markup:
    """Colour p, q and p̂ where they stand alone, as in ``D(p ‖ q)``.

    >>> letters("D(p ‖ q)")
    Markup('D(<i class="p">p</i> ‖ <i class="q">q</i>)')
    """
    return Markup(re.sub(r"(?<![\w’])(([pq])\u0302?)(?![\w\u0302’])", r'<i class="\2">\1</i>', str(escape(text))))


def symbol(text: str) -> Markup:
    """Set a symbol such as ``μ_p`` with its subscript."""
    head, _, index = text.partition("_")
    below = Markup("<sub>{}</sub>").format(letters(index)) if index else Markup("")
    return Markup("<var>{}</var>{}").format(head, below)


def render(
    environment: Environment,
    name: str,
    ident: str,
    *,
    credit: str = "",
    single: bool = False,
    pair: dict[str, list[float]] | None = None,
    place: tuple[str, str] = ("", ""),
) -> str:
    """Return the HTML of a widget in its default state, with the page's `pair` if it shares one.

    `credit` is the address of the figure's page, where it stands elsewhere; `single` says that it stands in a file of
    its own, without Python. `place` is the page's path and source, for messages.
    """
    if name not in WIDGETS:
        path, source = place
        raise SourceError(
            f"there is no widget {name!r}; there are {', '.join(WIDGETS)}",
            path,
            line_of(source, f"[[widget: {name}"),
        )
    widget = WIDGETS[name]
    state = widget.default
    if pair and widget.shares:
        state = widget.share(state, pair)
    views = {frame.name: widget.view(state, frame) for frame in FRAMES.values()}
    return environment.get_template("widget.html").render(
        widget=widget,
        adopted=state != widget.default,
        ident=ident,
        credit=credit,
        single=single,
        formula=exports.formula(name),
        state=state,
        view=next(iter(views.values())),
        pictures={name: _picture(view, ident, name) for name, view in views.items()},
        numbers=[item for item in widget.parameters if isinstance(item, Number)],
        choices=[item for item in widget.parameters if isinstance(item, Choice) and not item.hidden],
        distributions=[item for item in widget.parameters if isinstance(item, Distribution) and not item.hidden],
        samples=[item for item in widget.parameters if isinstance(item, Sample)],
        presets=_examples(name),
    )


@lru_cache(maxsize=1 << 6)
def _examples(name: str) -> list[tuple[Preset, View]]:
    """Return a widget's presets and what each shows on a phone."""
    widget = WIDGETS[name]
    return [(preset, widget.view(widget.preset(preset.name), FRAMES["phone"])) for preset in widget.presets]


def _picture(view: View, ident: str, frame: str) -> Markup:
    attributes = {
        "data-figure": frame,
        "role": "img",
        "aria-labelledby": f"{ident}-title",
        "aria-describedby": f"{ident}-summary",
    }
    return Markup(svg.render(view.scene, attributes))
