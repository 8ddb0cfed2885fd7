"""In-memory twins of the delta log and the rows; the contract suite keeps them honest."""

from copy import deepcopy
from datetime import UTC, datetime

from services.volumes.application.ports import PartitionLost, Volume
from services.volumes.domain.delta import FoldMark, Position
from services.volumes.domain.sums import merge


class InMemoryDeltas:
    def __init__(self):
        self.log = {}

    def position(self, partition):
        numbers = [n for (p, n) in self.log if p == partition]
        if not numbers:
            return Position()
        newest = self.log[partition, max(numbers)]
        return Position(
            newest.n,
            newest.next_offset,
            newest.last_sequence,
            newest.last_id,
            newest.duplicates_total,
        )

    def append(self, deltas):
        lost = [d.partition for d in deltas if (d.partition, d.n) in self.log]
        for delta in deltas:
            if delta.partition not in lost:
                self.log[delta.partition, delta.n] = deepcopy(delta)
        if lost:
            raise PartitionLost(lost)

    def after(self, mark, *, limit):
        upper = mark.to if mark.to is not None else mark.n + limit
        numbers = sorted(n for (p, n) in self.log if p == mark.partition and mark.n < n <= upper)
        return [deepcopy(self.log[mark.partition, n]) for n in numbers]

    def backlog(self, partition):
        return len([n for (p, n) in self.log if p == partition])

    def forget_below(self, partition, n):
        for key in [k for k in self.log if k[0] == partition and k[1] < n]:
            del self.log[key]


class InMemoryRows:
    def __init__(self):
        self.marks = {}
        self.rows = {}

    def mark(self, partition):
        return self.marks.setdefault(partition, FoldMark(partition))

    def begin(self, mark, to):
        if self.marks.get(mark.partition) != mark:
            return False
        self.marks[mark.partition] = FoldMark(mark.partition, mark.n, mark.next_offset, to)
        return True

    def add(self, partition, to, sums):
        for key, cells in sums.items():
            held = self.rows.setdefault((*key, partition), {"m": 0, "sums": {}})
            if held["m"] < to:
                merge(held["sums"], {key: cells})
                held["m"] = to

    def end(self, mark, next_offset):
        if self.marks.get(mark.partition) != mark:
            return False
        self.marks[mark.partition] = FoldMark(mark.partition, mark.to, next_offset)
        return True

    def hours(self, area_code, *, start, end):
        found = []
        for (community, hour_s, _), held in sorted(self.rows.items()):
            hour = datetime.fromtimestamp(hour_s, UTC)
            if community.startswith(area_code) and start <= hour < end:
                for name, (mass_g, lots) in sorted(held["sums"][community, hour_s].items()):
                    material, grade = name.split("|")
                    found.append(Volume(community, hour, material, grade, mass_g, lots))
        return found
