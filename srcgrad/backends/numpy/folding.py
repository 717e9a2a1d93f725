"""Which values are written as part of a larger expression, and which get a statement of their own.

A value folds into its one reader where that leaves every number and effect as it is: it is pure,
its reader stands in the same straight run of code, and nothing between the two writes into memory
that its expression reads.  What the user gave a name keeps its statement; in derived code values
fold while the line stays short.  Very cheap expressions (`x.T`, `x.shape[0]`) fold at each use.
"""

from __future__ import annotations

from srcgrad.backends.numpy.contexts import contexts_of
from srcgrad.backends.numpy.ownership import Origins
from srcgrad.backends.numpy.uses import Block, Use
from srcgrad.graph import Literal, Node, ScalarType, Undefined, Value, loop_parts, walk
from srcgrad.rules import is_store

LINE_BUDGET = 84
DERIVED_FOLD_LIMIT = 56
NAMED_ADJOINT_FOLD_LIMIT = 40
CONDITIONAL_LIMIT = 70
_ALIAS_NOTHING = (
    "dim",
    "size",
    "list_length",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
)
_CHEAP = ("dim", "size", "list_length")
_STATEMENTS = ("assert", "raise", "reraise", "attempt", "outcome")
_EVERYTHING = -1


class Folding:
    """The decision for every value.  `folded` maps a value to the node that computes it.

    Without `enabled`, nothing folds: every value has a statement of its own.
    """

    def __init__(
        self, top: Block, uses: dict[Value, list[Use]], origins: Origins, enabled: bool = True
    ) -> None:
        self._enabled = enabled
        self.folded: dict[Value, Node] = {}
        self.conditionals: set[Node] = set()
        self.dropped: set[Node] = set()
        self._uses = {value: list(found) for value, found in uses.items()}
        self._origins = origins
        self._length: dict[Value, int] = {}
        self._budget: dict[tuple[int, int], int] = {}
        self._roots: dict[Node, int] = {}
        self._kept: set[Value] = set()
        self._leaves: dict[Value, frozenset[Value]] = {}
        self._barriers: dict[Block, list[tuple[int, int]]] = {}
        self._written = self._memory_written_anywhere(top)
        self._derived_part = any(node.phase for node in top.nodes)
        self._top = top
        self._block(top)

    def is_folded(self, value: Value) -> bool:
        return value in self.folded

    def uses(self, value: Value) -> list[Use]:
        return self._uses.get(value, [])

    def leaves(self, value: Value) -> frozenset[Value]:
        """The variables that the expression for a value reads."""
        if isinstance(value, Literal):
            return frozenset()
        found = self._leaves.get(value)
        if found is None:
            node = self.folded.get(value)
            found = frozenset([value]) if node is None else self.read_by(node)
            self._leaves[value] = found
        return found

    def read_by(self, node: Node) -> frozenset[Value]:
        """The variables that a node written as an expression reads."""
        values = list(node.operands)
        for region in node.regions:
            values += region.results
        return frozenset().union(*map(self.leaves, values))

    # Walking backwards, so that a reader's own place is settled before the values it reads

    def _block(self, block: Block) -> None:
        self._barriers[block] = self._barriers_of(block)
        for position in reversed(range(block.end)):
            node = block.nodes[position]
            if self._is_dead(node):
                self._drop(node)
                continue
            for child in block.children.get(node, ()):
                self._block(child)
            if node.operation == "if" and self._reads_as_conditional(node, block):
                self.conditionals.add(node)
            if self._folds(node, block, position):
                self.folded[node.result] = node
                self._spend(node)

    def _is_dead(self, node: Node) -> bool:
        return not node.has_effect and not any(self._uses.get(value) for value in node.results)

    def _drop(self, node: Node) -> None:
        self.dropped.add(node)
        for inner in walk([node]):
            for value in inner.operands:
                self._forget(value, inner)
            for region in inner.regions:
                for value in region.results:
                    self._forget(value, inner)

    def _forget(self, value: Value, reader: Node) -> None:
        """Take away what a node reads, and what its regions hand on."""
        found = self._uses.get(value, [])
        kept = [use for use in found if (use.reader or use.block.owner) is not reader]
        self._uses[value] = kept

    # The decision for one node

    def _folds(self, node: Node, block: Block, position: int) -> bool:
        if not self._enabled or len(node.results) != 1:
            return False
        if node.operation in _STATEMENTS or is_store(node.operation):
            return False
        if node.regions and node not in self.conditionals:
            return False
        value = node.result
        uses = [use for use in self._uses.get(value, []) if not self._is_repeated(value, use)]
        if value in self._kept or not uses:
            return False
        if self._is_cheap(node):
            self._kept.update(v for v in node.operands if not isinstance(v, Literal))
            self._roots[node] = position
            return True
        if len(uses) != 1 or uses[0].block is not block:
            return False
        if uses[0].collected:
            if contexts_of(node) or not self._reads_better_collected(node):
                return False
            self._roots[node] = position
            return True
        if contexts_of(node) != contexts_of(uses[0].reader):
            return False
        root = self._root_of(uses[0])
        if root is None or not self._may_move(node, block, position, root):
            return False
        if not self._reads_better_folded(node, uses[0], root):
            return False
        self._roots[node] = root
        return True

    def _reads_better_collected(self, node: Node) -> bool:
        """Does this go into the call that appends it to a list?

        That call comes as soon as what the expression reads is there, so that nothing is crossed.
        """
        if node.result.name is not None or node.has_effect or node in self.conditionals:
            return False
        return self._estimate(node) <= DERIVED_FOLD_LIMIT

    def _is_repeated(self, value: Value, use: Use) -> bool:
        """Is this the second reading of the first operand of `and` or `or`?"""
        owner = use.block.owner
        return use.reader is None and owner in self.conditionals and owner.operands[0] is value

    def _root_of(self, use: Use) -> int | None:
        """The position of the statement that a value read there would become part of."""
        if use.collected:
            return None
        if use.reader is None:
            return use.block.end
        if use.reader in self.dropped:
            return None
        if use.reader in self._roots:
            return self._roots[use.reader]
        return use.position

    def _is_cheap(self, node: Node) -> bool:
        """Is this as good as a name, wherever it is read?"""
        if node.result.name is not None and not node.phase:
            return False
        if any(self._length.get(v) for v in node.operands) or len(node.operands) != 1:
            return False
        if isinstance(node.operands[0], Literal):
            return False
        if node.operation in _CHEAP:
            return True
        is_transpose = node.operation == "transpose" and "axes" not in node.parameters
        return is_transpose and not self._origins.of(node.operands[0]) & self._written

    def _may_move(self, node: Node, block: Block, position: int, root: int) -> bool:
        """May the evaluation of this node be put off until the statement at `root`?"""
        if node.has_effect:
            return not any(n.has_effect for n in block.nodes[position + 1 : root])
        reads = self._memory_read(node)
        crossed = self._barriers[block]
        return not any(position < place < root and mask & reads for place, mask in crossed)

    def _memory_read(self, node: Node) -> int:
        if node.operation in _ALIAS_NOTHING:
            return 0
        mask = self._origins.of_all(node.operands)
        for region in node.regions:
            for inner in walk(region.nodes):
                mask |= self._memory_read(inner)
            mask |= self._origins.of_all(region.results)
        return mask

    def _reads_better_folded(self, node: Node, use: Use, root: int) -> bool:
        value = node.result
        if use.reader is None and use.block.owner is None and self._derived_part:
            if value.derivative_of is not None and not _converts(node):
                return False
            return bool(node.phase) and self._estimate(node) < 24
        if not node.phase:
            if use.reader is None and any(other.phase for other in _nodes_after(node, use)):
                return False
            return value.name is None or self._is_swap(node, use)
        if use.reader is None and use.block.owner is not None:
            return self._is_swap(node, use)
        left = self._budget.get((id(use.block), root), LINE_BUDGET) - self._estimate(node)
        if left < 0:
            return False
        if node in self.conditionals:
            return self._estimate(node) <= CONDITIONAL_LIMIT
        if _is_adjoint_of_named(value):
            scalar = isinstance(value.type, ScalarType)
            return scalar and self._estimate(node) <= NAMED_ADJOINT_FOLD_LIMIT
        return value.name is None and self._estimate(node) <= DERIVED_FOLD_LIMIT

    def _is_swap(self, node: Node, use: Use) -> bool:
        """Is this the new value of a loop variable whose old value is read after it is computed?

        Then it belongs into the parallel assignment that ends the body: `a, b = b, a + b`.
        """
        block = use.block
        owner = block.owner
        if use.reader is not None or owner is None or owner.operation not in ("for", "while"):
            return False
        parts = loop_parts(owner)
        for old, new in zip(parts.carried, parts.yielded):
            if new is node.result and old.name == new.name:
                place = block.nodes.index(node)
                return any(
                    self._place_in(other, block) > place for other in self._uses.get(old, [])
                )
        return False

    def _place_in(self, use: Use, block: Block) -> int:
        """Where in `block`, or in a block around the reader, a value is read; -1 elsewhere."""
        at: Block | None = use.block
        position = use.position
        while at is not None and at is not block:
            position, at = at.position, at.parent
        return position if at is block else -1

    # Conditional expressions

    def _reads_as_conditional(self, node: Node, block: Block) -> bool:
        """Is this branch a choice between two short expressions?"""
        if not self._enabled or len(node.results) != 1 or node.has_effect:
            return False
        text = node.location.text if node.location else ""
        if not node.phase and text.startswith(("if ", "elif ", "for ", "while ")):
            return False
        for child in block.children[node]:
            live = [n for n in child.nodes if n not in self.dropped]
            if not all(len(n.results) == 1 and n.result in self.folded for n in live):
                return False
            if any(map(is_undefined, child.results)):
                return False
        return self._estimate(node) <= CONDITIONAL_LIMIT

    # Barriers: what writes into memory

    def _barriers_of(self, block: Block) -> list[tuple[int, int]]:
        found = []
        for position, node in enumerate(block.nodes):
            mask = self._memory_written(node)
            if mask:
                found.append((position, mask))
        return found

    def _memory_written(self, node: Node) -> int:
        mask = 0
        for inner in walk([node]):
            if is_store(inner.operation):
                mask |= self._origins.of(inner.operands[0])
            elif inner.parameters.get("effect") and inner.operation not in ("assert", "raise"):
                mask = _EVERYTHING
        return mask

    def _memory_written_anywhere(self, top: Block) -> int:
        mask = 0
        for node in top.nodes:
            mask |= self._memory_written(node)
        return mask

    # Estimated length of expressions

    def _spend(self, node: Node) -> None:
        self._length[node.result] = self._estimate(node)
        for use in self._uses.get(node.result, []):
            root = self._root_of(use)
            if root is not None:
                key = (id(use.block), root)
                self._budget[key] = self._budget.get(key, LINE_BUDGET) - self._estimate(node)

    def _estimate(self, node: Node) -> int:
        total = len(node.operation) if node.operation not in _SHORT else 3
        total += 10 * len(node.parameters)
        values = list(node.operands)
        for region in node.regions:
            values += region.results
            total += sum(self._estimate(inner) for inner in region.nodes)
        for value in values:
            name = value.name or (value.derivative_of and value.derivative_of.name) or "tt"
            total += 3 + (4 if isinstance(value, Literal) else len(name))
        return total


_SHORT = frozenset(
    """add subtract multiply divide power matmul negative less greater equal less_equal getitem
    greater_equal not_equal floor_divide remainder transpose dim size sum if""".split()
)


def _converts(node: Node) -> bool:
    """Is this an adjoint as a Python number, `float(d_x)`, which has the name already?"""
    if node.operation not in ("builtins.float", "builtins.complex"):
        return False
    of = node.result.derivative_of
    return of is not None and node.operands[0].derivative_of is of


def _nodes_after(node: Node, use: Use) -> list[Node]:
    """What stands between a node and the end of its block, where its result is handed on."""
    return list(use.block.nodes[use.block.nodes.index(node) + 1 :])


def _is_adjoint_of_named(value: Value) -> bool:
    return value.derivative_of is not None and value.derivative_of.name is not None


def is_undefined(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, Undefined)
