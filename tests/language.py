"""The table of the language: every kind of node in Python's grammar, and what is expected of it.

A row names a program of the corpus that has such a node in it and is differentiated, or is a
snippet that is either refused or differentiated; what stands in docs/language.md follows.  The
lists of the second part name programs for whole topics.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of node: how it is written, what holds of it, and a program or a snippet with it."""

    name: str
    written: str
    meaning: str
    program: str | None = None
    snippet: str | None = None


KINDS = (
    Kind(
        "FunctionDef",
        "`def f(...):`",
        "a closure; variables of the functions around it are read when it is called",
        program="aliasing.the_value_is_the_argument",
    ),
    Kind(
        "AsyncFunctionDef",
        "`async def`",
        "",
        snippet="def f(x):\n    async def g():\n        return x\n    return x * x",
    ),
    Kind(
        "ClassDef",
        "`class` inside a function",
        "made in each call; its methods see the variables around it late",
        program="local_classes.methods_see_themselves",
    ),
    Kind(
        "Return",
        "`return`",
        "also early, in loops and in several places",
        program="aliasing.the_value_is_the_argument",
    ),
    Kind("Delete", "`del`", "names, items and slices", program="assignments.deletes_a_name"),
    Kind(
        "Assign",
        "`a = b = v`, unpacking",
        "aliases stay aliases",
        program="assignments.unpacks_into_a_list_target",
    ),
    Kind(
        "TypeAlias",
        "`type X = ...` (3.12)",
        "",
        snippet="def f(x):\n    type Vector = list\n    return x * x",
    ),
    Kind(
        "AugAssign",
        "`a += v`",
        "arrays in place, seen through all their names; numbers anew",
        program="results_in_arguments.all_of_the_argument",
    ),
    Kind(
        "AnnAssign",
        "`a: T = v`",
        "the annotation is not evaluated",
        program="assignments.assigns_with_annotation",
    ),
    Kind(
        "For",
        "`for ... else`",
        "the number of trips may depend on the data",
        program="generators.returns_out_of_a_generator_without_end",
    ),
    Kind(
        "AsyncFor",
        "`async for`",
        "",
        snippet="async def f(x):\n    async for v in x:\n        x = v\n    return x",
    ),
    Kind(
        "While",
        "`while ... else`",
        "as many trips backwards as were made forwards",
        program="while_loops.a_type_changes_between_iterations",
    ),
    Kind(
        "If",
        "`if`, `elif`, `else`",
        "only the arm taken has a gradient",
        program="branches.the_result_is_one_of_two_arguments",
    ),
    Kind(
        "With",
        "`with`",
        "",
        snippet="def f(x):\n    with np.errstate(all='ignore'):\n        y = x * x\n    return y",
    ),
    Kind(
        "AsyncWith",
        "`async with`",
        "",
        snippet="async def f(x):\n    async with x:\n        pass\n    return x",
    ),
    Kind(
        "Match",
        "`match`",
        "the first case that fits",
        program="matching.matches_classes_by_position_and_keyword",
    ),
    Kind(
        "Raise",
        "`raise`",
        "the exception comes out unchanged",
        program="effects.raises_in_an_arm_not_taken",
    ),
    Kind(
        "Try",
        "`try`",
        "",
        snippet="def f(x):\n    try:\n        y = x * x\n    except ValueError:\n        y = x\n    return y",
    ),
    Kind(
        "TryStar",
        "`except*`",
        "",
        snippet="def f(x):\n    try:\n        y = x * x\n    except* ValueError:\n        y = x\n    return y",
    ),
    Kind("Assert", "`assert`", "raises as in Python", program="effects.asserts"),
    Kind(
        "Import",
        "`import`",
        "inside a function, of modules that are loaded already",
        program="closures.a_local_import",
    ),
    Kind("ImportFrom", "`from ... import`", "likewise", program="scopes.imports_inside"),
    Kind(
        "Global",
        "`global`",
        "globals are read anew in each call",
        program="scopes.reads_a_global_declared",
    ),
    Kind(
        "Nonlocal",
        "`nonlocal`",
        "reads and writes",
        program="scopes.an_outer_variable_two_levels_up",
    ),
    Kind(
        "Expr",
        "an expression as a statement",
        "calls keep their effects, once and in order",
        program="calls.a_docstring_and_comments",
    ),
    Kind("Pass", "`pass`", "nothing", program="branches.pass_in_an_arm"),
    Kind(
        "Break", "`break`", "also in nested loops", program="for_loops.else_clause_of_no_iterations"
    ),
    Kind("Continue", "`continue`", "also in nested loops", program="generators.continues_and_else"),
    Kind(
        "BoolOp",
        "`a and b`, `a or b`",
        "short-circuit; the value is that of an operand",
        program="arithmetic.and_gives_its_second_operand",
    ),
    Kind("NamedExpr", "`a := v`", "", program="assignments.walrus"),
    Kind(
        "BinOp",
        "`a + b` and others",
        "NumPy's broadcasting and promotion (NEP 50)",
        program="arrays.a_single_element_array",
    ),
    Kind("UnaryOp", "`-a` and others", "", program="aliasing.the_gradient_is_reversed"),
    Kind("Lambda", "`lambda`", "as `def`", program="closures.a_lambda_called_at_once"),
    Kind(
        "IfExp",
        "`a if c else b`",
        "only the arm taken is evaluated",
        program="arithmetic.flag_argument",
    ),
    Kind(
        "Dict",
        "`{k: v}`, `{**a}`",
        "keys are known before the call",
        program="calls.functions_in_a_dict",
    ),
    Kind(
        "Set",
        "`{a, b}`",
        "of values known before the call",
        program="grammar.a_set_of_known_values",
    ),
    Kind(
        "ListComp",
        "`[... for ...]`",
        "its variables are its own",
        program="comprehensions.list_over_a_list",
    ),
    Kind(
        "SetComp",
        "`{... for ...}`",
        "of values known before the call",
        program="comprehensions.set_comprehension_of_known_values",
    ),
    Kind(
        "DictComp",
        "`{k: v for ...}`",
        "keys are known before the call",
        program="comprehensions.dict_comprehension",
    ),
    Kind(
        "GeneratorExp",
        "`(... for ...)`",
        "lazy, as in Python",
        program="objects.a_list_of_instances",
    ),
    Kind("Await", "`await`", "", snippet="async def f(x):\n    return await x"),
    Kind(
        "Yield",
        "`yield`",
        "in generator functions that the function calls",
        program="generators.stores_into_what_the_generator_reads",
    ),
    Kind("YieldFrom", "`yield from`", "likewise", program="generators.yields_from_others"),
    Kind(
        "Compare",
        "`a < b < c`",
        "derivative zero",
        program="branches.the_result_is_one_of_two_arguments",
    ),
    Kind(
        "Call",
        "`f(*a, **k)`",
        "functions written in Python are differentiated in place",
        program="branches.elif_chain_first",
    ),
    Kind(
        "FormattedValue",
        "`{v}` in an f-string",
        "formatted during the call",
        program="effects.raises_in_an_arm_not_taken",
    ),
    Kind("JoinedStr", "f-strings", "likewise", program="effects.raises_in_an_arm_not_taken"),
    Kind(
        "TemplateStr", "t-strings (3.14)", "", snippet="def f(x):\n    y = t'{x}'\n    return x * x"
    ),
    Kind(
        "Interpolation",
        "`{v}` in a t-string (3.14)",
        "",
        snippet="def f(x):\n    y = t'{x}'\n    return x * x",
    ),
    Kind(
        "Constant",
        "numbers, strings, `None`, `...`",
        "",
        program="aliasing.the_value_is_an_element_of_the_argument",
    ),
    Kind("Attribute", "`a.b`", "", program="objects.a_nested_dataclass"),
    Kind(
        "Subscript",
        "`a[i]`",
        "views are views, copies are copies",
        program="aliasing.the_value_is_an_element_of_the_argument",
    ),
    Kind("Starred", "`*a`", "in calls, displays and targets", program="calls.a_starred_array"),
    Kind("Name", "names", "Python's scopes", program="aliasing.the_value_is_the_argument"),
    Kind("List", "`[a, b]`", "", program="assignments.unpacks_into_a_list_target"),
    Kind("Tuple", "`(a, b)`", "", program="arrays.a_result_of_one_element_in_two_dimensions"),
    Kind(
        "Slice", "`a[i:j:k]`", "views, negative steps too", program="arrays.a_result_of_one_element"
    ),
    Kind("And", "`and`", "short-circuit", program="arithmetic.and_gives_its_second_operand"),
    Kind("Or", "`or`", "short-circuit", program="arithmetic.or_gives_its_first_operand"),
    Kind("Add", "`+`", "", program="aliasing.the_gradient_is_broadcast"),
    Kind("Sub", "`-`", "", program="aliasing.gradients_differ_by_sign"),
    Kind("Mult", "`*`", "", program="arrays.a_single_element_array"),
    Kind("MatMult", "`@`", "", program="aliasing.the_gradient_is_the_other_argument_by_dot"),
    Kind("Div", "`/`", "", program="arithmetic.true_division_of_integers"),
    Kind(
        "Mod",
        "`%`",
        "the quotient counts as constant",
        program="comprehensions.set_comprehension_of_known_values",
    ),
    Kind(
        "Pow",
        "`**`",
        "see [conventions](conventions.md) at 0",
        program="arithmetic.integer_argument_as_exponent",
    ),
    Kind("LShift", "`<<`", "integers", program="grammar.shifts_and_bits_of_integers"),
    Kind("RShift", "`>>`", "integers", program="grammar.shifts_and_bits_of_integers"),
    Kind("BitOr", "`\\|`", "integers, booleans, dicts", program="containers.merged_dicts"),
    Kind("BitXor", "`^`", "integers, booleans", program="grammar.shifts_and_bits_of_integers"),
    Kind("BitAnd", "`&`", "integers, booleans", program="objects.a_frozen_dataclass"),
    Kind("FloorDiv", "`//`", "derivative zero", program="arithmetic.floor_division_and_modulus"),
    Kind("Invert", "`~`", "integers, booleans", program="mutation.store_by_negated_mask"),
    Kind("Not", "`not`", "", program="arithmetic.not_of_numbers"),
    Kind("UAdd", "`+a`", "a copy of an array", program="arithmetic.unary_operators"),
    Kind("USub", "`-a`", "", program="aliasing.the_gradient_is_reversed"),
    Kind(
        "Eq", "`==`", "derivative zero", program="branches.the_arm_not_taken_would_divide_by_zero"
    ),
    Kind(
        "NotEq",
        "`!=`",
        "derivative zero",
        program="arithmetic.short_circuit_does_not_divide_by_zero",
    ),
    Kind("Lt", "`<`", "derivative zero", program="effects.raises_in_an_arm_not_taken"),
    Kind("LtE", "`<=`", "derivative zero", program="arithmetic.chained_comparison_fails"),
    Kind("Gt", "`>`", "derivative zero", program="branches.the_result_is_one_of_two_arguments"),
    Kind("GtE", "`>=`", "derivative zero", program="grammar.at_least"),
    Kind("Is", "`is`", "", program="arithmetic.none_argument"),
    Kind("IsNot", "`is not`", "", program="aliases_and_views.an_alias_by_short_circuit"),
    Kind("In", "`in`", "", program="arithmetic.membership"),
    Kind("NotIn", "`not in`", "", program="arithmetic.membership"),
    Kind(
        "comprehension",
        "`for ... in ... if ...` in a comprehension",
        "conditions may depend on the data",
        program="objects.a_list_of_instances",
    ),
    Kind(
        "ExceptHandler",
        "`except E as e`",
        "",
        snippet="def f(x):\n    try:\n        y = x * x\n    except ValueError as e:\n        y = x\n    return y",
    ),
    Kind(
        "arguments",
        "parameters",
        "defaults, `/`, `*`, `*args`, `**kwargs`",
        program="aliasing.the_value_is_the_argument",
    ),
    Kind("keyword", "`f(k=v)`", "", program="calls.any_names"),
    Kind(
        "withitem",
        "`... as name` of `with`",
        "",
        snippet="def f(x):\n    with np.errstate(all='ignore') as s:\n        y = x * x\n    return y",
    ),
    Kind(
        "match_case",
        "`case ... if ...`",
        "guards may depend on the data",
        program="matching.matches_classes_by_position_and_keyword",
    ),
    Kind("MatchValue", "`case 1`", "", program="matching.matches_a_dotted_name"),
    Kind("MatchSingleton", "`case None`", "", program="matching.alternatives_bind_one_name"),
    Kind("MatchSequence", "`case [a, b]`", "", program="matching.alternatives_bind_one_name"),
    Kind("MatchMapping", '`case {"k": v}`', "", program="matching.matches_mappings"),
    Kind(
        "MatchClass",
        "`case Point(x=0)`",
        "",
        program="matching.matches_classes_by_position_and_keyword",
    ),
    Kind("MatchStar", "`case [a, *rest]`", "", program="matching.matches_nested_sequences"),
    Kind(
        "MatchAs",
        "`case p as name`, `case _`",
        "",
        program="matching.matches_classes_by_position_and_keyword",
    ),
    Kind("MatchOr", "`case a \\| b`", "", program="matching.alternatives_bind_one_name"),
)


