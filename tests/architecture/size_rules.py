"""The size rules of the house: functions of 50 lines, files of 300, four positional parameters."""

import ast
from collections.abc import Iterator

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 300
POSITIONAL_MAX = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef


def broken_size_rules(source: str) -> list[str]:
    """Return a line for each rule that `source` breaks; empty where it keeps them all."""
    lines = source.count("\n")
    broken = [f"file of {lines} lines"] if lines > FILE_LINES_MAX else []
    for function in _functions(ast.parse(source)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES_MAX:
            broken.append(f"{function.name}: {length} lines")
        if _positional(function) > POSITIONAL_MAX:
            broken.append(f"{function.name}: {_positional(function)} positional parameters")
    return broken


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def _positional(function: Function) -> int:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in ("self", "cls")])
