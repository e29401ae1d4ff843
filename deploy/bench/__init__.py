"""The figures of `make bench`: measured five times or more, results checked, medians held against what must be."""
