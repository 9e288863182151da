#include "gateway/cache_key.h"

#include <algorithm>
#include <span>
#include <utility>

namespace penstock::gateway {
namespace {

constexpr std::string_view kLeftOut[] = {"user",           "metadata",         "store",
                                         "service_tier",   "prompt_cache_key", "prompt_cache_retention",
                                         "stream_options", "safety_identifier"};

// Hashes texts with their lengths, so that no two lists of texts look alike.
class TextHasher {
 public:
  void add(std::string_view text) {
    uint64_t size = text.size();
    hasher_.update(std::as_bytes(std::span(&size, 1)));
    hasher_.update(std::as_bytes(std::span(text)));
  }
  Digest finish() { return hasher_.finish(); }

 private:
  Hasher hasher_;
};

void add_call(TextHasher& hasher, const Call& call, std::string_view scope, std::string_view route,
              std::string_view besides) {
  hasher.add(scope);
  hasher.add(route);
  hasher.add(providers::operation_name(call.operation));
  hasher.add(call.stream ? "stream" : "whole");
  hasher.add(call.usage_asked ? "usage" : "");
  for (const JsonFields::Member& member : call.fields.members()) {
    if (member.name == besides || std::ranges::find(kLeftOut, member.name) != std::end(kLeftOut)) continue;
    hasher.add(member.name);
    hasher.add(member.raw);
  }
}

// The text of a message that is a user's and nothing but text.
std::optional<std::string> user_text(std::string_view raw) {
  auto message = JsonFields::of_valid(raw);
  if (!message) return std::nullopt;
  auto role = message->string("role");
  if (!role || !*role || **role != "user") return std::nullopt;
  auto content = message->string("content");
  if (content && *content) return std::move(*content);
  auto parts = json_elements(message->raw("content"));
  if (!parts || parts->size() != 1) return std::nullopt;
  auto part = JsonFields::of_valid(parts->front());
  auto text = part ? part->string("text") : Result<std::optional<std::string>>{};
  if (!text) return std::nullopt;
  return std::move(*text);
}

}  // namespace

Digest exact_cache_key(const Call& call, std::string_view scope, std::string_view route) {
  TextHasher hasher;
  add_call(hasher, call, scope, route, {});
  return hasher.finish();
}

std::optional<Question> question_of(const Call& call, std::string_view scope, std::string_view route) {
  auto messages = json_elements(call.fields.raw("messages"));
  if (!messages || messages->empty()) return std::nullopt;
  std::optional<std::string> text = user_text(messages->back());
  if (!text || text->empty()) return std::nullopt;
  TextHasher hasher;
  add_call(hasher, call, scope, route, "messages");
  for (std::string_view message : std::span(*messages).first(messages->size() - 1)) hasher.add(message);
  return Question{.text = std::move(*text), .context = hasher.finish()};
}

}  // namespace penstock::gateway
