"""The pages, one file each: a route that asks and builds what its template writes."""
