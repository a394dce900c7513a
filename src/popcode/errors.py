"""The one error that bad input raises, and the one warning that a fit or a reader gives."""


class InputError(ValueError):
    """Input that cannot be used: what is wrong, where it is, what to do about it.

    The command line prints it as one line on stderr and exits with 2.

    Parameters
    ----------
    what : str
        What is wrong, with the numbers seen and expected.
    where : str, optional
        The file, neuron, bin or option it concerns.
    remedy : str, optional
        What the user can do.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        message = f"{where}: {what}" if where else what
        super().__init__(f"{message}. {remedy}" if remedy else message)


class PopcodeWarning(UserWarning):
    """Something was changed or left out on the user's behalf; the message says what and why."""
