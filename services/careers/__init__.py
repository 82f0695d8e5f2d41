"""Careers: the encyclopedia of occupations, loaded from O*NET.

Owns: careers.
Publishes: personal_data.erased.
Consumes: user.erased.
"""
