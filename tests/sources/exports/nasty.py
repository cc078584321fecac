"""Nasty exports with their truth: what each would mean to the person who made it. Each comes in right, is asked about, or is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from sources.exports.making_files import (
    LANGUAGES,
    WHOLE,
    WORDS,
    Book,
    Deal,
    Written,
    as_csv,
    as_ods,
    as_xlsx,
    deals,
    grouped,
    rows,
)

RIGHT, ASKED, REFUSED = "right", "a question", "a refusal"


@dataclass(frozen=True)
class Nasty:
    """An export. `deals` is the truth (with the answers, where some are asked); `asks` the kinds of questions, `refuses` words of the
    refusal; `aside` how many rows are set aside before the store sees them; `currency` the truth of the currency column."""

    kind: str
    name: str
    language: str
    file: str
    content: bytes
    deals: Sequence[Deal] = ()
    asks: tuple[str, ...] = ()
    answers: dict[tuple[str, ...], str] = field(default_factory=dict)
    refuses: str = ""
    aside: int = 0
    currency: str = ""

    @property
    def outcome(self) -> str:
        """What becomes of it."""
        return REFUSED if self.refuses else ASKED if self.asks else RIGHT


def in_form(pattern: str) -> Written:
    """Writes days by a strftime pattern."""
    return lambda d: d.strftime(pattern)


def whole(mark: str) -> Written:
    """Writes whole numbers with a mark between thousands."""
    return lambda a: f"{a:,.0f}".replace(",", mark)


def counted(times: int) -> Written:
    """Writes numbers counted in thousands or the like."""
    return lambda a: f"{a / times:.6f}"


MONTHS = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"]


def encodings() -> list[Nasty]:
    """The same deals in the encodings of their country."""
    made = []
    for language, encoding in (("en", "utf-8-sig"), ("en", "utf-16"), ("en", "windows-1252"), ("zh-Hans", "utf-8"), ("zh-Hans", "gbk"),
                               ("zh-Hans", "gb18030"), ("zh-Hans", "utf-16"), ("zh-Hant", "big5"), ("zh-Hant", "utf-8-sig"),
                               ("ru", "windows-1251"), ("ru", "utf-8"), ("ru", "utf-16-le"), ("ru", "utf-16-be")):
        table = rows(language, deals(language))
        made.append(Nasty("encoding", encoding, language, "deals.csv", as_csv(table, encoding), deals(language)))
    for encoding in ("koi8-r", "cp866", "mac-cyrillic"):
        table = [[str(c).replace("«", '"').replace("»", '"') for c in row] for row in rows("ru", deals("ru"))]
        made.append(Nasty("encoding", encoding, "ru", "deals.csv", as_csv(table, encoding), asks=("encoding",)))
    short = rows("en", deals("en"))
    made.append(Nasty("encoding", "one letter beyond ASCII that several encodings have", "en", "deals.csv", as_csv(
        [[str(c).replace("é", "").replace("ü", "ø") for c in row] for row in short], "windows-1252"), asks=("encoding",)))
    return made


def delimiters() -> list[Nasty]:
    """Semicolons, tabs, bars, and Excel's line that says which."""
    made = []
    for language, delimiter, name in (("ru", ";", "semicolons"), ("en", "\t", "tabs"), ("zh-Hans", "|", "bars"), ("zh-Hant", ";",
        "semicolons")):
        comma = grouped("", ",")
        made.append(Nasty("delimiter", f"{name}, decimal commas", language, "deals.csv",
                          as_csv(rows(language, deals(language), money=comma), delimiter=delimiter), deals(language)))
    body = as_csv(rows("en", deals("en")), delimiter=";")
    made.append(Nasty("delimiter", "Excel's first line sep=;", "en", "deals.csv", b"sep=;\r\n" + body, deals("en")))
    ragged = [[*row, ""] for row in rows("en", deals("en"))[1:]]
    made.append(Nasty("delimiter", "rows that end with a delimiter, the header not", "en", "deals.csv",
                      as_csv([rows("en", deals("en"))[0], *ragged]), deals("en")))
    return made


