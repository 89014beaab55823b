"""Pictures, videos and what stood around a post: fetched with care, and kept before anybody can take them away."""
