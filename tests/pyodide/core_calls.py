"""Calls functions of the core by name. The same text runs in CPython and in Pyodide."""

import json
from fractions import Fraction
from importlib import import_module
from typing import Any


def plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def call(function: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    module, name = function.split(".")
    try:
        return plain(getattr(import_module(f"klweb.{module}"), name)(*arguments, **keywords))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


def answer(calls: str) -> str:
    """Answer a JSON list of (function, arguments, keywords) with the JSON list of results."""
    return json.dumps([call(*each) for each in json.loads(calls)])
