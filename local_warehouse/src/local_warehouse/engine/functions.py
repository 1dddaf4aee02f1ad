"""StarRocks functions that DuckDB lacks or defines otherwise, as DuckDB macros.

`transpile.function_table` says which StarRocks name means which macro, and converts the arguments
to the types that the macro expects, so that macros seldom call each other: each use of a parameter
repeats the argument, and a few nested calls of such macros take DuckDB seconds to plan. The macros
`text`, `whole`, `datetime`, `boolean` and `json` are for arguments of unknown type; DuckDB folds
`typeof` while planning, so that a branch for another type costs nothing at run time.
"""

import duckdb

MACROS = """
-- Text as StarRocks casts it: fractions of seconds have six digits or none, whole doubles have no
-- point, a JSON string loses its quotes, booleans are 1 and 0.
text_of_datetime(x) as
    regexp_replace(strftime(x, '%Y-%m-%d %H:%M:%S.%f'), '\\.000000$', '')
text_of_float(x) as regexp_replace(cast(x as varchar), '\\.0$', '')
text_of_json(x) as json_extract_string(cast(x as varchar), '$')
text(x) as case typeof(x)
    when 'VARCHAR' then cast(x as varchar)
    when 'BOOLEAN' then cast(try_cast(x as tinyint) as varchar)
    when 'TIMESTAMP' then functions.text_of_datetime(try_cast(x as timestamp))
    when 'DOUBLE' then functions.text_of_float(x)
    when 'FLOAT' then functions.text_of_float(x)
    when 'JSON' then functions.text_of_json(x)
    else cast(x as varchar) end

-- A whole number: fractions are cut off, text must be a whole number.
whole_of_text(x) as
    try_cast(nullif(regexp_extract(x, '^\\s*([+-]?[0-9]+)\\s*$', 1), '') as hugeint)
whole_of_decimal(x) as try_cast(trunc(x) as hugeint)
whole_of_date(x) as try_cast(strftime(x, '%Y%m%d') as hugeint)
whole_of_datetime(x) as try_cast(strftime(x, '%Y%m%d%H%M%S') as hugeint)
whole_of_json(x) as case json_type(x)
    when 'DOUBLE' then try_cast(trunc(try_cast(json_extract_string(x, '$') as double)) as hugeint)
    when 'BOOLEAN' then try_cast(try_cast(json_extract_string(x, '$') as boolean) as hugeint)
    else functions.whole_of_text(json_extract_string(x, '$')) end
whole(x) as case
    when typeof(x) = 'VARCHAR' then functions.whole_of_text(cast(x as varchar))
    when typeof(x) = 'JSON' then functions.whole_of_json(cast(x as varchar))
    when typeof(x) like 'DECIMAL%' then try_cast(split_part(cast(x as varchar), '.', 1) as hugeint)
    when typeof(x) in ('DOUBLE', 'FLOAT') then try_cast(trunc(try_cast(x as double)) as hugeint)
    when typeof(x) = 'DATE' then functions.whole_of_date(try_cast(x as timestamp))
    when typeof(x) = 'TIMESTAMP' then functions.whole_of_datetime(try_cast(x as timestamp))
    else try_cast(x as hugeint) end

-- A date and time; a zone at the end of a text is accepted and ignored.
datetime_of_text(x) as coalesce(
    try_cast(regexp_replace(x, '(:[0-9.]+) ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$', '\\1') as timestamp),
    try_strptime(x, ['%Y%m%d', '%Y%m%d%H%M%S', '%Y/%m/%d', '%Y/%m/%d %H:%M:%S']))
datetime(x) as case
    when typeof(x) in ('DATE', 'TIMESTAMP') then try_cast(x as timestamp)
    when typeof(x) = 'JSON' then functions.datetime_of_text(functions.text_of_json(x))
    else functions.datetime_of_text(cast(x as varchar)) end

-- Truth of any type.
boolean_of_text(x) as case lower(trim(x)) when 'true' then true when 'false' then false
    else functions.whole_of_text(x) <> 0 end
boolean(x) as case typeof(x)
    when 'VARCHAR' then functions.boolean_of_text(cast(x as varchar))
    when 'JSON' then functions.boolean_of_text(functions.text_of_json(x))
    else try_cast(x as boolean) end

-- JSON of any type: text that is JSON is parsed, other text becomes a JSON string.
json_of_text(x) as case when json_valid(x) then cast(x as json) else to_json(x) end
json(x) as case typeof(x)
    when 'JSON' then try_cast(x as json)
    when 'VARCHAR' then functions.json_of_text(cast(x as varchar))
    else to_json(x) end
parse_json(x) as try_cast(x as json)
json_array_of(x) as case typeof(x)
    when 'VARCHAR' then try_cast(try_cast(cast(x as varchar) as json) as json[])
    else try_cast(x as json[]) end
json_path(path) as case
    when starts_with(path, '$') then path
    when starts_with(path, '[') then '$' || path
    else '$.' || path end
json_query(x, path) as json_extract(cast(x as varchar), functions.json_path(path))
json_string(x, path) as json_extract_string(cast(x as varchar), functions.json_path(path))
json_int(x, path) as try_cast(functions.whole_of_json(functions.json_query(x, path)) as bigint)
json_double(x, path) as try_cast(functions.json_string(x, path) as double)
json_bool(x, path) as functions.boolean_of_text(functions.json_string(x, path))
json_exists(x, path) as json_exists(cast(x as varchar), functions.json_path(path))
json_length(x) as case json_type(cast(x as varchar))
    when 'ARRAY' then cast(json_array_length(cast(x as varchar)) as bigint)
    when 'OBJECT' then cast(len(json_keys(cast(x as varchar))) as bigint)
    else case when x is not null then 1 end end
json_length_at(x, path) as functions.json_length(functions.json_query(x, path))

-- A value on its way into a column: what the column's type cannot hold is an error, not NULL.
strict(converted, original, message) as case
    when converted is null and original is not null then error(message) else converted end

-- Time; arguments are DATETIME.
now() as date_trunc('second', make_timestamp(epoch_us(now())))
now_precise(digits) as time_bucket(
    to_microseconds(cast(power(10, 6 - digits) as bigint)), make_timestamp(epoch_us(now())))
today() as cast(make_timestamp(epoch_us(now())) as date)
clock() as strftime(make_timestamp(epoch_us(now())), '%H:%M:%S')
microsecond(x) as cast(epoch_us(x) % 1000000 as integer)
day_of_week(x) as cast(dayofweek(x) + 1 as integer)
weekday(x) as cast(isodow(x) - 1 as integer)
week(x) as cast(strftime(x, '%U') as integer)
date_difference(x, y) as cast(date_diff('day', cast(y as date), cast(x as date)) as integer)
whole_units(unit, x, y) as date_sub(lower(unit), y, x)
to_days(x) as cast(date_diff('day', date '0001-01-01', cast(x as date)) + 366 as integer)
from_days(x) as cast(date '0001-01-01' + cast(x - 366 as integer) as date)
unix_timestamp(x) as cast(floor(epoch(x)) as bigint)
from_unixtime(x) as strftime(make_timestamp(cast(x as bigint) * 1000000), '%Y-%m-%d %H:%M:%S')

-- Text; arguments are text.
length(x) as cast(strlen(x) as integer)
char_length(x) as cast(length(x) as integer)
substring(x, start) as case when start = 0 then '' else substring(x, start) end
substring_of(x, start, size) as
    case when start = 0 or size <= 0 then '' else substring(x, start, size) end
left(x, size) as case when size <= 0 then '' else left(x, size) end
right(x, size) as case when size <= 0 then '' else right(x, size) end
instr(x, part) as cast(instr(x, part) as integer)
locate(part, x) as cast(instr(x, part) as integer)
locate_from(part, x, start) as case when instr(substring(x, start), part) = 0 then 0
    else cast(instr(substring(x, start), part) + start - 1 as integer) end
sha2(x, bits) as case when bits = 256 then sha256(x)
    else error('sha2 supports 256 bits only in the local warehouse') end
hex_of(x) as case when typeof(x) in ('VARCHAR', 'BLOB') then hex(cast(x as varchar))
    else upper(to_hex(try_cast(x as bigint))) end
is_null(x) as x is null
null_or_empty(x) as x is null or x = ''
space(size) as repeat(' ', size)
split_part(x, delimiter, position) as
    case when position <> 0 then nullif(split_part(x, delimiter, position), '') end
substring_index(x, delimiter, count) as case
    when count > 0 then array_to_string(list_slice(string_split(x, delimiter), 1, count), delimiter)
    when count < 0
    then array_to_string(list_slice(string_split(x, delimiter), count, -1), delimiter)
    else '' end
regexp_replace(x, pattern, replacement) as regexp_replace(x, pattern, replacement, 'g')
find_in_set(x, list) as
    cast(coalesce(list_position(string_split(list, ','), x), 0) as integer)

-- Numbers.
floor(x) as try_cast(floor(x) as bigint)
ceil(x) as try_cast(ceil(x) as bigint)
truncate(x, digits) as trunc(x, digits)
sign(x) as cast(sign(x) as double)
ln(x) as case when x > 0 then ln(x) end
log10(x) as case when x > 0 then log10(x) end
log2(x) as case when x > 0 then log2(x) end
log(base, x) as case when x > 0 and base > 0 and base <> 1 then ln(x) / ln(base) end
sqrt(x) as case when x >= 0 then sqrt(x) end
modulo(x, y) as x % y
"""


def create_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Defines the macros anew, so that an old file gets this release's definitions."""
    connection.begin()
    connection.execute("create schema if not exists functions")
    for definition in _definitions():
        connection.execute(f"create or replace macro functions.{definition}")
    connection.commit()


def _definitions() -> list[str]:
    definitions: list[str] = []
    for line in MACROS.splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        if line.startswith(" "):
            definitions[-1] += "\n" + line
        else:
            definitions.append(line)
    return definitions
