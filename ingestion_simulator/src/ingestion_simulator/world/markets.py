"""Where the retailer sells, in which currencies, and at what price-book factors."""

import numpy as np

from ingestion_simulator.world.randomness import Integers, thresholds

REPORTING_CURRENCY = "EUR"

COUNTRIES = ("DE", "FR", "NL", "IT", "ES", "GB", "PL", "SE", "CH", "US")
COUNTRY_BOUNDS = thresholds((26, 15, 11, 9, 9, 11, 6, 5, 4, 4))

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "PLN")
# Index of the currency of each country.
CURRENCY_OF_COUNTRY: Integers = np.array([0, 0, 0, 0, 0, 2, 5, 4, 3, 1], dtype=np.int64)
# The shop prints its prices in each currency from one list in EUR, at a factor that it fixes for
# years (thousandths); the day's exchange rate is another matter.
PRICE_FACTORS: Integers = np.array([1000, 1090, 870, 960, 11200, 4290], dtype=np.int64)

CHANNELS = ("web", "app", "store", "marketplace")
CHANNEL_BOUNDS = thresholds((46, 30, 14, 10))
STORE = 2
