"""Which orders trade, at which price, and who is first."""

import itertools

import pytest
from exchange import better, other, trades_of

sides = pytest.mark.parametrize("side", ["buy", "sell"])


@sides
@pytest.mark.parametrize("quantity", [1, 7, 100, 1_000_000])
def test_alone_it_rests_with_all_of_its_quantity(market, side, quantity):
    _, answer = market.place(side, 100, quantity)
    assert (trades_of(answer), answer["resting"]) == ([], quantity)


@sides
@pytest.mark.parametrize("gap", [1, 2, 10, 1_000])
def test_prices_that_do_not_meet_do_not_trade(market, side, gap):
    market.place(side, 2_000, 5)
    _, answer = market.place(other(side), better(side, 2_000, gap), 5)
    assert (trades_of(answer), answer["resting"]) == ([], 5)


@sides
@pytest.mark.parametrize("resting", [1, 3, 10])
@pytest.mark.parametrize("incoming", [1, 3, 10])
def test_what_both_want_trades_and_the_remainder_rests(market, side, resting, incoming):
    market.place(side, 100, resting)
    _, answer = market.place(other(side), 100, incoming)
    assert trades_of(answer) == [(100, min(resting, incoming))]
    assert answer["resting"] == max(0, incoming - resting)


@sides
@pytest.mark.parametrize("ticks", [1, 5, 50, 500])
def test_a_better_limit_trades_at_the_price_of_the_order_that_rested(market, side, ticks):
    market.place(side, 1_000, 2)
    _, answer = market.place(other(side), better(side, 1_000, -ticks), 2)
    assert trades_of(answer) == [(1_000, 2)]


@sides
@pytest.mark.parametrize("arrival", list(itertools.permutations([1, 2, 3])), ids=lambda arrival: "-".join(map(str, arrival)))
def test_the_best_price_trades_first_in_whatever_order_they_came(market, side, arrival):
    for ticks in arrival:
        market.place(side, better(side, 100, ticks), 1)
    _, answer = market.place(other(side), better(side, 100, 1), 3)
    assert trades_of(answer) == [(better(side, 100, ticks), 1) for ticks in (3, 2, 1)]


@sides
@pytest.mark.parametrize("before", [1, 2, 5, 10])
def test_at_one_price_the_oldest_order_trades_first(market, side, before):
    placed = [market.place(side, 100, 1)[0] for _ in range(before + 1)]
    _, answer = market.place(other(side), 100, before)
    assert [trade[f"{side}Order"] for trade in answer["trades"]] == placed[:-1]


@sides
@pytest.mark.parametrize("levels", range(1, 9))
def test_a_large_order_sweeps_the_levels_that_its_limit_allows(market, side, levels):
    for ticks in range(9):
        market.place(side, better(side, 100, -ticks), 2)
    _, answer = market.place(other(side), better(side, 100, 1 - levels), 100)
    assert trades_of(answer) == [(better(side, 100, -ticks), 2) for ticks in range(levels)]
    assert answer["resting"] == 100 - 2 * levels


@sides
@pytest.mark.parametrize("taken", [1, 2, 3])
def test_what_is_left_of_an_order_keeps_its_place(market, side, taken):
    first, _ = market.place(side, 100, 4)
    market.place(side, 100, 4)
    market.place(other(side), 100, taken)
    _, answer = market.place(other(side), 100, 4 - taken)
    assert [trade[f"{side}Order"] for trade in answer["trades"]] == [first]


@sides
def test_instruments_do_not_trade_with_one_another(market, side):
    market.place(side, 100, 5)
    elsewhere = market.order(other(side), 100, 5, instrument=f"{market.instrument}-other")
    answer = market.enter(elsewhere)
    assert (trades_of(answer), answer["resting"]) == ([], 5)
