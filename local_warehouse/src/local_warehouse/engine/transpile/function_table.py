"""Which StarRocks function is which DuckDB function or macro; what is not here is an error."""

from dataclasses import dataclass

from local_warehouse.engine.transpile.families import Family

TEXT, WHOLE, FLOAT = Family.TEXT, Family.WHOLE, Family.FLOAT
DATE, DATETIME, BOOLEAN, JSON = Family.DATE, Family.DATETIME, Family.BOOLEAN, Family.JSON


@dataclass(frozen=True)
class Function:
    """How a call is written in DuckDB.

    Attributes:
        name: the DuckDB function, or `+` and a macro of `engine.functions`.
        returns: what it yields; None where that hangs on the arguments.
        takes: what the arguments are converted to, in order; None leaves one as it is, and the last
            entry holds for all further ones.
    """

    name: str
    returns: Family | None = None
    takes: tuple[Family | None, ...] = (None,)


def _of_datetime(name: str, returns: Family = WHOLE) -> Function:
    return Function(name, returns, (DATETIME,))


def _of_text(name: str, returns: Family = TEXT) -> Function:
    return Function(name, returns, (TEXT,))


def _text_and(name: str, returns: Family = TEXT) -> Function:
    """The first argument is text, the others are left."""
    return Function(name, returns, (TEXT, None))


_AGGREGATES = {
    "ANY_VALUE": Function("any_value"),
    "APPROX_COUNT_DISTINCT": Function("approx_count_distinct", WHOLE),
    "ARRAY_AGG": Function("list"),
    "AVG": Function("avg"),
    "BOOL_OR": Function("bool_or", BOOLEAN),
    "CORR": Function("corr", FLOAT),
    "COUNT": Function("count", WHOLE),
    "COUNT_IF": Function("count_if", WHOLE),
    "COVAR_POP": Function("covar_pop", FLOAT),
    "COVAR_SAMP": Function("covar_samp", FLOAT),
    "CUME_DIST": Function("cume_dist", FLOAT),
    "DENSE_RANK": Function("dense_rank", WHOLE),
    "FIRST_VALUE": Function("first_value"),
    "GROUPING": Function("grouping", WHOLE),
    "GROUPING_ID": Function("grouping_id", WHOLE),
    "LAG": Function("lag"),
    "LAST_VALUE": Function("last_value"),
    "LEAD": Function("lead"),
    "MAX": Function("max"),
    "MAX_BY": Function("arg_max"),
    "MIN": Function("min"),
    "MIN_BY": Function("arg_min"),
    "NDV": Function("approx_count_distinct", WHOLE),
    "NTILE": Function("ntile", WHOLE),
    "PERCENTILE_APPROX": Function("quantile_cont"),
    "PERCENTILE_CONT": Function("quantile_cont"),
    "PERCENTILE_DISC": Function("quantile_disc"),
    "PERCENT_RANK": Function("percent_rank", FLOAT),
    "RANK": Function("rank", WHOLE),
    "ROW_NUMBER": Function("row_number", WHOLE),
    "STD": Function("stddev_pop", FLOAT),
    "STDDEV": Function("stddev_pop", FLOAT),
    "STDDEV_POP": Function("stddev_pop", FLOAT),
    "STDDEV_SAMP": Function("stddev_samp", FLOAT),
    "SUM": Function("sum"),
    "VARIANCE": Function("var_pop", FLOAT),
    "VARIANCE_POP": Function("var_pop", FLOAT),
    "VARIANCE_SAMP": Function("var_samp", FLOAT),
    "VAR_POP": Function("var_pop", FLOAT),
    "VAR_SAMP": Function("var_samp", FLOAT),
}

