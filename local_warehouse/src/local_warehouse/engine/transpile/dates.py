"""Functions on dates and times."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile.building import call, datetime, macro, string_value

Arguments = Sequence[exp.Expression]
Builder = Callable[[Arguments], exp.Expression | None]

UNITS = frozenset(
    {
        "YEAR",
        "QUARTER",
        "MONTH",
        "WEEK",
        "DAY",
        "HOUR",
        "MINUTE",
        "SECOND",
        "MILLISECOND",
        "MICROSECOND",
    }
)

# MySQL's format letters whose DuckDB letter differs, and StarRocks' three named formats.
_FORMAT = {
    "%D": "%-d",
    "%I": "%I",
    "%M": "%B",
    "%T": "%H:%M:%S",
    "%W": "%A",
    "%c": "%-m",
    "%e": "%-d",
    "%h": "%I",
    "%i": "%M",
    "%k": "%-H",
    "%l": "%-I",
    "%r": "%I:%M:%S %p",
    "%s": "%S",
    "%v": "%V",
    "%x": "%G",
}
_SAME = frozenset("aAbBdfHjpSyYmUw%V")
_NAMED_FORMATS = {
    "yyyyMMdd": "%Y%m%d",
    "yyyy-MM-dd": "%Y-%m-%d",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
}


def duckdb_format(format_text: str) -> str:
    """A MySQL date format in DuckDB's letters.

    Raises:
        WarehouseError: the format has a letter that DuckDB cannot write (1064).
    """
    if format_text in _NAMED_FORMATS:
        return _NAMED_FORMATS[format_text]
    result = ""
    position = 0
    while position < len(format_text):
        piece = format_text[position]
        if piece == "%":
            piece = format_text[position : position + 2]
            if piece not in _FORMAT and piece[1:] not in _SAME:
                raise analysis_error(f"Date format {piece} is not supported")
            piece = _FORMAT.get(piece, piece)
            position += 1
        result += piece
        position += 1
    return result


def shifted(moment: exp.Expression, amount: exp.Expression, *, back: bool = False) -> exp.Expression:
    """A DATETIME moved by an interval, or by days where the amount is no interval.

    The result of StarRocks' date arithmetic is DATETIME also for a DATE.
    """
    interval = amount if isinstance(amount, exp.Interval) else _interval(amount, "DAY")
    operator = exp.Sub if back else exp.Add
    return exp.Paren(this=operator(this=datetime(moment), expression=interval))


def _interval(amount: exp.Expression, unit: str) -> exp.Interval:
    if unit not in UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    return exp.Interval(this=amount, unit=exp.var(unit))


def _unit(node: exp.Expression) -> str:
    """The unit in `timestampdiff(DAY, …)`, which parses as a column, or in `date_diff('day', …)`."""
    unit = node.name.upper()
    if unit not in UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    return unit


def _shift(*, back: bool) -> Builder:
    return lambda arguments: shifted(arguments[0], arguments[1], back=back)


def _shift_unit(unit: str, *, back: bool) -> Builder:
    return lambda arguments: shifted(arguments[0], _interval(arguments[1], unit), back=back)


def _whole_units(unit: str) -> Builder:
    return lambda arguments: macro("whole_units", exp.Literal.string(unit), *arguments)


def _date_diff(arguments: Arguments) -> exp.Expression:
    unit = exp.Literal.string(_unit(arguments[0]))
    return macro("whole_units", unit, arguments[1], arguments[2])


def _timestampdiff(arguments: Arguments) -> exp.Expression:
    unit = exp.Literal.string(_unit(arguments[0]))
    return macro("whole_units", unit, arguments[2], arguments[1])


def _timestampadd(arguments: Arguments) -> exp.Expression:
    return shifted(arguments[2], _interval(arguments[1], _unit(arguments[0])))


def _date_trunc(arguments: Arguments) -> exp.Expression:
    """DuckDB's date_trunc makes a DATE a TIMESTAMP; time_bucket keeps the type, as StarRocks does.

    Its buckets start on Mondays and on the first of months, quarters and years.
    """
    unit = _unit(arguments[0])
    moment = arguments[1]
    if string_value(moment) is not None:
        moment = datetime(moment)
    return call("time_bucket", exp.Interval(this=exp.Literal.string("1"), unit=exp.var(unit)), moment)


def _time_slice(arguments: Arguments) -> exp.Expression | None:
    if len(arguments) != 2 or not isinstance(arguments[1], exp.Interval):
        return None
    origin = exp.cast(exp.Literal.string("0001-01-01"), "timestamp", dialect="duckdb")
    return call("time_bucket", arguments[1], datetime(arguments[0]), origin)


def _format(name: str) -> Builder:
    def build(arguments: Arguments) -> exp.Expression:
        format_text = string_value(arguments[1])
        if format_text is None:
            raise analysis_error("The date format must be a constant")
        return macro(name, arguments[0], exp.Literal.string(duckdb_format(format_text)))

    return build


def _str2date(arguments: Arguments) -> exp.Expression:
    return exp.cast(_format("parse_datetime")(arguments), "date", dialect="duckdb")


def now(arguments: Arguments) -> exp.Expression:
    """The start of the statement in UTC, to the second or to a number of digits."""
    return macro("now_precise", arguments[0]) if arguments else macro("now")


def _unix_timestamp(arguments: Arguments) -> exp.Expression:
    return macro("unix_timestamp", *(arguments or [macro("now")]))


BUILDERS: dict[str, Builder] = {
    "ADDDATE": _shift(back=False),
    "ADD_MONTHS": _shift_unit("MONTH", back=False),
    "CURRENT_TIMESTAMP": now,
    "DATE_ADD": _shift(back=False),
    "DATE_DIFF": _date_diff,
    "DATE_FORMAT": _format("format_datetime"),
    "DATE_SUB": _shift(back=True),
    "DATE_TRUNC": _date_trunc,
    "LOCALTIME": now,
    "LOCALTIMESTAMP": now,
    "NOW": now,
    "STR2DATE": _str2date,
    "STR_TO_DATE": _format("parse_datetime"),
    "SUBDATE": _shift(back=True),
    "TIMESTAMPADD": _timestampadd,
    "TIMESTAMPDIFF": _timestampdiff,
    "TIME_SLICE": _time_slice,
    "UNIX_TIMESTAMP": _unix_timestamp,
    "UTC_TIMESTAMP": now,
}
for _name in ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND"):
    BUILDERS[f"{_name}S_ADD"] = _shift_unit(_name, back=False)
    BUILDERS[f"{_name}S_SUB"] = _shift_unit(_name, back=True)
    BUILDERS[f"{_name}S_DIFF"] = _whole_units(_name)
