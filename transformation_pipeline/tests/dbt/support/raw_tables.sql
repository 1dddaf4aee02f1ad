create table retail_raw.raw_customers (
    customer_id bigint not null,
    change_seq bigint not null,
    changed_at datetime not null,
    op varchar(1) not null,
    name varchar(200),
    email varchar(320),
    city varchar(100),
    country_code varchar(2),
    segment varchar(20),
    marketing_opt_in boolean,
    created_at datetime,
    _window_start datetime not null,
    _label varchar(128) not null,
    _loaded_at datetime not null default current_timestamp
) primary key (customer_id, change_seq, changed_at)
partition by date_trunc('day', changed_at)
distributed by hash (customer_id) buckets 1;

create table retail_raw.raw_products (
    product_id bigint not null,
    change_seq bigint not null,
    changed_at datetime not null,
    op varchar(1) not null,
    sku varchar(32),
    name varchar(200),
    category varchar(50),
    brand varchar(50),
    unit_price decimal(18, 2),
    unit_cost decimal(18, 2),
    currency varchar(3),
    is_active boolean,
    _window_start datetime not null,
    _label varchar(128) not null,
    _loaded_at datetime not null default current_timestamp
) primary key (product_id, change_seq, changed_at)
partition by date_trunc('day', changed_at)
distributed by hash (product_id) buckets 1;

create table retail_raw.raw_orders (
    order_id bigint not null,
    change_seq bigint not null,
    changed_at datetime not null,
    op varchar(1) not null,
    customer_id bigint,
    ordered_at datetime,
    status varchar(20),
    channel varchar(20),
    currency varchar(3),
    ship_country_code varchar(2),
    shipping_amount decimal(18, 2),
    total_amount decimal(18, 2),
    items json,
    _window_start datetime not null,
    _label varchar(128) not null,
    _loaded_at datetime not null default current_timestamp
) primary key (order_id, change_seq, changed_at)
partition by date_trunc('day', changed_at)
distributed by hash (order_id) buckets 2;

create table retail_raw.raw_fx_rates (
    rate_date date not null,
    base_currency varchar(3) not null,
    quote_currency varchar(3) not null,
    change_seq bigint not null,
    changed_at datetime not null,
    op varchar(1) not null,
    rate decimal(18, 8),
    _window_start datetime not null,
    _label varchar(128) not null,
    _loaded_at datetime not null default current_timestamp
) primary key (rate_date, base_currency, quote_currency, change_seq, changed_at)
partition by date_trunc('day', changed_at)
distributed by hash (rate_date) buckets 1;

create table retail_raw.raw_load_manifest (
    source varchar(32) not null,
    window_start datetime not null,
    window_end datetime,
    table_name varchar(64),
    label varchar(128),
    row_count bigint,
    reject_count bigint,
    control_total decimal(38,8),
    world_id varchar(64),
    committed_at datetime default current_timestamp
) primary key (source, window_start)
partition by date_trunc('day', window_start)
distributed by hash (source) buckets 1;
