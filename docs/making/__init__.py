"""Makes and checks the documentation: reference pages from the declarations, examples by running them, the picture of the scorecard."""
