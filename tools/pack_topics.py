"""A step of building the wheel: the topics as the map uses them, read and checked once, ahead of time."""

import json
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackTopics(BuildHookInterface):  # type: ignore[type-arg]
    """Writes ``klweb/topics.json`` into the wheel; an installation in place reads ``content/topics.toml`` itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to a wheel that is about to be written."""
        if version == "editable":
            return
        # The packages of this very checkout, whatever else is installed.
        sys.path.insert(0, str(Path(self.root, "src")))
        from klweb import topics  # noqa: PLC0415

        self.folder = mkdtemp(prefix="klweb-")
        packed = Path(self.folder, topics.PACKED.name)
        packed.write_text(json.dumps(topics.TOPICS.packed(), ensure_ascii=False, separators=(",", ":")), "utf-8")
        build_data["force_include"][str(packed)] = f"klweb/{packed.name}"

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            rmtree(self.folder)
