"""The program: its commands, and what becomes of every error: one line on standard error and an exit code, never a traceback."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from salesgauge.cli.printing import plain
from salesgauge.errors import SalesgaugeError, did_you_mean

NAME = "salesgauge"
DONE, FAULT, UNDECIDED, INTERRUPTED, PIPE_CLOSED = 0, 2, 3, 130, 141
COMMANDS = ("init", "load", "import", "connect", "sync", "identity", "refresh", "compute", "records", "kpis", "explain", "scorecard",
            "rejects", "doctor", "demo", "serve", "people", "backup", "restore")


@dataclass(frozen=True)
class Surroundings:
    """What a command takes from outside: the present instant, with its zone."""

    now: Callable[[], datetime]


def clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


class Program(click.Group):
    """The group of all commands; a command's module is imported when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = "importing" if cmd_name == "import" else cmd_name  # a word of the language cannot name a module that is imported
        found = importlib.import_module(f"salesgauge.cli.{module}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; UsageError, with the nearest names, where there is none."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"there is no command {args[0]!r}{near}; there are: {', '.join(COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=Program, name=NAME, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=NAME, prog_name=NAME)
def program() -> None:
    """Every KPI a sales organisation runs on, computed from its own records: one definition each, true as of any date, opened to the
    very rows.

    Begin with: salesgauge demo W, or with data of your own: salesgauge init W, then salesgauge load FOLDER --workspace W.
    """


def main(arguments: Sequence[str], now: Callable[[], datetime] = clock) -> int:
    """Runs the program; gives its exit code: 0, 2 after an error, 3 where questions are open, 130 when interrupted, 141 when unread."""
    with _store_heard():
        return _run(arguments, now)


def _run(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    try:
        code = program.main(list(arguments), prog_name=NAME, standalone_mode=False, obj=Surroundings(now))
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message())
        return DONE
    except click.ClickException as problem:
        return complain(problem.format_message())
    except SalesgaugeError as problem:
        return complain(problem.message)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it flushes at its end
        return PIPE_CLOSED
    except OSError as problem:
        return complain(f"{problem.strerror or problem}{f': {problem.filename}' if problem.filename else ''}")
    except MemoryError:
        return complain("there is not enough memory for this; ask for less at a time")
    except Exception as problem:
        reason = _engine_reason(problem)
        if reason is None:
            raise
        return complain(reason)


class _Ear(logging.Handler):
    """Says on standard error what the log is told."""

    def emit(self, record: logging.LogRecord) -> None:
        """Says it in one line."""
        complain(record.getMessage())


@contextmanager
def _store_heard() -> Iterator[None]:
    """What the store has to say beside its answers (that they are not from the newest load) reaches the person."""
    log, ear = logging.getLogger("salesgauge.store"), _Ear(logging.WARNING)
    log.addHandler(ear)
    try:
        yield
    finally:
        log.removeHandler(ear)


def _engine_reason(problem: Exception) -> str | None:
    """Why the engine gave up, where the machine is the cause: no memory or disk left. None: it is a mistake of the program."""
    import duckdb
    if isinstance(problem, duckdb.OutOfMemoryException | duckdb.IOException):
        return f"the engine could not go on: {str(problem).splitlines()[0]}"
    return None


def complain(message: str) -> int:
    """Says on standard error, in one line, what is wrong; gives the exit code of a fault."""
    click.echo(f"{NAME}: {plain(' '.join(message.split()))}", err=True)
    return FAULT
