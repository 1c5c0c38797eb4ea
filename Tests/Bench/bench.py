#!/usr/bin/env python3
"""Measures the gateway next to nginx, HAProxy and a bare relay, and holds it against its budgets.

    ./dev bench                       everything, in some minutes
    ./dev bench --quick               everything, coarsely, in less than two
    ./dev bench proxy reload          only these of: proxy routes body idle start reload slow-readers allocations

The gateway runs with one data-plane thread, its access log written to a file and its metrics on; the peers write no log.
Every proxy is pinned to the first core; load, origin and this program share the second. CPU is the user and system time
of all threads of a process, from /proc, divided by the requests that it completed. It hardly depends on what else the
machine does, as rates and latencies do; so believe ratios of one run, and nothing else. A figure is the median over the
rounds; beside it stand the smallest and the largest.
"""
import argparse
import contextlib
import json
import os
import shlex
import shutil
import signal
import statistics
import sys
import tempfile

import configurations
import harness
import measurements
from figures import table
from harness import BenchError, Process, note

ROOT = os.path.abspath(os.path.join(harness.HERE, "..", ".."))
BINARY = os.path.join(ROOT, ".build-release", "release", "martlet")


class Bench:
    """The servers of one run. What a measurement starts is ended when it is over; the origin stays."""

    def __init__(self, options, folder, descriptors):
        self.quick = options.quick
        self.rounds = options.rounds or (3 if options.quick else 5)
        self.seconds = options.seconds or (1 if options.quick else 2)
        self.gateway_command = shlex.split(options.gateway_command)
        self.stand_in = options.stand_in
        self.reload_cores = {int(core) for core in options.reload_cores.split(",")} if options.reload_cores else None
        self.paced_rate = options.paced_rate
        self.folder = folder
        self.descriptors = descriptors
        self.raw = {}
        self.running = []
        self.gateways = {}
        self.paced = harness.compile_c("paced", folder)
        self.alloccount = harness.compile_c("alloccount", folder, "-shared", "-fPIC")
        self.floor_program = harness.compile_c("floor", folder)
        self.origin_port = harness.free_ports(1)[0]
        self.origin = Process("origin", [harness.compile_c("origin", folder), str(self.origin_port)], self.log("origin"))

    def log(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def start(self, name, command, cores=None, environment=None):
        process = Process(name, command, self.log(name), cores, environment)
        self.running.append(process)
        return process

    def proxy(self, name, command, port, wait=True, cores=None, environment=None):
        process = self.start(name, command, cores or {harness.PROXY_CORE}, environment)
        if wait:
            process.wait_until_it_answers(port, measurements.PATH)
        return process, port

    def gateway(self, routes, wait=True, cores=None, environment=None):
        if self.stand_in:
            return self.nginx(wait, cores, environment)
        port, admin_port = harness.free_ports(2)
        path = os.path.join(self.folder, f"gateway-{port}", "routes.yaml")
        os.mkdir(os.path.dirname(path))
        self.write(path, configurations.martlet(self.folder, port, admin_port, self.origin_port, routes))
        command = [part.replace("{config}", path) for part in self.gateway_command]
        process, port = self.proxy(f"martlet-{port}", command, port, wait, cores, environment)
        self.gateways[process.pid] = (path, port, admin_port)
        return process, port

    def write_gateway_configuration(self, process, routes, generation):
        path, port, admin_port = self.gateways[process.pid]
        self.write(path, configurations.martlet(self.folder, port, admin_port, self.origin_port, routes, generation))

    def write(self, path, text):
        """As a careful editor does it: the file is never half written."""
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)

    def admin_port(self, process):
        return self.gateways[process.pid][2]

    def floor(self):
        port, = harness.free_ports(1)
        return self.proxy("floor", [self.floor_program, str(port), str(self.origin_port)], port)

    def nginx(self, wait=True, cores=None, environment=None):
        port, = harness.free_ports(1)
        path = os.path.join(self.folder, f"nginx-{port}.conf")
        self.write(path, configurations.nginx(self.folder, port, self.origin_port))
        command = ["nginx", "-e", self.log("nginx-error"), "-c", path]
        return self.proxy("nginx", command, port, wait, cores, environment)

    def haproxy(self):
        port, = harness.free_ports(1)
        path = os.path.join(self.folder, f"haproxy-{port}.cfg")
        self.write(path, configurations.haproxy(port, self.origin_port))
        return self.proxy("haproxy", ["haproxy", "-db", "-f", path], port)

    def keep(self, name, samples):
        """Prints the loads of one measurement, server by server, and keeps them for the report."""
        self.raw[name] = samples
        print(f"\n{name}: medians of {self.rounds} rounds of {self.seconds} s")
        print(f"{'':14}{'CPU us/req':>11}{'req/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'RSS MiB':>9}{'failed':>8}")
        for server, loads in samples.items():
            middle = {key: statistics.median(load[key] for load in loads) for key in loads[0] if key != "socketErrors"}
            errors = "; ".join(sorted({load["socketErrors"] for load in loads if load["socketErrors"]}))
            print(f"{server:14}{middle['cpuMicroseconds']:11.2f}{middle['rate']:9.0f}{middle['p50Milliseconds']:8.2f}"
                  f"{middle['p99Milliseconds']:8.2f}{middle['residentMebibytes']:9.1f}"
                  f"{sum(load['bad'] for load in loads):8d}  {errors}".rstrip())

    def end_measurement(self):
        for process in reversed(self.running):
            process.end()
        self.running = []

    def end(self):
        self.end_measurement()
        self.origin.end()


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {' '.join(measurements.ALL)}; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison (5)")
    parser.add_argument("--seconds", type=int, help="seconds of each round (2)")
    parser.add_argument("--json", metavar="FILE", help="write the figures, and every sample, to FILE")
    parser.add_argument("--gateway-command", default=f"{shlex.quote(BINARY)} run --config {{config}} --threads 1",
                        help="the gateway; {config} is replaced by its routes.yaml")
    parser.add_argument("--reload-cores", metavar="LIST",
                        help="cores of the gateway while it reloads, as 0,1; by default the proxy's core alone, so that the "
                             "control plane competes with the data plane")
    parser.add_argument("--paced-rate", type=int, default=5000, help="requests a second while reloading (5000)")
    parser.add_argument("--stand-in", action="store_true", help="let nginx stand in for the gateway, to try the bench itself")
    parser.add_argument("--strict", action="store_true", help="end with 1 if a budget is missed")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in measurements.ALL]:
        parser.error(f"{unknown[0]} is not one of: {' '.join(measurements.ALL)}")
    return options


