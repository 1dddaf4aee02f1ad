import json
import subprocess
import sys
from pathlib import Path

from ingestion_simulator.world.vocabulary import names

MEMBER = Path(__file__).parents[2]


def test_the_kept_names_are_those_that_the_pinned_faker_draws() -> None:
    drawn = subprocess.run(
        [sys.executable, MEMBER / "scripts" / "draw_names.py"], capture_output=True, check=True
    )
    kept = MEMBER / "src" / "ingestion_simulator" / "world" / "names.json"
    assert json.loads(drawn.stdout) == json.loads(kept.read_text("utf-8"))


def test_names_in_mail_addresses_are_plain_letters() -> None:
    pools = names()
    for pool in (pools.given_in_mail, pools.family_in_mail):
        assert pool.str.contains("^[a-z]+$").all()
    spelt = dict(zip(pools.family, pools.family_in_mail, strict=True))
    assert (spelt["Dörr"], spelt["O'Brien"], spelt["van Nes"]) == ("dorr", "obrien", "vannes")
