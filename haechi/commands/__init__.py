"""The composition root: the only package that knows every tier and puts them together."""
