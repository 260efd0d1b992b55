"""An order that was acknowledged survives the loss of the active engine, so the standby has it by then."""

import pytest
from exchange import other

sides = pytest.mark.parametrize("side", ["buy", "sell"])


def place_and_look(market, standby, orders):
    """Places one order after the other; the standby is asked for each as soon as it is acknowledged."""
    lacking = []
    for side, price in orders:
        placed, _ = market.place(side, price)
        lacking += standby.ask("known", ids=[placed])["ids"]
    assert not lacking, "the standby lacks orders that were acknowledged"


@sides
@pytest.mark.parametrize("count", [2, 3, 5, 10, 25])
def test_the_standby_has_every_order_that_was_acknowledged(market, standby, side, count):
    place_and_look(market, standby, [(side, 100)] * count)


@sides
def test_the_standby_has_both_orders_of_a_trade(market, standby, side):
    place_and_look(market, standby, [(side, 100), (other(side), 100)])