class Topic(NamedTuple):
    """Something that programs do, what holds of it, and programs of the corpus that do it."""

    written: str
    meaning: str
    programs: str


TOPICS = {
    "Stores and aliases": (
        Topic(
            "`x[i] = v`, `x[i] += v`, slices, negative steps",
            "in place, as in NumPy",
            "mutation.store_element mutation.store_slice_backwards mutation.operators_on_slices",
        ),
        Topic(
            "masks, integer arrays, mixed indices",
            "repeated places: the last write stays, nothing accumulates",
            "mutation.store_by_mask mutation.store_by_repeated_indices_keeps_the_last mutation.store_by_slice_and_list",
        ),
        Topic(
            "`...`, `np.newaxis`",
            "",
            "mutation.store_with_an_ellipsis mutation.store_with_a_new_axis",
        ),
        Topic(
            "`np.add.at` and its family",
            "each place as often as it is named",
            "mutation.histogram_by_add_at writing_calls.multiply_at_and_divide_at",
        ),
        Topic(
            "`out=`, `where=`",
            "",
            "mutation.out_of_a_ufunc mutation.out_and_where writing_calls.out_in_a_loop",
        ),
        Topic(
            "`np.copyto`, `np.put`, `np.place`, `np.fill_diagonal`, `fill`, `sort`, `flat`",
            "",
            "mutation.copyto mutation.put mutation.place mutation.fill_diagonal mutation.fill mutation.sort_in_place mutation.store_through_flat",
        ),
        Topic(
            "assignment through `x.T`, `x.real`, `ravel`, `reshape`",
            "view or copy as NumPy decides",
            "aliases_and_views.a_transposed_view aliases_and_views.stores_into_the_real_part aliases_and_views.a_raveled_view_is_written aliases_and_views.a_reshaped_view_is_written",
        ),
        Topic(
            "views of views, diagonal views",
            "",
            "aliases_and_views.a_view_of_a_view aliases_and_views.a_diagonal_view_reads_later_stores",
        ),
        Topic(
            "swaps",
            "of names, elements and rows; rows through views go wrong as they do in NumPy",
            "mutation.swaps_of_elements mutation.swaps_of_rows_through_views_go_wrong_as_in_numpy aliases_and_views.a_swap_of_names_in_a_loop",
        ),
        Topic(
            "arrays in lists, dicts and attributes",
            "the array itself, not a copy",
            "lists_and_dicts.an_array_in_a_list_is_the_array lists_and_dicts.an_array_in_a_dict_is_the_array objects.an_instance_whose_attributes_a_loop_sets",
        ),
        Topic(
            "`append`, `extend`, `insert`, `pop`, item assignment",
            "",
            "lists_and_dicts.append_in_a_loop_and_sum lists_and_dicts.extend_insert_pop lists_and_dicts.a_dict_grows_in_an_unrolled_loop",
        ),
        Topic(
            "two names for one array",
            "a store through one is seen through the other",
            "aliases_and_views.operator_through_an_alias aliases_and_views.zeros_times_two_names_in_a_tuple",
        ),
        Topic(
            "a name that may be one of two arrays",
            "",
            "aliases_and_views.an_alias_chosen_by_a_condition results_in_arguments.one_of_two_arguments_is_written",
        ),
        Topic(
            "one array passed twice inside the function",
            "",
            "aliases_and_views.a_function_given_one_array_twice aliases_and_views.a_function_given_overlapping_views",
        ),
        Topic(
            "arguments that are written",
            "the caller's arrays change once, as by the function itself",
            "results_in_arguments.jacobi results_in_arguments.arrays_in_a_list_argument results_in_arguments.a_kernel_that_returns_nothing",
        ),
        Topic(
            "lists and dicts of the caller that are changed",
            "",
            "results_in_arguments.a_list_argument_grows results_in_arguments.an_item_of_a_dict_argument_is_replaced",
        ),
    ),
    "Control flow and functions": (
        Topic(
            "loops whose trips depend on the data",
            "",
            "while_loops.nested_while for_loops.breaks statistics_and_networks.logistic",
        ),
        Topic(
            "`break`, `continue`, `else`, `return` at any depth",
            "",
            "for_loops.else_clause_runs for_loops.returns_from_an_inner_loop for_loops.continues_and_breaks",
        ),
        Topic(
            "zero trips", "", "for_loops.over_an_empty_range for_loops.else_clause_of_no_iterations"
        ),
        Topic(
            "loop variables that change type or rank",
            "",
            "for_loops.an_integer_becomes_a_float for_loops.a_number_becomes_an_array",
        ),
        Topic(
            "names bound in one branch only",
            "",
            "scopes.a_name_bound_in_one_branch_and_read_there scopes.a_name_bound_before_a_loop_that_may_not_run",
        ),
        Topic(
            "stacks, queues and work lists",
            "`append`, `pop`, `popleft`, `appendleft`, slices of lists whose length the data decide",
            "work_lists.a_stack_of_numbers work_lists.a_queue work_lists.products_in_pairs",
        ),
        Topic(
            "things of unlike kinds by path",
            "`None` or an array, a string, a function, tuples of unlike lengths; told apart where used",
            "unlike_paths.the_best_that_may_not_be unlike_paths.modes_of_a_machine "
            "unlike_paths.a_function_by_the_data unlike_paths.tuples_of_two_lengths",
        ),
        Topic(
            "closures",
            "late binding, also of loop variables",
            "closures.late_binding closures.late_binding_in_a_loop_of_lambdas",
        ),
        Topic(
            "recursion",
            "of a depth known before the call, or that the data decide",
            "calls.recursion_of_known_depth calls.recursion_over_a_structure "
            "recursion.adaptive_quadrature_of_a_vector recursion.quicksort",
        ),
        Topic(
            "functions as values",
            "passed, returned, kept in containers",
            "calls.functions_as_arguments calls.a_function_returns_a_function calls.functions_in_a_dict",
        ),
        Topic("`functools.partial`", "", "calls.partial_of_a_function calls.partial_made_outside"),
        Topic(
            "generators",
            "lazy; effects come in Python's order",
            "generators.effects_come_in_order generators.yields_from_others",
        ),
        Topic(
            "iterators in variables",
            "read once and late, as in Python; one loop reads one iterator",
            "kept_iterators.pairs_of_one_iterator kept_iterators.a_zip_is_passed "
            "kept_iterators.a_kept_map_calls_its_function_when_it_is_read "
            "kept_iterators.next_inside_the_loop",
        ),
        Topic(
            "views of dicts in variables",
            "as long as the dict stays as it is",
            "kept_iterators.kept_views_of_a_dict kept_iterators.a_view_follows_its_dict",
        ),
        Topic(
            "`np.ndindex`, `np.ndenumerate`, `np.nditer`, `np.vectorize`",
            "loops over the elements",
            "array_walks.elements_with_their_indices array_walks.elements_written_by_nditer "
            "array_walks.a_vectorized_function array_walks.nditer_of_a_transposed_array",
        ),
        Topic(
            "`isinstance`, `hasattr`, `getattr`, `type`",
            "what is known before the call, also of single elements of arrays",
            "calls.isinstance_checks calls.hasattr_and_getattr exception_objects.types_are_compared",
        ),
        Topic(
            "exceptions as objects",
            "raised, caught, asked; what Python says in its own is not known",
            "exception_objects.an_exception_with_an_attribute "
            "exception_objects.a_text_that_is_no_number "
            "exception_objects.the_message_of_pythons_own_exception",
        ),
        Topic(
            "printing and formatting",
            "during the call, once and in order; instances look as their classes say",
            "effects.prints_in_a_loop effects.prints_an_f_string "
            "messages.instances_are_shown_as_their_classes_say messages.strings_are_joined_and_asked",
        ),
        Topic("names that hide builtins or modules", "", "scopes.names_hide_builtins"),
        Topic("`with` and context managers", "`np.errstate` and your own", "context_managers.*"),
    ),
    "Data and objects": (
        Topic(
            "tuples, lists, dicts, nested",
            "arguments and gradients of one structure",
            "containers.a_deep_nest containers.a_ragged_list containers.a_dict",
        ),
        Topic(
            "named tuples, dataclasses",
            "frozen ones too",
            "containers.a_named_tuple containers.a_frozen_dataclass objects.a_nested_dataclass",
        ),
        Topic(
            "classes",
            "methods, properties, `__call__`, inheritance, `super()`",
            "objects.attributes_and_methods_of_an_argument objects.inheritance_and_super objects.a_property_that_is_set",
        ),
        Topic(
            "operators of your own",
            "",
            "objects.operators objects.an_array_times_an_instance objects.the_derivative_of_dual_numbers",
        ),
        Topic(
            "attributes that are written",
            "of instances made inside the function",
            "objects.an_instance_whose_attributes_a_loop_sets objects.setattr_and_getattr_by_name",
        ),
        Topic(
            "classes inside the function",
            "plain ones, dataclasses, named tuples, enumerations, abstract bases, descriptors",
            "local_classes.a_dataclass_that_steps local_classes.a_named_tuple_with_methods "
            "local_classes.an_enumeration_that_is_walked local_classes.an_abstract_base "
            "local_classes.a_descriptor",
        ),
        Topic(
            "iterators of your own",
            "`__iter__` and `__next__`",
            "object_programs.an_iterator_of_the_users_own",
        ),
        Topic(
            "lists whose length the data decide",
            "of numbers and arrays",
            "lists_and_dicts.append_in_one_branch_only numerics.lj_neighbour_list",
        ),
    ),
    "Numbers": (
        Topic(
            "promotion", "NEP 50", "dtypes.mixed_precision dtypes.single_precision_scalar_and_array"
        ),
        Topic(
            "float16, float32",
            "gradients have the dtype of the argument",
            "dtypes.half_precision_values dtypes.single_precision",
        ),
        Topic(
            "complex numbers",
            "the gradient is ∂f/∂Re + i ∂f/∂Im",
            "dtypes.complex_array dtypes.complex_holomorphic_parts",
        ),
        Topic(
            "integers and booleans",
            "passive",
            "dtypes.an_integer_array_that_is_passive dtypes.a_boolean_array_that_is_passive",
        ),
        Topic(
            "kinks and singular points",
            "see [conventions](conventions.md)",
            "kinks.where_with_an_invalid_arm kinks.powers_of_zero_and_of_negative_bases kinks.a_product_with_two_zeros",
        ),
        Topic(
            "exceptions of the function",
            "come out unchanged",
            "effects.raises_in_an_arm_not_taken effects.raises_in_a_loop",
        ),
    ),
}
