"""The examples in the docstrings."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["errors", "categorical", "gaussian", "coding"])
def test_examples(name: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(f"klweb.{name}"))
    assert attempted > 0
    assert failed == 0
