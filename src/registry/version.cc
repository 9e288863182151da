#include "registry/version.h"

#include <algorithm>
#include <array>

namespace penstock::registry {
namespace {

constexpr std::array<std::string_view, 8> kKindNames = {"model",      "adapter", "prompt", "dataset",
                                                        "collection", "policy",  "suite",  "route"};
constexpr std::array<std::string_view, 3> kStatusNames = {"READY", "PENDING_REGISTRATION",
                                                          "FAILED_REGISTRATION"};

}  // namespace

std::string_view kind_name(Kind kind) { return kKindNames[std::to_underlying(kind)]; }

std::optional<Kind> parse_kind(std::string_view name) {
  auto found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<Kind>(found - kKindNames.begin());
}

std::span<const std::string_view> kind_names() { return kKindNames; }

const std::string* find_tag(const Tags& tags, std::string_view key) {
  auto found = std::ranges::find(tags, key, &Tags::value_type::first);
  return found == tags.end() ? nullptr : &found->second;
}

std::string_view status_name(Status status) { return kStatusNames[std::to_underlying(status)]; }

std::string version_node(Kind kind, std::string_view name, int64_t number) {
  std::string node = "version:";
  node.append(kind_name(kind)).append("/").append(name).append("/").append(std::to_string(number));
  return node;
}

}  // namespace penstock::registry
