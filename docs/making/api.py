"""The reference page of /api/v1, made from its OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salesgauge.web.api.caller import CATALOGUE, QUESTIONS, RECORDS, VIEWS
from salesgauge.web.api.description import REFUSED, ROOT, description
from salesgauge.web.api.rates import A_MINUTE, STRANGERS_A_MINUTE
from salesgauge.web.bounds import MOST_ADDRESS, MOST_BODY

Json = Mapping[str, Any]
_SCOPES = {QUESTIONS: ("/questions", "/sql"), RECORDS: ("/records",), CATALOGUE: ("/catalogue", "/kpis", "/figures"), VIEWS: ("/views",)}


def page(table: Any, undocumented: type[Exception]) -> str:
    """Every operation with its parameters and answers, then the forms of what goes in and comes out; `undocumented` for one without
    words. `table` writes a table of Markdown."""
    told = description()
    schemas: Json = told["components"]["schemas"]
    text = [f"# The interface for programs\n\n`{ROOT}` says what the pages show: [how to use it](../how-to/use-the-api.md). "
            f"`{ROOT}/openapi.json` is the same as OpenAPI 3.1. A person or token has {A_MINUTE} requests a minute, each further question "
            f"of a batch counting as one; an address that nobody is signed in at has {STRANGERS_A_MINUTE}. A body has at most {MOST_BODY} "
            f"bytes, an address {MOST_ADDRESS}.\n",
            table(("scope of a token", "opens"), ((f"`{scope}`", ", ".join(f"`{ROOT}{path}`" for path in paths))
                                                  for scope, paths in _SCOPES.items())),
            "Every operation may also answer, always with a [Problem](#Problem):\n",
            table(("status", "why"), ((str(status), why) for status, why in REFUSED.items()))]
    for path, several in told["paths"].items():
        for method, operation in several.items():
            if not operation.get("description"):
                raise undocumented(f"{method.upper()} {path}")
            text.append(f"## {method.upper()} {path}\n\n{' '.join(operation['description'].split())}\n")
            if operation.get("parameters"):
                text.append(table(("parameter", "values", "meaning"), _parameters(operation["parameters"])))
            body = operation.get("requestBody")
            if body:
                text.append(f"Body: {_form(body['content']['application/json']['schema'])}.\n")
            text.append(table(("answer", "is"), _answers(operation["responses"])))
    for name, schema in schemas.items():
        text.append(f"## {name}\n\n{' '.join(schema.get('description', '').split())}\n")
        if "enum" in schema:
            text.append(f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.\n")
        else:
            required = set(schema.get("required", ()))
            text.append(table(("field", "is", "meaning"), (
                (_named(field, field in required), _form(of), of.get("description", ""))
                for field, of in schema["properties"].items())))
    return "\n".join(text)


def _parameters(parameters: list[Json]) -> Iterator[tuple[str, str, str]]:
    for each in parameters:
        meaning = each.get("description") or each["schema"].get("description", "")
        yield _named(each["name"], bool(each.get("required"))), _form(each["schema"]), meaning


def _named(name: str, required: bool) -> str:
    return f"`{name}`" + (" \\*" if required else "")


def _answers(answers: Json) -> Iterator[tuple[str, str]]:
    for status, answer in sorted(answers.items()):
        if int(status) >= 400:
            continue
        content = answer.get("content", {}).get("application/json")
        yield status, _form(content["schema"]) if content else answer["description"]


def _form(schema: Json) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_form(each) for each in schema["anyOf"]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_form(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_form(schema['additionalProperties'])}"
    least, most = schema.get("minimum"), schema.get("maximum")
    return f"{kind} from {least} to {most}" if least is not None and most is not None else str(kind)
