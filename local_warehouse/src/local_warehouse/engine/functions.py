"""StarRocks functions that DuckDB lacks or defines otherwise, as DuckDB macros.

A macro decides by `typeof`, which DuckDB folds while planning, so that a branch for another type
costs nothing at run time. The macros live in the schema `functions`; `transpile.functions` says
which StarRocks name means which macro.
"""

import duckdb

MACROS = """
-- Text as StarRocks casts it: booleans are 1 and 0, fractions of seconds have six digits or none,
-- whole doubles have no point, a JSON string loses its quotes.
text(x) as case typeof(x)
    when 'VARCHAR' then cast(x as varchar)
    when 'BOOLEAN' then cast(try_cast(x as tinyint) as varchar)
    when 'TIMESTAMP' then case
        when epoch_us(try_cast(x as timestamp)) % 1000000 = 0
        then strftime(try_cast(x as timestamp), '%Y-%m-%d %H:%M:%S')
        else strftime(try_cast(x as timestamp), '%Y-%m-%d %H:%M:%S.%f') end
    when 'DOUBLE' then regexp_replace(cast(x as varchar), '\\.0$', '')
    when 'FLOAT' then regexp_replace(cast(x as varchar), '\\.0$', '')
    when 'JSON' then json_extract_string(cast(x as varchar), '$')
    else cast(x as varchar) end

-- A whole number: fractions are cut off, text must be a whole number.
whole_of_text(x) as
    try_cast(case when regexp_full_match(trim(x), '[+-]?[0-9]+') then trim(x) end as hugeint)
whole(x) as case
    when typeof(x) in ('VARCHAR', 'JSON') then functions.whole_of_text(functions.text(x))
    when typeof(x) like 'DECIMAL%' then try_cast(split_part(cast(x as varchar), '.', 1) as hugeint)
    when typeof(x) in ('DOUBLE', 'FLOAT') then try_cast(trunc(try_cast(x as double)) as hugeint)
    when typeof(x) = 'DATE' then try_cast(strftime(try_cast(x as timestamp), '%Y%m%d') as hugeint)
    when typeof(x) = 'TIMESTAMP'
    then try_cast(strftime(try_cast(x as timestamp), '%Y%m%d%H%M%S') as hugeint)
    else try_cast(x as hugeint) end
json_whole(x) as case json_type(x)
    when 'DOUBLE' then try_cast(trunc(try_cast(json_extract_string(x, '$') as double)) as bigint)
    when 'BOOLEAN' then try_cast(try_cast(json_extract_string(x, '$') as boolean) as bigint)
    else try_cast(functions.whole_of_text(json_extract_string(x, '$')) as bigint) end

-- A date and time; a zone at the end of a text is accepted and ignored.
datetime_of_text(x) as coalesce(
    try_cast(regexp_replace(x, '(:[0-9.]+) ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$', '\\1') as timestamp),
    try_strptime(x, ['%Y%m%d', '%Y%m%d%H%M%S', '%Y/%m/%d', '%Y/%m/%d %H:%M:%S']))
datetime(x) as case
    when typeof(x) in ('DATE', 'TIMESTAMP') then try_cast(x as timestamp)
    else functions.datetime_of_text(functions.text(x)) end
-- With CAST in the place of TRY_CAST, DuckDB 2.0.0 merges both casts and raises for bad text.
date(x) as try_cast(functions.datetime(x) as date)

-- Truth of any type.
boolean(x) as case
    when typeof(x) in ('VARCHAR', 'JSON') then case lower(trim(functions.text(x)))
        when 'true' then true when 'false' then false
        else functions.whole_of_text(functions.text(x)) <> 0 end
    else try_cast(x as boolean) end

-- JSON of any type: text that is JSON is parsed, other text becomes a JSON string.
json(x) as case typeof(x)
    when 'JSON' then try_cast(x as json)
    when 'VARCHAR' then case when json_valid(cast(x as varchar)) then try_cast(x as json)
        else to_json(cast(x as varchar)) end
    else to_json(x) end
parse_json(x) as try_cast(cast(x as varchar) as json)
json_path(path) as case
    when starts_with(path, '$') then path
    when starts_with(path, '[') then '$' || path
    else '$.' || path end
json_query(x, path) as json_extract(cast(x as varchar), functions.json_path(path))
json_string(x, path) as json_extract_string(cast(x as varchar), functions.json_path(path))
json_int(x, path) as functions.json_whole(functions.json_query(x, path))
json_double(x, path) as try_cast(functions.json_string(x, path) as double)
json_bool(x, path) as functions.boolean(functions.json_string(x, path))
json_exists(x, path) as json_exists(cast(x as varchar), functions.json_path(path))
json_length(x) as case json_type(cast(x as varchar))
    when 'ARRAY' then cast(json_array_length(cast(x as varchar)) as bigint)
    when 'OBJECT' then cast(len(json_keys(cast(x as varchar))) as bigint)
    else case when x is not null then 1 end end
json_length_at(x, path) as functions.json_length(functions.json_query(x, path))
json_array_of(x) as case typeof(x)
    when 'VARCHAR' then try_cast(try_cast(cast(x as varchar) as json) as json[])
    else try_cast(x as json[]) end

-- A value on its way into a column: what the column's type cannot hold is an error, not NULL.
strict(converted, original, message) as case
    when converted is null and original is not null then error(message) else converted end

-- Time.
now() as date_trunc('second', make_timestamp(epoch_us(now())))
now_precise(digits) as time_bucket(
    to_microseconds(cast(power(10, 6 - digits) as bigint)), make_timestamp(epoch_us(now())))
today() as cast(make_timestamp(epoch_us(now())) as date)
clock() as strftime(make_timestamp(epoch_us(now())), '%H:%M:%S')
year(x) as cast(year(functions.datetime(x)) as smallint)
quarter(x) as cast(quarter(functions.datetime(x)) as tinyint)
month(x) as cast(month(functions.datetime(x)) as tinyint)
day(x) as cast(day(functions.datetime(x)) as tinyint)
hour(x) as cast(hour(functions.datetime(x)) as tinyint)
minute(x) as cast(minute(functions.datetime(x)) as tinyint)
second(x) as cast(second(functions.datetime(x)) as tinyint)
microsecond(x) as cast(epoch_us(functions.datetime(x)) % 1000000 as integer)
day_of_year(x) as cast(dayofyear(functions.datetime(x)) as smallint)
day_of_week(x) as cast(dayofweek(functions.datetime(x)) + 1 as integer)
weekday(x) as cast(isodow(functions.datetime(x)) - 1 as integer)
day_of_week_iso(x) as cast(isodow(functions.datetime(x)) as integer)
week(x) as cast(strftime(functions.datetime(x), '%U') as integer)
week_iso(x) as cast(weekofyear(functions.datetime(x)) as integer)
day_name(x) as dayname(functions.datetime(x))
month_name(x) as monthname(functions.datetime(x))
last_day(x) as last_day(functions.date(x))
date_difference(x, y) as cast(date_diff('day', functions.date(y), functions.date(x)) as integer)
whole_units(unit, x, y) as
    date_sub(lower(unit), functions.datetime(y), functions.datetime(x))
to_days(x) as cast(date_diff('day', date '0001-01-01', functions.date(x)) + 366 as integer)
from_days(x) as cast(date '0001-01-01' + cast(x - 366 as integer) as date)
unix_timestamp(x) as cast(floor(epoch(functions.datetime(x))) as bigint)
from_unixtime(x) as functions.text(make_timestamp(cast(x as bigint) * 1000000))
format_datetime(x, format) as strftime(functions.datetime(x), format)
parse_datetime(x, format) as try_strptime(cast(x as varchar), format)

-- Text.
length(x) as cast(strlen(functions.text(x)) as integer)
char_length(x) as cast(length(functions.text(x)) as integer)
substring(x, start) as case when start = 0 then '' else substring(functions.text(x), start) end
substring_of(x, start, size) as case when start = 0 or size <= 0 then ''
    else substring(functions.text(x), start, size) end
left(x, size) as case when size <= 0 then '' else left(functions.text(x), size) end
right(x, size) as case when size <= 0 then '' else right(functions.text(x), size) end
locate(part, x) as cast(instr(functions.text(x), functions.text(part)) as integer)
locate_from(part, x, start) as case
    when instr(substring(functions.text(x), start), functions.text(part)) = 0 then 0
    else cast(instr(substring(functions.text(x), start), functions.text(part)) + start - 1
        as integer) end
instr(x, part) as cast(instr(functions.text(x), functions.text(part)) as integer)
md5(x) as md5(functions.text(x))
sha2(x, bits) as case when bits = 256 then sha256(functions.text(x))
    else error('sha2 supports 256 bits only in the local warehouse') end
hex_of(x) as case when typeof(x) in ('VARCHAR', 'BLOB') then hex(cast(x as varchar))
    else upper(to_hex(try_cast(x as bigint))) end
is_null(x) as x is null
null_or_empty(x) as x is null or functions.text(x) = ''
space(size) as repeat(' ', size)
split_part(x, delimiter, position) as
    case when position = 0 then null
    else nullif(split_part(functions.text(x), delimiter, position), '') end
substring_index(x, delimiter, count) as case
    when count > 0
    then array_to_string(list_slice(string_split(functions.text(x), delimiter), 1, count), delimiter)
    when count < 0
    then array_to_string(list_slice(string_split(functions.text(x), delimiter), count, -1),
        delimiter)
    else '' end
regexp_extract(x, pattern, part) as regexp_extract(functions.text(x), pattern, part)
regexp_replace(x, pattern, replacement) as
    regexp_replace(functions.text(x), pattern, replacement, 'g')
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
