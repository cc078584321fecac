"""What a fact, a measure, a KPI, a question, a viewer and an answer are; question -> expression or SQL. Pure: nothing here executes."""
