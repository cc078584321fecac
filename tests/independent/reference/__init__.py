"""The 57 KPIs a second time, in plain Python by brute force, written from spec/{model,kpis,compute}.md alone."""
