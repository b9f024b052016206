"""The door every page has: who may open it, which records its address names, and a log row for what it showed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import Resolver404, resolve

from virtualschool.audit import access
from virtualschool.audit.context import apply_to_transaction
from virtualschool.kernel.verdicts import Refused, Verdict

View = Callable[..., HttpResponse]
Policy = Callable[..., Verdict]


@dataclass(frozen=True)
class PageSpec:
    """What a page declares of itself; ``manage.py list_urls`` and the access matrix read it."""

    policy: str
    methods: tuple[str, ...]
    models: dict[str, type[Model]] = field(default_factory=dict)
    public: bool = False

    def model_labels(self) -> dict[str, str]:
        """The model that each id in the address means, as ``app.Model``."""
        return {name: model._meta.label for name, model in self.models.items()}


def page(
    policy: Policy | None = None, *, methods: tuple[str, ...] = ("GET",), public: bool = False, **models: type[Model]
) -> Callable[[View], View]:
    """Declare a page.

    Each id in the address is resolved through that model's ``visible_to(user)``: a stranger gets 404, the same as for a record
    that does not exist. Then ``policy(user, *records)`` is asked: a reader who may not act gets 403 with the reason.
    The row of the access log is written in the request's transaction; when it cannot be written there is no page.
    """
    if policy is None and not public:
        raise TypeError("A page needs a policy, or must say that it is public.")

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            if public:
                return view(request, **kwargs)
            apply_to_transaction(request.user.pk, access.request_id(request))
            records = {name: _find(request, model, kwargs.pop(name)) for name, model in models.items()}
            verdict = policy(request.user, *records.values()) if policy else None
            if verdict is not None and not verdict:
                raise Refused(verdict)
            response = view(request, **records, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            access.write(request, response)
            return response

        def opens(user: Any, **kwargs: Any) -> bool:
            found = {name: _visible(user, model, kwargs[name]) for name, model in models.items()}
            return public or (None not in found.values() and bool(policy and policy(user, *found.values())))

        wrapped.opens = opens  # type: ignore[attr-defined]
        wrapped.page = PageSpec(  # type: ignore[attr-defined]
            policy="public" if policy is None else f"{policy.__module__}.{policy.__qualname__}",
            methods=methods,
            models=models,
            public=public,
        )
        wrapped.login_required = not public  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware
        return wrapped

    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)
    return decorate


def opens(user: Any, address: str) -> bool:
    """Whether an address leads this user to a page: its records are visible to them and its policy lets them.

    For links that stand in stored facts, which readers of many roles see. One query a record in the address.
    """
    try:
        found = resolve(address)
    except Resolver404:
        return False
    return bool(found.func.opens(user, **found.kwargs)) if hasattr(found.func, "opens") else False


def _visible(user: Any, model: type[Model], uuid: Any) -> Model | None:
    record: Model | None = model.objects.visible_to(user).filter(uuid=uuid).first()  # type: ignore[attr-defined]
    return record


def _find(request: HttpRequest, model: type[Model], uuid: Any) -> Model:
    record = _visible(request.user, model, uuid)
    if record is None:
        raise Http404
    child_id = record.pk if model._meta.label == "children.Child" else getattr(record, "child_id", None)
    if child_id is not None:
        access.shown(request, child_id)
    return record
