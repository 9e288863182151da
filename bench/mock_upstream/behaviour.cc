#include "bench/mock_upstream/behaviour.h"

#include <array>

#include "core/text.h"

namespace penstock::bench {
namespace {

struct Trait {
  std::string_view name;
  void (*set)(Behaviour&, int64_t number);
};

constexpr std::array kTraits = {
    Trait{"tools", [](Behaviour& b, int64_t) { b.tools = true; }},
    Trait{"parallel", [](Behaviour& b, int64_t) { b.tools = b.parallel = true; }},
    Trait{"json", [](Behaviour& b, int64_t) { b.json = true; }},
    Trait{"cached", [](Behaviour& b, int64_t) { b.cached = true; }},
    Trait{"cache-write", [](Behaviour& b, int64_t) { b.cache_write = true; }},
    Trait{"reasoning", [](Behaviour& b, int64_t) { b.reasoning = true; }},
    Trait{"images", [](Behaviour& b, int64_t) { b.images = true; }},
    Trait{"strict", [](Behaviour& b, int64_t) { b.strict = true; }},
    Trait{"ping", [](Behaviour& b, int64_t) { b.ping = true; }},
    Trait{"events", [](Behaviour& b, int64_t n) { b.events = n; }},
    Trait{"latency", [](Behaviour& b, int64_t ms) { b.latency_us = ms * 1000; }},
    Trait{"pace", [](Behaviour& b, int64_t ms) { b.pace_us = ms * 1000; }},
    Trait{"first", [](Behaviour& b, int64_t n) { b.faulty_first = n; }},
    Trait{"retry-ms", [](Behaviour& b, int64_t ms) { b.retry_after_ms = ms, b.retry_after_s = 0; }},
    Trait{"retry-s", [](Behaviour& b, int64_t s) { b.retry_after_s = s; }},
    Trait{"retry-none", [](Behaviour& b, int64_t) { b.retry_after_s = 0; }},
    Trait{"as-azure", [](Behaviour& b, int64_t) { b.words = Words::kAzure; }},
    Trait{"as-vllm", [](Behaviour& b, int64_t) { b.words = Words::kVllm; }},
    Trait{"as-llama", [](Behaviour& b, int64_t) { b.words = Words::kLlamaServer; }},
    Trait{"as-gemini", [](Behaviour& b, int64_t) { b.words = Words::kGemini; }},
};

void apply(Behaviour& behaviour, std::string_view text) {
  int64_t number = 0;
  const size_t dash = text.rfind('-');
  if (dash != std::string_view::npos) {
    const auto parsed = parse_int(text.substr(dash + 1));
    if (parsed) {
      number = *parsed;
      text = text.substr(0, dash);
    }
  }
  for (const Trait& trait : kTraits) {
    if (trait.name == text) return trait.set(behaviour, number);
  }
}

}  // namespace

Behaviour Behaviour::of(std::string_view model) {
  Behaviour behaviour;
  size_t plus = model.find('+');
  const std::string_view name = model.substr(0, plus);
  behaviour.fault = Fault::of(name);
  behaviour.tools = name == "tools";
  if (behaviour.fault.kind == FaultKind::kStatus) behaviour.faulty_first = behaviour.fault.number;
  while (plus != std::string_view::npos) {
    model.remove_prefix(plus + 1);
    plus = model.find('+');
    apply(behaviour, model.substr(0, plus));
  }
  return behaviour;
}

}  // namespace penstock::bench
