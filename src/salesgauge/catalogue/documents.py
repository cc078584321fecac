"""The documents that the catalogue comes from (a KPI's `source` names a letter and an item of it: B11)."""

DOCUMENTS = {
    "A": "000_ac32816eebcfe91f.txt",
    "B": "001_522d8cf00e23f111.txt",
    "C": "002_3acf403550c22e8b.txt",
    "D": "003_f961d8c694e16854.txt",
    "E": "004_4d1d445bdb350ab8.txt",
}


def documents(source: str) -> tuple[str, ...]:
    """The documents that a KPI's source names, in their order; none for what goes beyond them (+) or is a company's own."""
    return tuple(name for letter, name in DOCUMENTS.items() if any(item.strip().startswith(letter) for item in source.split(",")))
