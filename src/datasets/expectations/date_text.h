#pragma once

#include <string_view>

namespace penstock::datasets {

// Whether a text is a date, a time or both in one of the usual forms, by the rules of Python's
// dateutil.parser.parse (month first where it is open): 2024-02-29, 20240229, 3/14/2024, 14 Mar 2024 5pm,
// 2024-02-29T10:00:00.5Z, Monday. Dates that do not exist are none.
bool is_date_text(std::string_view text);

}  // namespace penstock::datasets
