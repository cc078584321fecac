"""The same six deals, written as programs and people of four countries write them. Nothing here knows how they are read."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")


@dataclass(frozen=True)
class Deal:
    """What is true of a deal; `outcome` won, lost or None."""

    id: str
    customer: str
    owner: str
    created: date
    closed: date
    stage: str
    outcome: str | None
    amount: float


WORDS = {
    "en": (["Deal ID", "Customer", "Owner", "Created Date", "Close Date", "Stage", "Amount"],
           ["Acme Ltd", "Brown & Sons", "Café Müller", "Delta", "Echo, Inc", "Foxtrot"], ["Ann", "Bob"],
           ["Closed Won", "Closed Lost", "Negotiation"]),
    "zh-Hans": (["商机编号", "客户名称", "负责人", "创建日期", "成交日期", "阶段", "金额"],
                ["北京华信科技有限公司", "上海贸易公司", "广州电子厂", "深圳软件公司", "天津钢铁集团", "成都食品公司"], ["王伟", "李娜"],
                ["赢单", "输单", "商务谈判"]),
    "zh-Hant": (["商機編號", "客戶名稱", "負責人", "建立日期", "結案日期", "階段", "金額"],
                ["台北科技股份有限公司", "高雄貿易公司", "台中電子廠", "新竹軟體公司", "桃園鋼鐵集團", "台南食品公司"], ["陳志明",
                    "林淑芬"],
                ["贏單", "輸單", "談判"]),
    "ru": (["Номер сделки", "Клиент", "Ответственный", "Дата создания", "Дата закрытия", "Этап", "Сумма"],
           ["ООО «Ромашка»", "Завод «Прогресс»", "Торговый дом «Север»", "ИП Кузнецов", "Компания «Волга»", "АО «Уралмаш»"],
           ["Иванова Мария", "Петров Алексей"], ["Успешно реализовано", "Закрыто и не реализовано", "Переговоры"])}
_DAYS = ((1, 7), (2, 14), (3, 4), (3, 28), (5, 19), (6, 30))
_EARLY = ((1, 7), (2, 11), (3, 4), (4, 8), (5, 9), (6, 10))  # each day could be a month
AMOUNTS = (1234.5, 980.0, 15000.75, 220.1, 1000000.0, 47.25)
WHOLE = (1234.0, 2980.0, 15000.0, 3220.0, 100000.0, 4725.0)


def deals(language: str, early: bool = False, amounts: Sequence[float] = AMOUNTS, ids: Sequence[str] = ()) -> list[Deal]:
    """The six deals; `early`: all on days up to the twelfth, none in the month of its day."""
    _, customers, owners, stages = WORDS[language]
    days = _EARLY if early else _DAYS
    outcomes = ("won", "lost", None, "won", None, "won")
    names = {"won": stages[0], "lost": stages[1], None: stages[2]}
    return [Deal(ids[n] if ids else f"{n + 1:04}", customers[n], owners[n % 2], date(2025, *days[n]), date(2025, days[n][0] + 1, days[n][1]
                 if days[n][1] < 29 else 28), names[outcomes[n]], outcomes[n], amounts[n]) for n in range(6)]


Written = Callable[[Any], Any]


def rows(language: str, found: Sequence[Deal], day: Written = date.isoformat, money: Written = str,
         headers: Sequence[str] = ()) -> list[list[Any]]:
    """A header and a row for each deal."""
    return [list(headers or WORDS[language][0]),
            *([d.id, d.customer, d.owner, day(d.created), day(d.closed), d.stage, money(d.amount)] for d in found)]


def as_csv(table: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\r\n") -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(table)
    return text.getvalue().encode(encoding)


@dataclass
class Book:
    """A workbook in the making: its sheets of rows, areas to merge (sheet, first row, first column, last row, last column, text)."""

    sheets: dict[str, list[list[Any]]]
    merged: list[tuple[str, int, int, int, int, str]] = field(default_factory=list)
    hidden: tuple[str, ...] = ()
    padded: bool = False

    def bytes(self) -> bytes:
        """The workbook as .xlsx."""
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
        day, zeros = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0000"})
        for name, table in self.sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(table):
                for c, cell in enumerate(row):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(r, c, cell, day)
                    elif cell is not None and cell != "":
                        sheet.write(r, c, cell, zeros if self.padded and c == 0 and isinstance(cell, int) else None)
            for owner, r1, c1, r2, c2, text in self.merged:
                if owner == name:
                    sheet.merge_range(r1, c1, r2, c2, text)
            if name in self.hidden:
                sheet.hide()
        book.close()
        return out.getvalue()


def as_xlsx(table: Sequence[Sequence[Any]]) -> bytes:
    """The rows as the only sheet of a workbook."""
    return Book({"Sheet1": [list(r) for r in table]}).bytes()


def as_ods(table: Sequence[Sequence[Any]]) -> bytes:
    """The rows as an OpenDocument sheet."""
    def cell(value: Any) -> str:
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in table)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body>'
                         f'<office:spreadsheet><table:table table:name="Deals">{body}</table:table></office:spreadsheet></office:body>'
                         "</office:document-content>")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
                         'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return out.getvalue()


def grouped(mark: str, point: str) -> Written:
    """Writes numbers with these marks, two decimals."""
    return lambda amount: f"{amount:,.2f}".replace(",", "\0").replace(".", point).replace("\0", mark)