_TITLES = {"en": "Deals report", "zh-Hans": "商机报表", "zh-Hant": "商機報表", "ru": "Отчёт по сделкам"}
_TOTALS = {"en": "Grand Total", "zh-Hans": "合计", "zh-Hant": "總計", "ru": "Итого:"}


def layouts() -> list[Nasty]:
    """Titles above, totals and notes below, headers of two rows, merged cells."""
    made = []
    for language in LANGUAGES:
        table, true = rows(language, deals(language)), deals(language)
        title = [[_TITLES[language]], ["2025-07-01 08:00"], []]
        total = [[_TOTALS[language], "", "", "", "", "", "1017482.6"]]
        made.append(Nasty("layout", "title rows above the header", language, "deals.csv", as_csv([*title, *table]), true))
        made.append(Nasty("layout", "a row of totals below", language, "deals.csv", as_csv([*table, *total]), true, aside=1))
        made.append(Nasty("layout", "titles and totals in a workbook", language, "deals.xlsx", as_xlsx(
            [*title, rows(language, true)[0], *rows(language, true, day=lambda d: d, money=float)[1:], *total]), true, aside=1))
    table, true = rows("en", deals("en")), deals("en")
    subtotal = ["Subtotal", "", "", "", "", "", "2214.5"]
    made += [
        Nasty("layout", "subtotals between the rows", "en", "deals.csv", as_csv([*table[:3], subtotal, *table[3:], subtotal]), true,
            aside=2),
        Nasty("layout", "a report's notes below", "en", "deals.csv", as_csv(
            [*table, [], ["Confidential Information - Do Not Distribute"], ["Copyright (c) 2000-2025 salesforce.com, inc."]]), true,
                aside=2),
        Nasty("layout", "notes below in a workbook", "en", "deals.xlsx", as_xlsx(
            [*table, [], ["Confidential Information"], ["Prepared by sales operations"]]), true, aside=2),
        Nasty("layout", "the header again in the middle", "en", "deals.csv", as_csv([*table[:4], table[0], *table[4:]]), true, aside=1),
        Nasty("layout", "empty lines between the rows", "en", "deals.csv", as_csv([table[0], [], *table[1:3], [], [], *table[3:]]), true),
        Nasty("layout", "empty columns at the end", "en", "deals.csv", as_csv([[*row, "", "", ""] for row in table]), true),
        Nasty("layout", "an empty column in the middle", "en", "deals.csv", as_csv([[*row[:3], "", *row[3:]] for row in table]), true),
        Nasty("layout", "a column twice, equal headers", "en", "deals.csv", as_csv([[*row, row[6]] for row in table]), true,
              asks=("column",), answers={("deals.csv", "opportunities.amount", "column"): "Amount"}),
        Nasty("layout", "a total as full as a record", "en", "deals.csv", as_csv([*table, ["Total", *table[3][1:]]]), true,
            asks=("totals",),
              answers={("deals.csv", "totals"): "totals"}, aside=1),
        Nasty("layout", "no header at all", "en", "deals.csv", as_csv(table[1:]), asks=("header",)),
        Nasty("layout", "a header and no rows", "en", "deals.csv", as_csv(table[:1]), refuses="no rows below"),
        Nasty("layout", "an empty file", "en", "deals.csv", b"", refuses="empty"),
        Nasty("layout", "several sheets, one of them hidden", "en", "deals.xlsx", Book(
            {"Deals": table, "Old": [["Deal ID"], ["x"]]}, hidden=("Old",)).bytes(), true),
        Nasty("layout", "an OpenDocument sheet", "en", "deals.ods", as_ods(rows("en", true, day=lambda d: d, money=float)), true),
    ]
    for language, upper in (("en", ["", "", "", "Dates", "", "Deal", ""]), ("ru", ["", "", "", "Даты", "", "Сделка", ""]),
                            ("zh-Hans", ["", "", "", "日期", "", "商机", ""])):
        lower, *data = rows(language, deals(language))
        made.append(Nasty("layout", "a header of two rows", language, "deals.csv", as_csv([upper, lower, *data]), deals(language)))
    book = Book({"Deals": [["", "", "", "", "", "", ""], *rows("zh-Hant", deals("zh-Hant"))]}, [("Deals", 0, 3, 0, 4, "日期"), (
        "Deals", 0, 5, 0, 6, "商機")])
    made.append(Nasty("layout", "a header of two rows, merged", "zh-Hant", "deals.xlsx", book.bytes(), deals("zh-Hant")))
    by_owner = sorted(deals("en"), key=lambda d: d.owner)
    plain = [[d.owner if n % 3 == 0 else None, d.id, d.customer, d.created, d.closed, d.stage, d.amount] for n, d in enumerate(by_owner)]
    head = ["Owner", "Deal ID", "Customer", "Created Date", "Close Date", "Stage", "Amount"]
    book = Book({"Deals": [head, *plain]}, [("Deals", 1, 0, 3, 0, by_owner[0].owner), ("Deals", 4, 0, 6, 0, by_owner[3].owner)])
    made.append(Nasty("layout", "an owner merged over several rows", "en", "deals.xlsx", book.bytes(), by_owner))
    return made


