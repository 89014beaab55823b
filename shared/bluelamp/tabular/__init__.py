"""Tables that people bring and take away as CSV: read without trust, written so that no spreadsheet runs them."""
