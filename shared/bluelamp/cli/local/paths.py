"""Where the project and its tools lie, and whether they are there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bluelamp.cli.local.errors import ToolMissingError

ROOT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class Tool:
    """One program that the local stack needs, and how one comes by it."""

    name: str
    path: Path
    advice: str

    @property
    def present(self) -> bool:
        """Return whether it is there."""
        return self.path.exists()

    def require(self) -> Path:
        """Return its path.

        Raises
        ------
        ToolMissingError
            When it is not there.
        """
        if not self.present:
            raise ToolMissingError(f"{self.name} is not installed ({self.path} is missing)", way_out=self.advice)
        return self.path


MINISTACK = Tool("ministack", ROOT / ".tools" / "cloud" / "bin" / "ministack", "make setup")
WEED = Tool("SeaweedFS", ROOT / ".tools" / "cloud" / "bin" / "weed", "make setup")
SAM = Tool("AWS SAM", ROOT / ".tools" / "sam" / "bin" / "sam", "make setup")
TEMPLATE = Tool("template.yaml", ROOT / "template.yaml", "run it in a whole checkout of the project")
SANDBOX = Tool("the platform sandbox", ROOT / "sandbox" / "__main__.py", "run it in a whole checkout of the project")
PAGE = Tool("the built page", ROOT / "web" / "dist" / "index.html", "make setup")

ALL = (MINISTACK, WEED, SAM, TEMPLATE, SANDBOX, PAGE)
