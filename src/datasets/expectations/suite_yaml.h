#pragma once

#include <string_view>

#include "datasets/expectations/suite.h"

namespace penstock::datasets {

// Our short YAML, as parse_suite() says. kInvalidArgument names file and line.
Result<Suite> parse_suite_yaml(std::string_view text, std::string_view file);

}  // namespace penstock::datasets