_NUMBERS = {
    "ABS": Function("abs"),
    "ACOS": Function("acos", FLOAT),
    "ASIN": Function("asin", FLOAT),
    "ATAN": Function("atan", FLOAT),
    "ATAN2": Function("atan2", FLOAT),
    "CBRT": Function("cbrt", FLOAT),
    "CEIL": Function("+ceil", WHOLE),
    "CEILING": Function("+ceil", WHOLE),
    "COS": Function("cos", FLOAT),
    "COT": Function("cot", FLOAT),
    "DEGREES": Function("degrees", FLOAT),
    "EXP": Function("exp", FLOAT),
    "FLOOR": Function("+floor", WHOLE),
    "LN": Function("+ln", FLOAT),
    "LOG10": Function("+log10", FLOAT),
    "LOG2": Function("+log2", FLOAT),
    "MOD": Function("+modulo"),
    "PI": Function("pi", FLOAT),
    "POW": Function("power", FLOAT),
    "POWER": Function("power", FLOAT),
    "RADIANS": Function("radians", FLOAT),
    "RAND": Function("random", FLOAT),
    "RANDOM": Function("random", FLOAT),
    "ROUND": Function("round"),
    "SIGN": Function("+sign", FLOAT),
    "SIN": Function("sin", FLOAT),
    "SQRT": Function("+sqrt", FLOAT),
    "TAN": Function("tan", FLOAT),
}

_DATES = {
    "CURDATE": Function("+today", DATE),
    "CURRENT_DATE": Function("+today", DATE),
    "CURRENT_TIME": Function("+clock", TEXT),
    "CURTIME": Function("+clock", TEXT),
    "DATEDIFF": _of_datetime("+date_difference"),
    "DAY": _of_datetime("day"),
    "DAYNAME": _of_datetime("dayname", TEXT),
    "DAYOFMONTH": _of_datetime("day"),
    "DAYOFWEEK": _of_datetime("+day_of_week"),
    "DAYOFWEEK_ISO": _of_datetime("isodow"),
    "DAYOFYEAR": _of_datetime("dayofyear"),
    "FROM_DAYS": Function("+from_days", DATE),
    "FROM_UNIXTIME": Function("+from_unixtime", TEXT),
    "HOUR": _of_datetime("hour"),
    "LAST_DAY": _of_datetime("last_day", DATE),
    "MICROSECOND": _of_datetime("+microsecond"),
    "MINUTE": _of_datetime("minute"),
    "MONTH": _of_datetime("month"),
    "MONTHNAME": _of_datetime("monthname", TEXT),
    "QUARTER": _of_datetime("quarter"),
    "SECOND": _of_datetime("second"),
    "TO_DAYS": _of_datetime("+to_days"),
    "WEEK": _of_datetime("+week"),
    "WEEKDAY": _of_datetime("+weekday"),
    "WEEKOFYEAR": _of_datetime("weekofyear"),
    "WEEK_ISO": _of_datetime("weekofyear"),
    "YEAR": _of_datetime("year"),
}

_TEXTS = {
    "ASCII": _of_text("ascii", WHOLE),
    "CHARACTER_LENGTH": _of_text("+char_length", WHOLE),
    "CHAR_LENGTH": _of_text("+char_length", WHOLE),
    "CONCAT_WS": _of_text("concat_ws"),
    "ENDS_WITH": _of_text("ends_with", BOOLEAN),
    "FIND_IN_SET": _of_text("+find_in_set", WHOLE),
    "HEX": Function("+hex_of", TEXT),
    "INITCAP": _of_text("initcap"),
    "INSTR": _of_text("+instr", WHOLE),
    "LCASE": _of_text("lower"),
    "LEFT": _text_and("+left"),
    "LENGTH": _of_text("+length", WHOLE),
    "LOWER": _of_text("lower"),
    "LTRIM": _of_text("ltrim"),
    "MD5": _of_text("md5"),
    "NULL_OR_EMPTY": _of_text("+null_or_empty", BOOLEAN),
    "REGEXP_EXTRACT": _text_and("regexp_extract"),
    "REGEXP_REPLACE": _of_text("+regexp_replace"),
    "REPEAT": _text_and("repeat"),
    "REPLACE": _of_text("replace"),
    "REVERSE": _of_text("reverse"),
    "RIGHT": _text_and("+right"),
    "RTRIM": _of_text("rtrim"),
    "SHA2": _text_and("+sha2"),
    "SPACE": Function("+space", TEXT),
    "SPLIT": Function("string_split", None, (TEXT,)),
    "SPLIT_PART": _text_and("+split_part"),
    "STARTS_WITH": _of_text("starts_with", BOOLEAN),
    "STRLEFT": _text_and("+left"),
    "STRRIGHT": _text_and("+right"),
    "SUBSTRING_INDEX": _text_and("+substring_index"),
    "UCASE": _of_text("upper"),
    "UPPER": _of_text("upper"),
}

