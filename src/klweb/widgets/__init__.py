"""The widgets, one module each. A module that defines ``WIDGET`` is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from klweb.widget import Widget


def _discover() -> dict[str, Widget]:
    modules = (import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__))
    return {module.WIDGET.name: module.WIDGET for module in modules}


WIDGETS: dict[str, Widget] = _discover()
