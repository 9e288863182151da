#include "observability/request_filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::observability {
namespace {

bool wanted(const std::string& filter, const std::string& value) { return filter.empty() || filter == value; }

}  // namespace

RequestMatcher::RequestMatcher(RequestFilter filter)
    : filter_(std::move(filter)), plain_(filter_.text), json_(filter_.text) {}

bool RequestMatcher::matches(const RequestRecord& r) const {
  if (filter_.since && r.ended_at < *filter_.since) return false;
  if (filter_.until && r.ended_at >= *filter_.until) return false;
  if (filter_.outcome && outcome_of(r) != *filter_.outcome) return false;
  if (!wanted(filter_.model, r.model) && !wanted(filter_.model, r.route)) return false;
  if (!wanted(filter_.upstream, r.upstream) || !wanted(filter_.feature, r.feature)) return false;
  if (!wanted(filter_.user, r.user) || !wanted(filter_.key_id, r.key_id)) return false;
  return filter_.text.empty() || contains_text(r);
}

bool RequestMatcher::contains_text(const RequestRecord& r) const {
  const std::string id = r.id.text();
  const std::array<std::string_view, 8> plain = {
      id,         r.model,      r.route,        r.upstream_model, r.upstream_request_id,
      r.upstream, r.error_code, r.error_message};
  return std::ranges::any_of(plain, [&](std::string_view text) { return plain_.in(text); }) ||
         json_.in(r.input) || json_.in(r.output);
}

}  // namespace penstock::observability
