"""Why a load did not happen."""


class LoadError(Exception):
    """The load fails with this message, in StarRocks' own words where it has some.

    Args:
        message: Goes into the `Message` of the reply.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
