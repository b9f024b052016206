"""No module imports itself by way of others, and none is imported inside a function."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import modules, tree


def imported(name: str) -> Iterator[str]:
    """The project's modules that a module imports when it is loaded."""
    known, is_package = modules(), modules()[name].name == "__init__.py"
    for node in _at_load(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found = inner if inner in known else node.module
                if found in known and not (is_package and found == name):
                    yield found


def _at_load(module: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports outside functions and outside ``if TYPE_CHECKING``."""
    ahead: list[ast.AST] = list(module.body)
    while ahead:
        node = ahead.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            ahead += ast.iter_child_nodes(node)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that lead to each other (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for following in sorted(graph[name]):
            if following not in index:
                visit(following)
                low[name] = min(low[name], low[following])
            elif following in stack:
                low[name] = min(low[name], index[following])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1 or name in graph[name]:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == [["b", "c"], ["d"]]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: set(imported(name)) for name in modules()}
    assert sum(map(len, graph.values())) > 500
    assert circles(graph) == []


def test_nothing_is_imported_inside_a_function_but_where_an_app_gets_ready() -> None:
    found = [
        f"{name}:{inner.lineno}"
        for name in modules()
        if not name.endswith(".apps")
        for node in ast.walk(tree(name))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert found == []
