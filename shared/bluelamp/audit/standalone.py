"""Makes the verifier that goes along with an export: one file, plain modules, the same bytes each time.

Python itself runs it (a zipapp). Which modules it needs is read from their imports, so that none is forgotten and none
that brings AWS or pydantic along gets in unnoticed: `build` refuses it.
"""

from __future__ import annotations

import ast
import io
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

from bluelamp.errors import BluelampError

ENTRY = "bluelamp.audit.verifier"
_DATE = (1980, 1, 1, 0, 0, 0)
_SHEBANG = b"#!/usr/bin/env python3\n"
_MAIN = f"from {ENTRY} import main\n\nraise SystemExit(main())\n"
_ALLOWED = sys.stdlib_module_names | {"cryptography"}


class StandaloneError(BluelampError):
    """A module of the verifier needs what is not there where the verifier runs."""

    code = "standalone"


def build(target: Path) -> None:
    """Write the verifier.

    Parameters
    ----------
    target
        The file, by custom ``verify.pyz``.

    Raises
    ------
    StandaloneError
        When a module that it needs imports anything but the standard library and `cryptography`.
    """
    target.write_bytes(pack())


def pack() -> bytes:
    """Return the bytes of the verifier; see `build`."""
    found = {"__main__.py": _MAIN.encode()}
    for name, source in sources().items():
        path = name.replace(".", "/")
        found[f"{path}/__init__.py" if name in {"bluelamp", "bluelamp.audit"} else f"{path}.py"] = source
    raw = io.BytesIO()
    raw.write(_SHEBANG)
    # Stored, not deflated: another zlib would give other bytes.
    with zipfile.ZipFile(raw, "a", zipfile.ZIP_STORED) as archive:
        for name, body in sorted(found.items()):
            member = zipfile.ZipInfo(name, _DATE)
            member.external_attr = 0o100644 << 16
            member.create_system = 3
            archive.writestr(member, body)
    return raw.getvalue()


def sources() -> dict[str, bytes]:
    """Return the source of each module that the verifier needs, by its dotted name."""
    found: dict[str, bytes] = {}
    wanted = [ENTRY]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        source = _source(name)
        if source is None:
            raise StandaloneError(f"the verifier needs {name}, which is no module")
        found[name] = source
        parent = name.rpartition(".")[0]
        wanted += [parent] if parent else []
        wanted += _needed(name, source)
    return found


def _needed(name: str, source: bytes) -> list[str]:
    """Return the modules of ours that one imports, also within functions; other packages are refused."""
    tree = ast.parse(source)
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    needed: list[str] = []
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [str(node.module)]
            if node.module in {"bluelamp", "bluelamp.audit"}:
                imported += [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in imported:
            top = module.partition(".")[0]
            if top == "bluelamp":
                needed += [module] if _source(module) is not None else []
            elif top not in _ALLOWED:
                raise StandaloneError(f"{name} imports {module}; where the verifier runs there is none")
    return needed


def _source(name: str) -> bytes | None:
    parts = name.split(".")[1:]
    place = files("bluelamp").joinpath(*parts)
    path = (
        place.joinpath("__init__.py") if place.is_dir() else files("bluelamp").joinpath(*parts[:-1], f"{parts[-1]}.py")
    )
    return path.read_bytes() if path.is_file() else None