_JSON = {
    "GET_JSON_BOOL": Function("+json_bool", BOOLEAN),
    "GET_JSON_DOUBLE": Function("+json_double", FLOAT),
    "GET_JSON_INT": Function("+json_int", WHOLE),
    "GET_JSON_OBJECT": Function("+json_string", TEXT),
    "GET_JSON_STRING": Function("+json_string", TEXT),
    "JSON_ARRAY": Function("json_array", JSON),
    "JSON_EXISTS": Function("+json_exists", BOOLEAN),
    "JSON_OBJECT": Function("json_object", JSON),
    "JSON_QUERY": Function("+json_query", JSON),
    "PARSE_JSON": Function("+parse_json", JSON, (TEXT,)),
}

_ARRAYS = {
    "ARRAY_CONCAT": Function("list_concat"),
    "ARRAY_CONTAINS": Function("list_contains", BOOLEAN),
    "ARRAY_DISTINCT": Function("list_distinct"),
    "ARRAY_LENGTH": Function("len", WHOLE),
    "ARRAY_MAX": Function("list_max"),
    "ARRAY_MIN": Function("list_min"),
    "ARRAY_POSITION": Function("list_position", WHOLE),
    "ARRAY_SLICE": Function("list_slice"),
    "ARRAY_SORT": Function("list_sort"),
    "ARRAY_SUM": Function("list_sum"),
    "CARDINALITY": Function("len", WHOLE),
}

TABLE = {
    **_AGGREGATES,
    **_NUMBERS,
    **_DATES,
    **_TEXTS,
    **_JSON,
    **_ARRAYS,
    "GENERATE_SERIES": Function("generate_series"),
    "ISNULL": Function("+is_null", BOOLEAN),
}

BUILT = frozenset(
    {
        # Rewritten one by one in `calls`, `dates` and `rewrite`.
        *("ADDDATE", "ADD_MONTHS", "ARRAY_JOIN", "ARRAY_MAP", "CATALOG", "COALESCE", "CONCAT"),
        *("CONNECTION_ID", "CURRENT_CATALOG", "CURRENT_ROLE", "CURRENT_TIMESTAMP", "CURRENT_USER"),
        *("CURRENT_VERSION", "DATABASE", "DATE", "DATE_ADD", "DATE_DIFF", "DATE_FORMAT"),
        *("DATE_SUB", "DATE_TRUNC", "DAYS_ADD", "DAYS_DIFF", "DAYS_SUB", "FIELD", "GREATEST"),
        *("HOURS_ADD", "HOURS_DIFF", "HOURS_SUB", "IFNULL", "JSON_EACH", "JSON_LENGTH", "LEAST"),
        *("LOCALTIME", "LOCALTIMESTAMP", "LOCATE", "LOG", "LPAD", "MICROSECONDS_ADD"),
        *("MICROSECONDS_DIFF", "MICROSECONDS_SUB", "MINUTES_ADD", "MINUTES_DIFF", "MINUTES_SUB"),
        *("MONTHS_ADD", "MONTHS_DIFF", "MONTHS_SUB", "NOW", "NULLIF", "NVL", "QUARTERS_ADD"),
        *("QUARTERS_DIFF", "QUARTERS_SUB", "RPAD", "SCHEMA", "SECONDS_ADD", "SECONDS_DIFF"),
        *("SECONDS_SUB", "SESSION_USER", "STR2DATE", "STR_TO_DATE", "SUBDATE", "TIMESTAMPADD"),
        *("TIMESTAMPDIFF", "TIME_SLICE", "TO_DATE", "TRUNCATE", "UNIX_TIMESTAMP", "USER"),
        *("UTC_TIMESTAMP", "UUID", "VERSION", "WEEKS_ADD", "WEEKS_DIFF", "WEEKS_SUB"),
        *("YEARS_ADD", "YEARS_DIFF", "YEARS_SUB"),
    }
)

KNOWN = frozenset(TABLE) | BUILT
"""Every function that the warehouse has, besides those with a syntax of their own."""
