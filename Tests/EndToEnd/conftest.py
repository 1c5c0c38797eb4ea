"""Fixtures: origins and gateways, each started once per module where possible, checked and stopped at its end."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.gateway import BINARY, Gateway  # noqa: E402
from support.origin import Origin, say_ok  # noqa: E402


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"there is no gateway at {BINARY}; build it, or set MARTLET", returncode=3)


class Fleet:
    """Starts gateways and origins; at the end each gateway must be alive, clean on stderr, and exit 0 on SIGTERM."""

    def __init__(self, folders):
        self.folders = folders
        self.gateways = []
        self.origins = []

    def gateway(self, config, **options):
        gateway = Gateway(self.folders.mktemp("gateway"), config, **options)
        self.gateways.append(gateway)
        return gateway

    def origin(self, *arguments, **options):
        origin = Origin(*arguments, **options)
        self.origins.append(origin)
        return origin

    def finish(self):
        try:
            for gateway in self.gateways:
                if not getattr(gateway, "expected_to_exit", False):
                    gateway.check()
                gateway.stop()
        finally:
            for gateway in self.gateways:
                gateway.kill()
            for origin in self.origins:
                origin.stop()


@pytest.fixture(scope="module")
def module_fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory)
    yield fleet
    fleet.finish()


@pytest.fixture
def fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory)
    yield fleet
    fleet.finish()


@pytest.fixture(scope="module")
def module_origin(module_fleet):
    return module_fleet.origin()


@pytest.fixture
def origin(module_origin):
    """The module's origin with a fresh record; it must not have seen anything malformed."""
    module_origin.behave(say_ok)
    yield module_origin
    module_origin.check()
