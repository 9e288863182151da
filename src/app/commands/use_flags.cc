#include "app/commands/use_flags.h"

#include <array>
#include <cmath>
#include <iostream>

#include "app/terminal.h"
#include "core/text.h"

namespace penstock::app {
namespace {

struct LimitFlag {
  std::string_view name;
  std::string_view kind;
  int64_t per_s;
  std::string_view help;
};

constexpr std::array kLimitFlags = {
    LimitFlag{"requests-per-minute", "requests", 60, "Calls a minute at most"},
    LimitFlag{"requests-per-day", "requests", 86'400, "Calls a day at most"},
    LimitFlag{"tokens-per-minute", "tokens", 60, "Input and output tokens a minute at most"},
    LimitFlag{"tokens-per-day", "tokens", 86'400, "Input and output tokens a day at most"},
    LimitFlag{"concurrent", "concurrent", 0, "Calls in progress at most"},
};

constexpr int64_t kAmountMax = 1'000'000'000'000'000;

std::string window_text(int64_t per_s) {
  if (per_s == 0) return "";
  if (per_s == 60) return "/min";
  if (per_s == 3600) return "/h";
  if (per_s == 86'400) return "/day";
  return "/" + std::to_string(per_s) + " s";
}

void write_texts(JsonWriter& json, std::string_view name, const std::string& list) {
  json.key(name).begin_array();
  for (std::string_view item : split(list, ',')) {
    if (item = trim(item); !item.empty()) json.value(item);
  }
  json.end_array();
}

Result<void> write_budget(JsonWriter& json, const Arguments& arguments) {
  if (!arguments.has("budget-usd")) return {};
  if (arguments.text("budget-usd") == "none") {
    json.null_field("budget");
    return {};
  }
  auto usd = parse_number(arguments.text("budget-usd"));
  if (!usd || *usd < 0 || *usd > 1e9) {
    return Failure(Error::invalid("budget-usd", "--budget-usd must be an amount like 50 or 12.5, or none"));
  }
  json.key("budget").begin_object().field("amount_nano_usd", static_cast<int64_t>(std::llround(*usd * 1e9)));
  json.field("per", arguments.text("per", "month")).end_object();
  return {};
}

}  // namespace

std::vector<Flag> use_flags() {
  std::vector<Flag> flags = {
      {"budget-usd", "AMOUNT", "What may be spent in a period; none takes it away"},
      {"per", "PERIOD", "hour, day, week, month (default) or total; of the calendar, UTC"},
      {"model", "GLOBS", "Models that may be asked for, separated by commas: gpt-*,claude-*"},
      {"endpoint", "NAMES", "Operations that may be called: chat.completions,embeddings"}};
  for (const LimitFlag& flag : kLimitFlags) flags.push_back({flag.name, "N", flag.help});
  return flags;
}

Result<void> write_use(JsonWriter& json, const Arguments& arguments) {
  RETURN_IF_ERROR(write_budget(json, arguments));
  if (arguments.has("model")) write_texts(json, "models", arguments.text("model"));
  if (arguments.has("endpoint")) write_texts(json, "endpoints", arguments.text("endpoint"));
  bool limited = false;
  for (const LimitFlag& flag : kLimitFlags) {
    if (!arguments.has(flag.name)) continue;
    ASSIGN_OR_RETURN(int64_t amount, arguments.integer(flag.name, 0, 1, kAmountMax));
    if (!limited) json.key("limits").begin_array();
    limited = true;
    json.begin_object()
        .field("kind", flag.kind)
        .field("amount", amount)
        .field("per_s", flag.per_s)
        .end_object();
  }
  if (limited) json.end_array();
  return {};
}

std::string limits_text(const Json& holder) {
  const Json* limits = find(holder, "limits");
  std::string text;
  if (limits != nullptr && limits->is_array()) {
    for (const Json& limit : limits->get_array()) {
      text.append(text.empty() ? "" : ", ").append(std::to_string(int_at(limit, "amount")));
      text.append(" ").append(string_at(limit, "kind")).append(window_text(int_at(limit, "per_s")));
    }
  }
  return text.empty() ? "-" : text;
}

std::string budget_text(const Json& holder) {
  const Json* budget = find(holder, "budget");
  if (budget == nullptr || !budget->is_object()) return "-";
  return money_text(int_at(*budget, "amount_nano_usd")) + " per " + std::string(string_at(*budget, "per"));
}

Result<std::string> needed(const Arguments& arguments, std::string_view what) {
  if (!arguments.positional().empty()) return arguments.positional()[0];
  return Failure(Error::invalid("", "which " + std::string(what) + "? See --help"));
}

Result<void> show(const Arguments& arguments, const Json& json, void (*print)(const Json&)) {
  if (arguments.has("json")) {
    std::cout << to_json(json) << "\n";
  } else {
    print(json);
  }
  return {};
}

}  // namespace penstock::app