def dates() -> list[Nasty]:
    """Days as they are written."""
    made = []
    for name, language, day in (
            ("day/month/year", "en", "%d/%m/%Y"), ("month/day/year", "en", "%m/%d/%Y"), ("day.month.year", "ru", "%d.%m.%Y"),
            ("day.month.two digits", "ru", "%d.%m.%y"), ("month/day/two digits", "en", "%m/%d/%y"), ("day-Mon-two digits", "en",
                "%d-%b-%y"),
            ("15 January, 2025", "en", "%d %B, %Y"), ("January 15, 2025", "en", "%B %d, %Y"), ("eight digits", "zh-Hans", "%Y%m%d"),
            ("year/month/day", "zh-Hant", "%Y/%m/%d"), ("2025-01-07T09:30:00Z", "en", "%Y-%m-%dT09:30:00Z"),
            ("with an offset", "en", "%Y-%m-%dT09:30:00+0200"), ("month/day/year with AM", "en", "%m/%d/%Y 9:30 AM")):
        made.append(Nasty("date", name, language, "deals.csv",
                          as_csv(rows(language, deals(language), day=in_form(day)), delimiter=";"), deals(language)))
    for name, language, write in (
            ("2025年3月4日", "zh-Hans", lambda d: f"{d.year}年{d.month}月{d.day}日"),
            ("2025年3月4日 下午2:05", "zh-Hans", lambda d: f"{d.year}年{d.month}月{d.day}日 下午2:05"),
            ("2025/3/4 上午 9:05", "zh-Hant", lambda d: f"{d.year}/{d.month}/{d.day} 上午 9:05"),
            ("4 марта 2025", "ru", lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}"),
            ("4 марта 2025 г.", "ru", lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year} г."),
            ("milliseconds since 1970", "en", lambda d: str(int(datetime(d.year, d.month, d.day, 12, tzinfo=UTC).timestamp() * 1000)))):
        made.append(Nasty("date", name, language, "deals.csv", as_csv(rows(language, deals(language), day=write)), deals(language)))
    both = ("Created Date", "date"), ("Close Date", "date")
    for name, pattern in (("03/04/2025 in every row", "%d/%m/%Y"), ("03-04-2025 in every row", "%d-%m-%Y"), ("03/04/25 in every row",
        "%d/%m/%y")):
        made.append(Nasty("date", name, "en", "deals.csv", as_csv(rows("en", deals("en", True), day=in_form(pattern))),
                          deals("en", True), ("date", "date"), {("deals.csv", *path): pattern for path in both}))
    serial = rows("en", deals("en"), day=lambda d: str((d - date(1899, 12, 30)).days))
    made.append(Nasty("date", "Excel's days as numbers", "en", "deals.csv", as_csv(serial), deals("en"), ("date", "date"),
                      {("deals.csv", *path): "excel" for path in both}))
    mixed = rows("en", deals("en"))
    for n, row in enumerate(mixed[1:]):
        row[3] = deals("en")[n].created.strftime("%d/%m/%Y" if n % 2 else "%m/%d/%Y")
    made.append(Nasty("date", "day first and month first in one column", "en", "deals.csv", as_csv(mixed), asks=("date",)))
    half = rows("en", deals("en"))
    half[2][3] = half[4][3] = "unknown"
    made.append(Nasty("date", "a third of the cells no dates", "en", "deals.csv", as_csv(half), asks=("date",)))
    roc = rows("zh-Hant", deals("zh-Hant"), day=lambda d: f"{d.year - 1911}/{d.month:02}/{d.day:02}")
    made.append(Nasty("date", "years of the Republic (114)", "zh-Hant", "deals.csv", as_csv(roc), asks=("unusable", "unusable")))
    book = rows("en", deals("en"), day=lambda d: d, money=float)
    for n, row in enumerate(book[1:]):
        if n % 2:
            row[3] = deals("en")[n].created.strftime("%d/%m/%Y")
    made.append(Nasty("date", "dates and texts in a workbook's column", "en", "deals.xlsx", as_xlsx(book), asks=("date",)))
    made.append(Nasty("date", "dates of a workbook", "ru", "deals.xlsx", as_xlsx(rows("ru", deals("ru"), day=lambda d: d, money=float)),
        deals("ru")))
    bad = rows("en", deals("en"))
    bad.append(["0099", "Golf", "Ann", "2025-02-31", "2025-03-01", "Negotiation", "5"])
    made.append(Nasty("date", "a day that is not", "en", "deals.csv", as_csv(bad), asks=("date",)))
    return made


