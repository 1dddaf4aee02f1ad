import subprocess
import sys

# The busiest hours of a day of 200,000 orders, batch by batch, as the loader does it; then the peak
# in KiB.
PROGRAM = """
import resource, sys
from datetime import timedelta
from ingestion_simulator.contracts import control_totals, enforce, to_ndjson
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.windows import batches, window_grid

world = WorldSettings(orders_per_day=200_000)
start = world.epoch + timedelta(days=40, hours=17)
for batch in batches(world, window_grid(world, start, start + timedelta(hours=5))):
    for source in SOURCES:
        enforced = enforce(source.contract, source.events(world, batch[0].start, batch[-1].end))
        control_totals(source.contract, enforced)
        to_ndjson(enforced.accepted)
if sys.platform == "linux":
    # ru_maxrss begins with the size of the process that started this one.
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(int(status["VmHWM"].split()[0]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_a_busy_evening_leaves_room_below_300_megabytes() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    # The client and the session beside it have the rest of the 300 MB.
    assert int(answer.stdout) < 270 * 1024
