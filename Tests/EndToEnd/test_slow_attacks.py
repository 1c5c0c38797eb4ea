"""slowhttptest, a program made to wear servers out: it costs a bounded amount, others are served, and nothing is left of it."""

import shutil
import subprocess

import pytest

from support.configuration import everything_to
from support.waiting import SLOW, wait_until

ATTACKS = {
    "slow heads": ["-H", "-i", "1"],
    "slow bodies": ["-B", "-i", "1", "-s", "8192"],
    "slow readers": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"],
}


@pytest.mark.skipif(not shutil.which("slowhttptest"), reason="slowhttptest is not installed")
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_holds_nobody_up_and_leaves_nothing_behind(fleet, attack):
    origin = fleet.origin(lambda exchange: (exchange.read_body(), exchange.answer(body=b"x" * 200_000)))
    timeouts = {"request-head": "2s", "stall": "2s", "idle": "2s"}
    gateway = fleet.gateway(everything_to(origin, timeouts=timeouts), threads=1)
    before = gateway.resident_bytes()
    attacker = subprocess.Popen(
        ["slowhttptest", "-c", "300", "-r", "300", "-l", "6", "-p", "3", *ATTACKS[attack], "-u", gateway.url()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: gateway.metric("martlet_downstream_connections") > 200 or attacker.poll() is not None, "it began", 15)
        while attacker.poll() is None:
            with gateway.client(patience=4 * SLOW) as client:
                assert client.get().status == 200
            assert gateway.resident_bytes() - before < 300 * 160 * 1024
    finally:
        attacker.kill()
        attacker.wait()
    gateway.wait_metric("martlet_downstream_connections", 0, within=20)
