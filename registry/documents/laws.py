"""What asks for the mandatory columns of the lists."""

from __future__ import annotations

from registry.model.snapshot import Text

PIPL_17 = Text("PIPL art. 17", "《个人信息保护法》第十七条")
"""Kinds, purpose, method and retention period must be told before data is handled."""

PIPL_23 = Text("PIPL art. 23", "《个人信息保护法》第二十三条")
"""Whoever provides data to another handler tells its name, contact, purpose, method and kinds."""

NDSR_21 = Text("Network Data Security Regulations art. 21", "《网络数据安全管理条例》第二十一条")
"""Since 2025: purpose, method and kinds of what is collected and provided, and who receives it, are told in lists."""

MIIT_292 = Text("MIIT notice 2021 no. 292", "工信部信管函〔2021〕292号")
"""The notice that asks apps for the two lists, and for permission purposes told in context."""

METHODS_2 = Text("CAC identification methods 2019, no. 2", "《App违法违规收集使用个人信息行为认定方法》第二条")
"""Not telling one by one the purpose, method and scope of collection, or why a permission is asked for."""


def laws(*several: Text) -> Text:
    """Several laws as one text."""
    return Text("; ".join(one.en for one in several), "；".join(one.zh for one in several))
