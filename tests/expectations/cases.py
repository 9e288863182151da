"""Generated cases: expectation x data x arguments x result format."""

import itertools

FORMATS = [
    {"result_format": "BOOLEAN_ONLY"},
    {"result_format": "BASIC"},
    {"result_format": "SUMMARY"},
    {"result_format": "COMPLETE"},
    {"result_format": "COMPLETE", "partial_unexpected_count": 2},
]

COLUMNS = {
    "mixed.csv": ["id", "name", "x", "f", "flag", "day", "code", "constant"],
    "missing.csv": ["a", "b", "empty", "t"],
    "header_only.csv": ["a"],
    "numbers.csv": ["id", "group", "amount", "label", "note"],
    "typed.parquet": ["i", "small", "f", "f32", "s", "b", "t"],
    "lines.jsonl": ["id", "text", "score", "ok"],
}
NUMERIC = {
    "mixed.csv": ["id", "x", "f", "constant"],
    "missing.csv": ["a", "b", "empty"],
    "numbers.csv": ["group", "amount", "rating"],
    "typed.parquet": ["i", "small", "f", "f32"],
    "lines.jsonl": ["id", "score"],
}
TEXT = {
    "mixed.csv": ["name", "day", "code"],
    "missing.csv": ["t"],
    "numbers.csv": ["label", "note"],
    "typed.parquet": ["s"],
    "lines.jsonl": ["text"],
}

