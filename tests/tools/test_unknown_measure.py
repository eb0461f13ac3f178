"""An average of what a table does not have is refused."""

import pytest

from toollama.tools.tabular.tables import parse
from toollama.tools.tabular.unknown_measure import objection, unknown_measure

_ORDERS = parse(
    "order_id,region,product,quantity,revenue\n1,North,Lamp,2,10\n2,South,Desk,1,30\n",
    name="orders.csv",
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is the average customer rating per product?", "customer rating"),
        ("What is the average rating per product?", "rating"),
        ("median delivery time in orders.csv", "delivery time"),
        ("mean of the humidity for each region", "humidity"),
        ("average revenue per region", ""),
        ("average order per product", ""),
        ("average lamp", ""),
        ("average price per product", ""),
        ("the average per region", ""),
        ("which region earns most on average", ""),
        ("how many ratings are there", ""),
    ],
)
def test_only_a_measure_that_the_table_lacks_is_unknown(text: str, words: str) -> None:
    assert unknown_measure(text, _ORDERS) == words


def test_the_objection_names_what_is_missing_and_what_is_there() -> None:
    assert objection("average rating per product", _ORDERS) == (
        "orders.csv has no column for “rating”; its columns are order_id, region, product, "
        "quantity, revenue"
    )
    assert objection("average rating", None) == ""
