#include "registry/prompt_resolver.h"

#include "core/text.h"
#include "registry/aliases.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;

Result<std::shared_ptr<const ResolvedPrompt>> read_prompt(Connection& connection,
                                                          const PromptReference& wanted) {
  auto missing = [&](const std::string& what) {
    return Failure(Error::not_found("the prompt '" + wanted.name + "' " + what, "prompt_not_found"));
  };
  ASSIGN_OR_RETURN(auto entry, find_entry(connection, Kind::kPrompt, wanted.name));
  if (!entry) return missing("is not in the registry");
  int64_t number = wanted.number;
  if (!wanted.alias.empty()) {
    ASSIGN_OR_RETURN(auto at, find_alias(connection, entry->id, wanted.alias));
    if (!at) return missing("has no alias '" + wanted.alias + "'");
    number = *at;
  }
  ASSIGN_OR_RETURN(auto version, find_version(connection, entry->id, number));
  if (!version) return missing("has no version " + std::to_string(number));
  ASSIGN_OR_RETURN(Prompt prompt, prompt_of(*version));
  return std::make_shared<const ResolvedPrompt>(
      ResolvedPrompt{.name = wanted.name, .version = number, .prompt = std::move(prompt)});
}

}  // namespace

std::optional<PromptReference> parse_prompt_reference(std::string_view text) {
  size_t at = text.find_last_of("@/");
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  PromptReference reference{.name = std::string(text.substr(0, at)), .alias = {}};
  std::string_view rest = text.substr(at + 1);
  if (text[at] == '@') {
    reference.alias = rest;
    return reference;
  }
  auto number = parse_int(rest);
  if (!number || *number < 1) return std::nullopt;
  reference.number = *number;
  return reference;
}

std::shared_ptr<const ResolvedPrompt> PromptResolver::fresh(const std::string& reference) {
  std::lock_guard lock(mutex_);
  auto found = kept_.find(reference);
  if (found == kept_.end() || clock_.monotonic_us() - found->second.read_at_us > kFreshUs) return nullptr;
  return found->second.prompt;
}

void PromptResolver::keep(const std::string& reference, std::shared_ptr<const ResolvedPrompt> prompt) {
  std::lock_guard lock(mutex_);
  if (kept_.size() >= kPromptsMax) kept_.clear();
  kept_[reference] = {.prompt = std::move(prompt), .read_at_us = clock_.monotonic_us()};
}

Task<Result<std::shared_ptr<const ResolvedPrompt>>> PromptResolver::resolve(std::string reference) {
  if (auto kept = fresh(reference)) co_return kept;
  auto wanted = parse_prompt_reference(reference);
  if (!wanted) {
    co_return Failure(
        Error::invalid("prompt", "'" + reference + "' names no prompt: name@alias or name/version"));
  }
  using Found = std::shared_ptr<const ResolvedPrompt>;
  auto work = [&wanted](Connection& connection) { return read_prompt(connection, *wanted); };
  ASSIGN_OR_CO_RETURN(Found found, co_await database_.read<Found>(work));
  keep(reference, found);
  co_return found;
}

}  // namespace penstock::registry
