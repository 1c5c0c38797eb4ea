"""A strict reader of the Prometheus text format 0.0.4: what it does not know, it refuses."""

import math
import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)(?: (-?\d+))?")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
_TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Metrics:
    """The samples of one scrape."""

    def __init__(self, text):
        self.types = {}
        self.helps = {}
        self.samples = {}
        self._families_done = set()
        self._family = None
        assert text.endswith("\n"), "the last line must end in a line feed"
        for line in text[:-1].split("\n"):
            self._read(line)
        for name, kind in self.types.items():
            if kind == "histogram":
                self._check_histogram(name)

    def _read(self, line):
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in _TYPES and name not in self.types, line
            assert self._family_of(name) not in self._families_done, f"the family {name} is not in one group"
            self.types[name] = kind
            self._enter(name)
        elif line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in self.helps, line
            self.helps[name] = line
        elif line and not line.startswith("#"):
            self._read_sample(line)

    def _enter(self, family):
        if family != self._family:
            if self._family:
                self._families_done.add(self._family)
            assert family not in self._families_done, f"the family {family} is not in one group"
            self._family = family

    def _family_of(self, name):
        for suffix in ("_bucket", "_sum", "_count"):
            if name.endswith(suffix) and self.types.get(name[: -len(suffix)]) == "histogram":
                return name[: -len(suffix)]
        return name

    def _read_sample(self, line):
        match = _SAMPLE.fullmatch(line)
        assert match, f"not a sample: {line!r}"
        name, labels, value, _ = match.groups()
        family = self._family_of(name)
        assert family in self.types, f"a sample without TYPE: {line!r}"
        self._enter(family)
        key = (name, frozenset(self._labels(labels or "")))
        assert key not in self.samples, f"a duplicate sample: {line!r}"
        self.samples[key] = float(value)

    def _labels(self, text):
        pairs, position = [], 0
        while position < len(text):
            match = _LABEL.match(text, position)
            assert match, f"bad labels: {text!r}"
            pairs.append(match.groups())
            position = match.end()
            if position < len(text):
                assert text[position] == ",", f"bad labels: {text!r}"
                position += 1
        assert len({name for name, _ in pairs}) == len(pairs), f"a label twice: {text!r}"
        return pairs

    def _check_histogram(self, family):
        series = {}
        for (name, labels), value in self.samples.items():
            if name == f"{family}_bucket":
                rest = frozenset(pair for pair in labels if pair[0] != "le")
                series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
        for labels, buckets in series.items():
            buckets.sort()
            counts = [count for _, count in buckets]
            assert counts == sorted(counts), f"{family}{set(labels)} is not cumulative"
            assert math.isinf(buckets[-1][0]), f"{family}{set(labels)} has no +Inf bucket"
            assert counts[-1] == self.samples[(f"{family}_count", labels)], f"{family}{set(labels)}: +Inf is not the count"
            assert (f"{family}_sum", labels) in self.samples, f"{family}{set(labels)} has no sum"

    def of(self, name, **labels):
        """The sum of the samples of `name` that bear all of `labels`; 0 when there is none."""
        wanted = set(labels.items())
        return sum(value for (each, pairs), value in self.samples.items() if each == name and wanted <= pairs)

    def names(self):
        return {name for name, _ in self.samples}
