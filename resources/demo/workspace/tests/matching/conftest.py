import os

import pytest
from exchange import Market, Session


@pytest.fixture
def session():
    """
    A session at the gateway of the exchange under test, which the campaign names. Each test has its own: between two tests others
    may have taken the gateway away.
    """
    opened = Session(os.environ["GATEWAY"])
    yield opened
    opened.close()


@pytest.fixture
def market(session):
    return Market(session)


@pytest.fixture
def standby():
    """A session at the engine that would take over."""
    for port in os.environ["ENGINES"].split(","):
        opened = Session(port)
        if opened.ask("status")["state"] == "STANDBY":
            yield opened
            opened.close()
            return
        opened.close()
    pytest.fail("no engine is the standby")
