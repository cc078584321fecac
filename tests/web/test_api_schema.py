"""The OpenAPI description is true: whatever is sent, no answer is an error of the server or one that is not described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from salesgauge.web.api.description import description
from salesgauge.web.api.models import MOST_QUESTIONS
from salesgauge.web.api.rates import Rates
from salesgauge.web.app import create_app
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW

TIMEOUT = 300  # seconds: a slow machine is no fault
CHECKS = [schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]


OPERATIONS = [(method, path) for path, several in description()["paths"].items() for method in several]


def tried(examples: int, *, anew: bool = False) -> settings:
    return settings(max_examples=examples, derandomize=not anew, deadline=None, database=None, suppress_health_check=list(HealthCheck),
                    phases=[Phase.explicit, Phase.generate], print_blob=anew)


@pytest.fixture(scope="session")
def described(demo: Workspace) -> BaseSchema:
    app = create_app(demo, who=lambda request: EXECUTIVE, clock=lambda: NOW, rates=Rates(a_minute=10**6))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=SchemathesisConfig())


def hold(described: BaseSchema, method: str, path: str, mode: GenerationMode, how: settings) -> None:
    @how
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def holds(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS, timeout=TIMEOUT)
    holds()


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_gets_an_error_of_the_server_or_an_answer_that_is_not_described(
        described: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    hold(described, method, path, mode, tried(20))


@pytest.mark.more
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nor_do_many_other_requests_each_time(described: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    hold(described, method, path, mode, tried(400, anew=True))


def test_the_answers_to_every_kpi_and_figure_are_as_described(described: BaseSchema, demo: Workspace) -> None:
    everything = [*demo.catalogue.values(), *demo.figures.values()]
    questions: Any = [{"kpi": kpi.id, "period": "2026-Q1", "by": list(kpi.required or kpi.dimensions[:1])} for kpi in everything]
    for first in range(0, len(questions), MOST_QUESTIONS):
        case = described["/api/v1/questions"]["post"].Case(body=questions[first:first + MOST_QUESTIONS], query={"names": "true"},
                                                           media_type="application/json")
        answer = case.call_and_validate(checks=CHECKS, timeout=TIMEOUT)
        assert not [each for each in answer.json()["results"] if each.get("error")]


@pytest.mark.parametrize("kpi", ["win_rate", "quota_attainment", "customer_retention_rate", "revenue", "pipeline_movement"])
def test_records_and_definitions_are_as_described(described: BaseSchema, demo: Workspace, kpi: str) -> None:
    query = {"kpi": kpi, "period": "2026-Q1", "by": list(demo.everything[kpi].required), "limit": 500}
    described["/api/v1/records"]["get"].Case(query=query).call_and_validate(checks=CHECKS, timeout=TIMEOUT)
    if kpi in demo.catalogue:
        described["/api/v1/kpis/{kpi}"]["get"].Case(path_parameters={"kpi": kpi}).call_and_validate(checks=CHECKS, timeout=TIMEOUT)
