#pragma once

#include <string>
#include <string_view>

namespace penstock::datasets::dvc {

// `text` in double quotes as ruamel.yaml 0.18 writes it from `column` on, folded at spaces beyond `width`
// columns; lines after a fold are indented by `indent`.
std::string double_quoted(std::string_view text, size_t column, size_t indent, size_t width);

}  // namespace penstock::datasets::dvc
