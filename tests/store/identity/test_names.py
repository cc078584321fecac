"""Names in one form, whatever the alphabet and the legal form."""

from __future__ import annotations

import pytest

from salesgauge.store.identity.names import blocks, plain


@pytest.mark.parametrize(("name", "form"), [
    ("Acme Steel GmbH & Co. KG", "acme steel"), ("S.A.R.L. Dupont et Fils", "dupont fils"), ("ООО «Ромашка»", "romashka"),
    ("Romashka LLC", "romashka"), ("Общество с ограниченной ответственностью \"Вектор\"", "vektor"), ("O'Brien Ltd.", "obrien"),
    ("北京字节跳动科技有限公司", "北京字节跳动科技"), ("台積電股份有限公司", "台積電"), ("Ｍüller-Lüdenscheidt AG", "muller ludenscheidt"),
    ("Straße  und Söhne", "strasse sohne"), ("GmbH", "gmbh"), ("有限公司", "有限公司"), ("AT&T Inc.", "at&t")])
def test_a_company_is_named_without_its_form(name: str, form: str) -> None:
    assert plain(name, company=True) == form


def test_a_person_keeps_every_word() -> None:
    assert plain("Áda S. Company", company=False) == "ada s company"


def test_names_share_a_block_where_a_word_a_beginning_an_end_or_two_characters_are_the_same() -> None:
    def meet(left: str, right: str) -> bool:
        return bool(blocks(plain(left, company=True)) & blocks(plain(right, company=True)))
    assert meet("Acme Steel", "ACME") and meet("Mikrosoft", "Microsoft") and meet("Steelworks", "Steelwerks")
    assert meet("北京字节跳动", "字节跳动科技") and not meet("Acme", "Bolt") and not meet("", "Acme")
