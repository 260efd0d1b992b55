"""A session at the demo exchange: one JSON object a line over TCP, each request answered under its number."""

import itertools
import json
import os
import socket


class Session:
    """A connection to the gateway, or to one of the matching engines."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", int(port)), timeout=10)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._numbers = itertools.count(1)

    def send(self, kind, **what):
        """Sends a request without waiting for its answer; returns its number."""
        number = next(self._numbers)
        request = {"kind": kind, "request": number, **what}
        self._socket.sendall((json.dumps(request) + "\n").encode())
        return number

    def receive(self):
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the exchange closed the connection")
        return json.loads(line)

    def ask(self, kind, **what):
        number = self.send(kind, **what)
        while True:
            answer = self.receive()
            if answer["request"] == number:
                return answer

    def close(self):
        self._lines.close()
        self._socket.close()


class Market:
    """An instrument that nobody else trades, since its name begins as no other test's names do."""

    _orders = itertools.count(1)

    def __init__(self, session):
        self.session = session
        self.unique = os.environ["TESTOPS_UNIQUE"]
        self.instrument = f"{self.unique}-market"

    def order(self, side, price, quantity=1, **other):
        """An order as it is sent; everything can be said otherwise."""
        plain = {
            "id": f"{self.unique}-{next(self._orders)}",
            "client": self.unique,
            "instrument": self.instrument,
            "side": side,
            "price": price,
            "quantity": quantity,
        }
        return {**plain, **other}

    def enter(self, order):
        return self.session.ask("new", order=order)

    def place(self, side, price, quantity=1):
        """Enters an order that must be accepted; returns it with its answer."""
        order = self.order(side, price, quantity)
        answer = self.enter(order)
        assert answer["kind"] == "accepted", answer.get("reason")
        return order["id"], answer

    def cancel(self, order_id):
        return self.session.ask("cancel", id=order_id)


def trades_of(answer):
    """What traded, as (price, quantity)."""
    return [(trade["price"], trade["quantity"]) for trade in answer["trades"]]


def other(side):
    return "sell" if side == "buy" else "buy"


def better(side, price, ticks):
    """A price that is better by so many ticks for whoever trades against this side."""
    return price + ticks if side == "buy" else price - ticks
