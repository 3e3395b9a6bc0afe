"""What Pyodide's Python does in the build before it is frozen: import, warm up, forget the rest.

``freeze.mjs`` runs this text in ``__main__``, followed by a call of `slim`. What is live is found by
names: a global of a module is kept if some function that is kept has its name among the names that
it looks up, globals and attributes alike. That keeps too much rather than too little; and a thing
that is missed after all raises, upon which the page boots Pyodide whole.
"""

import sys
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from gc import collect, freeze, get_objects, get_referents, set_threshold
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any
from warnings import simplefilter

CacheWrapper = type(lru_cache(lambda: None))

HAS_DOCSTRING = 0x4000000
"""The flag of code whose first constant is a docstring (``CO_HAS_DOCSTRING``, new in Python 3.13)."""

HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8
"""Flags of types: made while running; not to be changed (``Py_TPFLAGS_HEAPTYPE``, ``Py_TPFLAGS_IMMUTABLETYPE``)."""


def names_in(code: CodeType) -> Iterator[str]:
    """Yield every name that code, or code in its constants, may look up.

    >>> sorted(names_in((lambda x: len(x.real) + getattr(x, "imag")).__code__))
    ['getattr', 'imag', 'len', 'real']
    """
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)
        elif isinstance(constant, str):
            yield constant


class Live:
    """What can be reached from a function: `objects` by their ids, and the `names` that are looked up."""

    def __init__(self, root: Callable[..., Any]) -> None:
        self.of_modules = {id(vars(module)) for module in sys.modules.values()}
        self.objects: dict[int, Any] = {}
        self.names = {root.__name__}
        self.scopes: dict[int, dict[str, Any]] = {}
        self.mark(root)
        known = None
        while known != (known := (len(self.objects), len(self.names))):
            for scope in list(self.scopes.values()):
                for name in self.names & scope.keys():
                    self.mark(scope[name])

    def mark(self, item: object) -> None:
        """Mark an object and what it refers to; of modules only what is looked up by name."""
        waiting = [item]
        while waiting:
            item = waiting.pop()
            if id(item) in self.objects or id(item) in self.of_modules:
                continue
            self.objects[id(item)] = item
            if isinstance(item, ModuleType):
                self.scopes[id(vars(item))] = vars(item)
                continue
            if isinstance(item, FunctionType):
                self.names.update(names_in(item.__code__))
                self.scopes[id(item.__globals__)] = item.__globals__
            waiting.extend(get_referents(item))


class MissingError(BaseException):
    """A function was left out. As no `Exception`, it is an answer to nobody."""


def missing(*_: object, **__: object) -> None:
    """Stand in for a function that nothing called."""
    raise "the error"  # type: ignore[misc]  # noqa: B016  a constant, as this code runs where other names are known


missing.__code__ = missing.__code__.replace(
    co_consts=tuple(MissingError if item == "the error" else item for item in missing.__code__.co_consts)
)


@lru_cache
def stand_in(free: int) -> CodeType:
    """Return the code of `missing`, for a function with so many free variables."""
    return missing.__code__.replace(co_freevars=tuple(map(str, range(free)))) if free else missing.__code__


def label(code: CodeType) -> str:
    """Return what tells code from other code, in another process too.

    >>> label((lambda: 1).__code__).endswith(":<lambda>")
    True
    """
    return f"{code.co_filename}:{code.co_firstlineno}:{code.co_qualname}"


def bare(code: CodeType, called: Container[str]) -> CodeType:
    """Return code without its docstring and what tracebacks alone need; what was not `called` in it is missing."""
    if label(code) not in called:
        return stand_in(len(code.co_freevars))
    constants = [bare(item, called) if isinstance(item, CodeType) else item for item in code.co_consts]
    if code.co_flags & HAS_DOCSTRING:
        constants[0] = None
    return code.replace(
        co_consts=tuple(constants),
        co_flags=code.co_flags & ~HAS_DOCSTRING,
        co_linetable=b"",
        co_filename="",
        co_qualname=code.co_name,
    )


