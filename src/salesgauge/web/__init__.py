"""The pages and the interface for programs: what each role needs to see, each figure opened to its records.

Data come only through the workspace. A page is a builder (pages/) that asks a batch of questions and gives a frozen model, and a
template that writes it.
"""
