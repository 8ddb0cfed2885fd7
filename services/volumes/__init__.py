"""Volumes: exact grams by community, material, grade and hour, from what the scales said."""
