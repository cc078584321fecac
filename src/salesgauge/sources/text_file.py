"""Any file of rows as a Parquet file of text, as its options say: a plain CSV by the engine, what is laid out for people row by row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from salesgauge.sources.csv_file import TextFile, as_utf8, read_csv
from salesgauge.sources.csv_structure import refuse_other_formats
from salesgauge.sources.laid_out import read_laid_out
from salesgauge.sources.sheet import is_workbook

if TYPE_CHECKING:
    from salesgauge.sources.mapping.language import FileOptions


def read_text(path: Path, sheet: str, options: FileOptions, con: duckdb.DuckDBPyConnection, scratch: Path, label: str) -> TextFile:
    """Reads a CSV file or a sheet (empty: the workbook's only one); LoadRefused where it is not what its options say."""
    if is_workbook(path.name):
        return read_laid_out(path, sheet, options, scratch, label)
    if not options.laid_out:
        return read_csv(path, con, scratch, label, delimiter=options.delimiter, encoding=options.encoding)
    if options.encoding != "utf-8":
        path = as_utf8(path, scratch / label, options.encoding)
    refuse_other_formats(path)
    return read_laid_out(path, "", options, scratch, label)
