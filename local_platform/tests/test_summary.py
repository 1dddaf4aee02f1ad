from decimal import Decimal

from local_platform.summary import bar


def test_the_largest_value_fills_the_width() -> None:
    assert bar(Decimal(80), Decimal(80), width=4) == "████"


def test_a_bar_has_eighths_of_a_cell() -> None:
    assert [bar(Decimal(value), Decimal(32), width=4) for value in (8, 9, 12, 15, 1)] == [
        "█",
        "█▏",
        "█▌",
        "█▉",
        "▏",
    ]


def test_nothing_and_losses_have_no_bar() -> None:
    assert [bar(Decimal(value), Decimal(10)) for value in (0, -5)] == ["", ""]
    assert bar(Decimal(5), Decimal(0)) == ""
