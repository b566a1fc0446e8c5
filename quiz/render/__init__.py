"""Renders exercises for screens, pages and papers."""
