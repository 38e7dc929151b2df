"""Which keys a frame between two is made from, and how much of each."""

from __future__ import annotations

from typing import NamedTuple

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.stages.base import Frame
from lib_vidstyl.stages.ranges import Range, range_of, ranges
from lib_vidstyl.stages.spans import Span

EVERYWHERE = Range(0, None, "")


class Part(NamedTuple):
    """A key that takes part in a frame, and its share of it."""

    key: Frame
    share: float


class Shares:
    """Tells the keys of a frame and their shares.

    sides: "both", "before", "after" or "nearest". curve: of the fade, "smooth", "linear" or "steep". reach: lines `KEY: FIRST-LAST`
    that say which frames a key may reach. Raises SettingsError for other lines.
    """

    def __init__(self, *, sides: str = "both", curve: str = "smooth", reach: str = "") -> None:
        self.sides, self.curve, self.ranges = sides, curve, by_key(reach)

    def of(self, span: Span, index: int) -> list[Part]:
        """The keys that a frame is made from, in order, and their shares, which add up to 1.

        Keys whose range does not hold the frame take no part, unless none would; the fade runs where ranges overlap.
        """
        before, after = span.before, span.after
        reaching = [key for key in span.keys if self._range(key).holds(index)]
        if before is None or after is None or len(reaching) < 2:
            nearest = min(span.keys, key=lambda key: abs(key.index - index))
            return [Part(reaching[0] if reaching else nearest, 1.0)]
        first = max(before.index, self._range(after).first - 1)
        stop = self._range(before).last
        last = after.index if stop is None else min(after.index, stop + 1)
        faded = _curve(self.curve, (index - first) / max(last - first, 1))
        fixed = {"before": 0.0, "after": 1.0, "nearest": float(index - before.index > after.index - index)}
        share = fixed.get(self.sides, faded)
        return [part for part in (Part(before, 1 - share), Part(after, share)) if part.share > 0]

    def _range(self, key: Frame) -> Range:
        return self.ranges.get(key.index, EVERYWHERE)


def by_key(text: str) -> dict[int, Range]:
    """Lines `KEY: FIRST-LAST` as key -> range. Raises SettingsError."""
    made = {}
    for line in ranges(text, where="ranges of keys"):
        if line.first != line.last:
            raise SettingsError(f"'{line.first}-{line.last or ''}' is no key", where="ranges of keys",
                                remedy="Write the key, a colon and its range, as in 45: 30-60.")
        made[line.first] = range_of(line.text, where="ranges of keys")
    return made


def _curve(name: str, place: float) -> float:
    """The next key's share at a place between two keys, 0 to 1."""
    place = min(max(place, 0.0), 1.0)
    if name == "linear":
        return place
    if name == "steep":
        place = min(max(2 * place - 0.5, 0.0), 1.0)
    return place * place * (3 - 2 * place)