def measure(bench, names):
    figures, failures = [], []
    for name in names:
        note(name)
        try:
            figures += measurements.ALL[name](bench)
        except (BenchError, OSError) as error:
            failures.append(f"{name}: {error}")
            note(failures[-1])
        finally:
            bench.end_measurement()
    return figures, failures


def main():
    options = options_of(sys.argv[1:])
    busy = os.getloadavg()[0]
    if busy > 0.5:
        note(f"the machine is busy (load {busy:.1f}): latencies will be noise, and ratios rougher than usual")
    descriptors = harness.prepare_machine()
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="martlet-bench-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        bench = Bench(options, folder, descriptors)
        stack.callback(bench.end)
        figures, failures = measure(bench, options.names or list(measurements.ALL))
    print("\n" + table(figures))
    for failure in failures:
        print(f"not measured: {failure}")
    if options.json:
        report = {"load": busy, "rounds": bench.rounds, "seconds": bench.seconds, "failures": failures,
                  "figures": [figure.as_json() for figure in figures], "samples": bench.raw}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
    missed = any(figure.verdict == "MISSED" for figure in figures)
    sys.exit(1 if failures or (options.strict and missed) else 0)


def stop_on_signal(number, frame):
    # `finally` and the exit stack then end what was started.
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        main()
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
