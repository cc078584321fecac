"""/api/v1: what the pages show, for programs. The same questions, the same viewers, the same errors; described by OpenAPI."""
