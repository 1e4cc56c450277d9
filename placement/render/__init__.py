"""Output formats, one module each: a Report in, text out, no decisions."""
