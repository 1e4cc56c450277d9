"""The words of the house, one enumeration per kind of thing."""

from __future__ import annotations

from enum import StrEnum

#: The table of a placement.toml that adds countries to the groups of a pack.
GROUPS_TABLE = "policy.groups"


class Status(StrEnum):
    """What a lot is at the moment the inventory was written."""

    INSTALLED = "installed"
    TRANSFERRED = "transferred"  # in the country, not installed: counts
    ORDERED = "ordered"
    PLANNED = "planned"
    RETIRED = "retired"

    @property
    def is_forecast(self) -> bool:
        """Whether a lot of this status is a plan and not a fact."""
        return self in (Status.ORDERED, Status.PLANNED)


class Verdict(StrEnum):
    """What the judge says of one rule, subject, place and date."""

    OK = "ok"
    BREACH = "breach"
    WARNING = "warning"
    NOT_APPLICABLE = "not_applicable"


class Outcome(StrEnum):
    """What became of a rule at a place from one fleet to another."""

    OK = "ok"
    BROKEN = "broken"
    FIXED = "fixed"
    STILL_BROKEN = "still_broken"


class Basis(StrEnum):
    """Whose chips count as a company's own: the legal owner's, or the operator's."""

    OWNED = "owned"
    OPERATED = "operated"


class Comparison(StrEnum):
    """How the measured amount must stand to the limit."""

    AT_MOST = "<="
    AT_LEAST = ">="


class Counted(StrEnum):
    """Whether a model is within a rule's scope; UNKNOWN where a catalogue field is missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How well a catalogue row is sourced."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Unit(StrEnum):
    """What a quantity of an inventory counts."""

    ACCELERATOR = "accelerator"
    SERVER = "server"
    RACK = "rack"


class Objective(StrEnum):
    """What a plan aims at: each is made as small as it can be, compute as large."""

    COST = "cost"
    COMPUTE = "compute"
    MOVES = "moves"
    CARBON = "carbon"
    CHANGES = "changes"  # against a layout from before
    RELAXATION = "relaxation"  # sum of excess / limit


class PlanStatus(StrEnum):
    """How an optimization ended, from what was proven, never from a solver's word alone."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"


class Ended(StrEnum):
    """Why a search of whole units ended."""

    NEAR = "near"  # so near to what is proven as was asked for
    SOLVED = "solved"  # the solver says that none is better
    NO_BETTER = "no better"  # the last half of its steps brought hardly anything
    EFFORT = "effort"  # all its steps were made
    TIME = "time"  # the time limit
    LOST = "lost"  # the solver did not end by itself, and was ended
    ASKED = "asked"  # someone interrupted it


class TierStatus(StrEnum):
    """How far an objective was pursued."""

    PROVEN = "proven"  # within the gap asked for, by the proof or by the solver's word
    STOPPED = "stopped"  # its search ended before
    NOT_REACHED = "not reached"  # the whole search ended before it came to it


class Measure(StrEnum):
    """What is added up: what stands at a date, or what came until then."""

    STOCK = "stock"
    RECEIVED = "received"  # into a country from another one; retiring gives nothing back
    SHIPPED = "shipped"  # by shipments.csv


class Which(StrEnum):
    """Which lots a rule looks at."""

    ALL = "all"
    UNLICENSED = "unlicensed"  # not recorded as licensed
    FOREIGN_OPERATOR = "unauthorized_operator"  # run by others who lack the owner's authorization
    CLOSED_CHANNEL = "closed_channel"  # recorded under a channel that is not open to their owner
    UNCOVERED = "uncovered"  # came by no authorization, exception or licence


class Channel(StrEnum):
    """By which authorization a lot came into a country."""

    UVEU = "uveu"
    NVEU = "nveu"
    AIA = "aia"
    ACA = "aca"
    NAC = "nac"
    ACM = "acm"
    LPP = "lpp"
    LICENCE = "licence"


class ColumnKind(StrEnum):
    """What a column of a program is; the words of an exported program and of a hook."""

    STOCK = "stock"
    INSTALL = "install"
    RETIRE = "retire"
    MOVE_OUT = "move_out"
    MOVE_IN = "move_in"
    BOUGHT = "bought"  # until a period
    MOVED = "moved"  # from all sites
    MOVED_INSIDE = "moved inside"  # within the places of a numerator
    CHARGE = "charge"  # to a channel
    WITHIN_LIMIT = "within limit"  # whether an overfull site is
    SERVED = "served"
    COMMITTED = "committed"
    TOTAL = "total"  # of a place
    WHOLE = "whole"  # denominator
    AWAY = "away"
    UNLICENSED_GONE = "unlicensed gone"
    UNCOVERED_GONE = "uncovered gone"
    CREDIT = "credit"
    SURPLUS = "surplus"
    DISPLACED = "displaced"
    UNCHANGED = "unchanged"
    INSIDE = "inside"  # how far inside its end a row is, below 0 where it is broken
    SLACK = "slack"


class RowKind(StrEnum):
    """What a row of a program is; the words of an exported program."""

    DEFINITION = "definition"  # of a column
    LEAVING = "leaving"
    SUPPLY = "supply"
    PLACE = "place"
    MOVES = "moves"
    MOVE_LIMIT = "move_limit"
    ELSEWHERE = "elsewhere"
    CROSSING = "crossing"
    RECEIVED = "received"
    RULE = "rule"
    POWER = "power"
    RACKS = "racks"
    CLOSES = "closes"
    COMES = "comes"
    COMES_WITHIN_LIMIT = "comes within limit"
    COMMITMENT = "commitment"
    BUDGET = "budget"
    DEMAND = "demand"
    SERVICE_LIMIT = "service limit"
    SERVICE_USE = "in use"
    COMMITTED_KIT = "committed kit"
    COMMITMENT_LIMIT = "commitment limit"
    CREDIT_TOTAL = "credit at most total"
    CREDIT_USEFUL = "credit at most useful"
    SURPLUS_BOUGHT = "surplus at most bought"
    SURPLUS_IDLE = "surplus at most idle"
    DISPLACED_NEEDED = "displaced at most needed"
    UNCHANGED_STOCK = "unchanged at most stock"
    UNCHANGED_BEFORE = "unchanged at most before"
    INSIDE_NONE = "inside at most 0"
    LOCK = "lock"
