#include <algorithm>
#include <array>

#include "bench/mock_upstream/call.h"

namespace penstock::bench {
namespace {

struct Route {
  std::string_view method;
  std::string_view end;  // of the path
  Endpoint endpoint;
  Protocol protocol;
};

// Where one end is the end of another, the longer one stands first.
constexpr std::array kRoutes = {
    Route{"POST", "/chat/completions", Endpoint::kChat, Protocol::kOpenAi},
    Route{"POST", "/completions", Endpoint::kCompletions, Protocol::kOpenAi},
    Route{"POST", "/embeddings", Endpoint::kEmbeddings, Protocol::kOpenAi},
    Route{"POST", "/messages/count_tokens", Endpoint::kCountTokens, Protocol::kAnthropic},
    Route{"POST", "/messages", Endpoint::kMessages, Protocol::kAnthropic},
    Route{"POST", "/moderations", Endpoint::kModerations, Protocol::kOpenAi},
    Route{"POST", "/rerank", Endpoint::kRerank, Protocol::kOpenAi},
    Route{"GET", "/models", Endpoint::kModels, Protocol::kOpenAi},
    Route{"GET", "/ledger", Endpoint::kLedger, Protocol::kOpenAi},
    Route{"DELETE", "/ledger", Endpoint::kLedgerClear, Protocol::kOpenAi},
};

// Between "/deployments/" and the next slash.
std::string_view deployment_in(std::string_view path) {
  constexpr std::string_view kBefore = "/deployments/";
  const size_t at = path.find(kBefore);
  if (at == std::string_view::npos) return {};
  path.remove_prefix(at + kBefore.size());
  return path.substr(0, path.find('/'));
}

}  // namespace

Place Place::of(std::string_view start_line) {
  const size_t space = start_line.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view method = start_line.substr(0, space);
  std::string_view target = start_line.substr(space + 1);
  target = target.substr(0, target.find(' '));
  const size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  const auto* route = std::ranges::find_if(
      kRoutes, [&](const Route& r) { return r.method == method && path.ends_with(r.end); });
  if (route == kRoutes.end()) return {};
  const bool versioned =
      question != std::string_view::npos && target.substr(question).find("api-version=") != target.npos;
  return {route->endpoint, route->protocol, deployment_in(path), versioned};
}

}  // namespace penstock::bench
