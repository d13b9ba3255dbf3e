"""A value that is one of several objects, which msgspec cannot say of objects without a tag."""

from msgspec import Meta, Struct

COMPONENTS = "#/components/schemas/"


def either(*kinds: type[Struct]) -> Meta:
    """For `Annotated[Any, either(A, B)]`: an object of any of these kinds."""
    return Meta(extra_json_schema={"anyOf": [{"$ref": f"{COMPONENTS}{kind.__name__}"} for kind in kinds]})