def numbers() -> list[Nasty]:
    """Amounts as they are written."""
    made = []
    for name, language, write, currency in (
            ("1.234,50", "en", grouped(".", ","), ""), ("1 234,50", "ru", grouped(" ", ","), ""),
            ("1 234,50 with a no-break space", "ru", grouped("\u00a0", ","), ""), ("1 234,50 with a narrow one", "ru", grouped("\u202f",
                ","), ""),
            ("1'234.50", "en", grouped("'", "."), ""), ("1,234.50", "zh-Hant", grouped(",", "."), ""),
            ("€ 1.234,50", "en", lambda a: "€ " + grouped(".", ",")(a), ""), ("1 234,50 ₽", "ru", lambda a: grouped(" ", ",")(a) + " ₽",
                "RUB"),
            ("1 234,50 руб.", "ru", lambda a: grouped(" ", ",")(a) + " руб.", "RUB"), ("USD 1,234.50", "en",
                lambda a: "USD " + grouped(",", ".")(a), "USD"),
            ("NT$1,234.50", "zh-Hant", lambda a: "NT$" + grouped(",", ".")(a), "TWD"), ("人民币 1,234.50", "zh-Hans",
                lambda a: "人民币" + grouped(",", ".")(a), "CNY")):
        made.append(Nasty("number", name, language, "deals.csv", as_csv(rows(language, deals(language), money=write), delimiter=";"),
                          deals(language), currency=currency))
    negative = [-a for a in (1234.5, 980.0)] + [d.amount for d in deals("en")[2:]]
    for name, write in (("(1,234.50) is negative", lambda a: f"({-a:,.2f})" if a < 0 else f"{a:,.2f}"),
                        ("1,234.50- is negative", lambda a: f"{-a:,.2f}-" if a < 0 else f"{a:,.2f}"),
                        ("a typographic minus", lambda a: f"−{-a:,.2f}" if a < 0 else f"{a:,.2f}"),
                        ("€(1,234.50) is negative", lambda a: f"€({-a:,.2f})" if a < 0 else f"€{a:,.2f}")):
        true = deals("en", amounts=negative)
        made.append(Nasty("number", name, "en", "deals.csv", as_csv(rows("en", true, money=write)), true))
    for name, mark, answer in (("1.234 in every row", ".", "comma"), ("1,234 in every row", ",", "point")):
        true = deals("en", amounts=WHOLE)
        made.append(Nasty("number", name, "en", "deals.csv", as_csv(rows("en", true, money=whole(mark))), true,
                          ("number",), {("deals.csv", "Amount", "number"): answer}))
    for header, language, times, currency in (("金额（万元）", "zh-Hans", 10_000, "CNY"), ("Сумма, тыс. руб.", "ru", 1000, "RUB"),
                                              ("Amount (in thousands)", "en", 1000, ""), ("Amount (USD)", "en", 1, "USD")):
        table = rows(language, deals(language), money=counted(times), headers=[*WORDS[language][0][:-1], header])
        asks: tuple[str, ...] = ("currency",) if language == "zh-Hans" else ()
        answers: dict[tuple[str, ...], str] = {("deals.csv", header, "currency"): "CNY"} if asks else {}
        made.append(Nasty("number", f"counted in {header}", language, "deals.csv", as_csv(table), deals(language), asks, answers,
            currency=currency))
    table = [[*row, c] for row, c in zip(rows("ru", deals("ru")), ["Валюта", *["руб."] * 6], strict=True)]
    made.append(Nasty("number", "a column of currencies, by name", "ru", "deals.csv", as_csv(table), deals("ru"), currency="RUB"))
    for name, write, asks in (
            ("euros and dollars in one column", lambda a: f"{'€' if a > 1000 else '$'}{a:.2f}", ("currency",)),
            ("¥, yuan or yen", lambda a: f"¥{a:.2f}", ("currency",)),
            ("12.5K among others", lambda a: f"{a / 1000:.2f}K" if a > 1000 else f"{a:.2f}", ("number",)),
            ("per cents for amounts", lambda a: f"{a:.1f}%", ("unusable",)),
            ("1.23E+06, rounded by Excel", lambda a: f"{a:.2E}" if a > 1e4 else f"{a:.2f}", ("rounded",)),
            ("decimal points and commas mixed", lambda a: f"{a:.2f}".replace(".", "," if a > 1000 else "."), ("number",))):
        made.append(Nasty("number", name, "en", "deals.csv", as_csv(rows("en", deals("en"), money=write), delimiter=";"), asks=asks))
    return made


