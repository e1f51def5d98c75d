"""One kind of alarm at one line or zone: its trigger, its gate, its life, and what is said about it."""

from dataclasses import dataclass, field
from typing import Final

from edge.config.site import AlarmSetting
from edge.contract.report import AlarmKind, AlarmPhase, Severity
from edge.units import ns_from_seconds
from edge.vision.judge.advice import Bollards
from edge.vision.judge.alarm import Alarm, BollardAdvice
from edge.vision.judge.budget import Budget
from edge.vision.judge.gate import Gate
from edge.vision.judge.life import Life, Stage
from edge.vision.judge.mute import Mute
from edge.vision.judge.sign import Sign, Trigger
from edge.vision.judge.view import Thing, View

# An open alarm is told again so often in its first minute, and later; it holds for two and a half times as long.
REFRESH_S: Final = 5.0
LATER_REFRESH_S: Final = 30.0
FIRST_MINUTE_S: Final = 60.0
VALID_REFRESHES: Final = 2.5
# Advice to bollards holds for a second, and is told again well within it while a vehicle comes near.
ADVICE_REFRESH_S: Final = 0.4
ADVISED: Final = frozenset({AlarmKind.HEAVY_VEHICLE, AlarmKind.VEHICLE})
# Without metres nobody knows whether it comes near: then for so long.
MOST_ADVISED_S: Final = 60.0


@dataclass(kw_only=True, slots=True, eq=False)
class Said:
    """What was last said about an open alarm, and after how many s it is to be said again."""

    number: int
    revision: int
    at_ns: int
    again_s: float
    valid_s: float
    severity: Severity
    level: int | None
    advice: tuple[BollardAdvice, ...]


@dataclass(kw_only=True, slots=True, eq=False)
class Bureau:
    """What all posts of a site share: the numbers, the budget, the bollards."""

    bollards: Bollards
    budget: Budget = field(default_factory=Budget)
    count: int = 0

    def number(self) -> int:
        """Give the next alarm's number."""
        self.count += 1
        return self.count


