"""On which day a flow is in force, and who still holds what came by one that has ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from registry.lineage import Certainty, Scope, held_about, if_breached, if_erased, what_receives, who_receives
from tests.registries import Registry, ends

PAST, TODAY = "2025-06-30", date.today().isoformat()
YESTERDAY = (date.today() - timedelta(days=1)).isoformat()
TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def _on(day: str, *status: str) -> Scope:
    return Scope(status=status or ("active",), on=day)


def test_a_flow_is_in_force_from_its_first_day_to_its_last_whatever_its_status_is(world: Registry) -> None:
    world.register(
        f"""
        flows:
          later: {{kind: provide, from: app, to: jpush, carries: [gps], effective_from: 2990-01-01}}
          lasting: {{kind: provide, from: app, to: broker, carries: [gps], effective_to: {TODAY}}}
          over: {{kind: provide, from: app, to: inner, carries: [gps], effective_to: {YESTERDAY}}}
          closed: {{kind: provide, from: app, to: outer, carries: [gps], status: retired, effective_to: {TOMORROW}}}
          planned: {{kind: provide, from: app, to: sibling, carries: [gps], status: proposed}}
        """
    )

    assert ends(world.ask(who_receives, "gps")) == ["broker", "outer"]
    assert ends(world.ask(who_receives, "gps", scope=_on(TODAY, "upcoming"))) == ["jpush"]
    assert ends(world.ask(who_receives, "gps", scope=_on(TODAY, "retired"))) == ["inner"]
    assert ends(world.ask(who_receives, "gps", scope=_on(TODAY, "proposed"))) == ["sibling"]
    assert ends(world.ask(who_receives, "gps", scope=_on("2990-06-01"))) == ["jpush"]
    assert ends(world.ask(who_receives, "gps", scope=_on(TODAY, "active", "upcoming"))) == ["broker", "jpush", "outer"]


def test_what_was_retired_on_a_day_not_stated_may_have_been_in_force_on_a_day_in_the_past(world: Registry) -> None:
    world.register("flows:\n  a: {kind: provide, from: app, to: broker, carries: [gps], status: retired}")

    answer = world.ask(who_receives, "gps", scope=_on(PAST))

    assert ends(world.ask(who_receives, "gps")) == []
    assert ends(answer, Certainty.POSSIBLE) == ["broker"]
    assert [reason.text.en for reason in answer.rows[0].reasons] == ["it has ended, and nothing says when"]


_KEPT = """
    retention_rules:
      year: {period: P1Y}
      at-least: {period: P1Y, at_least: true}
      open: {criterion: {en: as needed, zh: 按需}}
    flows:
      a: {kind: provide, from: app, to: jpush, carries: [gps], effective_to: 2025-06-30, retained_by: [year]}
      b: {kind: provide, from: app, to: broker, carries: [gps], effective_to: 2025-06-30, retained_by: [at-least]}
      c: {kind: provide, from: app, to: inner, carries: [gps], effective_to: 2025-06-30}
      d: {kind: provide, from: app, to: outer, carries: [gps], status: retired}
      e: {kind: provide, from: app, to: sibling, carries: [gps]}
"""


def test_whoever_got_data_holds_it_until_its_retention_ends(world: Registry) -> None:
    world.register(_KEPT)

    within = world.ask(if_erased, "gps", scope=_on("2026-06-30"))
    after = world.ask(if_erased, "gps", scope=_on("2026-07-01"))

    assert ends(within, Certainty.CERTAIN) == ["jpush", "sibling"]
    assert ends(within, Certainty.POSSIBLE) == ["broker", "inner", "outer"]
    assert ends(after, Certainty.CERTAIN) == ["sibling"]
    assert ends(after, Certainty.POSSIBLE) == ["broker", "inner", "outer"]
    marks = {row.end.key: [mark.en for flow in row.flows for mark in flow.marks] for row in within.rows if row.end}
    assert marks == {
        "jpush": ["ended on 2025-06-30"],
        "sibling": [],
        "broker": ["ended on 2025-06-30"],
        "inner": ["ended on 2025-06-30"],
        "outer": ["ended"],
    }


def test_a_breach_touches_what_came_by_a_flow_that_has_ended(world: Registry) -> None:
    world.register(_KEPT)

    assert ends(world.ask(if_breached, "jpush", scope=_on("2026-06-30")), Certainty.CERTAIN) == ["gps"]
    assert ends(world.ask(if_breached, "jpush", scope=_on("2026-07-01"))) == []
    assert ends(world.ask(if_breached, "inner", scope=_on("2026-07-01")), Certainty.POSSIBLE) == ["gps"]
    assert ends(world.ask(what_receives, "jpush", scope=_on("2026-06-30"))) == []


def test_what_is_held_about_people_comes_with_whence_why_and_to_whom_the_sensitive_first(world: Registry) -> None:
    world.register(
        """
        rights:
          access: {kind: access}
          notice: {kind: breach-notice}
        flows:
          a: {kind: collect, from: users, to: app, carries: [network-address, gps], about: [users], for: [push]}
          b: {kind: provide, from: app, to: jpush, carries: [gps], about: [users], for: [ads]}
          c: {kind: collect, from: children, to: app, carries: [profile], about: [children]}
        """
    )

    answer = world.ask(held_about, "users")

    assert ends(answer, Certainty.CERTAIN) == ["gps", "network-address"]
    assert ends(answer, Certainty.POSSIBLE) == ["profile"]
    gps = answer.rows[0]
    assert [[end.key for end in gps.ends(word)] for word in ("FROM", "FOR", "TO")] == [
        ["users", "app"],
        ["push", "ads"],
        ["app", "jpush"],
    ]
    assert [right.key for right in answer.related["rights"]] == ["access"]


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "20260101x"])
def test_what_is_no_day_is_refused(day: str, world: Registry) -> None:
    from registry.errors import Refused

    with pytest.raises(Refused) as refused:
        world.ask(who_receives, "gps", scope=_on(day))

    assert refused.value.message.en == f"{day!r} is no date"
