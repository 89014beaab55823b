"""Live: what changed reaches every open page that may see it, at once, or after a broken line."""
