"""Several sessions at one exchange."""

import os

import pytest
from exchange import Market, Session, other, trades_of

sides = pytest.mark.parametrize("side", ["buy", "sell"])


@pytest.fixture
def rival():
    opened = Session(os.environ["GATEWAY"])
    yield Market(opened)
    opened.close()


@sides
@pytest.mark.parametrize("quantity", [1, 4, 9])
def test_orders_of_two_sessions_trade(market, rival, side, quantity):
    market.place(side, 100, quantity)
    _, answer = rival.place(other(side), 100, quantity)
    assert trades_of(answer) == [(100, quantity)]


@sides
def test_an_order_outlives_its_session(market, side):
    gone = Session(os.environ["GATEWAY"])
    Market(gone).place(side, 100, 5)
    gone.close()
    _, answer = market.place(other(side), 100, 5)
    assert trades_of(answer) == [(100, 5)]


@pytest.mark.parametrize("count", [2, 5, 10, 50, 200])
def test_many_orders_at_once_are_each_answered_once(market, session, count):
    sent = [session.send("new", order=market.order("buy", 100)) for _ in range(count)]
    answered = [session.receive() for _ in sent]
    assert sorted(answer["request"] for answer in answered) == sent
    assert {answer["kind"] for answer in answered} == {"accepted"}


@pytest.mark.parametrize("count", [1, 5, 20])
def test_the_exchange_knows_every_order_that_it_acknowledged(market, session, count):
    placed = [market.place("sell", 100 + number)[0] for number in range(count)]
    assert session.ask("known", ids=placed)["ids"] == []


@pytest.mark.parametrize("count", [1, 5, 20])
def test_the_gateway_remembers_what_was_acknowledged(market, session, count):
    placed = {market.place("sell", 100 + number)[0] for number in range(count)}
    assert placed <= set(session.ask("acknowledged")["ids"])
