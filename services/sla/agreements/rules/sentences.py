"""A target as a sentence, made from its settings: what people read before they sign. Source: SLA semantics, rules 4, 13
to 15, 18 and 24."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter

from services.sla.agreements.rules.agreement import Goal, OnReopen, Target
from services.sla.agreements.rules.conditions import All, Any, Comparison, Condition, Not, Op, Value
from services.sla.agreements.rules.words import LANGUAGES, Words


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the sentence. setting: the JSON pointer, in the target, of the setting that it says, or None."""

    text: str
    setting: str | None = None


def sentence(target: Target, language: str) -> str:
    """The target in words. language: `zh` or `en`."""
    return "".join(part.text for part in sentence_parts(target, language))


def sentence_parts(target: Target, language: str) -> list[Part]:
    """The same, with the place of each setting, so that each can lead to its field."""
    words = LANGUAGES[language]
    sentences = [
        _joined(_clock(target, words), words.clauses_join),
        _framed(words.goals, {"goals": _goals(target, words)}),
        _joined(_habits(target, words), words.clauses_join),
    ]
    if target.warn_at:
        percents = _listed([f"{percent} %" for percent in target.warn_at], words, words.last_share)
        sentences.append(_framed(words.warns, {"percents": [Part(percents, "/warn_at")]}))
    if target.tiers:
        sentences.append(_framed(words.tiers, _tiers(target, words)))
    if target.min_volume > 1:
        volume = [Part(str(target.min_volume), "/min_volume")]
        sentences.append(_framed(words.volume, {"volume": volume}))
    parts = _joined(sentences, words.stop)
    return _merged([*parts, Part(words.stop.rstrip())])


def condition_in_words(condition: Condition, language: str) -> str:
    """A condition as a clause: “state is Resolved or Closed”."""
    return _condition(condition, LANGUAGES[language], inside=False)


def duration_in_words(seconds: int, language: str, day_seconds: int | None = None) -> str:
    """Seconds in hours, minutes and seconds; in days where it is said what a day is, and they come out even."""
    words = LANGUAGES[language]
    if day_seconds and seconds >= day_seconds and seconds % day_seconds == 0:
        day = words.working_day.format(_duration(day_seconds, words))
        days = seconds // day_seconds
        return (words.one_day if days == 1 else words.days).format(n=days, day=day)
    return _duration(seconds, words)


def _clock(target: Target, words: Words) -> list[list[Part]]:
    """What starts, stops and stands the clock."""

    def said(name: str) -> list[Part]:
        condition: Condition = getattr(target, name)
        return [Part(_condition(condition, words, inside=False), f"/conditions/{name}")]

    clauses = [_framed(words.begins, {"start": said("start"), "stop": said("stop")})]
    if target.applies:
        clauses.append(_framed(words.applies, {"applies": said("applies")}))
    if target.pause and target.resume:
        clauses.append(_framed(words.pauses_until, {"pause": said("pause"), "resume": said("resume")}))
    elif target.pause:
        clauses.append(_framed(words.pauses, {"pause": said("pause")}))
    if target.cancel:
        clauses.append(_framed(words.cancels, {"cancel": said("cancel")}))
    if target.reset:
        clauses.append(_framed(words.resets, {"reset": said("reset")}))
    return clauses


def _goals(target: Target, words: Words) -> list[Part]:
    lines = [
        [Part(_goal(goal, target, words, only=len(target.goals) == 1), f"/goals/{place}")]
        for place, goal in enumerate(target.goals)
    ]
    return _joined(lines, words.goals_join)


def _goal(goal: Goal, target: Target, words: Words, *, only: bool) -> str:
    language = next(code for code, known in LANGUAGES.items() if known is words)
    day = goal.day_seconds or target.day_seconds
    seconds = words.not_rated if goal.seconds is None else duration_in_words(goal.seconds, language, day)
    calendar = goal.calendar or target.calendar
    if goal.when is not None:
        when = _condition(goal.when, words, inside=False)
        return words.goal.format(seconds=seconds, calendar=calendar, when=when)
    return (words.goal_only if only else words.goal_otherwise).format(seconds=seconds, calendar=calendar)


