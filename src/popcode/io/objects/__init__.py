"""Objects of other Python libraries to recordings, told by what they have; none is imported."""

from popcode.io.objects.load import load_object

__all__ = ["load_object"]
