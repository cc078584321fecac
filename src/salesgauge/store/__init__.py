"""The warehouse: loading, history, generations, and the answering of questions from them."""
