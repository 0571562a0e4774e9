"""Invented devices and days. The simulator never sees the rules it is used to test."""
