"""What an import cannot decide by itself: questions, and the file of answers (TOML) that is read and written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from salesgauge.errors import LoadRefused, did_you_mean

LEAVE_OUT = "leave out"
ANSWERED = "left out, as answered"
ANSWERABLE = {LEAVE_OUT: "leave_out", "set aside": "set_aside", "as they stand": "as_they_stand", "records": "records", "totals": "totals",
              "point": "point", "comma": "comma", "won": "won", "lost": "lost", "open": "open", "none": "none"}  # answers that have words
Path_ = tuple[str, ...]


class UndecidedImport(LoadRefused):
    """An import that needs answers first; `questions` are they."""

    code = "import_undecided"

    def __init__(self, questions: tuple[Question, ...]) -> None:
        self.questions = questions
        first = questions[0]
        more = f" (and {len(questions) - 1} more)" if questions[1:] else ""
        super().__init__(f"{first.where}: {first.text}; one of: {', '.join(value for value, _ in first.choices) or 'any'}{more}")


@dataclass(frozen=True)
class Question:
    """One thing to decide. `path` is its place in the file of answers: file, then column where it is one's, then what is asked.

    `choices` pairs each possible answer with what it would mean; empty `choices` allow any text.
    """

    path: Path_
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    seen: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The file and column that are asked about."""
        return ", ".join(self.path[:-1])


@dataclass(frozen=True)
class Answers:
    """The answers given so far, by the path of the question."""

    given: Mapping[Path_, str]

    def to(self, question: Question) -> str | None:
        """The answer; None where there is none yet. LoadRefused for one that cannot be."""
        answer = self.given.get(question.path, "").strip()
        if not answer:
            return None
        values = [value for value, _ in question.choices]
        if values and answer not in values:
            raise LoadRefused(f"the answer {answer!r} to {question.where}, {question.path[-1]} cannot be{did_you_mean(answer, values)}; "
                              f"there are: {', '.join(values)}")
        return answer

    def settle(self, question: Question) -> tuple[Question | str | None, str]:
        """What ends the decision (the question where it is open, ANSWERED where the column is left out), or None and the answer."""
        answer = self.to(question)
        return (question, "") if answer is None else (ANSWERED, "") if answer == LEAVE_OUT else (None, answer)

    def with_more(self, more: Mapping[Path_, str]) -> Answers:
        """These and further ones."""
        return Answers({**self.given, **more})


NONE = Answers({})


def read_answers(path: Path) -> Answers:
    """The answers of a TOML file; LoadRefused where it cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise LoadRefused(f"cannot read the answers {path}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise LoadRefused(f"the answers {path.name} are not TOML in UTF-8: {problem}") from None
    given: dict[Path_, str] = {}

    def walk(place: Path_, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk((*place, key), inner)
        elif isinstance(value, str):
            given[place] = value
        else:
            raise LoadRefused(f"the answers {path.name}, {'.'.join(place)}: a text in quotes is needed")
    walk((), table)
    return Answers(given)


def as_toml(questions: Iterable[Question]) -> str:
    """The questions as a file of answers to fill in: each with its choices and what was seen, the answer empty."""
    lines = ["# Write an answer between the quotes, then: salesgauge import FILE --answers THIS_FILE"]
    for question in questions:
        table = ".".join(_key(part) for part in question.path[:-1])
        lines += [f"\n[{table}]"] if f"\n[{table}]" not in lines else []
        lines.append(f"# {_line(question.text)}")
        lines += [f"# seen: {_line(', '.join(question.seen))}"] if question.seen else []
        lines += [f"#   {value!r}: {_line(meaning)}" for value, meaning in question.choices]
        lines.append(f'{_key(question.path[-1])} = ""')
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _key(part: str) -> str:
    return tomli_w.dumps({part: ""}).rpartition(" = ")[0]