def _habits(target: Target, words: Words) -> list[list[Part]]:
    """What another goal does, where there can be one, and what a reopened ticket does."""
    reopens = words.on_reopen[target.on_reopen]
    if target.on_reopen is OnReopen.CONTINUE and target.count_stopped:
        reopens = words.continue_counted
    said = [_marked(reopens, "/on_reopen")]
    if len(target.goals) > 1:
        said.insert(0, _marked(words.on_goal_change[target.on_goal_change], "/on_goal_change"))
    return [_capitalised(clause) if place == 0 else clause for place, clause in enumerate(said)]


def _tiers(target: Target, words: Words) -> dict[str, list[Part]]:
    ordered = sorted(enumerate(target.tiers), key=lambda pair: pair[1].below, reverse=True)
    lines = [
        [Part(words.tier.format(below=_percent(tier.below), rate=_percent(tier.rate)), f"/tiers/{place}")]
        for place, tier in ordered
    ]
    return {
        "tiers": _joined(lines, words.comma),
        "allocation": [Part(_percent(target.allocation), "/allocation")],
    }


def _condition(condition: Condition, words: Words, *, inside: bool) -> str:
    match condition:
        case Comparison():
            return _test(condition, words)
        case Not(part):
            return words.negated.format(_condition(part, words, inside=False))
        case All(parts) | Any(parts):
            said = [_condition(part, words, inside=len(parts) > 1) for part in parts]
            joined = (words.last_and if isinstance(condition, All) else words.last_or).join(said)
            return words.bracketed.format(joined) if inside and len(said) > 1 else joined


def _test(test: Comparison, words: Words) -> str:
    frame = words.tests[test.op]
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    if test.op is Op.NOT_IN and len(values) == 1:
        frame = words.single_not_in
    said = _listed([_value(value, words) for value in values if value is not None], words, words.last_or)
    return frame.format(field=words.fields.get(test.field, test.field), value=said)


def _value(value: Value, words: Words) -> str:
    if isinstance(value, bool):
        return words.truth[value]
    return words.quoted.format(value) if isinstance(value, str) else json.dumps(value)


def _listed(items: Sequence[str], words: Words, last: str) -> str:
    """“a, b or c”."""
    return last.join([words.comma.join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _duration(seconds: int, words: Words) -> str:
    parts = []
    for size, one, several in words.units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{words.unit_space}{one if count == 1 else several}")
    return words.between_units.join(parts)


def _percent(share: Decimal) -> str:
    number = (share * 100).normalize()
    return f"{number:f} %"


def _framed(frame: str, settings: dict[str, list[Part]]) -> list[Part]:
    """The frame's own words, and the settings in their places."""
    parts: list[Part] = []
    for text, name, _spec, _conversion in Formatter().parse(frame):
        if text:
            parts.append(Part(text))
        if name is not None:
            parts.extend(settings[name])
    return parts


def _marked(text: str, setting: str) -> list[Part]:
    """`before {said} after`: what stands in braces is the setting."""
    before, _, rest = text.partition("{")
    said, _, after = rest.partition("}")
    return [part for part in (Part(before), Part(said, setting), Part(after)) if part.text]


def _capitalised(parts: list[Part]) -> list[Part]:
    first = parts[0]
    return [Part(first.text[:1].upper() + first.text[1:], first.setting), *parts[1:]]


def _joined(groups: Iterable[list[Part]], between: str) -> list[Part]:
    joined: list[Part] = []
    for group in groups:
        if joined:
            joined.append(Part(between))
        joined.extend(group)
    return joined


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Neighbours that say no setting become one."""
    merged: list[Part] = []
    for part in parts:
        if merged and part.setting is None and merged[-1].setting is None:
            merged[-1] = Part(merged[-1].text + part.text)
        else:
            merged.append(part)
    return merged
