"""Random tiny problems in which it may pay to buy kit that serves nobody, by their number."""

from __future__ import annotations

from random import Random

from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManyPromise, ManySite, ManySupply

MODELS = (["H100 SXM"], ["H100 SXM"], ["B200"], ["H100 SXM", "B200"], ["B200", "T4"])


def drawn(number: int) -> Many:
    """Return the problem of a number: always the same one."""
    draw = Random(number)
    change = draw.random() < 0.35
    models = draw.choice(MODELS[:3] if change else MODELS)
    count = draw.choice([1, 1, 2]) if change or len(models) > 1 else draw.choice([1, 2, 2])
    sites = _sites(draw, 2 if count == 2 and (change or len(models) > 1) else 3)
    supply = tuple(_supply(draw, model, count, len(models)) for model in models)
    lots = tuple(_lots(draw, sites, models, small=change))
    demand = tuple(_demand(draw, models, count))
    return Many(
        start=draw.choice(["2027Q1", "2027Q3", "2027Q1", "2026Q4"]),
        count=count,
        sites=sites,
        supply=supply,
        lots=lots,
        demand=demand,
        promises=tuple(_promises(draw, sites, models, count)),
        move=draw.choice([None, 1, 5]) if change else None,
        most_moved=draw.choice([None, None, 1, 3]) if change else None,
        retire=draw.choice([None, 0, 2]) if change else None,
        mode=draw.choice(["repair", "repair", "strict"]),
        budgets=draw.choice([(), (), (), (), (40,)]),
        adrift=draw.choice([0, 1, 1, 2]) if lots else 1,
        transit=draw.choice([0, 0, 1]) if change and count == 2 else 0,
    )


def _sites(draw: Random, most: int) -> tuple[ManySite, ...]:
    return tuple(
        ManySite(
            f"s{n}",
            draw.choice(["MY", "MY", "NA", "DE", "US"]) if n else "US",
            power_kw=draw.choice([4, 8, 1000, 1000, 1000]) if n else 1000,
            status=draw.choice(["open"] * 7 + ["frozen", "storage"]) if n else "open",
            energy=draw.choice([0, 0, 20, 50, -1, -3]),
        )
        for n in range(draw.randint(2, most))
    )


def _supply(draw: Random, model: str, count: int, models: int) -> ManySupply:
    left = draw.randint(3, 6 if models == 1 else 4)
    rows: list[tuple[int, int] | None] = [(left, draw.randint(1, 9))]
    if count == 2:
        rows.append(draw.choice([None, None, (1, draw.randint(1, 9))]))
    return ManySupply(model, draw.choice([1, 1, 2]), tuple(rows))


def _lots(
    draw: Random, sites: tuple[ManySite, ...], models: list[str], *, small: bool
) -> list[ManyLot]:
    return [
        ManyLot(site.name, model, standing)
        for site in sites
        for model in models
        for standing in [
            draw.choice([1, 2, 3, 3] if small else [2, 3, 5, 6])
            if site.name == "s0"
            else draw.choice([0, 0, 1, 1, 2])
        ]
        if standing
    ]


def _demand(draw: Random, models: list[str], count: int) -> list[ManyDemand]:
    found = []
    for t in range(count):
        for _ in range(draw.choice([1, 1, 2] if t == 0 else [0, 1, 1, 2])):
            where = draw.choice([(), (), ("US",), ("US",), ("MY",), ("US", "DE"), ("MY", "NA")])
            size = draw.choice([1, 1, 2] if "MY" in where else [2, 3, 4, 5])
            metric = draw.choice(["accelerators", "accelerators", "tpp", "mw"])
            named = draw.choice([None, None, models[0]])
            texts = {"tpp": str(size * 15000), "mw": f"0.00{size}"}
            found.append(
                ManyDemand(
                    t,
                    str(size) if named else texts.get(metric, str(size)),
                    "accelerators" if named else metric,
                    named,
                    where,
                )
            )
    return found


def _promises(
    draw: Random, sites: tuple[ManySite, ...], models: list[str], count: int
) -> list[ManyPromise]:
    found = []
    for _ in range(draw.choice([0, 0, 0, 1, 1, 2])):
        since = draw.randrange(count)
        site = draw.choice([None, *(one.name for one in sites if one.status != "frozen")])
        found.append(
            ManyPromise(
                draw.choice(["at_least", "at_least", "at_least", "at_most", "exactly"]),
                draw.randint(1, 3),
                since,
                draw.randrange(since, count),
                site,
                () if site else draw.choice([(), ("US",), ("MY",), ("US", "DE")]),
                draw.choice([None, models[0]]),
            )
        )
    return found
