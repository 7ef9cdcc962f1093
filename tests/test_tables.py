"""How text is folded into the lines of a table."""

from __future__ import annotations

import pytest
from rich.text import Text

from registry_cli.tables import wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("账号信息、设备信息、日志信息", 10, ["账号信息、", "设备信息、", "日志信息"]),
        ("账号信息，设备", 8, ["账号信", "息，设备"]),
        ("提供（合作方）", 6, ["提供", "（合作", "方）"]),
        ("名称、● GPS位置", 8, ["名称、", "● GPS位", "置"]),
        ("住宿, 入住", 4, ["住", "宿,", "入住"]),
        ("Data:\n  some-flow (1, 2)", 12, ["Data:", "  some-flow", "  (1, 2)"]),
        ("x" * 10, 4, ["xxxx", "xxxx", "xx"]),
        ("", 4, [""]),
    ],
)  # fmt: skip
def test_a_text_is_cut_between_words_and_after_chinese_letters(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(Text(text), width).plain.split("\n") == lines
