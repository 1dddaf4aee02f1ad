"""Draws the pools of names with Faker and prints them: `> src/.../world/names.json`.

The pools are kept as a file, because importing Faker takes 0.2 s of every CronJob tick, and because
another release of Faker draws other names, which would change the bytes of every window.
"""

import json
import sys
from collections.abc import Callable

from faker import Faker

_LOCALES = {
    "DE": "de_DE",
    "FR": "fr_FR",
    "NL": "nl_NL",
    "IT": "it_IT",
    "ES": "es_ES",
    "GB": "en_GB",
    "PL": "pl_PL",
    "SE": "sv_SE",
    "CH": "de_CH",
    "US": "en_US",
}
_GIVEN_NAMES = 120
_FAMILY_NAMES = 160


def _distinct(name: Callable[[], str], count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[name()] = None
    return list(names)


def draw_names() -> dict[str, dict[str, list[str]]]:
    """Given and family names per country code."""
    pools = {}
    for country, locale in _LOCALES.items():
        faker = Faker(locale)
        faker.seed_instance(20260101)
        pools[country] = {
            "given": _distinct(faker.first_name, _GIVEN_NAMES),
            "family": _distinct(faker.last_name, _FAMILY_NAMES),
        }
    return pools


if __name__ == "__main__":
    json.dump(draw_names(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
