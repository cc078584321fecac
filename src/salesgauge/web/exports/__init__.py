"""What is taken away as a file: tables as CSV and Excel, written row by row, so that a large one needs no more memory than a small one."""
