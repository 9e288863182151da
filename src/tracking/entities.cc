#include "tracking/entities.h"

namespace penstock::tracking {

std::string_view stage_name(Stage stage) { return stage == Stage::kActive ? "active" : "deleted"; }

std::optional<View> parse_view(std::string_view name) {
  if (name == "ACTIVE_ONLY") return View::kActiveOnly;
  if (name == "DELETED_ONLY") return View::kDeletedOnly;
  if (name == "ALL") return View::kAll;
  return std::nullopt;
}

}  // namespace penstock::tracking
