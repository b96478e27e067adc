"""Modules of the package read from their syntax trees, for tests of the house's shape; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Module:
    """A source file under its dotted name; a package goes by its folder's name."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def part(self) -> str:
        """The part of the house: `kernel` for `mockserver.kernel.clock`, `__init__` for the package's own file."""
        return [*self.name.split("."), "__init__"][1]

    @property
    def is_generated(self) -> bool:
        written = self.part == "models" or self.name.startswith(
            ("mockserver.kernel.shipped.", "mockserver.client.names")
        )
        return written and any("generated" in line.lower() for line in self.source.splitlines()[:5])


def modules_under(root: Path) -> dict[str, Module]:
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found[name] = Module(name, path.read_text(encoding="utf-8"), is_package)
    return found


def imports_of(module: Module, known: Mapping[str, object], *, typing: bool = True) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported; `from a import b` is `a.b` when that is a module.

    Without `typing` what stands under `if TYPE_CHECKING:` is left out.
    """
    guards = [node for node in module.nodes if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    guarded = {inner for guard in guards for statement in guard.body for inner in ast.walk(statement)}
    for node in module.nodes:
        if node in guarded and not typing:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.name.split(".")
                package = package[: len(package) - node.level + module.is_package]
                base = ".".join([*package, base] if base else package)
            for alias in node.names:
                member = f"{base}.{alias.name}"
                yield node.lineno, member if member in known else base


def aliases_of(module: Module) -> dict[str, str]:
    """What the names a module imports stand for: `import datetime as dt` is `{"dt": "datetime"}`."""
    aliases: dict[str, str] = {}
    for node in module.nodes:
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
            aliases |= {name: name for name in (alias.name.split(".")[0] for alias in node.names if not alias.asname)}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return aliases


def full_name(node: ast.AST, aliases: Mapping[str, str]) -> str:
    """`datetime.datetime.now` for `dt.datetime.now`; empty when it does not start at an import."""
    if isinstance(node, ast.Attribute):
        base = full_name(node.value, aliases)
        return base and f"{base}.{node.attr}"
    return aliases.get(node.id, "") if isinstance(node, ast.Name) else ""
