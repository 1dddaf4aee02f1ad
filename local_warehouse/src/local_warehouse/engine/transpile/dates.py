"""Functions on dates and times."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile.building import (
    call,
    cast,
    datetime,
    macro,
    string_value,
    text,
)
from local_warehouse.engine.transpile.families import Family, family_of, typed

Arguments = Sequence[exp.Expr]
Builder = Callable[[Arguments], exp.Expr | None]

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


def shifted(moment: exp.Expr, amount: exp.Expr, *, back: bool = False) -> exp.Expr:
    """A DATETIME moved by an interval, or by days where the amount is no interval.

    The result of StarRocks' date arithmetic is DATETIME also for a DATE.
    """
    interval = amount if isinstance(amount, exp.Interval) else _interval(amount, "DAY")
    operator = exp.Sub if back else exp.Add
    moved = exp.Paren(this=operator(this=datetime(moment), expression=interval))
    return typed(moved, Family.DATETIME)


def _interval(amount: exp.Expr, unit: str) -> exp.Interval:
    if unit not in UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    return exp.Interval(this=amount, unit=exp.var(unit))


def _unit(node: exp.Expr) -> str:
    """The unit of `timestampdiff(DAY, …)`, parsed as a column, or of `date_diff('day', …)`."""
    unit = node.name.upper()
    if unit not in UNITS:
        raise analysis_error(f"Unsupported time unit '{unit.lower()}'")
    return unit


def _shift(*, back: bool) -> Builder:
    return lambda arguments: shifted(arguments[0], arguments[1], back=back)


def _shift_unit(unit: str, *, back: bool) -> Builder:
    return lambda arguments: shifted(arguments[0], _interval(arguments[1], unit), back=back)


def _whole_units(unit: str) -> Builder:
    return lambda arguments: _difference(unit, arguments[0], arguments[1])


def _difference(unit: str, late: exp.Expr, early: exp.Expr) -> exp.Expr:
    name = exp.Literal.string(unit)
    return typed(macro("whole_units", name, datetime(late), datetime(early)), Family.WHOLE)


def _date_diff(arguments: Arguments) -> exp.Expr:
    return _difference(_unit(arguments[0]), arguments[1], arguments[2])


def _timestampdiff(arguments: Arguments) -> exp.Expr:
    return _difference(_unit(arguments[0]), arguments[2], arguments[1])


def _timestampadd(arguments: Arguments) -> exp.Expr:
    return shifted(arguments[2], _interval(arguments[1], _unit(arguments[0])))


def _date_trunc(arguments: Arguments) -> exp.Expr:
    """DuckDB's date_trunc makes a DATE a TIMESTAMP; time_bucket keeps the type, as StarRocks does.

    Its buckets start on Mondays and on the first of months, quarters and years.
    """
    unit = _unit(arguments[0])
    moment = arguments[1]
    if family_of(moment) is Family.TEXT:
        moment = datetime(moment)
    width = exp.Interval(this=exp.Literal.string("1"), unit=exp.var(unit))
    return typed(call("time_bucket", width, moment), family_of(moment))


def _time_slice(arguments: Arguments) -> exp.Expr | None:
    if len(arguments) != 2 or not isinstance(arguments[1], exp.Interval):
        return None
    origin = cast(exp.Literal.string("0001-01-01"), "timestamp")
    slices = call("time_bucket", arguments[1], datetime(arguments[0]), origin)
    return typed(slices, Family.DATETIME)


def _format(node: exp.Expr) -> exp.Expr:
    format_text = string_value(node)
    if format_text is None:
        raise analysis_error("The date format must be a constant")
    return exp.Literal.string(duckdb_format(format_text))


def _date_format(arguments: Arguments) -> exp.Expr:
    formatted = call("strftime", datetime(arguments[0]), _format(arguments[1]))
    return typed(formatted, Family.TEXT)


def _str_to_date(arguments: Arguments) -> exp.Expr:
    parsed = call("try_strptime", text(arguments[0]), _format(arguments[1]))
    return typed(parsed, Family.DATETIME)


def _str2date(arguments: Arguments) -> exp.Expr:
    return typed(cast(_str_to_date(arguments), "date"), Family.DATE)


def now(arguments: Arguments) -> exp.Expr:
    """The start of the statement in UTC, to the second or to a number of digits."""
    moment = macro("now_precise", arguments[0]) if arguments else macro("now")
    return typed(moment, Family.DATETIME)


def _unix_timestamp(arguments: Arguments) -> exp.Expr:
    moment = datetime(arguments[0]) if arguments else macro("now")
    return typed(macro("unix_timestamp", moment), Family.WHOLE)


BUILDERS: dict[str, Builder] = {
    "ADDDATE": _shift(back=False),
    "ADD_MONTHS": _shift_unit("MONTH", back=False),
    "CURRENT_TIMESTAMP": now,
    "DATE_ADD": _shift(back=False),
    "DATE_DIFF": _date_diff,
    "DATE_FORMAT": _date_format,
    "DATE_SUB": _shift(back=True),
    "DATE_TRUNC": _date_trunc,
    "LOCALTIME": now,
    "LOCALTIMESTAMP": now,
    "NOW": now,
    "STR2DATE": _str2date,
    "STR_TO_DATE": _str_to_date,
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
