"""The sentence with which an answer opens, made from the counts of the whole answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from registry.bilingual import NO_WORDS
from registry.lineage.answers import Answer, Counted, Summary
from registry.lineage.matching import Tier
from registry.model.snapshot import NodeId, Text


class Said(NamedTuple):
    """A number of rows in words: for one row, for several, and in Chinese. ``{n}`` is the number, ``{x}`` the asked."""

    one: str
    several: str
    zh: str

    def text(self, number: int, asked: Text, words: Text = NO_WORDS) -> Text:
        """The sentence for so many rows."""
        en = self.one if number == 1 else self.several
        return Text(
            en.format(n=f"{number:,}", x=asked.en, words=words.en),
            self.zh.format(n=f"{number:,}", x=asked.zh, words=words.zh),
        )


class Sentences(NamedTuple):
    """What a question says of its rows, by how surely they count.

    ``uncertain`` is for an answer with rows of which none is certain, ``none`` for one without rows.
    """

    certain: Said
    uncertain: Text
    derived: Said
    possible: Said
    catch_all: Said
    none: Said


_DERIVED = Said(
    "{n} receives what is derived from it.", "{n} receive what is derived from it.", "{n}个接收由其加工生成的信息。"
)
_COVERED = Said(
    "{n} other is covered only by the words “{words}”.",
    "{n} others are covered only by the words “{words}”.",
    "另有{n}个仅以“{words}”等笼统用语述及。",
)

_OF: Mapping[str, Sentences] = {
    "who-receives": Sentences(
        Said("{n} recipient receives {x}.", "{n} recipients receive {x}.", "{n}个接收方接收{x}。"),
        Text("No recipient certainly receives {x}.", "没有确定接收{x}的接收方。"),
        _DERIVED,
        Said("{n} more may.", "{n} more may.", "另有{n}个可能接收。"),
        _COVERED,
        Said("", "Nobody is registered as receiving {x}.", "没有登记任何接收{x}的接收方。"),
    ),
    "what-receives": Sentences(
        Said("{n} kind of data goes to {x}.", "{n} kinds of data go to {x}.", "{x}接收{n}类个人信息。"),
        Text("Nothing certainly goes to {x}.", "没有确定流向{x}的个人信息。"),
        _DERIVED,
        Said("{n} more kind may.", "{n} more kinds may.", "另有{n}类可能接收。"),
        _COVERED,
        Said("", "Nothing is registered that goes to {x}.", "没有登记{x}接收任何个人信息。"),
    ),
    "why": Sentences(
        Said("{x} is processed for {n} purpose.", "{x} is processed for {n} purposes.", "处理{x}的目的有{n}项。"),
        Text("{x} is certainly processed for no stated purpose.", "没有确定涉及{x}的处理目的。"),
        Said(
            "{n} more is for what is derived from it.",
            "{n} more are for what is derived from it.",
            "另有{n}项涉及由其加工生成的信息。",
        ),
        Said("{n} more is possible.", "{n} more are possible.", "另有{n}项可能涉及。"),
        _COVERED,
        Said("", "Nothing is registered that processes {x}.", "没有登记任何对{x}的处理。"),
    ),
    "where-from": Sentences(
        Said("{x} comes from {n} source.", "{x} comes from {n} sources.", "{x}有{n}个来源。"),
        Text("No source of {x} is certain.", "{x}没有确定的来源。"),
        Said("It is derived at {n} place.", "It is derived at {n} places.", "在{n}处加工生成。"),
        Said("{n} more is possible.", "{n} more are possible.", "另有{n}个可能的来源。"),
        _COVERED,
        Said("", "Nothing is registered from which {x} comes.", "没有登记{x}的任何来源。"),
    ),
    "if-revoked": Sentences(
        Said(
            "{n} activity stops wholly or in part.",
            "{n} activities stop wholly or in part.",
            "{n}项业务功能全部或部分停止。",
        ),
        Text("Nothing certainly stops.", "没有确定停止的业务功能。"),
        _DERIVED,
        Said("{n} more may.", "{n} more may.", "另有{n}项可能停止。"),
        _COVERED,
        Said("", "Nothing is registered that needs {x}.", "没有登记任何依赖{x}的处理。"),
    ),
    "if-erased": Sentences(
        Said(
            "An erasure of {x} must reach {n} holder.",
            "An erasure of {x} must reach {n} holders.",
            "删除{x}须触达{n}个持有方。",
        ),
        Text("Nobody certainly holds {x}.", "没有确定持有{x}的持有方。"),
        Said(
            "{n} holds what is derived from it.", "{n} hold what is derived from it.", "{n}个持有由其加工生成的信息。"
        ),
        Said("{n} more may hold it.", "{n} more may hold it.", "另有{n}个可能持有。"),
        _COVERED,
        Said("", "Nobody is registered as holding {x}.", "没有登记任何持有{x}的持有方。"),
    ),
    "if-breached": Sentences(
        Said(
            "A breach of {x} touches {n} kind of data.",
            "A breach of {x} touches {n} kinds of data.",
            "{x}发生安全事件，涉及{n}类个人信息。",
        ),
        Text("A breach of {x} certainly touches nothing.", "{x}发生安全事件，没有确定涉及的个人信息。"),
        _DERIVED,
        Said("{n} more kind may be touched.", "{n} more kinds may be touched.", "另有{n}类可能涉及。"),
        _COVERED,
        Said("", "{x} is not registered as holding anything.", "没有登记{x}持有任何个人信息。"),
    ),
    "held-about": Sentences(
        Said(
            "{n} kind of data is held about {x}.",
            "{n} kinds of data are held about {x}.",
            "持有关于{x}的{n}类个人信息。",
        ),
        Text("Nothing is certainly held about {x}.", "没有确定关于{x}的个人信息。"),
        _DERIVED,
        Said("{n} more may be about them.", "{n} more may be about them.", "另有{n}类可能涉及。"),
        _COVERED,
        Said("", "Nothing is registered as held about {x}.", "没有登记关于{x}的任何个人信息。"),
    ),
    "path": Sentences(
        Said("Data gets from {x} by {n} path.", "Data gets from {x} by {n} paths.", "从{x}共有{n}条路径。"),
        Text("No path from {x} is certain.", "从{x}没有确定的路径。"),
        Said("{n} path is of derived data.", "{n} paths are of derived data.", "{n}条路径为加工生成的信息。"),
        Said("{n} more path is possible.", "{n} more paths are possible.", "另有{n}条可能的路径。"),
        _COVERED,
        Said("", "No path is registered from {x}.", "没有登记从{x}的任何路径。"),
    ),
    "combinations": Sentences(
        Said(
            "{n} recipient holds data that identifies a person when combined.",
            "{n} recipients hold data that identifies a person when combined.",
            "{n}个接收方持有结合后可识别特定自然人的信息。",
        ),
        Text(
            "Nobody certainly holds data that identifies a person when combined.",
            "没有确定持有结合后可识别特定自然人的信息的接收方。",
        ),
        _DERIVED,
        Said("{n} more may.", "{n} more may.", "另有{n}个可能持有。"),
        _COVERED,
        Said(
            "",
            "Nobody is registered as holding data that identifies a person only when combined.",
            "没有登记任何可结合多类信息识别特定自然人的接收方。",
        ),
    ),
}


class Standing(NamedTuple):
    """Where the recipients of the whole answer stand, and of which kinds they are."""

    group: Counted | None = None
    country: Counted | None = None
    kinds: tuple[tuple[str, int], ...] = ()


def summarised(
    answer: Answer, tiers: Iterable[Tier], standing: Standing, catch_all: Sequence[Text] = (), empty: Text | None = None
) -> Summary:
    """The summary of an answer whose rows count so surely; ``empty`` says more of one that has none."""
    counts = Counter(tiers)
    asked, words = _asked(answer), _listed(catch_all)
    sentences = _OF[answer.question]
    said = [sentences.none.text(0, asked)] if not counts else []
    for tier, sentence in (
        (Tier.CERTAIN, sentences.certain),
        (Tier.DERIVED, sentences.derived),
        (Tier.POSSIBLE, sentences.possible),
        (Tier.CATCH_ALL, sentences.catch_all),
    ):
        if counts[tier]:
            said.append(sentence.text(counts[tier], asked, words))
        elif tier is Tier.CERTAIN and counts:
            said.append(Text(sentences.uncertain.en.format(x=asked.en), sentences.uncertain.zh.format(x=asked.zh)))
    said += _standing(standing)
    if empty is not None:
        said.append(empty)
    return Summary(
        Text(" ".join(one.en for one in said), "".join(one.zh for one in said)),
        counts[Tier.CERTAIN],
        counts[Tier.DERIVED],
        counts[Tier.POSSIBLE] + counts[Tier.CATCH_ALL],
        counts[Tier.CATCH_ALL],
        standing.group,
        standing.country,
        standing.kinds,
    )


def _asked(answer: Answer) -> Text:
    """What was asked about, marked where it is sensitive."""
    if answer.question == "path":
        start, goal = (answer.node(one).name for one in answer.about[:2])
        return Text(f"{start.en} to {goal.en}", f"{start.zh}到{goal.zh}")
    names = [_marked(answer, one) for one in answer.about]
    return Text(", ".join(name.en for name in names), "、".join(name.zh for name in names))


def _marked(answer: Answer, node_id: NodeId) -> Text:
    name = answer.node(node_id).name
    return Text(f"{name.en} (sensitive)", f"{name.zh}（敏感）") if answer.levels(node_id) else name


def _listed(names: Collection[Text]) -> Text:
    return Text(", ".join(name.en for name in names), "、".join(name.zh for name in names))


def _standing(standing: Standing) -> list[Text]:
    group, country = standing.group, standing.country
    en, zh = [], []
    if group is not None and group.inside:
        en.append(f"{group.inside:,} {'is' if group.inside == 1 else 'are'} in the group")
        zh.append(f"{group.inside:,}个属于本集团")
    if country is not None and country.outside:
        en.append(f"{country.outside:,} {'is' if country.outside == 1 else 'are'} abroad")
        zh.append(f"{country.outside:,}个在境外")
    if country is not None and country.not_stated:
        en.append(f"for {country.not_stated:,} no country is stated")
        zh.append(f"{country.not_stated:,}个未载明所在国家或地区")
    if not en:
        return []
    sentence = "; ".join(en)
    return [Text(f"{sentence[0].upper()}{sentence[1:]}.", f"其中{'，'.join(zh)}。")]
