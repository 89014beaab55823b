"""The force's pages and profiles on the platforms: who leads them, who reaches them, what they can do."""