# Arguments besides the column, for expectations on any column, on numbers, on texts.
ANY = {
    "expect_column_values_to_not_be_null": [{}, {"mostly": 0.8}],
    "expect_column_values_to_be_null": [{}, {"mostly": 0.1}],
    "expect_column_values_to_be_unique": [{}, {"mostly": 0.5}],
    "expect_column_values_to_be_in_set": [
        {"value_set": [1, 2, 5]},
        {"value_set": ["ann", "a", "ham", True, 2.5], "mostly": 0.5},
    ],
    "expect_column_values_to_not_be_in_set": [{"value_set": [1, 2.5, "a", "ham"]}],
    "expect_column_distinct_values_to_be_in_set": [{"value_set": [1, 2, 3, 4, 5, "ann", "ham", "spam"]}],
    "expect_column_distinct_values_to_contain_set": [{"value_set": [1, 7, "ann"]}],
    "expect_column_distinct_values_to_equal_set": [{"value_set": [7]}],
    "expect_column_unique_value_count_to_be_between": [{"min_value": 2, "max_value": 5}],
    "expect_column_proportion_of_unique_values_to_be_between": [{"min_value": 0.2, "max_value": 0.7}],
    "expect_column_proportion_of_non_null_values_to_be_between": [{"min_value": 0.8}],
    "expect_column_to_exist": [{}, {"column_index": 1}],
    "expect_column_values_to_be_of_type": [{"type_": "int64"}, {"type_": "str"}, {"type_": "float"}],
    "expect_column_values_to_be_in_type_list": [{"type_list": ["int64", "float64"]}],
    "expect_column_value_lengths_to_be_between": [{"min_value": 2, "max_value": 4}],
    "expect_column_values_to_match_regex": [{"regex": "^[a-z0-9]+$"}],
}
ON_NUMBERS = {
    "expect_column_values_to_be_between": [
        {"min_value": 2, "max_value": 4},
        {"min_value": 2, "strict_min": True},
        {"max_value": 2.5, "strict_max": True, "mostly": 0.4},
    ],
    "expect_column_max_to_be_between": [
        {"min_value": 1, "max_value": 9},
        {"max_value": 9, "strict_max": True},
    ],
    "expect_column_min_to_be_between": [{"min_value": 1}],
    "expect_column_mean_to_be_between": [{"min_value": 1, "max_value": 50}],
    "expect_column_median_to_be_between": [{"min_value": 2, "max_value": 50}],
    "expect_column_stdev_to_be_between": [{"min_value": 0, "strict_min": True, "max_value": 20}],
    "expect_column_sum_to_be_between": [{"min_value": 0, "max_value": 1000}],
    "expect_column_most_common_value_to_be_in_set": [
        {"value_set": [7, 2, 2.5]},
        {"value_set": [1, 2], "ties_okay": True},
    ],
    "expect_column_quantile_values_to_be_between": [
        {"quantile_ranges": {"quantiles": [0.1, 0.5, 0.9], "value_ranges": [[0, 2], [None, 3], [2, None]]}},
        {
            "quantile_ranges": {"quantiles": [0.25, 0.75], "value_ranges": [[1, 2], [2, 60]]},
            "allow_relative_error": "linear",
        },
        {
            "quantile_ranges": {"quantiles": [0.33], "value_ranges": [[1, 2]]},
            "allow_relative_error": "higher",
        },
    ],
    "expect_column_values_to_be_increasing": [{}, {"strictly": True}],
    "expect_column_values_to_be_decreasing": [{}, {"strictly": True, "mostly": 0.3}],
    "expect_column_value_z_scores_to_be_less_than": [
        {"threshold": 1, "double_sided": True},
        {"threshold": 0.5, "double_sided": False},
    ],
    "expect_column_values_to_not_be_outliers": [{}, {"method": "std", "multiplier": 1}],
    "expect_column_kl_divergence_to_be_less_than": [
        {
            "partition_object": {"bins": [0, 2, 4, 60], "weights": [0.3, 0.3, 0.4]},
            "threshold": 0.5,
            "tail_weight_holdout": 0.01,
        },
    ],
}
ON_TEXTS = {
    "expect_column_value_lengths_to_equal": [{"value": 3}],
    "expect_column_values_to_match_regex": [{"regex": "a"}, {"regex": "^.$", "mostly": 0.3}],
    "expect_column_values_to_not_match_regex": [{"regex": "n$"}],
    "expect_column_values_to_match_regex_list": [
        {"regex_list": ["^a", "m$"]},
        {"regex_list": ["a", "n"], "match_on": "all"},
    ],
    "expect_column_values_to_not_match_regex_list": [{"regex_list": ["^a", "^z"]}],
    "expect_column_values_to_match_strftime_format": [{"strftime_format": "%Y-%m-%d"}],
    "expect_column_values_to_be_dateutil_parseable": [{}],
    "expect_column_values_to_be_json_parseable": [{}],
    "expect_column_values_to_be_between": [{"min_value": 1, "max_value": 3}],  # an error
    "expect_column_mean_to_be_between": [{"min_value": 1}],  # an error
    "expect_column_most_common_value_to_be_in_set": [{"value_set": ["ann", "ham"]}],
    "expect_column_kl_divergence_to_be_less_than": [
        {"partition_object": {"values": ["ham", "spam"], "weights": [0.75, 0.25]}, "threshold": 0.01},
        {
            "partition_object": {"values": ["ham", "ann"], "weights": [0.5, 0.5]},
            "threshold": 5,
            "tail_weight_holdout": 0.1,
        },
    ],
}

SEVERAL = [
    (type_, {"column_A": a, "column_B": b, **more})
    for type_, more in [
        ("expect_column_pair_values_a_to_be_greater_than_b", {}),
        ("expect_column_pair_values_a_to_be_greater_than_b", {"or_equal": True, "mostly": 0.5}),
        ("expect_column_pair_values_to_be_equal", {}),
        ("expect_column_pair_values_to_be_equal", {"ignore_row_if": "either_value_is_missing"}),
        ("expect_column_pair_values_to_be_in_set", {"value_pairs_set": [[1, 1], [2, None], [3, 3]]}),
        (
            "expect_column_pair_values_to_be_in_set",
            {"value_pairs_set": [[1, 1]], "ignore_row_if": "either_value_is_missing"},
        ),
    ]
    for a, b in [("id", "x"), ("x", "f")]
] + [
    (type_, {"column_list": columns, **more})
    for type_, more in [
        ("expect_compound_columns_to_be_unique", {}),
        ("expect_select_column_values_to_be_unique_within_record", {}),
        ("expect_select_column_values_to_be_unique_within_record", {"ignore_row_if": "any_value_is_missing"}),
        ("expect_multicolumn_values_to_be_equal", {}),
        ("expect_multicolumn_sum_to_equal", {"sum_total": 2, "mostly": 0.1}),
    ]
    for columns in [["id", "x"], ["x", "f", "constant"], ["constant", "constant"]][:2]
] + [
    ("expect_compound_columns_to_be_unique", {"column_list": ["name", "flag"]}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["flag", "constant"]}),
]

