"""What the state refuses, in each language."""

from __future__ import annotations

from typing import Final

from salesgauge.errors import SalesgaugeError
from salesgauge.language import ENGLISH, Language, language


class Refusal(SalesgaugeError):
    """Something that a person asked for and may not have or do as asked. `reason` is stable; `said` tells it in a language.

    Each reason is the message `refused_<reason>` of the language catalogues.
    """

    code = "refused"

    def __init__(self, reason: str, **values: float | str) -> None:
        self.reason: Final = reason
        self.given: Final = values
        super().__init__(self.said(language(ENGLISH)))

    def said(self, words: Language) -> str:
        """What is wrong and what would be right, in the words of a language."""
        return words.message(f"refused_{self.reason}", **self.given)
