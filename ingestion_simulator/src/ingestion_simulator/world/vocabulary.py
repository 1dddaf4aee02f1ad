"""The words of the world: names of people, cities, products, brands."""

import json
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import polars as pl

from ingestion_simulator.world.markets import COUNTRIES

SEGMENTS = ("consumer", "regular", "loyal", "business")
MAIL_DOMAINS = ("example.com", "example.net", "example.org")

CITIES = {
    "DE": ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Stuttgart", "Bremen", "Freiburg"),
    "FR": ("Paris", "Lyon", "Marseille", "Toulouse", "Nantes", "Lille", "Bordeaux", "Rennes"),
    "NL": ("Amsterdam", "Rotterdam", "Utrecht", "Eindhoven", "Groningen", "Leiden", "Breda"),
    "IT": ("Milano", "Roma", "Torino", "Napoli", "Bologna", "Firenze", "Verona", "Palermo"),
    "ES": ("Madrid", "Barcelona", "Valencia", "Sevilla", "Bilbao", "Zaragoza", "Málaga"),
    "GB": ("London", "Manchester", "Leeds", "Glasgow", "Bristol", "Cardiff", "Belfast", "York"),
    "PL": ("Warszawa", "Kraków", "Wrocław", "Gdańsk", "Poznań", "Łódź", "Lublin"),
    "SE": ("Stockholm", "Göteborg", "Malmö", "Uppsala", "Lund", "Umeå", "Örebro"),
    "CH": ("Zürich", "Genève", "Basel", "Bern", "Lausanne", "Luzern", "St. Gallen"),
    "US": ("New York", "Chicago", "Austin", "Seattle", "Boston", "Denver", "Portland", "Atlanta"),
}


@dataclass(frozen=True)
class Category:
    """One category of the catalogue; its prices are in EUR cents."""

    name: str
    code: str
    lowest_price: int
    highest_price: int
    nouns: tuple[str, ...]


CATEGORIES = (
    Category(
        "Outdoor", "OUT", 1500, 28000, ("Rain Jacket", "Backpack 28 L", "Tent 2P", "Headlamp")
    ),
    Category(
        "Kitchen", "KIT", 800, 19000, ("Cast-Iron Pan", "Chef's Knife", "Kettle", "Mixing Bowls")
    ),
    Category(
        "Home", "HOM", 900, 24000, ("Wool Throw", "Floor Lamp", "Linen Curtain", "Wall Clock")
    ),
    Category(
        "Electronics", "ELE", 1900, 60000, ("Headphones", "Speaker", "Power Bank", "E-Reader")
    ),
    Category(
        "Toys", "TOY", 600, 9000, ("Train Set", "Puzzle 1000", "Building Blocks", "Plush Fox")
    ),
    Category("Beauty", "BEA", 450, 7500, ("Face Cream", "Hand Soap", "Shampoo Bar", "Bath Salt")),
    Category(
        "Sports", "SPO", 1200, 32000, ("Running Shoes", "Yoga Mat", "Kettlebell", "Bike Helmet")
    ),
    Category(
        "Stationery", "STA", 250, 4500, ("Notebook A5", "Fountain Pen", "Desk Pad", "Ring Binder")
    ),
    Category("Garden", "GAR", 500, 21000, ("Pruning Shears", "Planter", "Fire Bowl", "Hose Set")),
    Category("Pets", "PET", 400, 12000, ("Dog Bed", "Cat Tree", "Chew Rope", "Feeding Mat")),
)
LINES = (
    *("Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper"),
    *("Kestrel", "Larch", "Meadow", "North", "Onyx", "Pine", "Quartz", "Reed", "Sable", "Tarn"),
    *("Umber", "Vale", "Willow", "Zephyr"),
)
BRANDS = (
    *("Nordlys", "Casa Lume", "Haldane", "Brunnberg", "Tessera", "Oakfield & Co", "Veloria"),
    *("Kumo", "Lindqvist", "Marlow", "Petit Atelier", "Rowan Works", "Sundance", "Wolkenlos"),
)


@dataclass(frozen=True)
class Names:
    """Names of all countries, one after the other; `given` and `family` hold equally many each."""

    given: pl.Series
    family: pl.Series
    given_in_mail: pl.Series
    family_in_mail: pl.Series
    given_per_country: int
    family_per_country: int


@lru_cache(maxsize=1)
def names() -> Names:
    """The pools of personal names; `scripts/draw_names.py` drew them."""
    text = (files("ingestion_simulator.world") / "names.json").read_text("utf-8")
    pools = json.loads(text)
    given = [name for country in COUNTRIES for name in pools[country]["given"]]
    family = [name for country in COUNTRIES for name in pools[country]["family"]]
    return Names(
        given=pl.Series(given),
        family=pl.Series(family),
        given_in_mail=pl.Series([_in_mail(name) for name in given]),
        family_in_mail=pl.Series([_in_mail(name) for name in family]),
        given_per_country=len(given) // len(COUNTRIES),
        family_per_country=len(family) // len(COUNTRIES),
    )


def _in_mail(name: str) -> str:
    """A name in the letters that a mail address takes."""
    plain = name.lower()
    for letter, spelt in (("ß", "ss"), ("ł", "l"), ("ø", "o"), ("æ", "ae"), ("đ", "d")):
        plain = plain.replace(letter, spelt)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())