TABLE = [
    ("expect_table_row_count_to_equal", {"value": 7}),
    ("expect_table_row_count_to_equal", {"value": 8}),
    ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 6}),
    ("expect_table_row_count_to_be_between", {"min_value": 9, "max_value": 6}),
    ("expect_table_column_count_to_equal", {"value": 8}),
    ("expect_table_column_count_to_be_between", {"min_value": 3, "max_value": 4}),
    ("expect_table_columns_to_match_set", {"column_set": ["id", "q"]}),
    ("expect_table_columns_to_match_set", {"column_set": ["id", "name"], "exact_match": False}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": ["id", "q"]}),
    ("expect_column_values_to_not_be_null", {"column": "absent"}),
    ("expect_column_mean_to_be_between", {"column": "absent", "min_value": 1}),
]

CONDITIONS = [
    {"row_condition": "flag==True", "condition_parser": "pandas"},
    {"row_condition": 'name=="ann" or x > 3', "condition_parser": "pandas"},
    {"row_condition": "not (id <= 2) and name in ['ann', 'bob']", "condition_parser": "pandas"},
    {"row_condition": {"type": "comparison", "column": {"name": "id"}, "operator": "<", "parameter": 3}},
    {"row_condition": {"type": "nullity", "column": {"name": "name"}, "is_null": False}},
]
CONDITIONED = [
    ("expect_column_values_to_be_in_set", {"column": "x", "value_set": [1, 9]}),
    ("expect_column_values_to_not_be_null", {"column": "f"}),
    ("expect_column_values_to_be_unique", {"column": "name"}),
    ("expect_column_mean_to_be_between", {"column": "x", "min_value": 1, "max_value": 3}),
    ("expect_column_unique_value_count_to_be_between", {"column": "name", "min_value": 1, "max_value": 2}),
    ("expect_column_values_to_be_increasing", {"column": "x"}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "id", "column_B": "x"}),
]


def _formats(index):
    """Every format for some cases, one in turn for the others: each is seen with each expectation."""
    return FORMATS if index % 10 == 0 else [FORMATS[index % len(FORMATS)]]


def _single():
    for group, columns in ((ANY, COLUMNS), (ON_NUMBERS, NUMERIC), (ON_TEXTS, TEXT)):
        for (type_, variants), (data, names) in itertools.product(group.items(), columns.items()):
            for arguments, name in itertools.product(variants, names):
                yield data, type_, {"column": name, **arguments}


def _all():
    yield from _single()
    for type_, kwargs in SEVERAL:
        yield "mixed.csv", type_, kwargs
    for data in ("mixed.csv", "missing.csv", "header_only.csv"):
        for type_, kwargs in TABLE:
            yield data, type_, kwargs
    for (type_, kwargs), condition in itertools.product(CONDITIONED, CONDITIONS):
        yield "mixed.csv", type_, {**kwargs, **condition}


def generate(paths):
    """All cases with the paths of their files."""
    return [
        {"data": paths[data], "type": type_, "kwargs": kwargs, "result_format": result_format}
        for index, (data, type_, kwargs) in enumerate(_all())
        for result_format in _formats(index)
    ]
