"""What the exchange refuses, and that a refusal changes nothing."""

import pytest
from exchange import other, trades_of

sides = pytest.mark.parametrize("side", ["buy", "sell"])
no_whole_number = pytest.mark.parametrize("value", [0, -1, -100, 0.5, 1.000001, "7", None], ids=str)


@sides
@no_whole_number
def test_a_price_that_is_no_positive_whole_number_of_ticks(market, side, value):
    answer = market.enter(market.order(side, value))
    assert answer["kind"] == "rejected"
    assert "price" in answer["reason"]


@sides
@no_whole_number
def test_a_quantity_that_is_no_positive_whole_number(market, side, value):
    answer = market.enter(market.order(side, 100, value))
    assert answer["kind"] == "rejected"
    assert "quantity" in answer["reason"]


@sides
@pytest.mark.parametrize("price", [0, -5])
def test_what_was_refused_does_not_trade(market, side, price):
    market.enter(market.order(side, price, 5))
    _, answer = market.place(other(side), 100, 5)
    assert trades_of(answer) == []


@sides
@pytest.mark.parametrize("again", ["as it was", "at another price", "on the other side"])
def test_an_order_is_entered_once(market, side, again):
    first = market.order(side, 100, 5)
    assert market.enter(first)["kind"] == "accepted"
    second = {"as it was": first, "at another price": {**first, "price": 90}, "on the other side": {**first, "side": other(side)}}[again]
    answer = market.enter(second)
    assert answer["kind"] == "rejected"
    assert "entered before" in answer["reason"]


@sides
def test_an_order_is_cancelled(market, side):
    placed, _ = market.place(side, 100, 5)
    assert market.cancel(placed)["kind"] == "accepted"
    _, answer = market.place(other(side), 100, 5)
    assert trades_of(answer) == []


@sides
def test_an_order_is_cancelled_once(market, side):
    placed, _ = market.place(side, 100, 5)
    market.cancel(placed)
    assert market.cancel(placed)["kind"] == "rejected"


@sides
def test_an_order_that_has_traded_is_not_cancelled(market, side):
    placed, _ = market.place(side, 100, 5)
    market.place(other(side), 100, 5)
    assert market.cancel(placed)["kind"] == "rejected"


@sides
def test_what_is_left_of_an_order_is_cancelled(market, side):
    placed, _ = market.place(side, 100, 5)
    market.place(other(side), 100, 3)
    assert market.cancel(placed)["kind"] == "accepted"
    _, answer = market.place(other(side), 100, 2)
    assert trades_of(answer) == []


def test_an_order_that_nobody_entered_is_not_cancelled(market):
    assert market.cancel(f"{market.unique}-nobody")["kind"] == "rejected"
