"""What somebody with keys of the deployment does by hand: people, accounts, secrets, dead letters. Each is recorded."""
