"""The OpenAPI 3.1 document, made from the routes' type hints and the pydantic models: nobody writes it by hand.

``python functions/api/openapi.py`` writes ``docs/openapi.json``; a test fails when that is not what it would write.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app import app
from contract import JSON, Operation
from problems import CONTENT_TYPE, Problem

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
_REF = "#/components/schemas/{model}"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this write: a repeat within 24 hours is answered alike and changes nothing.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
}
_ABOUT = (
    "The API of one force's deployment. A write by cookie also needs the header `X-Bluelamp: 1` and the page's own "
    "`Origin`. Whatever is out of the caller's scope is answered like what does not exist. Every refusal is recorded."
)
Models = dict[Any, dict[str, Any]]


def operations() -> Iterator[Operation]:
    """Yield the operation behind every route of the app, by path."""
    for path in sorted(app.routes):
        for method in sorted(app.routes[path]):
            operation: Operation = app.routes[path][method].view_function.operation  # type: ignore[attr-defined]
            yield operation


def document() -> dict[str, Any]:
    """Return the whole document."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for operation in operations():
        wanted += [(m, "validation") for m in (operation.body, operation.query) if m]
        wanted += [(operation.answer, "serialization")] if operation.answer else []
    schemas, shared = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF)
    queries = {o.query for o in operations() if o.query}
    definitions = shared.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas, definitions)
    inlined = {schemas[q, "validation"]["$ref"].rsplit("/", 1)[-1] for q in queries}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bluelamp", "version": "1", "description": _ABOUT, "license": _LICENCE},
        "servers": [{"url": "/api"}],
        "security": [{"session": []}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: definitions[name] for name in sorted(definitions) if name not in inlined},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-sid"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


_LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def text() -> str:
    """Return the document as it lies in ``docs/openapi.json``."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _described(operation: Operation, schemas: Models, definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary.splitlines()[0],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation, schemas, definitions)],
        "responses": {
            str(operation.status): _answer(operation, schemas),
            "default": {
                "description": "It went wrong: why stands in the problem document (RFC 9457).",
                "content": {CONTENT_TYPE: {"schema": schemas[Problem, "serialization"]}},
            },
        },
    }
    if operation.idempotent:
        found["parameters"].append(_KEY)
    if operation.body:
        content = {JSON: {"schema": schemas[operation.body, "validation"]}}
        found["requestBody"] = {"required": True, "content": content}
    if operation.public:
        found["security"] = []
    if not found["parameters"]:
        del found["parameters"]
    return found


def _answer(operation: Operation, schemas: Models) -> dict[str, Any]:
    if operation.answer is None:
        return {
            "description": "The browser is led on.",
            "headers": {
                "Location": {"schema": {"type": "string", "format": "uri-reference"}},
                "Set-Cookie": {"schema": {"type": "string"}},
            },
        }
    return {
        "description": inspect.cleandoc(operation.answer.__doc__ or "").splitlines()[0],
        "content": {JSON: {"schema": schemas[operation.answer, "serialization"]}},
    }


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for part in operation.path.split("/"):
        if part.startswith("{"):
            schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,80}$"}
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": schema}


def _query_parameters(operation: Operation, schemas: Models, definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    schema = definitions[schemas[operation.query, "validation"]["$ref"].rsplit("/", 1)[-1]]
    place: Literal["query"] = "query"
    for name, described in schema["properties"].items():
        yield {
            "name": name,
            "in": place,
            "required": name in schema.get("required", []),
            "schema": {k: v for k, v in described.items() if k != "title"},
        }


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
