import pytest

from ingestion_simulator.contracts import ALL_TABLES, Contract, create_table_sql

METADATA = """
    _window_start DATETIME NOT NULL,
    _label VARCHAR(128) NOT NULL,
    _loaded_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
)"""

STATEMENTS = {
    "raw_customers": f"""CREATE TABLE IF NOT EXISTS retail_raw.raw_customers (
    customer_id BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    changed_at DATETIME NOT NULL,
    op VARCHAR(1) NOT NULL,
    name VARCHAR(200),
    email VARCHAR(320),
    city VARCHAR(100),
    country_code VARCHAR(2),
    segment VARCHAR(20),
    marketing_opt_in BOOLEAN,
    created_at DATETIME,{METADATA}
PRIMARY KEY (customer_id, change_seq, changed_at)
PARTITION BY date_trunc('day', changed_at)
DISTRIBUTED BY HASH(customer_id) BUCKETS 1""",
    "raw_products": f"""CREATE TABLE IF NOT EXISTS retail_raw.raw_products (
    product_id BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    changed_at DATETIME NOT NULL,
    op VARCHAR(1) NOT NULL,
    sku VARCHAR(32),
    name VARCHAR(200),
    category VARCHAR(50),
    brand VARCHAR(50),
    unit_price DECIMAL(18,2),
    unit_cost DECIMAL(18,2),
    currency VARCHAR(3),
    is_active BOOLEAN,{METADATA}
PRIMARY KEY (product_id, change_seq, changed_at)
PARTITION BY date_trunc('day', changed_at)
DISTRIBUTED BY HASH(product_id) BUCKETS 1""",
    "raw_orders": f"""CREATE TABLE IF NOT EXISTS retail_raw.raw_orders (
    order_id BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    changed_at DATETIME NOT NULL,
    op VARCHAR(1) NOT NULL,
    customer_id BIGINT,
    ordered_at DATETIME,
    status VARCHAR(20),
    channel VARCHAR(20),
    currency VARCHAR(3),
    ship_country_code VARCHAR(2),
    shipping_amount DECIMAL(18,2),
    total_amount DECIMAL(18,2),
    items JSON,{METADATA}
PRIMARY KEY (order_id, change_seq, changed_at)
PARTITION BY date_trunc('day', changed_at)
DISTRIBUTED BY HASH(order_id) BUCKETS 2""",
    "raw_fx_rates": f"""CREATE TABLE IF NOT EXISTS retail_raw.raw_fx_rates (
    rate_date DATE NOT NULL,
    base_currency VARCHAR(3) NOT NULL,
    quote_currency VARCHAR(3) NOT NULL,
    change_seq BIGINT NOT NULL,
    changed_at DATETIME NOT NULL,
    op VARCHAR(1) NOT NULL,
    rate DECIMAL(18,8),{METADATA}
PRIMARY KEY (rate_date, base_currency, quote_currency, change_seq, changed_at)
PARTITION BY date_trunc('day', changed_at)
DISTRIBUTED BY HASH(rate_date) BUCKETS 1""",
    "raw_rejects": """CREATE TABLE IF NOT EXISTS retail_raw.raw_rejects (
    source VARCHAR(32) NOT NULL,
    window_start DATETIME NOT NULL,
    reject_id VARCHAR(64) NOT NULL,
    reason VARCHAR(500),
    payload VARCHAR(65533),
    _label VARCHAR(128),
    _loaded_at DATETIME DEFAULT CURRENT_TIMESTAMP
)
PRIMARY KEY (source, window_start, reject_id)
PARTITION BY date_trunc('day', window_start)
DISTRIBUTED BY HASH(source) BUCKETS 1""",
    "raw_load_manifest": """CREATE TABLE IF NOT EXISTS retail_raw.raw_load_manifest (
    source VARCHAR(32) NOT NULL,
    window_start DATETIME NOT NULL,
    window_end DATETIME,
    table_name VARCHAR(64),
    label VARCHAR(128),
    row_count BIGINT,
    reject_count BIGINT,
    control_total DECIMAL(38,8),
    world_id VARCHAR(64),
    committed_at DATETIME DEFAULT CURRENT_TIMESTAMP
)
PRIMARY KEY (source, window_start)
PARTITION BY date_trunc('day', window_start)
DISTRIBUTED BY HASH(source) BUCKETS 1""",
}


def test_every_raw_table_has_a_contract() -> None:
    assert [contract.table for contract in ALL_TABLES] == list(STATEMENTS)


@pytest.mark.parametrize("contract", ALL_TABLES, ids=lambda contract: contract.table)
def test_the_contract_renders_the_agreed_table(contract: Contract) -> None:
    assert create_table_sql(contract) == STATEMENTS[contract.table]
