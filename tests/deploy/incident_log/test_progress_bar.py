"""The bar that is drawn while a log is pushed."""

import pytest

from deploy.event_import import Progress
from deploy.progress_bar import ProgressBar, drawn


def test_the_bar_tells_share_events_and_rate() -> None:
    progress = Progress(accepted=30_000, duplicates=5_000, share=0.5, seconds=2.0)
    assert drawn(progress) == "█" * 15 + "░" * 15 + "  50%  35,000 events, 17,500 a second"


def test_rejected_lines_are_counted_beside_it() -> None:
    assert drawn(Progress(accepted=1, rejected=2, share=1.0, seconds=1.0)).endswith("3 events, 3 a second, 2 rejected")


def test_nothing_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        bar.show(Progress(accepted=1, share=1.0))
    assert capsys.readouterr() == ("", "")
