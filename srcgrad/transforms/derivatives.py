"""What forward and reverse mode share: the types of derivatives, zeros, fitting, refusals."""

from __future__ import annotations

from srcgrad.errors import MissingRuleError
from srcgrad.graph import (
    COMPLEX,
    EFFECT_PARAMETERS,
    FLOAT,
    UNDEFINED,
    ArrayType,
    Builder,
    ListType,
    Literal,
    Node,
    ScalarType,
    Type,
    Undefined,
    Value,
    is_complex,
    literal,
    shape_of,
)
from srcgrad.rules import (
    GIVE_IT_A_RULE,
    Primitive,
    Symbol,
    as_value,
    call,
    is_primitive_name,
    match_type,
    primitive_named,
    rule_to_write,
    written_name,
)


def derivative_type(type_: Type) -> Type:
    """The type of the derivative of a value: its own, but that of an integer is a real number."""
    if isinstance(type_, ListType):
        return ListType(derivative_type(type_.element))
    if isinstance(type_, ScalarType):
        return COMPLEX if type_.python_type is complex else FLOAT
    return type_


def zero_like(builder: Builder, value: Value, witness: Value | None = None) -> Value:
    """A zero derivative for the value; `witness` may have its shape and be nearer at hand."""
    if isinstance(value, Literal) and isinstance(value.value, Undefined):
        return literal(UNDEFINED)
    if isinstance(value.type, ListType):
        return as_value(call("zeros_list", Symbol(builder, value)))
    if isinstance(value.type, ArrayType) and value.type.shape != ():
        shape = value.type.shape
        known = witness is not None and shape is not None and None not in shape
        source = witness if known and witness.type == value.type else value  # type: ignore
        return as_value(call("zeros_like", Symbol(builder, source)))  # type: ignore[arg-type]
    return literal(0j if is_complex(value.type) else 0.0)


def fit(contribution: Symbol, target: Symbol) -> Value:
    """The contribution as the kind of number that the derivative of `target` is."""
    if isinstance(target.type, ListType):
        return contribution.value
    if shape_of(contribution.type) == () != shape_of(target.type):
        contribution = call("broadcast_like", contribution, target)
    return as_value(match_type(contribution, derivative_type(target.type)))


def primitive_of(node: Node) -> Primitive:
    """The primitive of a node, or the refusal where there is none."""
    if not is_primitive_name(node.operation):
        raise missing_rule(node)
    return primitive_named(node.operation)


def missing_rule(node: Node) -> MissingRuleError:
    """The refusal of a function without a derivative rule."""
    name = node.operation
    if name in ("call_graph", "pull_back"):
        return MissingRuleError(
            "recursion whose depth is known only during the call has a gradient, and no forward or "
            "second derivative yet",
            construct=str(node.parameters["callee"]),
            remedy="Write the recursion as a loop.",
        )
    remedy = "If its result is not meant to be differentiated, wrap it in `stop_gradient(...)`."
    if is_primitive_name(name):
        function = primitive_named(name).function
        remedy += f"\n{GIVE_IT_A_RULE}\n{rule_to_write(function, written_name(function))}"
    return MissingRuleError(
        f"cannot differentiate `{name}`: it has no derivative rule", construct=name, remedy=remedy
    )


def check_parameters(primitive: Primitive, rule: str, node: Node) -> None:
    """Refuse parameters that the rule ("vjp" or "jvp") does not know."""
    given = [key for key in node.parameters if key not in EFFECT_PARAMETERS]
    refused = primitive.rule_accepts(rule, given)
    if refused:
        listing = ", ".join(f"`{key}`" for key in refused)
        raise MissingRuleError(
            f"cannot differentiate `{primitive.name}` with {listing}: its rule does not cover that",
            construct=primitive.name,
            remedy="Leave the parameter out, or wrap the call in `stop_gradient(...)`.",
        )
