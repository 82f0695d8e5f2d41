"""Loads the encyclopedia: sources, `etl_raw`, mapping, tables; an occupation at a time."""
