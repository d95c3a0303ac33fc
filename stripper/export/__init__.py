"""Ledgers in the formats of others: annotations of the original texts."""
