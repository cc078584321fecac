"""Runs in MetricFlow's own environment: writes, as JSON, the SQL that it generates for each list of metrics and the entity that has the
rep. Usage: written.py MANIFEST '{"new_leads": [["new_leads"], "lead"]}'"""

from __future__ import annotations

import json
import sys
from datetime import datetime

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.parsing.dir_to_model import parse_yaml_file_paths_to_semantic_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class Writing:
    """A client of DuckDB that only writes."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        return f"${bind_parameter_key}"


def main() -> None:
    manifest = parse_yaml_file_paths_to_semantic_manifest([sys.argv[1]]).semantic_manifest
    engine = MetricFlowEngine(SemanticManifestLookup(manifest), Writing())
    written = {}
    for kpi, (metrics, entity) in json.loads(sys.argv[2]).items():
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=["metric_time__month", f"{entity}__rep"], time_constraint_start=datetime(2025, 1, 1),
            time_constraint_end=datetime(2025, 12, 31, 23, 59, 59, 999999))
        written[kpi] = engine.explain(request).sql_statement.sql
    json.dump(written, sys.stdout)


main()
