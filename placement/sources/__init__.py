"""Readers: one per format, each gives validated records or every fault it found."""

from placement.sources.entities import Entities, Entity, read_entities
from placement.sources.inventory import inventory_from_frame, read_inventory
from placement.sources.table import Table, read_table

__all__ = [
    "Entities",
    "Entity",
    "Table",
    "inventory_from_frame",
    "read_entities",
    "read_inventory",
    "read_table",
]