class Post:
    """A kind of alarm at a place."""

    def __init__(  # noqa: PLR0913  a post is all of these
        self,
        *,
        kind: AlarmKind,
        at_line: bool,
        place: int,
        trigger: Trigger,
        gate: Gate,
        setting: AlarmSetting,
        bureau: Bureau,
    ) -> None:
        self._kind, self._at_line, self._place = kind, at_line, place
        self._trigger, self._gate, self._bureau = trigger, gate, bureau
        self._life = Life(setting)
        self._mute = Mute()
        self._said: Said | None = None
        self._about: tuple[Thing, ...] = ()
        self._certain = False

    def see(self, view: View) -> Alarm | None:
        """Take in a frame."""
        things = tuple(thing for thing in view.things if self._mute.hears(thing, view.now_ns))
        sign = self._trigger.see(view, things)
        at_ns = view.moment.at_ns
        if not self._gate.is_open(at_ns):
            return self._say(self._life.shut(), sign, view.now_ns, at_ns)
        phase = self._life.step(sign, view.now_ns)
        self._remember(sign)
        if phase is AlarmPhase.CLEARED and self._blamed(view.now_ns):
            phase = AlarmPhase.MUTED
        if phase is None:
            phase = self._news(sign, view.now_ns)
        return self._say(phase, sign, view.now_ns, at_ns)

    def rest(self, now_ns: int, at_ns: int) -> Alarm | None:
        """Note that nothing is seen: advice says so at once, and what is open ends when its time is up."""
        said = self._said
        if not self._gate.is_open(at_ns) or (said and now_ns - said.at_ns >= ns_from_seconds(said.valid_s)):
            return self._say(self._life.shut(), Sign(), now_ns, at_ns)
        self._life.rest(now_ns)
        if said is None or all(advice.inhibit for advice in said.advice):
            return None
        return self._say(AlarmPhase.UPDATED, _as_said(said), now_ns, at_ns)

    def _remember(self, sign: Sign) -> None:
        if self._life.stage is Stage.IDLE:
            return
        self._about = sign.things or self._about
        self._certain = self._certain or sign.certain

    def _blamed(self, now_ns: int) -> bool:
        """Tell whether this alarm was one too many with nothing certain behind it."""
        if self._certain or not self._about:
            return False
        self._mute.blame(self._about[0], now_ns)
        return self._mute.closes(now_ns)

    def _news(self, sign: Sign, now_ns: int) -> AlarmPhase | None:
        """Tell whether an open alarm is to be told again."""
        said = self._said
        if said is None or self._life.stage is not Stage.OPEN:
            return None
        now = self._advice(sign)
        worse = (sign.on or sign.kept) and (sign.severity > said.severity or _level(sign, said) != said.level)
        news = worse or _inhibits(now) != _inhibits(said.advice)
        due = now_ns - said.at_ns >= ns_from_seconds(self._refresh_s(now, now_ns))
        if (news or due) and self._bureau.budget.allows(news=news):
            return AlarmPhase.UPDATED
        return None

    def _refresh_s(self, advice: tuple[BollardAdvice, ...], now_ns: int) -> float:
        age_s = self._life.age_s(now_ns)
        nears = any(one.arrival_s is not None for one in advice)
        if advice and (nears or (age_s < MOST_ADVISED_S and not self._bureau.bollards.measured)):
            return ADVICE_REFRESH_S
        return REFRESH_S if self._said is None else self._said.again_s

    def _advice(self, sign: Sign) -> tuple[BollardAdvice, ...]:
        return self._bureau.bollards.advise(sign.things) if self._kind in ADVISED else ()

    def _say(self, phase: AlarmPhase | None, sign: Sign, now_ns: int, at_ns: int) -> Alarm | None:
        if phase is None:
            if self._life.stage is Stage.IDLE:
                self._certain, self._about = False, ()
            return None
        self._bureau.budget.spend()
        said = self._next(phase, sign, now_ns, at_ns)
        since_ns = at_ns - (now_ns - self._life.since_ns)
        if phase in {AlarmPhase.RAISED, AlarmPhase.UPDATED}:
            self._said = said
        else:
            self._said, self._certain, self._about = None, False, ()
        return Alarm(
            number=said.number,
            revision=said.revision,
            kind=self._kind,
            phase=phase,
            severity=said.severity,
            at_line=self._at_line,
            place=self._place,
            since_ns=since_ns,
            at_ns=at_ns,
            valid_s=said.valid_s,
            level=said.level,
            advice=said.advice,
        )

    def _next(self, phase: AlarmPhase, sign: Sign, now_ns: int, at_ns: int) -> Said:
        before = self._said
        over = phase not in {AlarmPhase.RAISED, AlarmPhase.UPDATED}
        later = not over and before is not None and self._life.age_s(now_ns) >= FIRST_MINUTE_S
        again_s = LATER_REFRESH_S if later else REFRESH_S
        return Said(
            number=self._bureau.number() if before is None else before.number,
            revision=0 if before is None else before.revision + 1,
            at_ns=now_ns,
            again_s=again_s,
            valid_s=max(0.1, self._gate.valid_s(at_ns, VALID_REFRESHES * again_s)),
            severity=sign.severity if before is None else max(before.severity, sign.severity),
            level=sign.level if before is None else _level(sign, before),
            advice=() if over else self._advice(sign),
        )


def _level(sign: Sign, said: Said) -> int | None:
    return said.level if sign.level is None else sign.level


def _inhibits(advice: tuple[BollardAdvice, ...]) -> tuple[bool, ...]:
    return tuple(one.inhibit for one in advice)


def _as_said(said: Said) -> Sign:
    return Sign(on=True, kept=True, severity=said.severity, level=said.level)
