"""Would the tests notice? Makes one small change after the other to a module, in a copy of the tree.

As a command: python -m tests.mutate visitorsflow/report/tags.py tests/test_report.py. What comes after the
module goes to pytest. It prints each change that no test noticed, and how many of all were noticed. A change
that changes nothing (`x + 0` to `x - 0`) may stay; any other wants a test.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from tests.venue import PROJECT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".*cache*", ".hypothesis", "__pycache__", "Files", "log")
STEADY = ["-p", "no:cacheprovider", "--hypothesis-profile=ci"]  # the same examples each time, however slow
PAIRS: list[tuple[type[ast.AST], type[ast.AST]]] = [
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.BitOr, ast.BitAnd),
    (ast.And, ast.Or),
]
OTHER = dict(PAIRS) | {two: one for one, two in PAIRS} | dict.fromkeys((ast.Pow, ast.Div, ast.Mod), ast.Mult)


class Change(NamedTuple):
    line: int
    before: str
    after: str
    module: str  # all of it, changed


def changes(module: str) -> Iterator[Change]:
    """Each comparison, operator, sign, constant, condition and return that can be changed, one at a time."""
    tree = ast.parse(module)
    spared = {id(inner) for node in ast.walk(tree) for root in _not_run(node) for inner in ast.walk(root)}
    for node in sorted(ast.walk(tree), key=_line):
        if id(node) in spared:
            continue
        for field, new in _variants(node):
            before, old = ast.unparse(node), getattr(node, field)
            setattr(node, field, new)
            yield Change(_line(node), _first(before), _first(ast.unparse(node)), ast.unparse(tree))
            setattr(node, field, old)


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _first(text: str) -> str:
    return text.partition("\n")[0]


def _not_run(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings and annotations."""
    match node:
        case ast.Expr(value=ast.Constant()):
            yield node
        case ast.arg(annotation=ast.AST() as annotation) | ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.FunctionDef(returns=ast.AST() as annotation):
            yield annotation


def _variants(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Which of its fields becomes what."""
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                yield "ops", [*ops[:index], OTHER[type(op)](), *ops[index + 1 :]]
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in OTHER:
            yield "op", OTHER[type(op)]()
        case ast.UnaryOp(op=ast.USub()):
            yield "op", ast.UAdd()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "operand", ast.UnaryOp(ast.Not(), operand)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) if isinstance(
            test, ast.Name | ast.Attribute | ast.Call
        ):
            yield "test", ast.UnaryOp(ast.Not(), test)
        case ast.Return(value=ast.AST() as value) if ast.unparse(value) != "None":
            yield "value", ast.Constant(None)
        case ast.Constant(value=bool() as value):
            yield "value", not value
        case ast.Constant(value=int() | float() as value):
            yield "value", value + 1
        case ast.Constant(value=str() as value):
            yield "value", value + "~"


class Copy:
    """A copy of the tree, whose `path` is changed."""

    def __init__(self, folder: Path, path: Path, arguments: list[str]) -> None:
        shutil.copytree(PROJECT, folder, ignore=LEFT_OUT)
        self._folder = folder
        self._path = folder / path
        self._command = [sys.executable, "-m", "pytest", "-qx", *STEADY, *arguments]

    def passes(self, module: str, seconds: float | None = None) -> bool:
        """Whether the tests pass, within `seconds`, with this module."""
        self._path.write_text(module, "utf-8")
        try:
            done = subprocess.run(self._command, cwd=self._folder, capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    options, more = parser.parse_known_args()
    path = options.module.resolve().relative_to(PROJECT)
    module = (PROJECT / path).read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="vf-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(options.jobs):
            copies.put(Copy(Path(folder) / str(number), path, options.tests + more))
        first = copies.get()
        began = time.monotonic()
        if not first.passes(module):
            print("the tests fail without any change")
            return 2
        patience = 10 + 5 * (time.monotonic() - began)
        copies.put(first)

        def survives(change: Change) -> bool:
            copy = copies.get()
            survived = copy.passes(change.module, patience)
            copies.put(copy)
            if survived:
                print(f"{path}:{change.line}: {change.before}  ->  {change.after}", flush=True)
            return survived

        with ThreadPoolExecutor(options.jobs) as pool:
            survived = list(pool.map(survives, changes(module)))
    noticed = survived.count(False)
    print(f"{noticed} of {len(survived)} changes noticed ({100 * noticed / len(survived):.0f} %)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
