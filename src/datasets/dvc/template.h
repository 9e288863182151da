#pragma once

#include <filesystem>
#include <string_view>

#include "core/result.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

// dvc.yaml's ${...}: names of members and [positions], from params.yaml and `vars`.

bool has_template(const Value& value);
// What a document's templates are filled from: the params.yaml in `folder`, then its `vars` in order.
Result<Value> template_variables(const std::filesystem::path& folder, const Value& document);
// A string that is one ${...} takes the value with its kind, others its text; "\${" stands for "${". `where`
// is for errors, which name what is unknown.
Result<Value> fill_template(const Value& value, const Value& variables, std::string_view where);

// The value at "a.b[0].c"; nullptr if there is none.
const Value* value_at(const Value& value, std::string_view path);

}  // namespace penstock::datasets::dvc
