"""Paint a scene as SVG, ahead of time.

Colours stay roles: a mark carries the classes ``f-p`` (fill) and ``s-q`` (stroke), which the style
sheet defines, so that one picture serves light, dark and print. Handles and spots draw nothing here;
they belong to the live figure.

>>> from klweb.scene import Dot, Scene
>>> print(render(Scene(20, 10, (Dot(5, 5, 2, fill="p"),))), end="")
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" height="10">
<circle class="f-p" cx="5" cy="5" r="2"/>
</svg>
"""

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from klweb.scene import Scene

Data = dict[str, Any]


def _paint(mark: Data) -> str:
    """Return the class attribute, and stroke width and dashes where there is a stroke."""
    fill, stroke = mark.get("fill"), mark.get("stroke")
    classes = [f"f-{fill}" if fill else "f-none"]
    if stroke:
        classes.append(f"s-{stroke}")
    result = f' class="{" ".join(classes)}"'
    if stroke and mark.get("width", 1) != 1:
        result += f' stroke-width="{mark["width"]}"'
    if mark.get("dash"):
        result += f' stroke-dasharray="{" ".join(map(str, mark["dash"]))}"'
    return result


def _rect(mark: Data) -> str:
    radius = f' rx="{mark["radius"]}"' if mark.get("radius") else ""
    return f'<rect{_paint(mark)} x="{mark["x"]}" y="{mark["y"]}" width="{mark["w"]}" height="{mark["h"]}"{radius}/>'


def _line(mark: Data) -> str:
    painted = _paint({"stroke": "ink", **mark})
    return f'<line{painted} x1="{mark["x1"]}" y1="{mark["y1"]}" x2="{mark["x2"]}" y2="{mark["y2"]}"/>'


def _path(mark: Data) -> str:
    points = mark["points"]
    if not points:
        return ""
    steps = " ".join(f"{x},{y}" for x, y in zip(points[::2], points[1::2], strict=True))
    return f'<path{_paint(mark)} d="M{steps}{"Z" if mark.get("closed") else ""}"/>'


def _text(mark: Data) -> str:
    classes = [f"f-{mark.get('fill', 'ink')}"]
    classes += [name for name in ("bold", "italic", "halo") if mark.get(name)]
    anchor = mark.get("anchor", "start")
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text class="{" ".join(classes)}" x="{mark["x"]}" y="{mark["y"]}" font-size="{mark.get("size", 13)}"'
        f"{anchored}>{escape(mark['text'])}</text>"
    )


def _dot(mark: Data) -> str:
    return f'<circle{_paint(mark)} cx="{mark["x"]}" cy="{mark["y"]}" r="{mark["r"]}"/>'


def _nothing(_mark: Data) -> str:
    return ""


PAINTERS: dict[str, Callable[[Data], str]] = {
    "rect": _rect,
    "line": _line,
    "path": _path,
    "text": _text,
    "dot": _dot,
    "handle": _nothing,
    "spot": _nothing,
}
"""One painter for each kind of mark; ``browser/painter.js`` has the same table."""


def render(scene: Scene, attributes: Mapping[str, str] | None = None) -> str:
    """Return the scene as an ``<svg>`` element, with further attributes such as ``role`` and ``aria-labelledby``."""
    data = scene.to_json()
    width, height = data["width"], data["height"]
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in (attributes or {}).items())
    lines = [PAINTERS[mark["mark"]](mark) for mark in data["marks"]]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join([f"{head}{extra}>", *filter(None, lines), "</svg>\n"])
