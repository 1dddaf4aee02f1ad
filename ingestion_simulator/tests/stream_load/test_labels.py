"""What a label promises."""

import re
from datetime import UTC, datetime

from ingestion_simulator.stream_load.labels import content_label, span_name

_SPAN = span_name(
    "raw_orders", datetime(2025, 1, 31, 23, 45, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
)


def test_a_label_says_where_and_when_and_ends_with_its_content() -> None:
    label = content_label(_SPAN, "world", b'{"order_id":1}\n')

    assert label == "raw_orders-20250131T234500-20250201T000000-3b16a54f8c2e656e"


def test_a_label_changes_with_the_span_the_world_and_the_body_and_with_nothing_else() -> None:
    labels = {
        content_label(_SPAN, "world", b"a"),
        content_label(_SPAN, "world", b"a"),
        content_label(_SPAN, "world", b"b"),
        content_label(_SPAN, "other", b"a"),
        content_label("raw_orders-x-y", "world", b"a"),
        # Neither may the border between world and body be moved.
        content_label(_SPAN, "worlda", b""),
    }

    assert len(labels) == 5


def test_the_longest_label_is_one_that_starrocks_accepts() -> None:
    span = span_name(
        "raw_load_manifest", datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
    )

    assert re.fullmatch(r"[-\w]{1,128}", content_label(span, "w", b""))
