"""Measures the router beside other proxies that do the same work."""
