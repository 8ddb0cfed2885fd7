"""A body is strict: what JSON has no type for says how it is written, or nobody could send it."""

import enum
import importlib
import pkgutil
import typing
import uuid

import pytest
from pydantic import BeforeValidator, Strict

import services
from shared.http.body import Body


def bodies():
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".entrypoints" in module.name:
            importlib.import_module(module.name)
    return sorted(_below(Body), key=lambda each: f"{each.__module__}.{each.__name__}")


def _below(base):
    found = set(base.__subclasses__())
    return found.union(*(_below(each) for each in found))


def _parts(annotation, notes=()):
    """Each type in an annotation with what is annotated to it."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *own = typing.get_args(annotation)
        yield from _parts(inner, (*notes, *own))
        return
    yield annotation, notes
    for part in typing.get_args(annotation):
        yield from _parts(part)


def _is_sendable(part, notes):
    if isinstance(part, type) and issubclass(part, enum.Enum):
        return any(isinstance(note, Strict) and not note.strict for note in notes)
    if part is uuid.UUID:
        return any(isinstance(note, BeforeValidator) for note in notes)
    return typing.get_origin(part) not in (tuple, set, frozenset)


@pytest.mark.parametrize("body", bodies(), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_all_of_a_body_can_be_sent_as_json(body):
    for name, field in body.model_fields.items():
        for part, notes in _parts(field.annotation, tuple(field.metadata)):
            assert _is_sendable(part, notes), name
