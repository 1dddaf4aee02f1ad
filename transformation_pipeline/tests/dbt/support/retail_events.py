"""Raw rows of a small retailer, as the source systems would load them."""

import json
from decimal import Decimal

Row = dict[str, object]
Line = tuple[int, int, str, str]
"""product_id, quantity, unit_price, discount_amount."""

LOADED_AT = "2026-01-04 00:00:30"
"""When the history was loaded; later loads come after it."""


def arrival(loaded_at: str) -> Row:
    """The load columns of a row: its window is the five minutes before the load."""
    return {
        "_window_start": f"{loaded_at[:13]}:00:00",
        "_label": f"load-{loaded_at[:10]}",
        "_loaded_at": loaded_at,
    }


def customer(
    customer_id: int, change_seq: int, changed_at: str, city: str, loaded_at: str = LOADED_AT
) -> Row:
    """A new customer, or a new address."""
    return {
        "customer_id": customer_id,
        "change_seq": change_seq,
        "changed_at": changed_at,
        "op": "I" if change_seq == 1 else "U",
        "name": f"Customer {customer_id}",
        "email": f"customer{customer_id}@example.com",
        "city": city,
        "country_code": "DE",
        "segment": "regular",
        "marketing_opt_in": True,
        "created_at": "2025-12-01 00:00:00",
    } | arrival(loaded_at)


def erasure(customer_id: int, change_seq: int, changed_at: str, loaded_at: str) -> Row:
    """An erasure request."""
    return {
        "customer_id": customer_id,
        "change_seq": change_seq,
        "changed_at": changed_at,
        "op": "D",
    } | arrival(loaded_at)


def product(
    product_id: int,
    change_seq: int,
    changed_at: str,
    price: str,
    cost: str,
    loaded_at: str = LOADED_AT,
) -> Row:
    """A new product, or a new price and cost."""
    return {
        "product_id": product_id,
        "change_seq": change_seq,
        "changed_at": changed_at,
        "op": "I" if change_seq == 1 else "U",
        "sku": f"SKU-{product_id}",
        "name": f"Product {product_id}",
        "category": "toys",
        "brand": "Acme",
        "unit_price": price,
        "unit_cost": cost,
        "currency": "EUR",
        "is_active": True,
    } | arrival(loaded_at)


def rate(
    rate_date: str, base: str, value: str, change_seq: int = 1, loaded_at: str = LOADED_AT
) -> Row:
    """A date's rate in EUR, or its correction."""
    return {
        "rate_date": rate_date,
        "base_currency": base,
        "quote_currency": "EUR",
        "change_seq": change_seq,
        "changed_at": f"{rate_date} {change_seq - 1:02}:00:00",
        "op": "I" if change_seq == 1 else "U",
        "rate": value,
    } | arrival(loaded_at)


def order(
    order_id: int,
    ordered_at: str,
    lines: list[Line],
    *,
    customer_id: int = 1,
    currency: str = "EUR",
    channel: str = "web",
    change_seq: int = 1,
    status: str = "placed",
    changed_at: str | None = None,
    loaded_at: str = LOADED_AT,
) -> Row:
    """One event of an order: a full image of it."""
    shipping = Decimal("4.95")
    net = sum(
        (quantity * Decimal(price) - Decimal(discount) for _, quantity, price, discount in lines),
        Decimal(0),
    )
    items = [
        {
            "line_no": line_no,
            "product_id": product_id,
            "quantity": quantity,
            "unit_price": price,
            "discount_amount": discount,
        }
        for line_no, (product_id, quantity, price, discount) in enumerate(lines, 1)
    ]
    return {
        "order_id": order_id,
        "change_seq": change_seq,
        "changed_at": changed_at or ordered_at,
        "op": "I" if change_seq == 1 else "U",
        "customer_id": customer_id,
        "ordered_at": ordered_at,
        "status": status,
        "channel": channel,
        "currency": currency,
        "ship_country_code": {"EUR": "DE", "USD": "US", "GBP": "GB"}[currency],
        "shipping_amount": str(shipping),
        "total_amount": str(net + shipping),
        "items": json.dumps(items),
    } | arrival(loaded_at)


def history() -> dict[str, list[Row]]:
    """Three days of a shop, 1 to 3 January 2026, with every status and a late first address."""
    pen: Line = (1, 2, "1.05", "0.10")
    book: Line = (2, 1, "19.99", "0.00")
    placed = [
        ((101, "2026-01-01 08:00:00", [pen, book]), {}),
        ((102, "2026-01-01 09:30:00", [book]), {"currency": "USD", "customer_id": 2}),
        ((103, "2026-01-01 23:59:59.999999", [pen]), {"channel": "app"}),
        ((201, "2026-01-02 00:00:00", [pen]), {"currency": "GBP", "customer_id": 2}),
        ((202, "2026-01-02 12:00:00", [book, pen]), {"currency": "USD"}),
        ((203, "2026-01-02 15:00:00", [book]), {"channel": "store", "customer_id": 3}),
        ((301, "2026-01-03 10:00:00", [(3, 4, "0.99", "0.33")]), {"currency": "USD"}),
        ((302, "2026-01-03 18:00:00", [pen, book]), {"channel": "marketplace", "customer_id": 2}),
    ]
    later = [
        (0, 2, "paid", "2026-01-01 08:05:00"),
        (0, 3, "shipped", "2026-01-01 20:00:00"),
        (0, 4, "delivered", "2026-01-02 10:00:00"),
        (0, 5, "returned", "2026-01-03 09:00:00"),
        (1, 2, "paid", "2026-01-01 09:31:00"),
        (2, 2, "cancelled", "2026-01-02 07:00:00"),
        (3, 2, "paid", "2026-01-02 00:10:00"),
        (3, 3, "shipped", "2026-01-02 16:00:00"),
    ]
    orders = [order(*arguments, **options) for arguments, options in placed]  # type: ignore[arg-type]
    for index, change_seq, status, changed_at in later:
        orders.append(event_of(orders[index], change_seq, status, changed_at))
    return {
        "raw_customers": [
            customer(1, 1, "2025-12-01 00:00:00", "Bonn"),
            customer(1, 2, "2026-01-02 06:00:00", "Kiel"),
            customer(2, 1, "2025-12-01 00:00:00", "Lyon"),
            customer(3, 1, "2025-12-01 00:00:00", "Oslo"),
        ],
        "raw_products": [
            product(1, 1, "2025-12-01 00:00:00", "1.05", "0.40"),
            product(2, 1, "2025-12-01 00:00:00", "19.99", "9.00"),
            product(2, 2, "2026-01-02 13:00:00", "21.99", "9.50"),
            product(3, 1, "2025-12-01 00:00:00", "0.99", "0.25"),
        ],
        "raw_fx_rates": [
            rate("2026-01-01", "USD", "0.91000000"),
            rate("2026-01-02", "USD", "0.92000000"),
            rate("2026-01-03", "USD", "0.93000000"),
            rate("2026-01-01", "GBP", "1.15000000"),
        ],
        "raw_orders": orders,
    }


def event_of(
    image: Row, change_seq: int, status: str, changed_at: str, loaded_at: str = LOADED_AT
) -> Row:
    """A later event of an order: the same image with another status."""
    change = {"change_seq": change_seq, "status": status, "changed_at": changed_at, "op": "U"}
    return {**image, **change, **arrival(loaded_at)}
