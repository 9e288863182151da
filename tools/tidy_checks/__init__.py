"""The checks of tools/tidy, one subject per file. Each is a function from a Tree to findings."""
