"""One process that speaks StarRocks (MySQL wire, Stream Load) on DuckDB, for laptops and tests."""
