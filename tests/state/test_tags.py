"""Tags of replies: the last word counts, the log tells, a source that speaks itself is not contradicted."""

from __future__ import annotations

import pytest

from salesgauge.state import Actor, Refusal
from state.world import CONSOLE, World


def test_the_last_word_on_a_reply_counts_and_every_word_is_kept(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    with world.state.change() as unit:
        unit.tags.give("A1", "positive", ann.id, CONSOLE)
    world.pass_time(hours=1)
    with world.state.change() as unit:
        unit.tags.give("A1", "negative", bo.id, CONSOLE)
        tag = unit.tags.of(["A1", "A2"])["A1"]
        assert (tag.sentiment, tag.name, tag.at, tag.source) == ("negative", "Bo", world.now, None)
        assert tag.said == {"positive", "negative"}
        assert unit.tags.all() == [tag]


def test_a_tag_that_is_taken_back_is_empty_and_remembered(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        unit.tags.give("A1", "neutral", ann.id, CONSOLE)
        unit.tags.give("A1", None, ann.id, CONSOLE)
        tag = unit.tags.of(["A1"])["A1"]
    assert tag.sentiment is None and tag.said == {"neutral"}


def test_the_log_says_what_a_tag_was_before_and_after_and_nothing_of_one_that_says_the_same(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        for sentiment in ("positive", "positive", "negative"):
            unit.tags.give("A1", sentiment, ann.id, Actor(ann.id, "192.0.2.7"))
        lines = unit.audit.page(action="reply_tag").entries
    assert [(line.subject, line.detail, line.name) for line in lines] == [
        ("record:activities:A1", {"before": "positive", "after": "negative"}, "Ann"),
        ("record:activities:A1", {"before": None, "after": "positive"}, "Ann")]


def test_where_a_source_has_spoken_nothing_is_said_here_any_more(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        unit.tags.give("A1", "positive", ann.id, CONSOLE)
        unit.tags.hear({"A1": "negative", "A2": "negative"})  # of a reply that was never tagged there is nothing to note
        assert [(tag.activity_id, tag.sentiment, tag.source) for tag in unit.tags.all()] == [("A1", "positive", "negative")]
        before = unit.tags.last()
        unit.tags.hear({"A1": "negative"})
        assert unit.tags.last() == before
        with pytest.raises(Refusal) as refused:
            unit.tags.give("A1", "neutral", ann.id, CONSOLE)
    assert refused.value.reason == "tagged_by_source"


def test_a_word_that_is_no_sentiment_is_refused(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit, pytest.raises(Refusal):
        unit.tags.give("A1", "great", ann.id, CONSOLE)
