#include "api/native/access_body.h"

namespace penstock::api::native {

std::vector<access::Limit> limits_in(const Json& list) {
  std::vector<access::Limit> limits;
  for (const Json& item : list.get_array()) {
    auto kind = access::parse_limit_kind(string_at(item, "kind"));
    limits.push_back({.kind = kind.value_or(access::LimitKind::kRequests),
                      .amount = int_at(item, "amount"),
                      .per_s = int_at(item, "per_s")});
  }
  return limits;
}

std::optional<access::Budget> budget_in(const Json& budget) {
  if (budget.is_null()) return std::nullopt;
  return access::Budget{
      .amount = {int_at(budget, "amount_nano_usd")},
      .per = access::parse_period(string_at(budget, "per")).value_or(access::Period::kMonth)};
}

std::vector<std::string> texts_in(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list.get_array()) texts.emplace_back(std::string_view(item.get_string()));
  return texts;
}

std::optional<Timestamp> time_in(const Json& time) {
  if (time.is_null()) return std::nullopt;
  return Timestamp{time.get_int64()};
}

std::string text_in(const Json& text) {
  return text.is_null() ? std::string() : std::string(std::string_view(text.get_string()));
}

}  // namespace penstock::api::native
