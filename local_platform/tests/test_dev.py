from datetime import UTC, datetime, timedelta
from pathlib import Path

from local_platform.dev import kept_epoch


def test_the_epoch_is_chosen_once(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    earliest = datetime.now(UTC) - timedelta(days=30)
    chosen = kept_epoch(path)
    latest = datetime.now(UTC) - timedelta(days=30)
    assert chosen in (f"{earliest:%Y-%m-%d}", f"{latest:%Y-%m-%d}")
    path.write_text("2026-01-01\n")
    assert kept_epoch(path) == "2026-01-01"
