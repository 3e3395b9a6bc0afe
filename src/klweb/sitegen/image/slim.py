"""What Pyodide's Python does in the build before it is frozen: import, warm up, forget the rest.

``freeze.mjs`` runs this text in ``__main__``, followed by a call of `slim`. What is live is found by
names: a global of a module is kept if some function that is kept has its name among the names that
it looks up, globals and attributes alike. That keeps too much rather than too little; and a thing
that is missed after all raises, upon which the page boots Pyodide whole.
"""

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from gc import collect, freeze, get_objects, get_referents, set_threshold
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

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


def bare(code: CodeType) -> CodeType:
    """Return code without its docstring and without what tracebacks alone need."""
    constants = [bare(item) if isinstance(item, CodeType) else item for item in code.co_consts]
    if code.co_flags & HAS_DOCSTRING:
        constants[0] = None
    return code.replace(
        co_consts=tuple(constants),
        co_flags=code.co_flags & ~HAS_DOCSTRING,
        co_linetable=b"",
        co_filename="",
        co_qualname=code.co_name,
    )


def forget(live: Live) -> None:
    """Take everything out of the modules that is not live, and what explains things out of the rest."""
    for item in live.objects.values():
        if isinstance(item, FunctionType):
            item.__doc__, item.__annotations__, item.__code__ = None, {}, bare(item.__code__)
        elif isinstance(item, type) and item.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) == HEAP_TYPE:
            item.__doc__ = None
            for name in ("__annotations__", "__match_args__"):
                if name in vars(item):
                    delattr(item, name)
    modules = dict(sys.modules)
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


def slim(entry: str, requests: list[str]) -> None:
    """Leave in ``__main__`` the entry's ``handle``, warmed by `requests`, and ``set_threshold``; forget the rest."""
    handle = import_module(entry).handle
    for request in requests:
        handle(request)
    sys.modules["zipimport"]._zip_directory_cache.clear()
    forget(Live(handle))
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
