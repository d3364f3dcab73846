"""Every published number beside the model's: what is compared, how, and the page that shows it.

Run `python -m docs.validation` (or `make validation`) to write `docs/explanation/validation.md` and its charts anew. The
tests in `tests/science/test_validation.py` hold every comparison to its tolerance, and the misses to being misses.
"""
