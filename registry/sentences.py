"""A flow as a sentence: who gives which data of whom to whom, for what and on which basis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from registry.model.snapshot import Edge, Node, NodeId, Text
from registry.stores.port import Reader

SAYS = ("CARRIES", "FROM", "TO", "ABOUT", "FOR", "UNDER", "DERIVES")
"""The edges that a sentence tells."""

_SENTENCES = {
    "collect": Text("{to} collect{s} {what} from {from}", "{to}从{from}收集{what}"),
    "receive": Text("{to} receive{s} {what} from {from}", "{to}从{from}接收{what}"),
    "use": Text("{from} use{s} {what}", "{from}使用{what}"),
    "derive": Text("{from} derive{s} {derives} from {what}", "{from}用{what}加工生成{derives}"),
    "provide": Text("{from} provide{s} {what} to {to}", "{from}向{to}提供{what}"),
    "entrust": Text("{from} entrust{s} {to} with {what}", "{from}委托{to}处理{what}"),
    "transfer": Text("{from} transfer{s} {what} to {to}", "{from}向{to}转让{what}"),
    "disclose": Text("{from} disclose{s} {what} to {to}", "{from}向{to}公开披露{what}"),
}
_ALSO = {"use": Text(" with {to}", "（去向：{to}）"), "derive": Text(", which goes to {to}", "（去向：{to}）")}
"""What is said of the other end where data need not leave the first, and does."""


def sentence(reader: Reader, flow: Node, edges: Iterable[Edge], fresh: Mapping[NodeId, Node]) -> Text:
    """Return what ``flow`` with these ``edges`` does; ``fresh`` are nodes that the registry may not hold yet."""
    ends: dict[str, list[NodeId]] = defaultdict(list)
    for edge in edges:
        ends[edge.name].append(edge.target)
    wanted = {end for name in SAYS for end in ends[name]}
    names = {**reader.get(wanted - fresh.keys()), **fresh}
    kind = flow.word("kind") or "provide"
    return Text(*(_said(kind, ends, names, language) for language in Text._fields))


def _said(kind: str, ends: Mapping[str, list[NodeId]], names: Mapping[NodeId, Node], language: str) -> str:
    words = {
        name: _listed([names[end].name.to(language) for end in ends[name] if end in names], language) for name in SAYS
    }
    what = words["CARRIES"]
    if ends["ABOUT"] and not (kind == "collect" and set(ends["ABOUT"]) <= set(ends["FROM"])):
        what = f"{words['ABOUT']}的{what}" if language == "zh" else f"{what} of {words['ABOUT']}"
    doing = ends["TO" if kind in ("collect", "receive") else "FROM"]
    put = {"what": what, "from": words["FROM"], "to": words["TO"], "derives": words["DERIVES"]}
    put["s"] = "" if len(doing) > 1 else "s"
    text = _SENTENCES[kind].to(language).format_map(put)
    if kind in _ALSO and set(ends["TO"]) != set(ends["FROM"]):
        text += _ALSO[kind].to(language).format_map(put)
    if words["FOR"]:
        text += f"，用于{words['FOR']}" if language == "zh" else f" for {words['FOR']}"
    if words["UNDER"]:
        text += f"，依据：{words['UNDER']}" if language == "zh" else f", under {words['UNDER']}"
    return text


def _listed(names: Sequence[str], language: str) -> str:
    """Names as a sentence lists them: "A, B and C"."""
    *first, last = names or [""]
    if not first:
        return last
    return f"{'、'.join(first)}和{last}" if language == "zh" else f"{', '.join(first)} and {last}"
