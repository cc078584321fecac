"""What a KPI's page shows, part by part: each asks its questions in the page's batch, then says what stands there."""