def ids() -> list[Nasty]:
    """Ids that programs spoil."""
    made = []
    for name, found in (("zeros in front", [f"{n:08}" for n in range(1, 7)]), ("of 18 digits",
        [f"{100182736455463728 + n}" for n in range(6)]),
                        ("numbers, and one with letters late", ["1", "2", "3", "4", "5", "6-A"])):
        made.append(Nasty("id", name, "en", "deals.csv", as_csv(rows("en", deals("en", ids=found))), deals("en", ids=found)))
    for name, found in (("1.00183E+17", ["1.00183E+17"] * 6), ("1,00183E+17", ["1,00183E+17"] * 6),
                        ("of 18 digits, cut to 15 by Excel", [f"{100182736455463 + n}000" for n in range(6)])):
        made.append(Nasty("id", name, "en", "deals.csv", as_csv(rows("en", deals("en", ids=found)), delimiter=";"), asks=("id",)))
    long = rows("en", deals("en"), day=lambda d: d, money=float)
    for n, row in enumerate(long[1:]):
        row[0] = 100182736455463728.0 + 32 * n
    made.append(Nasty("id", "of 18 digits, numbers in a workbook", "en", "deals.xlsx", as_xlsx(long), asks=("id",)))
    padded = rows("en", deals("en"), day=lambda d: d, money=float)
    for n, row in enumerate(padded[1:]):
        row[0] = n + 1
    made.append(Nasty("id", "zeros in front by a workbook's format", "en", "deals.xlsx", Book({"Deals": padded}, padded=True).bytes(),
        asks=("id",)))
    twice = rows("en", deals("en"))
    made.append(Nasty("id", "each id in several rows that differ", "en", "deals.csv", as_csv(
        [twice[0], *(row for r in twice[1:] for row in (r, [*r[:6], "7"]))]), asks=("repeats",)))
    return made