def thin(live: Live, called: Container[str]) -> None:
    """Take out of live types and functions what explains them, and the code that was not `called`."""
    simplefilter("ignore")  # generators may be missing, too
    # Found first: whatever asks an object for its class may call what goes.
    functions = [item for item in live.objects.values() if type(item) is FunctionType]
    functions = [item for item in functions if item.__globals__ is not globals()]
    types = [item for item in live.objects.values() if isinstance(item, type)]
    for kind in types:
        if kind.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) != HEAP_TYPE:
            continue
        # Not by the type's own ways of changing it, which may go as well.
        type.__setattr__(kind, "__doc__", None)
        for name in {"__annotations__", "__match_args__"} & vars(kind).keys():
            type.__delattr__(kind, name)
        for name, value in dict(vars(kind)).items():
            if type(value) is FunctionType and label(value.__code__) not in called:
                type.__setattr__(kind, name, missing)
    for function in functions:
        if label(function.__code__) not in called:
            function.__defaults__ = function.__kwdefaults__ = None
        function.__doc__, function.__annotations__, function.__code__ = None, {}, bare(function.__code__, called)


def forget(live: Live) -> None:
    """Take everything out of the modules that is not live, and all modules away."""
    modules = dict(sys.modules)
    for module in modules.values():
        vars(module).pop("__doc__", None)
    for name, module in modules.items():
        if name in ("__main__", "builtins", "sys"):
            continue
        scope = vars(module)
        for key in [key for key in scope if key not in live.names or id(scope[key]) not in live.objects]:
            if key not in ("__builtins__", "__name__"):
                del scope[key]
        del sys.modules[name]
    for name in ("copyright", "credits", "exit", "help", "license", "quit"):
        vars(modules["builtins"]).pop(name, None)
    for cache in (sys.path, sys.meta_path, sys.path_hooks, sys.path_importer_cache, sys.warnoptions):
        cache.clear()


def cover(entry: str, requests: list[str]) -> None:
    """Leave in ``__main__`` a ``handle`` that tells, as JSON, the labels of all code that the `requests` call."""
    monitoring = vars(sys)["monitoring"]  # new in Python 3.12, which the build's own Python need not be
    tool, begins = monitoring.PROFILER_ID, monitoring.events.PY_START
    called = set()

    def begun(code: CodeType, _offset: int) -> object:
        called.add(label(code))
        return monitoring.DISABLE

    handle = import_module(entry).handle
    monitoring.use_tool_id(tool, __name__)
    monitoring.register_callback(tool, begins, begun)
    monitoring.set_events(tool, begins)
    for request in requests:
        handle(request)
    monitoring.set_events(tool, 0)
    text = import_module("json").dumps(sorted(called))
    globals()["handle"] = lambda _request: text


def slim(entry: str, requests: list[str], called: Container[str]) -> None:
    """Leave in ``__main__`` the entry's ``handle``, warmed by `requests`, and ``set_threshold``; forget the rest.

    Of functions that were not `called` nothing is left but that they were there.
    """
    handle = import_module(entry).handle
    for request in requests:
        handle(request)
    sys.modules["zipimport"]._zip_directory_cache.clear()
    live = Live(handle)
    thin(live, called)
    forget(live)
    del live
    for request in requests:  # again, since code that was replaced forgets what it had learned
        handle(request)
    # Half of memory would be random numbers and pictures otherwise, kept for whoever asks for the same again.
    for item in get_objects():
        if type(item) is CacheWrapper:
            item.cache_clear()
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        setattr(sys, name, None)
    scope, kept, last_steps = globals(), {"handle": handle, "set_threshold": set_threshold}, (collect, freeze)
    for name in [name for name in scope if name != "__builtins__"]:
        del scope[name]
    scope.update(kept)
    for step in last_steps:
        step()
