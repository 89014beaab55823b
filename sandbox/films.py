"""Which media of a post are films, and where their stills lie."""


def is_film(url: str) -> bool:
    """Tell whether an address is a film's."""
    return url.endswith(".mp4")


def still(url: str) -> str:
    """Return the address of a film's still."""
    return f"{url.removesuffix('.mp4')}.jpg"
