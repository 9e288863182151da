#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "observability/request_record.h"
#include "observability/text_search.h"

namespace penstock::observability {

// Which requests are wanted; every part that is set must hold. Empty texts and absent values mean any.
struct RequestFilter {
  std::string model{};  // as asked, or the route that matched
  std::string upstream{};
  std::string feature{};
  std::string user{};
  std::string key_id{};
  std::optional<Outcome> outcome{};
  std::optional<Timestamp> since{};  // ended_at at or after
  std::optional<Timestamp> until{};  // ended_at before
  std::string text{};  // stands in model names, ids, error, input or output; ASCII case does not matter
};

// A filter made ready to look at many records. Thread-safe.
class RequestMatcher {
 public:
  explicit RequestMatcher(RequestFilter filter);

  bool matches(const RequestRecord& record) const;

 private:
  bool contains_text(const RequestRecord& record) const;

  RequestFilter filter_;
  TextSearch plain_;
  JsonTextSearch json_;
};

}  // namespace penstock::observability
