#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/litellm_plan.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::app::litellm {
namespace {

// A scalar that YAML reads back as this very text; in quotes where it might take it for something else.
// Quoted as JSON, which YAML 1.2 includes.
std::string scalar(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {"true", "false", "yes", "no", "on",
                                                      "off",  "null",  "y",   "n"};
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  auto is_plain = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  };
  bool plain = !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_plain) &&
               std::ranges::find(kWords, to_lower(text)) == kWords.end();
  return plain ? std::string(text) : json_quoted(text);
}

// The same for a value of the file, in which a dollar sign is no variable; keys are never expanded.
std::string literal(std::string_view text) {
  std::string escaped;
  for (char c : text) escaped.append(c == '$' ? 2 : 1, c);
  return scalar(escaped);
}

std::string names(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& name : list) out += (out.size() > 1 ? ", " : "") + literal(name);
  return out + "]";
}

// For a comment, which ends with its line.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// {key: value, ...} of the members that are there.
class Flow {
 public:
  void add(std::string_view key, std::string_view value) {
    text_ += fmt::format("{}{}: {}", text_.empty() ? "" : ", ", key, value);
  }
  bool empty() const { return text_.empty(); }
  std::string text() const { return text_.empty() ? "{}" : "{ " + text_ + " }"; }

 private:
  std::string text_;
};

class Writer {
 public:
  Writer(const Plan& plan, std::string_view file) : plan_(plan), file_(one_line(file)) {}

  std::string write() {
    write_head();
    write_providers();
    write_models();
    write_prices();
    write_keys();
    write_log();
    write_notes();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_.append(text).append("\n"); }
  std::string from(int line) const { return fmt::format("  # {}:{}", file_, line); }

  void write_head() {
    line(fmt::format("# Made by `penstock import litellm` from {}.", file_));
    line("# Check it with `penstock config check`; what was left out stands at the end.");
    if (!plan_.environment.empty()) {
      line("#");
      line("# Environment variables that it needs:");
      for (const std::string& name : plan_.environment) line("#   " + name);
    }
    line("version: 1");
  }

  void write_providers() {
    if (plan_.providers.empty()) return;
    line("\nproviders:");
    for (const PlannedProvider& provider : plan_.providers) {
      line("  " + scalar(provider.name) + ":" + from(provider.line));
      line("    type: " + provider.type);
      // Both may hold ${NAME}, which stays one.
      if (!provider.base_url.empty()) line("    base_url: " + json_quoted(provider.base_url));
      if (!provider.api_version.empty()) line("    api_version: " + json_quoted(provider.api_version));
      if (!provider.key_env.empty()) line("    keys: [{ env: " + provider.key_env + " }]");
    }
  }

  void write_models() {
    if (plan_.routes.empty()) return;
    line("\nmodels:");
    for (const PlannedRoute& route : plan_.routes) write_route(route);
  }

  void write_route(const PlannedRoute& route) {
    line("  " + scalar(route.name) + ":" + from(route.line));
    line("    strategy: " + route.strategy);
    line("    targets:");
    for (const PlannedTarget& target : route.targets) {
      Flow flow;
      if (!target.id.empty()) flow.add("id", literal(target.id));
      flow.add("provider", scalar(target.provider));
      if (!target.model.empty()) flow.add("model", literal(target.model));
      if (target.weight != 1) flow.add("weight", fmt::format("{:.10g}", target.weight));
      line("      - " + flow.text() + from(target.line));
    }
    write_timeouts(route.timeouts);
    write_retry(route.retry);
    write_breaker();
    write_fallbacks(route);
    if (plan_.cache_ttl_s > 0) line(fmt::format("    cache: {{ exact: {{ ttl: {}s }} }}", plan_.cache_ttl_s));
  }

  void write_timeouts(const PlannedTimeouts& own) {
    Flow flow;
    auto add = [&](std::string_view key, int64_t of_route, int64_t of_all) {
      if (int64_t ms = of_route != 0 ? of_route : of_all; ms != 0) flow.add(key, std::to_string(ms));
    };
    add("total_ms", own.total_ms, plan_.timeouts.total_ms);
    add("ttft_ms", own.ttft_ms, plan_.timeouts.ttft_ms);
    if (!flow.empty()) line("    timeouts: " + flow.text());
  }

  void write_retry(const PlannedRetry& own) {
    Flow flow;
    const PlannedRetry& retry = own.attempts != 0 ? own : plan_.retry;
    if (retry.attempts != 0) flow.add("attempts", std::to_string(retry.attempts));
    if (!retry.on.empty()) flow.add("on", names({retry.on.begin(), retry.on.end()}));
    if (int64_t pause = plan_.retry.backoff_ms; pause != 0)
      flow.add("backoff_ms", fmt::format("[{}, {}]", pause, std::max<int64_t>(pause, 2'000)));
    if (!flow.empty()) line("    retry: " + flow.text());
  }

  void write_breaker() {
    const PlannedBreaker& breaker = plan_.breaker;
    if (breaker.failures == 0 && breaker.cooldown_s == 0) return;
    Flow flow;
    if (breaker.failures != 0) {
      flow.add("window_s", "60");
      flow.add("trip", fmt::format("{{ min: {} }}", breaker.failures));
    }
    if (int64_t s = breaker.cooldown_s; s != 0) flow.add("cooldown_s", fmt::format("[{}, {}]", s, s));
    line("    breaker: " + flow.text());
  }

  void write_fallbacks(const PlannedRoute& route) {
    Flow flow;
    if (!route.fallback.empty()) flow.add("default", names(route.fallback));
    if (!route.context_window.empty()) flow.add("context_window", names(route.context_window));
    if (!route.content_policy.empty()) flow.add("content_policy", names(route.content_policy));
    if (!flow.empty()) line("    fallback: " + flow.text());
  }

  // A price needs both ends; one alone is no price.
  void write_prices() {
    bool begun = false;
    for (const auto& [model, price] : plan_.prices) {
      Flow flow;
      auto add = [&](std::string_view key, const std::optional<double>& usd) {
        if (usd) flow.add(key, fmt::format("{:.10g}", *usd));
      };
      add("input_usd_per_mtok", price.input.value_or(0));
      add("output_usd_per_mtok", price.output.value_or(0));
      add("cached_input_usd_per_mtok", price.cached_input);
      add("cache_write_usd_per_mtok", price.cache_write);
      if (!std::exchange(begun, true)) line("\nprices:\n  models:");
      line("    " + scalar(model) + ": " + flow.text());
    }
  }

  void write_keys() {
    if (plan_.master_key_env.empty()) return;
    line("\n# The master key. Keys for clients: penstock keys create.");
    line("keys:");
    line(fmt::format("  - {{ name: master, env: {}, role: owner }}", plan_.master_key_env));
  }

  void write_log() {
    Flow flow;
    if (!plan_.log_level.empty()) flow.add("level", plan_.log_level);
    if (!plan_.log_format.empty()) flow.add("format", plan_.log_format);
    if (!flow.empty()) line("\nlog: " + flow.text());
  }

  void write_notes() {
    if (plan_.notes.empty()) return;
    line("\n# What is not as it was:");
    for (const ImportNote& note : plan_.notes) {
      line("#   " + one_line(fmt::format("{}:{}: {} ({}): {}", file_, note.line, note.setting,
                                         import_note_name(note.kind), note.message)));
    }
  }

  const Plan& plan_;
  const std::string file_;
  std::string out_;
};

}  // namespace

std::string write_plan(const Plan& plan, std::string_view file) { return Writer(plan, file).write(); }

}  // namespace penstock::app::litellm