def meanings() -> list[Nasty]:
    """What the columns and values mean."""
    odd = rows("en", deals("en"))
    odd[3][5] = "Abandoned"
    true = [d if n != 2 else Deal(d.id, d.customer, d.owner, d.created, d.closed, "Abandoned", "lost", d.amount) for n,
        d in enumerate(deals("en"))]
    only_expected = rows("en", deals("en"), headers=["Deal ID", "Customer", "Owner", "Created Date", "Expected Close Date", "Stage",
        "Amount"])
    two = [[*row, extra] for row, extra in zip(rows("en", deals("en")), ["Deal Value", *range(6)], strict=True)]
    names = [["Name", "Phone"], *([f"Person {n}", f"55512{n}"] for n in range(5))]
    quoted = rows("en", deals("en"))
    quoted[1][1] = 'Acme "West",\nsecond line'
    short = as_csv(rows("en", deals("en"))) + b"0008,Short\r\n"
    return [
        Nasty("meaning", "a stage that nobody knows", "en", "deals.csv", as_csv(odd), true, ("Abandoned",),
              {("deals.csv", "Stage", "outcome", "Abandoned"): "lost"}),
        Nasty("meaning", "won and lost, but no day of closing", "en", "deals.csv", as_csv(only_expected), deals("en"), ("column",),
              {("deals.csv", "opportunities.closed_at", "column"): "Expected Close Date"}),
        Nasty("meaning", "two columns that may be the amount", "en", "deals.csv", as_csv(two), deals("en"), ("column",),
              {("deals.csv", "opportunities.amount", "column"): "Amount"}),
        Nasty("meaning", "a list of nothing that is sold", "en", "names.csv", as_csv(names), asks=("table",)),
        Nasty("meaning", "quotes, delimiters and line breaks in a cell", "en", "deals.csv", as_csv(quoted),
              [replace(d, customer=quoted[n + 1][1]) for n, d in enumerate(deals("en"))]),
        Nasty("meaning", "a row cut off", "en", "deals.csv", short, deals("en"), aside=1),
        Nasty("meaning", "a quote that is never closed", "en", "deals.csv", as_csv(rows("en", deals("en"))) + b'0008,"Open,x\r\n1,2\r\n',
              refuses="quoted"),
        Nasty("meaning", "a picture named .csv", "en", "deals.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8,
            refuses="deals.csv"),
        Nasty("meaning", "a workbook that is none", "en", "deals.xlsx", b"PK\x03\x04" + b"\0" * 200, refuses="cannot be opened"),
        Nasty("meaning", "a workbook named .csv", "en", "deals.csv", as_xlsx(rows("en", deals("en"))), refuses="workbook"),
    ]


