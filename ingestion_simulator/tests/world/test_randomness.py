import numpy as np

from ingestion_simulator.world.randomness import (
    below,
    below_low,
    bits,
    choose,
    draw,
    happens,
    thresholds,
)

IDS = np.arange(200_000, dtype=np.int64)


def test_draws_are_these_on_every_machine() -> None:
    found = draw(42, "what", np.array([0, 1, 2**62]), 3)
    assert found.tolist() == [7558246639805019931, 8018305245980436770, 12677793615794421521]


def test_one_number_for_all_is_the_same_as_one_for_each() -> None:
    for number in (1, 2, 77):
        numbers = np.full(len(IDS), number, dtype=np.int64)
        assert np.array_equal(draw(1, "a", IDS, number), draw(1, "a", IDS, numbers))


def test_seeds_streams_and_numbers_are_independent() -> None:
    base = draw(1, "a", IDS)
    for other in (
        draw(2, "a", IDS),
        draw(1, "b", IDS),
        draw(1, "a", IDS, 1),
        draw(1, "a", IDS + 1),
    ):
        agreeing = np.bitwise_count(~(base ^ other)).mean()
        # 64 fair coins agree 32 times; five standard errors of 200,000 draws are 0.045.
        assert abs(agreeing - 32) < 0.045


def test_whole_numbers_are_uniform_and_within_their_bound() -> None:
    words = draw(9, "uniform", IDS)
    for pick in (below, below_low):
        counts = np.bincount(pick(words, 10))
        assert len(counts) == 10
        assert abs(counts - 20_000).max() < 5 * 20_000**0.5
    assert bits(words, 60, 4).max() == 15


def test_weights_and_rates_hold() -> None:
    words = draw(9, "weights", IDS)
    shares = np.bincount(choose(bits(words, 0, 16), thresholds((70, 20, 10)))) / len(IDS)
    assert np.abs(shares - [0.7, 0.2, 0.1]).max() < 0.005
    assert abs(happens(words, 0.01).mean() - 0.01) < 0.0012
    assert not happens(words, 0.0).any()
