import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingestion_simulator.contracts import to_ndjson
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES, Source

WORLD = WorldSettings()
FAR = datetime(2027, 3, 14, tzinfo=UTC)

# What the default world sends on two days. Another digest means another world: raise
# `_WORLD_VERSION` in settings.py with it.
DIGESTS = {
    "order_management": [
        "3601894bc48b7c8c1cea545ae6d527d8fbec0346a2f5521c33115182e9f24313",
        "3e577ddddab386295357f1327df12be69260de1f143bbb6bbaa297fd7ab3ce62",
    ],
    "catalog": [
        "49ec1ca8f3816f9a677a7c658b310237b62e474eb63606f08a820ca39bdd63c0",
        "19fa8aae68467a3bd7f589856f2ca88736ba093ad4cc5a8382b3d0b060514161",
    ],
    "crm": [
        "cfe4fb172625594d7070b180dbd5c04a939506b7a615b1c67b1d2201914cc78d",
        "a3cde2aa885439f5c88f73dffb42119dce4dc4806ebdb0da9ecb793c92be8816",
    ],
    "rates_api": [
        "84328d5478e70324d948e8058f9b3ce63d417ec4b9a8be714fcdea059bb2ad5b",
        "9b800264e7e7d330f51597412040b9eba3896b69b971417617f3d5dee92ecf54",
    ],
}


def digests() -> dict[str, list[str]]:
    """SHA-256 of what each source sends on two days, drawn from the last source to the first."""
    found = {}
    for source in reversed(SOURCES):
        days = [source.events(WORLD, day, day + timedelta(days=1)) for day in (FAR, WORLD.epoch)]
        found[source.name] = [hashlib.sha256(to_ndjson(day)).hexdigest() for day in days]
    return found


def test_the_bytes_are_those_of_the_first_release() -> None:
    assert digests() == DIGESTS


def test_another_process_on_a_lesser_machine_sends_the_same_bytes() -> None:
    environment = os.environ | {
        "PYTHONHASHSEED": "12345",
        "POLARS_MAX_THREADS": "1",
        # NumPy's plain kernels instead of those for this machine's CPU.
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C",
    }
    program = f"import json, runpy;print(json.dumps(runpy.run_path({__file__!r})['digests']()))"
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == DIGESTS


@settings(max_examples=25, deadline=None)
@given(
    source=st.sampled_from(SOURCES),
    tick=st.sampled_from([5, 10, 60, 240]),
    day=st.sampled_from([0, 1, 44, 800]),
    cuts=st.sets(st.integers(1, 23), max_size=4),
)
def test_the_windows_of_a_day_are_the_day(
    source: Source, tick: int, day: int, cuts: set[int]
) -> None:
    world = WorldSettings(
        tick=timedelta(minutes=tick), late_rate=0.1, duplicate_rate=0.05, invalid_rate=0.05
    )
    start = world.epoch + timedelta(days=day)
    hours = sorted({0, 24, *(cut // max(1, tick // 60) * max(1, tick // 60) for cut in cuts)})
    bounds = [start + timedelta(hours=hour) for hour in hours]
    pieces = [source.events(world, first, last) for first, last in pairwise(bounds)]
    whole = source.events(world, bounds[0], bounds[-1])
    assert_frame_equal(pl.concat(pieces), whole)
    window = pl.col("_window_start")
    assert whole.filter(window < bounds[0].replace(tzinfo=None)).is_empty()
    assert whole.filter(window >= bounds[-1].replace(tzinfo=None)).is_empty()


def test_every_single_window_is_its_slice_of_the_day() -> None:
    start = WORLD.epoch + timedelta(days=9)
    for source in SOURCES:
        day = source.events(WORLD, start, start + timedelta(days=1))
        pieces = []
        for number in range(288):
            first = start + number * WORLD.tick
            piece = source.events(WORLD, first, first + WORLD.tick)
            assert piece["_window_start"].unique().to_list() in ([], [first.replace(tzinfo=None)])
            pieces.append(piece)
        assert_frame_equal(pl.concat(pieces), day)


def test_the_tick_moves_no_event() -> None:
    start = WORLD.epoch + timedelta(days=9)
    for source in SOURCES:
        sent = [
            source.events(
                WorldSettings(tick=timedelta(minutes=minutes)), start, start + timedelta(days=1)
            )
            .drop("_window_start")
            .sort(source.contract.key, maintain_order=True)
            for minutes in (1, 60)
        ]
        assert_frame_equal(*sent)


def test_another_seed_is_another_world() -> None:
    start = WORLD.epoch + timedelta(days=9)
    for source in SOURCES:
        frames = [
            to_ndjson(source.events(WorldSettings(seed=seed), start, start + timedelta(days=1)))
            for seed in (42, 43)
        ]
        assert frames[0] != frames[1]
