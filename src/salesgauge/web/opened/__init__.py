"""A figure opened into its records: which are asked for, how a page lists them, how a file holds them."""
