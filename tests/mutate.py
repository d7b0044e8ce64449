"""Would the tests notice? Makes one small change after the other to a module, in a copy of the tree.

As a command: python -m tests.mutate visitorsflow/report/tags.py tests/test_report.py. What comes after the
module goes to pytest. It prints each change that no test noticed, and how many of all were noticed. A change
that changes nothing (`x + 0` to `x - 0`) may stay; any other wants a test.

Each change has a process of its own, forked with the libraries imported, and a time limit.
"""

import argparse
import ast
import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.venue import PROJECT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".*cache*", ".hypothesis", "__pycache__", "Files", "log")
# The same examples each time, however slow; and asserts as they are, in modules that may be imported already.
STEADY = ["-p", "no:cacheprovider", "--hypothesis-profile=ci", "--assert=plain"]
FORK = multiprocessing.get_context("fork")
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


def _prepare(folder: Path, path: Path, arguments: list[str]) -> None:
    """Go into a copy of the tree, and import the libraries that the tests need."""
    copy = folder / str(os.getpid())
    shutil.copytree(PROJECT, copy, ignore=LEFT_OUT)
    os.chdir(copy)
    sys.path[0] = str(copy)
    _forget_ours()
    with redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", *STEADY, *arguments])
    # Two changes of one second and one length would share their bytecode.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def _pass(path: Path, arguments: list[str], seconds: float | None, module: str) -> bool:
    """Do the tests pass, within `seconds`, with this module."""
    path.write_text(module, "utf-8")
    child = FORK.Process(target=_test, args=(arguments,), daemon=True)
    child.start()
    child.join(seconds)
    if child.pid and child.exitcode is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.join()
    return child.exitcode == 0


def _test(arguments: list[str]) -> None:
    os.setpgid(0, 0)  # with all that the tests start
    _forget_ours()
    with redirect_stdout(io.StringIO()):
        status = pytest.main(["-qx", *STEADY, *arguments])
    os._exit(status)


def _forget_ours() -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in ("tests", "visitorsflow"):
            del sys.modules[name]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    options, more = parser.parse_known_args()
    path = options.module.resolve().relative_to(PROJECT)
    arguments = options.tests + more
    module = (PROJECT / path).read_text("utf-8")
    found = list(changes(module))
    survived = 0
    with (
        tempfile.TemporaryDirectory(prefix="vf-") as folder,
        ProcessPoolExecutor(options.jobs, FORK, _prepare, (Path(folder), path, arguments)) as pool,
    ):
        pool.submit(os.getpid).result()  # a copy is ready
        began = time.monotonic()
        if not pool.submit(_pass, path, arguments, None, module).result():
            print("the tests fail without any change")
            return 2
        try_it = partial(_pass, path, arguments, 10 + 5 * (time.monotonic() - began))
        for change, passed in zip(found, pool.map(try_it, [change.module for change in found]), strict=True):
            if passed:
                survived += 1
                print(f"{path}:{change.line}: {change.before}  ->  {change.after}", flush=True)
    noticed = len(found) - survived
    print(f"{noticed} of {len(found)} changes noticed ({100 * noticed / len(found):.0f} %)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
