"""Which sites reach the zone of a demand line in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from placement.errors import Fault, did_you_mean
from placement.optimization.data.periods import span
from placement.optimization.data.records import Demand, Site
from placement.optimization.data.tables.lookups import Reading, some
from placement.readers.tables.latency import read_latency
from placement.text.decimals import plain


@dataclass
class Latency:
    """Milliseconds by zone and site.

    `lacking`: the pairs that were asked for and are not there. `asked`: some line asks for any.
    """

    file: str
    sites: Mapping[str, Site]
    ms: Mapping[str, Mapping[str, Fraction]]
    lacking: dict[str, None] = field(default_factory=dict)
    asked: bool = False

    def reached(self, demand: Demand, file: str, line: int, reading: Reading) -> Demand:
        """Return a line with the sites that may serve it; a fault where there is none."""
        self.asked = True
        most = demand.max_latency_ms or Fraction(0)
        of_zone = self.ms.get(demand.zone)
        if of_zone is None:
            message = f"{self.file} has no zone {demand.zone!r}"
            fix = did_you_mean(demand.zone, self.ms) or "add its sites there"
            reading.faults.append(Fault(message, fix, file, line, "zone", demand.zone))
            return demand
        inside = [site.name for site in self.sites.values() if demand.allows(site.country)]
        times = {name: of_zone[name] for name in inside if name in of_zone}
        self.lacking.update({f"{demand.zone} to {n}": None for n in inside if n not in times})
        near = frozenset(name for name, ms in times.items() if ms <= most)
        if not near and self.sites:
            where = " in its countries" if demand.countries is not None else ""
            message = f"no site{where} reaches {demand.zone} within {plain(most)} ms"
            if times:
                best = min(times, key=lambda name: (times[name], name))
                message += f": the best is {best} with {plain(times[best])} ms"
            fix = "allow more, or add a site that is nearer"
            reading.faults.append(Fault(message, fix, file, line, "max_latency_ms", plain(most)))
        return replace(demand, sites=near)

    def note(self, reading: Reading) -> None:
        """Say which sites do not serve a line, since nobody knows how far they are.

        Say also where no line asks how far any site is.
        """
        if not self.asked:
            reading.notes.append(
                f"{self.file} limits nothing: no line of demand in {span(reading.periods)} has a "
                "max_latency_ms"
            )
        if self.lacking:
            reading.note_lesser(
                f"{self.file} lacks what demand asks for, so these do not serve it: "
                f"{some(self.lacking)}"
            )


def read_latencies(sites: Mapping[str, Site], reading: Reading) -> Latency | None:
    """Read latency.csv; None where there is none, or it has faults."""
    table = reading.table("latency", lambda path, name: read_latency(path, name=name))
    if table is None:
        return None
    ms: dict[str, dict[str, Fraction]] = {}
    unknown: dict[str, str] = {}
    for _, row in table.rows:
        ms.setdefault(row.zone, {})[row.site] = row.ms
        if sites and row.site not in sites:
            near = did_you_mean(row.site, sites)
            unknown[row.site] = f"{row.site} ({near})" if near else row.site
    if unknown:
        said = f"{table.file} names sites that sites.csv lacks: {some(unknown.values())}"
        reading.notes.append(said)
    return Latency(table.file, sites, ms)
