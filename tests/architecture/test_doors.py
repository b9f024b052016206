"""Pages reach children through the one door, and every page says who may open it."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Model

from tests.architecture.sources import modules, tree
from virtualschool.overview.addresses import LIBRARY_PAGES, addresses

# Ways into the children that somebody may know of, each for its own people.
DOORS = {"visible_to", "in_own_reach", "off_roll_for", "proposed_for", "asked_of", "listed_for", "offered_to"}
# A search outside the team finds a child by exact facts; its result is signed for the one who found it.
EXCEPTIONS = {"children.views.watch._child_found"}
# For somebody without an account, on the device that a link is bound to: `peps.voice_links`.
PAGES_OF_A_LINK = {f"voice:{name}" for name in ("start", "about", "question", "check", "done", "answer")}
VIEWS = [
    name
    for name in modules()
    if any(part == "views" or part.startswith("views_") for part in name.split("."))
    or name.startswith(("virtualschool.overview.homes", "virtualschool.overview.child", "virtualschool.overview.roll"))
]


def of_children() -> set[str]:
    """Names of the models that are a child's, directly or through a record of the child; the logs only name its number."""
    return {model.__name__ for model in apps.get_models() if model._meta.app_label != "audit" and _is_of_a_child(model)}


def _is_of_a_child(model: type[Model]) -> bool:
    return model._meta.label == "children.Child" or hasattr(model, "child_id")


def test_the_views_are_found() -> None:
    assert {"children.views.care", "children.views.watch", "peps.views.detail", "virtualschool.overview.views"} <= set(
        VIEWS
    )
    assert {"Child", "Pep", "PepSection", "Note", "Alert", "Release", "RiskReport"} <= of_children()


@pytest.mark.parametrize("name", VIEWS)
def test_no_page_takes_a_childs_records_from_anywhere_but_a_door(name: str) -> None:
    """What starts at ``Model.objects`` goes through a door, hangs from a record that came through one, or is a sub-query."""
    found = [
        f"{name}:{chain.lineno} {words}"
        for function, chain, words in chains(tree(name))
        if f"{name}.{function}" not in EXCEPTIONS and not is_kept_in(chain)
    ]
    assert found == []


def chains(module: ast.Module) -> Iterator[tuple[str, ast.expr, str]]:
    """Whole expressions that begin with ``Model.objects`` of a child's model, with the function they stand in.

    One that is given a name goes on where the name is used.
    """
    models = of_children()
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(module):
        if not (isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager")):
            continue
        if not (isinstance(node.value, ast.Name) and node.value.id in models):
            continue
        top, function = _whole(node, parents), _function_of(node, parents)
        if is_kept_in(top) or not _name_given(top, parents) or function is None:
            yield function.name if function else "", top, ast.unparse(top)[:120]
            continue
        name = _name_given(top, parents)
        for use in ast.walk(function):
            if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load):
                yield function.name, _whole(use, parents), ast.unparse(_whole(use, parents))[:120]


def _whole(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> ast.expr:
    while _goes_on(parents[node], node):
        node = parents[node]  # type: ignore[assignment]
    return node


def _name_given(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> str:
    parent = parents[node]
    one = isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name)
    return parent.targets[0].id if one else ""  # type: ignore[attr-defined]


def _goes_on(parent: ast.AST, node: ast.AST) -> bool:
    return isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node)


def _function_of(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.FunctionDef | None:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef):
            return node
    return None


def is_kept_in(chain: ast.expr) -> bool:
    """Whether the chain goes through a door or is held to a record, or to the row of an outer query."""
    calls = [node for node in _down(chain) if isinstance(node, ast.Call)]
    names = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
    if names & (DOORS | {"none"}):
        return True
    held = [keyword for call in calls for keyword in call.keywords if keyword.arg and _is_a_record(keyword)]
    return bool(held)


def _down(node: ast.expr) -> Iterator[ast.expr]:
    while True:
        yield node
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return


def _is_a_record(keyword: ast.keyword) -> bool:
    """``child=child``, ``pk=pep.pk``, ``section__pep=pep``, ``child=OuterRef("pk")``: never a word of the request."""
    value = keyword.value
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "OuterRef"
    if isinstance(value, ast.Attribute):
        root: ast.expr = value
        while isinstance(root, ast.Attribute):
            root = root.value
        return isinstance(root, ast.Name) and root.id not in ("request", "form")
    related = str(keyword.arg).split("__")[-1]
    return isinstance(value, ast.Name) and related in {"child", "pep", "section", "meeting", "target", "report"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Child.objects.visible_to(request.user).filter(uuid=uuid)", True),
        ("Child.objects.filter(uuid=request.POST['child'])", False),
        ("Child.objects.get(pk=pk)", False),
        ("Child.objects.all()", False),
        ("Pep.objects.select_related('child').get(pk=pep.pk)", True),
        ("Pep.objects.filter(child__in=request.user.children)", False),
        ("Note.objects.filter(child=child)", True),
        ("Enrolment.objects.filter(periods.on(today()), child=OuterRef('pk'))", True),
        ("Alert.objects.open()", False),
        ("Child.objects", False),
        ("def whole(pep):\n    rows = Pep.objects.select_related('child')\n    return rows.get(pk=pep.pk)", True),
        ("def whole(pk):\n    rows = Pep.objects.select_related('child')\n    return rows.get(pk=pk)", False),
    ],
)
def test_the_rule_itself(text: str, kept: bool) -> None:
    [(_, chain, _)] = chains(ast.parse(text))
    assert is_kept_in(chain) is kept


def test_every_page_says_who_may_open_it() -> None:
    """By its own declaration or, for the sign-in library's pages, in the list of those."""
    assert [one.name for one in addresses() if not one.policy] == []
    assert set(LIBRARY_PAGES) >= {
        one.name for one in addresses() if one.policy in ("public", "signed in") and not one.models
    } - {
        "overview:accessibility",
        "jobs:health",
        "account_signup",
        *PAGES_OF_A_LINK,
    }


def test_every_function_that_takes_a_request_in_a_view_module_is_a_page_or_a_step_of_one() -> None:
    """A public function without ``@page`` could be given an address by mistake; the steps that pages share stand in ``common``."""
    found = [
        f"{name}.{node.name}"
        for name in VIEWS
        for node in tree(name).body
        if isinstance(node, ast.FunctionDef)
        and not name.endswith(".common")
        and not node.name.startswith("_")
        and node.args.args
        and node.args.args[0].arg == "request"
        and node.returns is not None
        and "HttpResponse" in ast.unparse(node.returns)
        and not any("page" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert found == []


def test_every_model_that_an_address_names_has_a_door_and_a_random_id() -> None:
    named = {label for one in addresses() for label in one.models.values()}
    found = []
    for label in sorted(named):
        model = apps.get_model(label)
        field = model._meta.get_field("uuid")
        if not (field.unique and not field.editable and hasattr(model.objects, "visible_to")):
            found.append(label)
    assert found == []


def test_every_model_of_a_child_has_a_door() -> None:
    """So that nobody has to write one by hand. What only stands beneath another record is reached through that."""
    beneath = {"PepAnswer", "PepAuthor", "PepReview", "PepSetAside", "PepVersion"}
    found = [
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "child" for field in model._meta.fields)
        and model.__name__ not in beneath
        and not hasattr(model._default_manager, "visible_to")
    ]
    assert found == []
