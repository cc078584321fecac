"""Role homes: what each role needs to see, in the order of a page, and laid out for a meeting."""
