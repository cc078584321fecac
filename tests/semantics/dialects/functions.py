"""The functions that the catalogue calls in each dialect: look one up in that warehouse's documentation before it is added (what it says
of empty values, of rounding, of time zones)."""

from __future__ import annotations

_EVERYWHERE = frozenset(("ABS", "AVG", "CAST", "CEIL", "COALESCE", "CONCAT", "COUNT", "FLOOR", "GREATEST", "LAG", "LAST_VALUE", "LEAD",
                         "LEAST", "LN", "MAX", "MAX_BY", "MIN", "MIN_BY", "NULLIF", "ROW_NUMBER", "SUM"))
_SPARK = _EVERYWHERE | {"BOOL_OR", "DATEDIFF", "DATE_TRUNC", "EXTRACT", "IF", "MAKE_DATE", "PERCENTILE", "TRY_DIVIDE", "UNIX_TIMESTAMP",
                        "VAR_POP"}
KNOWN = {
    "duckdb": frozenset(("ABS", "AVG", "BOOL_OR", "CAST", "CEIL", "COALESCE", "COUNT", "DATE_DIFF", "DATE_TRUNC", "EPOCH", "EXTRACT",
                         "FIRST", "FLOOR", "GETVARIABLE", "GREATEST", "LAG", "LAST_VALUE", "LEAD", "LEAST", "LIST_EXTRACT", "LN",
                         "MAKE_DATE", "MAKE_TIMESTAMP", "MAX", "MIN", "NULLIF", "QUANTILE_CONT", "ROW_NUMBER", "SUM", "UNNEST", "VAR_POP")),
    "postgresql": frozenset(("ABS", "ANY", "ARRAY_AGG", "AVG", "BOOL_OR", "CARDINALITY", "CAST", "CEIL", "COALESCE", "COUNT", "DATE",
                             "DATE_TRUNC", "EXTRACT", "FLOOR", "GREATEST", "LAG", "LEAD", "LEAST", "LN", "MAKE_DATE", "MAX", "MIN",
                             "NULLIF", "PERCENTILE_CONT", "ROW_NUMBER", "SUM", "VAR_POP")),
    "clickhouse": frozenset(("ABS", "ARGMAX", "ARGMAXIF", "ARGMIN", "AVG", "AVGIF", "CAST", "CEIL", "COALESCE", "CONCAT", "COUNT",
                             "COUNTIF", "DATETIME64", "DATE_DIFF", "FLOOR", "FROMUNIXTIMESTAMP64MICRO", "GREATEST", "HAS", "INTDIV",
                             "ISNOTNULL", "ISNULL", "LAGINFRAME", "LAST_VALUE", "LEADINFRAME", "LEAST", "LN", "LPAD", "MAX", "MAXIF", "MIN",
                             "MINIF", "NULLABLE", "NULLIF", "POSITIVEMODULO", "QUANTILEEXACTINCLUSIVE", "QUANTILEEXACTINCLUSIVEIF",
                             "ROW_NUMBER", "SUM", "SUMIF", "TODATE", "TODATE32", "TODATETIME64", "TOINTERVALMICROSECOND", "TOMONTH",
                             "TONULLABLE", "TOSTRING", "TOUNIXTIMESTAMP64MICRO", "TOYEAR", "TUPLE", "VARPOPIF")),
    "spark": _SPARK,
    "trino": _EVERYWHERE | {"ARRAY_AGG", "AT_TIMEZONE", "BOOL_OR", "CARDINALITY", "DATE", "DATE_DIFF", "DATE_TRUNC", "ELEMENT_AT",
                            "EXTRACT", "FORMAT", "FROM_ISO8601_DATE", "FROM_UNIXTIME_NANOS", "IF", "SUBSTR", "TRANSFORM", "VAR_POP"},
    "snowflake": _EVERYWHERE | {"BOOLOR_AGG", "DATEADD", "DATEDIFF", "DATE_FROM_PARTS", "DATE_PART", "DATE_TRUNC", "IFF",
                                "PERCENTILE_CONT", "TIMESTAMP_FROM_PARTS", "TO_CHAR", "TO_DATE", "VARIANCE_POP"},
    "bigquery": _EVERYWHERE | {"ARRAY_AGG", "ARRAY_LENGTH", "DATE", "DATETIME", "DATETIME_ADD", "DATETIME_DIFF", "DATETIME_TRUNC",
                               "DATE_ADD", "DATE_DIFF", "DATE_SUB", "EXTRACT", "IEEE_DIVIDE", "IF", "LOGICAL_OR", "SAFE_OFFSET", "VAR_POP"},
    "databricks": _SPARK,
}
