"""Invented names of people, companies, products, places, in Latin, Chinese and Cyrillic script."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesgauge.demo.draws import Array

REGIONS = (("DACH", "EUR", "latin"), ("Americas", "USD", "latin"), ("华东", "CNY", "chinese"), ("Восток", "EUR", "cyrillic"),
           ("UK & Ireland", "GBP", "latin"), ("Nordics", "EUR", "latin"))  # region, its currency, the script of its names
SCRIPTS = ("latin", "chinese", "cyrillic")
INDUSTRIES = ("manufacturing", "logistics", "retail", "health", "software", "energy", "construction", "food")
FAMILIES = (("Platform", "licence", 950.0), ("Sensors", "piece", 240.0), ("Services", "hour", 140.0), ("Consumables", "box", 36.0))
RIVALS = ("Kestrel Works", "Numenta", "北辰仪器", "Ортикс", "Halvorsen & Daughters")

_GIVEN = {
    "latin": (
        "Marta", "Jonas", "Lena", "Tom", "Aylin", "Piet", "Noor", "Carla", "Emil", "Ines", "Oskar", "Ruth", "Milo", "Hanna", "Björn",
        "Zoé", "Sára", "Luís", "Greta", "Owen"),
    "chinese": (
        "伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "涛", "明", "超", "秀兰", "霞", "平", "刚", "桂英", "宇轩"),
    "cyrillic": (
        "Анна", "Пётр", "Ольга", "Иван", "Мария", "Олег", "Нина", "Юрий", "Вера", "Артём", "Дарья", "Фёдор", "Лидия", "Глеб", "Зоя",
        "Семён", "Ирина", "Марк", "Алла", "Тимур"),
}
_FAMILY = {
    "latin": (
        "Sánchez", "O'Neil", "Brandt", "Okafor", "Lindqvist", "Moreau", "Weiss", "Novák", "Haas", "de Vries", "Schäfer", "Costa",
        "Petersen", "Ryan", "Kowalski", "Duarte", "Fuchs", "Larsen", "Berg", "Tan"),
    "chinese": (
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗"),
    "cyrillic": (
        "Серова", "Белов", "Кравец", "Лукин", "Дорош", "Мельник", "Быстрых", "Савич", "Черных", "Юдин", "Громова", "Седых", "Ткач",
        "Рябов", "Зима", "Долгих", "Ким", "Орлова", "Шевчук", "Гай"),
}
_COMPANY_A = {
    "latin": (
        "Nord", "Alp", "Blue", "Terra", "Vela", "Quanta", "Helio", "Ferro", "Silva", "Orbit", "Luma", "Cedar", "Copper", "Delta", "Ember",
        "Fjord", "Granit", "Harbor", "Iris", "Juno", "Kite", "Lark", "Mira", "Nova", "Opal", "Pine", "Quill", "Rivet", "Sable", "Tern"),
    "chinese": (
        "星河", "远山", "青禾", "明川", "金石", "云帆", "华信", "东岳", "瑞丰", "长风", "天元", "海纳", "启明", "恒泰", "百川", "新野",
        "宏图", "安澜", "同力", "嘉木"),
    "cyrillic": (
        "Северный", "Светлый", "Горный", "Белый", "Новый", "Лесной", "Речной", "Вольный", "Дальний", "Тихий", "Ясный", "Быстрый",
        "Старый", "Добрый", "Южный"),
}
_COMPANY_B = {
    "latin": (
        "vik", "bau", "werk", "tech", "soft", "line", "point", "field", "mark", "stone", "bridge", "gate", "port", "wood", "ridge",
        "mill", "craft", "grid", "path", "forge", "loop", "base", "dock", "peak", "yard"),
    "chinese": (
        "科技", "机械", "物流", "食品", "能源", "建材", "医疗", "零售", "电子", "化工", "纺织", "环保", "仪表", "农业", "软件"),
    "cyrillic": (
        "Луч", "Мост", "Завод", "Берег", "Путь", "Дом", "Ветер", "Камень", "Маяк", "Сад", "Порт", "Металл", "Ключ", "Прибор", "Холм"),
}
_COMPANY_C = {
    "latin": (
        " GmbH", " AG", " Ltd", " SA", " & Sons", ", Inc.", " BV", " Group", " ApS", " KG"),
    "chinese": (
        "有限公司", "集团", "股份有限公司", "（上海）有限公司", "实业"),
    "cyrillic": (
        " ООО", " АО", " и партнёры", " Групп", " ПАО"),
}
_PRODUCT = ("Atlas", "Beacon", "Comet", "Drift", "Echo", "Flint", "Glide", "Halo", "Ivory", "Jade", "Krypton", "Lumen", "Mistral",
            "Nimbus", "Onyx", "Prism", "Quartz", "Ripple", "Summit", "Tundra")
_PRODUCT_MORE = ("", " Pro", " Lite", " 云", " Север", " XL")


def person(rng: np.random.Generator, script: str) -> str:
    """A person's name in that script."""
    given = _GIVEN[script][rng.integers(len(_GIVEN[script]))]
    family = _FAMILY[script][rng.integers(len(_FAMILY[script]))]
    return f"{family}{given}" if script == "chinese" else f"{given} {family}"


def companies(numbers: Array, regions: Array) -> pa.Array:
    """A company's name for each number, in the script of its region; names are unlike until the words run out, then numbered."""
    chosen = pa.nulls(len(numbers), pa.string())
    for script in SCRIPTS:
        here = np.isin(regions, [place for place, region in enumerate(REGIONS) if region[2] == script])
        if not here.any():
            continue
        a, b, c = _COMPANY_A[script], _COMPANY_B[script], _COMPANY_C[script]
        known = [x + (" " if script == "cyrillic" else "") + y + z for x in a for y in b for z in c]
        shuffled = (numbers[here] * 7_919) % len(known)
        names = pa.array(known).take(pa.array(shuffled))
        turn = numbers[here] // len(known)
        if turn.any():
            more = pa.array([""] + [f" {n + 1}" for n in range(1, int(turn.max()) + 1)]).take(pa.array(turn))
            names = pc.binary_join_element_wise(names, more, "")
        chosen = pc.replace_with_mask(chosen, pa.array(here), names)
    return chosen


def product(place: int) -> str:
    """The name of the product at that place; each is unlike the others up to 120."""
    return _PRODUCT[place % len(_PRODUCT)] + _PRODUCT_MORE[place // len(_PRODUCT) % len(_PRODUCT_MORE)]
