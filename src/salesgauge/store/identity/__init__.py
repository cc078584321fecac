"""One company, contact or rep in several systems: who is who, and how several ids become one (docs/decisions/0020)."""
