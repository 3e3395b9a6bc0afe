"""Where Python's part of an answer goes; run by parts.mjs in Pyodide, in a Node process of its own."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from klweb import live
from klweb.widget import View, Widget
from klweb.widgets import WIDGETS

spent: defaultdict[str, float] = defaultdict(float)


def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as it is, but for the account of its time."""

    def inner(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[part] += time.perf_counter() - began

    return inner


def answer(questions: str) -> str:
    """Answer questions for `klweb.live`, the first half to warm up; return each part's milliseconds, on average."""
    texts = json.loads(questions)
    live.json = SimpleNamespace(  # type: ignore[assignment, attr-defined]
        loads=timed("read the question (JSON)", json.loads), dumps=timed("write the answer (JSON)", json.dumps)
    )
    Widget.update = timed("update", Widget.update)  # type: ignore[method-assign]
    View.to_json = timed("the view as plain data", View.to_json)  # type: ignore[method-assign]
    for widget in WIDGETS.values():
        object.__setattr__(widget, "view", timed("view", widget.view))
    for half in (texts[: len(texts) // 2], texts[len(texts) // 2 :]):
        spent.clear()
        whole = timed("whole", live.handle)
        for text in half:
            whole(text)
    spent["the rest"] = 2 * spent["whole"] - sum(spent.values())
    count = len(texts) - len(texts) // 2
    return json.dumps({part: 1e3 * seconds / count for part, seconds in spent.items()})
