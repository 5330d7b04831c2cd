"""Who says so? A person by name, the same one however the name is spaced or capitalised.

Where two people must agree, this is what makes them two.
"""

from chalicelib.domain.errors import Invalid


def named(person: str, field: str = "person") -> str:
    """The name as it is compared and recorded. Raises Invalid for none."""
    name = " ".join(person.split()).casefold()
    if not name:
        raise Invalid(field, "is nobody's name", "say who, e.g. 'Ada Lovelace'")
    return name
