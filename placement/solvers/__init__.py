"""Solvers: HiGHS and PuLP, column generation, aggregation. Nothing outside imports one."""
