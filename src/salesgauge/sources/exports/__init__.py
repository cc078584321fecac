"""Exports as people have them: any CSV file or workbook, read, recognised, mapped to the canonical tables, or asked about."""

from salesgauge.sources.exports.proposal import Proposal
from salesgauge.sources.exports.questions import NONE, Answers, Question, UndecidedImport, as_toml, read_answers
from salesgauge.sources.exports.saving import bring, look, save

__all__ = ["NONE", "Answers", "Proposal", "Question", "UndecidedImport", "as_toml", "bring", "look", "read_answers", "save"]
