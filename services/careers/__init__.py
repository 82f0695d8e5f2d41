"""Careers: the encyclopedia of occupations, loaded from O*NET.

Owns: careers.
Publishes: nothing.
Consumes: nothing.
"""
