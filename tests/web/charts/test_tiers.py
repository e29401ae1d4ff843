"""The tier scale: one scale for the rows of a table, and words that no pointer crosses."""

import re
from decimal import Decimal

import pytest

from services.kernel.messages import use_locale
from tests.web.charts.period import TIERS
from web.charts.placing import UNIT, units
from web.charts.tiers import SMALLEST_BOX, common_scale, tier_scale

WORDS = re.compile(r'<text class="trate[^"]*" x="([\d.]+)%"[^>]*>([^<]+)<')
POINTER = re.compile(r'<svg x="([\d.]+)%"[^>]*><path class="(?:here|ghost)')


def test_targets_under_each_other_share_the_scale_of_the_lowest_tier() -> None:
    """88 is two points under 90: the other target's 93 and 97 stand where they stand on the first one's scale."""
    scale = common_scale(TIERS.values())
    assert (scale.words, scale.low) == ("88–100 %", Decimal("0.88"))
    drawn = tier_scale(TIERS["response"], "0.991266", low=scale.low)
    edges = re.findall(r'<rect class="tier [^"]*" x="([\d.]+)%" width="([\d.]+)%"', drawn)
    assert [float(x) for x, _width in edges] == pytest.approx([0, 100 * 5 / 12, 100 * 9 / 12], abs=0.01)


def test_without_any_tier_the_scale_begins_at_ninety() -> None:
    assert common_scale([[], []]).words == "90–100 %"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("after", [None, "0.961000"])
def test_a_pointer_never_crosses_the_words_of_a_band(language: str, after: str | None) -> None:
    with use_locale(language):
        for share in range(880_000, 1_000_001, 1_000):
            drawn = str(tier_scale(TIERS["response"], f"{Decimal(share) / 1_000_000:.6f}", after, Decimal("0.88")))
            pointers = [float(x) for x in POINTER.findall(drawn)]
            assert len(pointers) == (1 if after is None else 2)
            for x, words in WORDS.findall(drawn):
                half = units(words) * UNIT / SMALLEST_BOX * 50
                assert all(abs(pointer - float(x)) >= half for pointer in pointers), (share, words)
