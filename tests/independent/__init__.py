"""KPIs computed a second time, by SQL that was written by hand from the specification alone."""
