#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/principal.h"
#include "core/json.h"

// Fields of checked bodies as domain values. A field that is null stands for none.
namespace penstock::api::native {

std::vector<access::Limit> limits_in(const Json& list);
std::optional<access::Budget> budget_in(const Json& budget);
std::vector<std::string> texts_in(const Json& list);
std::optional<Timestamp> time_in(const Json& time);
std::string text_in(const Json& text);

// Puts limits, budget, models and endpoints of `body` into a key or a group; what is absent stays.
template <class Holder>
void take_shared(const Json& body, Holder& holder) {
  if (const Json* limits = find(body, "limits")) holder.limits = limits_in(*limits);
  if (const Json* budget = find(body, "budget")) holder.budget = budget_in(*budget);
  if (const Json* models = find(body, "models")) holder.scopes.models = texts_in(*models);
  if (const Json* endpoints = find(body, "endpoints")) holder.scopes.endpoints = texts_in(*endpoints);
}

}  // namespace penstock::api::native
