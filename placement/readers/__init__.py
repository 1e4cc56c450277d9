"""Readers: one per format, each gives validated records or every fault it found."""

from placement.readers.inventory.read import inventory_from_frame, read_inventory
from placement.readers.table import Table, read_table
from placement.readers.tables.entities import Entities, Entity, read_entities

__all__ = [
    "Entities",
    "Entity",
    "Table",
    "inventory_from_frame",
    "read_entities",
    "read_inventory",
    "read_table",
]
