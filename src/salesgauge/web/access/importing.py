"""Import: files are sent, looked at, asked about, loaded. For those who administer; without a script in the browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from salesgauge.errors import SalesgaugeError
from salesgauge.language import Language
from salesgauge.sources.exports import Proposal, Question, bring, save
from salesgauge.sources.exports.questions import ANSWERABLE
from salesgauge.state import SignedIn
from salesgauge.web.access import uploads
from salesgauge.web.access.guard import actor, administrator, guard_of
from salesgauge.web.access.screen import Screen
from salesgauge.web.bounds import MOST_UPLOAD, UPLOAD

router = APIRouter(prefix=UPLOAD)
By = Annotated[SignedIn, Depends(administrator)]
KINDS = ("encoding", "delimiter", "header", "totals", "table", "column", "date", "number", "currency", "rounded", "id", "repeats",
    "unusable",
         "missing")


@dataclass(frozen=True)
class Asked:
    """A question in words; `path` is how its answer is sent, `choices` pairs what is sent and what is read (none: a text)."""

    path: str
    where: str
    text: str
    seen: str
    choices: tuple[tuple[str, str], ...]


def _asked(question: Question, words: Language) -> Asked:
    kind = question.path[-1] if question.path[-1] in KINDS else "value"
    shown = kind in ("date", "number", "column", "encoding", "delimiter")
    choices = []
    for value, meaning in question.choices:
        if kind == "table" and value not in ANSWERABLE:
            label = words.table(value)
        else:
            label = words.message(f"import_choice_{ANSWERABLE[value]}") if value in ANSWERABLE else value
        choices.append((value, f"{label}: {meaning}" if shown and meaning and value not in ANSWERABLE else label))
    return Asked(json.dumps(question.path, ensure_ascii=False),
        " · ".join(question.path[:2] if len(question.path) > 2 else question.path[:1]),
                 words.message(f"import_ask_{kind}", value=question.path[-1]), ", ".join(question.seen), tuple(choices))


def _start(request: Request, fault: str = "", status: int = 200) -> Response:
    return Screen(request).render("import.html", status=status, fault=fault, most=MOST_UPLOAD >> 20, files=uploads.MOST_FILES)


@router.get("")
def start(request: Request, by: By) -> Response:
    """Shows the form for the files."""
    return _start(request)


@router.post("")
async def send(request: Request, by: By) -> Response:
    """Keeps the files, and goes on to what they are. The body is read only once it is known who sends it."""
    form = await request.form(max_files=uploads.MOST_FILES, max_fields=uploads.MOST_FILES)
    sent = [(each.filename or "", each.file) for each in form.getlist("files") if isinstance(each, UploadFile)]
    try:
        kept = await run_in_threadpool(uploads.receive, Screen(request).site.desk.workspace, by.person.id, sent)
    except SalesgaugeError as problem:
        return _start(request, problem.message, 400)
    finally:
        await form.close()
    return RedirectResponse(f"{UPLOAD}/{kept.token}", 303)


@router.get("/{token}")
def show(request: Request, by: By, token: str) -> Response:
    """Shows what the files are taken for: the questions, else the columns."""
    screen = Screen(request)
    kept = uploads.find(screen.site.desk.workspace, by.person.id, token)
    try:
        found = kept.look(screen.site.desk.workspace)
    except SalesgaugeError as problem:
        return screen.render("import_look.html", status=400, fault=problem.message, token=token, questions=[], tables=[], unused=[],
            systems=())
    return screen.render("import_look.html", fault="", token=token, questions=[_asked(q, screen.words) for q in found.questions],
                         tables=_tables(found, screen.words), unused=[name for name, _why in found.left_out], systems=found.systems)


def _tables(found: Proposal, words: Language) -> list[tuple[str, str, list[tuple[str, str, str, str]]]]:
    """Each file that is used, its table, and its columns: canonical name, header, how sure, values."""
    files = dict.fromkeys((line.file, line.table) for line in found.lines)
    return [(file, words.table(table), [
        (line.column, line.header, words.percent(line.confidence) if line.column else "", ", ".join(line.seen)[:80])
        for line in found.lines if line.file == file]) for file, table in files]


@router.post("/{token}/answers")
async def answer(request: Request, by: By, token: str) -> Response:
    """Keeps the answers, and looks again."""
    kept = uploads.find(Screen(request).site.desk.workspace, by.person.id, token)
    form = await request.form()
    given: dict[tuple[str, ...], str] = {}
    for path, text in zip(form.getlist("path"), form.getlist("answer"), strict=False):
        if isinstance(path, str) and isinstance(text, str) and text.strip():
            try:
                parts = json.loads(path)
            except ValueError:
                continue
            if isinstance(parts, list) and all(isinstance(p, str) for p in parts):
                given[tuple(parts)] = text.strip()
    kept.answer(given)
    return RedirectResponse(f"{UPLOAD}/{token}", 303)


@router.post("/{token}/load")
def load(request: Request, by: By, token: str) -> Response:
    """Saves the mapping, loads the files, removes them, and shows what came in."""
    screen = Screen(request)
    workspace = screen.site.desk.workspace
    kept = uploads.find(workspace, by.person.id, token)
    try:
        found = kept.look(workspace)
        mapping = save(found, workspace.folder)
        report = workspace.load(kept.folder, now=screen.site.clock(), stage=bring(mapping))
    except SalesgaugeError as problem:
        return screen.render("import_look.html", status=400, fault=problem.message, token=token, questions=[], tables=[], unused=[],
            systems=())
    names = [path.name for path in kept.files]
    kept.remove()
    with guard_of(request).state.change() as unit:
        unit.audit.record(actor(request), "data_load", mapping.name, files=names)
    words = screen.words
    rows = [(words.table(t.table), t.file, words.number(t.read), words.number(t.new), words.number(t.changed),
             words.number(sum(t.rows_aside.values()))) for t in report.tables]
    return screen.render("import_done.html", rows=rows, mapping=mapping.name)


@router.post("/{token}/discard")
def discard(request: Request, by: By, token: str) -> Response:
    """Removes the files."""
    uploads.find(Screen(request).site.desk.workspace, by.person.id, token).remove()
    return RedirectResponse(UPLOAD, 303)
