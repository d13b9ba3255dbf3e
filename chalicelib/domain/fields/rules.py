"""What to say of a value that its type refuses: derived from the type itself."""

import re
from typing import Any

from msgspec import inspect

HALF_A_CHARACTER = "must not hold half a character (a lone surrogate)"
_HALF = re.compile("[\ud800-\udfff]")


def member_at(info: Any, value: object, path: tuple[str | int, ...]) -> tuple[Any, object]:
    """The type and the value that lie at a path; of a tag the union of objects that it tells apart."""
    for step in path:
        if step == _tag_field(_chosen(info, value)):
            return info, _inside(value, step)
        info, value = _chosen(info, value), _inside(value, step)
        if isinstance(info, inspect.StructType):
            info = next(each.type for each in info.fields if each.encode_name == step)
        elif isinstance(info, inspect.TupleType) and isinstance(step, int):
            info = info.item_types[step]
        else:
            info = getattr(info, "item_type", None)
    chosen = _chosen(info, value)
    return (chosen if isinstance(chosen, inspect.StructType) else info), value


def rule_of(info: Any, value: object, said: str) -> str:
    """`must be …`, by a rule of the type's own or by its constraints; `said` is msgspec's message."""
    bare = _bare(info)
    if said.startswith("Invalid value"):
        tags = [str(each.tag) for each in bare.types if isinstance(each, inspect.StructType)]
        return f"must be one of {', '.join(tags)}"
    if isinstance(bare, inspect.UnionType):
        fitting = [each for each in _told_apart(bare.types) if _fits(_bare(each), value)]
        if fitting:
            return rule_of(fitting[0], value, said)
        kinds = [_kind(each) for each in _told_apart(bare.types)]
        return f"must be {' or '.join(dict.fromkeys(kinds))}"
    if not isinstance(value, str) and isinstance(bare, inspect.StrType):
        return f"must be {_kind(info)}"
    rule = _own(info)
    if rule is not None:
        return str(rule(value)) if callable(rule) else str(rule)
    if "regex" in said:
        return HALF_A_CHARACTER if _HALF.search(str(value)) else "must not hold control characters"
    return f"must be {_wanted(bare)}"


def _told_apart(members: Any) -> list[Any]:
    """The members that an error tells apart: a whole number is a number, and null needs no words."""
    kinds = [type(_bare(each)) for each in members]
    silent = {inspect.NoneType} | ({inspect.IntType} if inspect.FloatType in kinds else set())
    return [each for each, kind in zip(members, kinds, strict=True) if kind not in silent]


def _kind(info: Any) -> str:
    """What a value must be at all."""
    bare = _bare(info)
    if isinstance(bare, inspect.StrType):
        return "a name" if _own(info) is not None else "text"
    return _wanted(bare)


def _own(info: Any) -> Any:
    return (info.extra or {}).get("rule") if isinstance(info, inspect.Metadata) else None


def _bare(info: Any) -> Any:
    return info.type if isinstance(info, inspect.Metadata) else info


def _chosen(info: Any, value: object) -> Any:
    """Of a union the member that fits a value's kind."""
    bare = _bare(info)
    if isinstance(bare, inspect.UnionType):
        fitting = [_bare(each) for each in bare.types if _fits(_bare(each), value)]
        tagged = [
            each for each in fitting if _tag_field(each) and _inside(value, _tag_field(each)) == each.tag
        ]
        return (tagged or fitting or [bare])[0]
    return bare


def _tag_field(info: Any) -> Any:
    return info.tag_field if isinstance(info, inspect.StructType) else None


def _fits(info: Any, value: object) -> bool:
    kinds: dict[type, tuple[type, ...]] = {
        inspect.StrType: (str,),
        inspect.EnumType: (str,),
        inspect.IntType: (int,),
        inspect.FloatType: (int, float),
        inspect.ListType: (list,),
        inspect.VarTupleType: (list,),
        inspect.StructType: (dict,),
    }
    return isinstance(value, kinds.get(type(info), ())) and not isinstance(value, bool)


def _inside(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None


def _wanted(info: Any) -> str:
    if isinstance(info, inspect.StrType):
        return f"text{_length(info, ' characters')}"
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return f"a {'whole ' if isinstance(info, inspect.IntType) else ''}number{_range(info)}"
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        return f"a list{_length(info)}"
    if isinstance(info, inspect.EnumType):
        return f"one of {', '.join(each.value for each in info.cls)}"
    if isinstance(info, inspect.LiteralType):
        return f"one of {', '.join(map(str, info.values))}"
    return _WORDS.get(type(info), "something else")


_WORDS: dict[Any, str] = {
    inspect.BoolType: "true or false",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
    inspect.NoneType: "null",
    inspect.TupleType: "a list",
}


def _range(info: Any) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {info.ge} to {info.le}"
    return ""


def _length(info: Any, unit: str = "") -> str:
    least, most = info.min_length, info.max_length
    if least is not None and most is not None:
        return f" of {least} to {most}{unit}"
    if most is not None:
        return f" of at most {most}{unit}"
    return "" if least is None else f" of {least} or more{unit}"