# Of each system: what its deals' columns are called (id, customer, owner, created, closed, stage or status, amount), and won, lost, open.
SYSTEMS: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "Salesforce": {
        "en": (["Opportunity ID", "Opportunity Name", "Opportunity Owner", "Created Date", "Close Date", "Stage", "Amount"],
               ["Closed Won", "Closed Lost", "Prospecting"]),
        "zh-Hans": (["业务机会 ID", "业务机会名称", "业务机会所有人", "创建日期", "结束日期", "阶段", "金额"],
                    ["已结束且赢得客户", "已结束但丢失客户", "需求分析"]),
        "ru": (["Идентификатор возможности", "Название возможности", "Ответственный за возможность", "Дата создания", "Дата закрытия",
            "Стадия",
                "Сумма"], ["Закрыто/выиграно", "Закрыто/проиграно", "Квалификация"])},
    "HubSpot": {
        "en": (["Record ID", "Deal Name", "Deal owner", "Create Date", "Close Date", "Deal Stage", "Amount"],
               ["Closed Won", "Closed Lost", "Appointment Scheduled"]),
        "zh-Hans": (["记录 ID", "交易名称", "交易所有者", "创建日期", "结束日期", "交易阶段", "金额"], ["已成交", "已丢单", "合同已发送"]),
        "ru": (["ID записи", "Название сделки", "Владелец сделки", "Дата создания", "Дата закрытия", "Этап сделки", "Сумма"],
               ["Сделка заключена", "Сделка проиграна", "Договор отправлен"])},
    "Pipedrive": {
        "en": (["Deal - ID", "Deal - Title", "Deal - Owner", "Deal - Deal created", "Deal - Deal closed on", "Deal - Status",
            "Deal - Value"],
               ["Won", "Lost", "Open"]),
        "zh-Hans": (["交易 - ID", "交易 - 标题", "交易 - 所有者", "交易 - 创建时间", "交易 - 成交时间", "交易 - 状态", "交易 - 价值"],
                    ["赢单", "输单", "进行中"]),
        "ru": (["Сделка - ID", "Сделка - Название", "Сделка - Владелец", "Сделка - Создано", "Сделка - Сделка закрыта", "Сделка - Статус",
                "Сделка - Сумма"], ["Выиграна", "Проиграна", "Открыта"])},
    "Zoho CRM": {
        "en": (["Deal Id", "Deal Name", "Deal Owner", "Created Time", "Closing Date", "Stage", "Amount"],
               ["Closed Won", "Closed Lost", "Needs Analysis"]),
        "zh-Hant": (["交易編號", "交易名稱", "交易擁有者", "建立時間", "結束日期", "階段", "金額"], ["贏單", "輸單", "需求分析"]),
        "ru": (["Идентификатор сделки", "Название сделки", "Ответственный за сделку", "Время создания", "Дата закрытия", "Стадия", "Сумма"],
               ["Закрыто и выиграно", "Закрыто и проиграно", "Переговоры"])},
    "Dynamics 365": {
        "en": (["(Do Not Modify) Opportunity", "Topic", "Owner", "Created On", "Actual Close Date", "Status", "Est. Revenue"],
               ["Won", "Lost", "Open"]),
        "zh-Hans": (["(不要修改) 商机", "主题", "负责人", "创建日期", "实际结束日期", "状态", "预计收入"], ["赢单", "输单", "打开"]),
        "ru": (["(Не изменять) Возможная сделка", "Тема", "Ответственный", "Дата создания", "Фактическая дата закрытия", "Состояние",
                "Оценка дохода"], ["Реализовано", "Потеряно", "Открыто"])},
    "Odoo": {
        "en": (["External ID", "Opportunity", "Salesperson", "Created on", "Closed Date", "Stage", "Expected Revenue"],
               ["Won", "Lost", "Proposition"]),
        "zh-Hans": (["外部 ID", "商机", "销售员", "创建时间", "关闭日期", "阶段", "预期收入"], ["赢得", "丢失", "合格"]),
        "ru": (["Внешний идентификатор", "Возможность", "Продавец", "Дата создания", "Дата закрытия", "Этап", "Ожидаемая выручка"],
               ["Выиграно", "Проиграно", "Предложение"])}}


def systems() -> list[Nasty]:
    """The standard exports of well-known systems."""
    made = []
    for system, by in SYSTEMS.items():
        for language, (headers, stages) in by.items():
            named = {"won": stages[0], "lost": stages[1], None: stages[2]}
            true = [Deal(d.id, d.customer, d.owner, d.created, d.closed, named[d.outcome], d.outcome, d.amount) for d in deals(language)]
            made.append(Nasty("system", system, language, "export.csv", as_csv(rows(language, true, headers=headers)), true))
    return made


def every() -> list[Nasty]:
    """All of them."""
    return [*encodings(), *delimiters(), *layouts(), *dates(), *numbers(), *ids(), *meanings(), *systems()]


def day_of(text: str) -> date:
    """The day that a canonical date or instant says."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).date()

