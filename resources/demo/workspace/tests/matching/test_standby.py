"""An order that was acknowledged survives the loss of the active engine, so the standby has it by then."""

import pytest
from exchange import other

sides = pytest.mark.parametrize("side", ["buy", "sell"])


def lacks(standby, placed):
    return standby.ask("known", ids=placed)["ids"]


@sides
@pytest.mark.parametrize("count", [1, 2, 5, 10, 25])
def test_the_standby_has_every_order_that_was_acknowledged(market, standby, side, count):
    placed = [market.place(side, 100)[0] for _ in range(count)]
    assert not lacks(standby, placed), "the standby lacks orders that were acknowledged"


@sides
def test_the_standby_has_both_orders_of_a_trade(market, standby, side):
    placed = [market.place(each, 100)[0] for each in (side, other(side))]
    assert not lacks(standby, placed), "the standby lacks orders that were acknowledged"
