"""Imports run one way: functions, wiring, service, store, cloud. Read from the source, so that no cycle can hide."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "shared" / "bluelamp"
FEATURES = (
    "accounts",
    "actions",
    "appeals",
    "assets",
    "calls",
    "checks",
    "completeness",
    "connections",
    "anchors",
    "content",
    "digests",
    "exports",
    "guide",
    "hooks",
    "incidents",
    "live",
    "media",
    "moderation",
    "notices",
    "people",
    "platforms",
    "presence",
    "publishing",
    "replies",
    "posts",
    "reports",
    "retention",
    "rights",
    "roster",
    "trail",
)
# What anybody may use: they know nothing of a feature.
COMMON = {
    "bluelamp.errors",
    "bluelamp.ids",
    "bluelamp.models",
    "bluelamp.times",
    "bluelamp.pseudonyms",
    "bluelamp.weekly",
}
CLOCKWORK = {"telemetry", "wiring", "settings"}


def module_name(path: Path) -> str:
    relative = path.relative_to(PACKAGE.parent).with_suffix("")
    return ".".join(relative.parts).removesuffix(".__init__")


@cache
def imports_of(path: Path, *, at_run_time_only: bool = False) -> frozenset[str]:
    """Return the dotted names that a file imports, inside functions and TYPE_CHECKING blocks too unless told."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    if at_run_time_only:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                skipped |= {inner for part in node.body for inner in ast.walk(part)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def modules(*parts: str) -> list[Path]:
    return sorted(PACKAGE.joinpath(*parts).rglob("*.py"))


def ids(path: Path) -> str:
    return module_name(path)


SHIPPED = [p for p in modules() if "cli" not in p.relative_to(PACKAGE).parts]


@pytest.mark.parametrize("path", [p for p in SHIPPED if p.name in {"model.py", "rules.py"}], ids=ids)
def test_models_and_rules_are_pure(path):
    feature = path.parent.name
    for name in imports_of(path):
        if name.startswith("bluelamp"):
            own = f"{name}.".startswith(f"bluelamp.{feature}.")
            others_model = any(name.startswith(f"bluelamp.{f}.{m}") for f in FEATURES for m in ("model", "rules"))
            others_model |= name in {f"bluelamp.{f}" for f in FEATURES}  # the package of `from … import rules`
            audit_leaf = name.startswith("bluelamp.audit.leaf")
            assert own or others_model or audit_leaf or any(name.startswith(c) for c in COMMON), (path, name)
        assert not name.startswith(("boto", "requests", "aws_lambda", "chalice")), (path, name)


@pytest.mark.parametrize("path", SHIPPED, ids=ids)
def test_nobody_reaches_into_another_features_store(path):
    own = path.parent.name
    if own == "wiring":
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "bluelamp" and len(parts) > 2 and parts[2] == "store":
            # actions are stored beside their post: the two packages share the item's key.
            assert parts[1] == own, (path, name)


@pytest.mark.parametrize("path", modules("audit"), ids=ids)
def test_audit_knows_no_feature(path):
    for name in imports_of(path):
        assert not any(name.startswith(f"bluelamp.{f}") for f in FEATURES), (path, name)


@pytest.mark.parametrize("path", modules("cloud"), ids=ids)
def test_the_cloud_knows_no_domain(path):
    for name in imports_of(path):
        assert not name.startswith("bluelamp.") or name.startswith(("bluelamp.cloud", "bluelamp.errors")), (path, name)


@pytest.mark.parametrize("path", SHIPPED, ids=ids)
def test_only_the_cloud_knows_boto3(path):
    if path.parent.name == "cloud":
        return
    for name in imports_of(path):
        assert not name.startswith(("boto3", "botocore", "mypy_boto3")), (path, name)


@pytest.mark.parametrize("path", SHIPPED, ids=ids)
def test_only_settings_read_the_environment(path):
    if path.name == "settings.py":
        return
    text = path.read_text(encoding="utf-8")
    assert "os.environ" not in text, path
    assert "getenv(" not in text, path


@pytest.mark.parametrize("path", SHIPPED, ids=ids)
def test_features_are_wired_from_outside(path):
    if path.parent.name == "wiring" or path.name == "telemetry.py":
        return
    for name in imports_of(path):
        assert name not in {f"bluelamp.{c}" for c in CLOCKWORK}, (path, name)
        assert not name.startswith("functions"), (path, name)


@pytest.mark.slow
def test_there_are_no_circles():
    graph = {
        module_name(p): {
            n for n in imports_of(p, at_run_time_only=True) if n.startswith("bluelamp.") and n != module_name(p)
        }
        for p in SHIPPED
        if p.parent.name != "wiring"
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name in done:
            return
        for following in sorted(graph.get(name, ())):
            if following in graph:
                visit(following, (*way, name))
        done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/handler.py")), ids=lambda p: p.parent.name)
def test_handlers_import_wiring_and_no_store(path):
    names = imports_of(path)
    assert not any(".store" in n or n.startswith(("boto3", "botocore")) for n in names), names


@pytest.mark.parametrize("path", SHIPPED, ids=ids)
def test_every_module_says_why_it_exists(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
