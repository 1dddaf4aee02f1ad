"""Puts the folder on the path, so that `operator_double` is found: it is no workspace member."""
