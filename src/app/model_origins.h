#pragma once

#include "core/clock.h"
#include "registry/model_source.h"

namespace penstock::app {

// What the registry asks tracking about runs and logged models.
class TrackedOrigins final : public registry::ModelOrigins {
 public:
  Result<std::optional<std::string>> run_artifacts(database::Connection& connection,
                                                   std::string_view run_id) override;
  Result<std::optional<LoggedModel>> logged_model(database::Connection& connection,
                                                  std::string_view model_id) override;
  Result<void> add_version(database::Connection& connection, std::string_view model_id, std::string_view name,
                           int64_t number) override;
};

}  // namespace penstock::app
