"""Critical incidents: scope, strategy, roles and log book, many posts hidden at once, and the report."""
