#include "observability/traces/summary.h"

#include <algorithm>
#include <unordered_map>

#include "core/json.h"
#include "observability/traces/trace.h"

namespace penstock::traces {
namespace {

constexpr size_t kMembers = 6;
constexpr size_t kCostMembers = 3;
constexpr size_t kAlwaysThere = 3;  // of a sum
constexpr std::array<std::string_view, kMembers> kTokenNames = {"input_tokens",
                                                                "output_tokens",
                                                                "total_tokens",
                                                                "cache_read_input_tokens",
                                                                "cache_creation_input_tokens",
                                                                "cache_creation_input_tokens_above_1hr"};
constexpr std::array<std::string_view, kCostMembers> kCostNames = {"input_cost", "output_cost", "total_cost"};

std::string_view name_of(AmountKind kind, size_t i) {
  return kind == AmountKind::kTokens ? kTokenNames[i] : kCostNames[i];
}
size_t members_of(AmountKind kind) { return kind == AmountKind::kTokens ? kMembers : kCostMembers; }

void add(Amounts& sum, const Amounts& amounts) {
  for (size_t i = 0; i < kMembers; ++i) {
    if (amounts.values[i]) sum.values[i] = sum.values[i].value_or(0) + *amounts.values[i];
  }
}

std::string_view view(const Json& string) { return {string.get_string().data(), string.get_string().size()}; }

bool is_message(const Json& item) {
  return item.is_object() && find(item, "role") != nullptr && find(item, "content") != nullptr;
}

// The messages of OpenAI's request and answer shapes, and of objects that wrap them.
std::vector<const Json*> messages_in(const Json& value, int depth = 0) {
  constexpr int kDepthMax = 4;
  std::vector<const Json*> messages;
  if (!value.is_object() || depth > kDepthMax) return messages;
  for (std::string_view name : {"messages", "choices", "input", "output"}) {
    const Json* list = find(value, name);
    if (list == nullptr || !list->is_array() || list->get_array().empty()) continue;
    if (name == "choices") {
      const Json* message = find(list->get_array()[0], "message");
      if (message != nullptr && is_message(*message)) messages.push_back(message);
    } else {
      for (const Json& item : list->get_array()) {
        if (is_message(item)) messages.push_back(&item);
      }
    }
    return messages;
  }
  const Json* request = find(value, "request");
  return request == nullptr ? messages : messages_in(*request, depth + 1);
}

std::string text_of(const Json& message) {
  const Json* content = find(message, "content");
  if (content->is_string()) return std::string(view(*content));
  if (!content->is_array()) return {};
  for (const Json& part : content->get_array()) {
    if (part.is_string()) return std::string(view(part));
    std::string_view type = string_at(part, "type");
    if (type == "text" || type == "output_text") return std::string(string_at(part, "text"));
  }
  return {};
}

std::string chat_text(std::string_view json, std::string_view role) {
  if (!json.starts_with('{')) return {};
  Result<Json> value = parse_json(json);
  if (!value) return {};
  std::vector<const Json*> messages = messages_in(*value);
  if (messages.empty()) return {};
  auto last = std::find_if(messages.rbegin(), messages.rend(),
                           [&](const Json* message) { return string_at(*message, "role") == role; });
  return text_of(last == messages.rend() ? *messages.back() : **last);
}

}  // namespace

std::optional<Amounts> parse_amounts(AmountKind kind, std::string_view json) {
  Result<Json> value = parse_json(json);
  if (!value || !value->is_object()) return std::nullopt;
  Amounts amounts;
  for (size_t i = 0; i < members_of(kind); ++i) {
    const Json* member = find(*value, name_of(kind, i));
    if (member != nullptr && member->is_number()) amounts.values[i] = member->to_number<double>();
  }
  return amounts;
}

std::string amounts_json(AmountKind kind, const Amounts& amounts) {
  std::string out = "{";
  for (size_t i = 0; i < members_of(kind); ++i) {
    if (!amounts.values[i]) continue;
    out.append(out.size() > 1 ? ", \"" : "\"").append(name_of(kind, i)).append("\": ");
    if (kind == AmountKind::kTokens) {
      out += std::to_string(static_cast<int64_t>(*amounts.values[i]));
    } else {
      append_double(out, *amounts.values[i]);
    }
  }
  return out + "}";
}

std::optional<Amounts> sum_amounts(const std::vector<SpanAmounts>& spans) {
  std::unordered_map<std::string_view, size_t> by_id;
  for (size_t i = 0; i < spans.size(); ++i) by_id.emplace(spans[i].span_id, i);
  std::vector<std::vector<size_t>> children(spans.size());
  struct Step {
    size_t span;
    bool counted;  // by one above it
  };
  std::vector<Step> stack;
  for (size_t i = 0; i < spans.size(); ++i) {
    auto parent = by_id.find(spans[i].parent_id);
    if (spans[i].parent_id.empty() || parent == by_id.end()) {
      stack.push_back({i, false});
    } else {
      children[parent->second].push_back(i);
    }
  }
  std::optional<Amounts> sum;
  while (!stack.empty()) {
    Step step = stack.back();
    stack.pop_back();
    const std::optional<Amounts>& amounts = spans[step.span].amounts;
    if (amounts && !step.counted) {
      if (!sum) sum.emplace();
      add(*sum, *amounts);
    }
    for (size_t child : children[step.span]) stack.push_back({child, step.counted || amounts.has_value()});
  }
  if (sum) {
    for (size_t i = 0; i < kAlwaysThere; ++i) sum->values[i] = sum->values[i].value_or(0);
  }
  return sum;
}

std::string preview(std::string_view json, std::string_view role) {
  std::string text = chat_text(json, role);
  if (text.empty()) text = json;
  if (character_prefix(text, kPreviewMax).size() == text.size()) return text;
  return std::string(character_prefix(text, kPreviewMax - 3)) + "...";
}

}  // namespace penstock::traces
