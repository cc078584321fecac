"""Explore: any KPIs by any dimensions and grain, as lines, bars or a table; the address is the state."""
