#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "registry/prompt.h"
#include "storage/database/database.h"

namespace penstock::registry {

// "greeting@live" or "greeting/3".
struct PromptReference {
  std::string name;
  std::string alias;  // one of the two
  int64_t number = 0;
};
std::optional<PromptReference> parse_prompt_reference(std::string_view text);

struct ResolvedPrompt {
  std::string name;
  int64_t version = 0;
  Prompt prompt;
};

// Prompts for the request path: what was read within the last kFreshUs is not read again, so an alias that
// moves counts within that time. Thread-safe; the database and the clock outlive it.
class PromptResolver {
 public:
  static constexpr int64_t kFreshUs = 1'000'000;
  static constexpr size_t kPromptsMax = 1'000;  // kept

  PromptResolver(database::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // kNotFound, naming what is missing.
  Task<Result<std::shared_ptr<const ResolvedPrompt>>> resolve(std::string reference);

 private:
  struct Kept {
    std::shared_ptr<const ResolvedPrompt> prompt;
    int64_t read_at_us = 0;
  };
  std::shared_ptr<const ResolvedPrompt> fresh(const std::string& reference);
  void keep(const std::string& reference, std::shared_ptr<const ResolvedPrompt> prompt);

  database::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace penstock::registry
