"""Each account's connection to its platform: consent on the page, tokens in the secret store, renewed in time."""
