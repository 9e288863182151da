#include "api/native/render.h"

#include <algorithm>
#include <array>

#include "core/json.h"
#include "core/json_writer.h"

namespace penstock::api::native {
namespace {

using observability::Percentiles;
using observability::RequestRecord;
using observability::RequestTotals;

constexpr std::array<std::string_view, 4> kHealthNames = {"ok", "starting", "degraded", "down"};
constexpr std::array<std::string_view, 4> kModelStatusNames = {"ready", "starting", "failed", "remote"};

void write_model_version(JsonWriter& json, const RequestRecord& r) {
  if (!r.model_version) {
    json.null_field("model_version");
    return;
  }
  json.key("model_version").begin_object().field("name", r.model_version->name);
  json.field("version", r.model_version->version).field("digest", r.model_version->digest).end_object();
}

void write_error(JsonWriter& json, const RequestRecord& r) {
  if (r.error_code.empty()) {
    json.null_field("error");
    return;
  }
  json.key("error").begin_object().field("code", r.error_code).field("message", r.error_message).end_object();
}

void write_tokens(JsonWriter& json, const TokenCounts& tokens) {
  json.key("tokens").begin_object().field("input", tokens.input).field("cached_input", tokens.cached_input);
  json.field("cache_write", tokens.cache_write).field("cache_write_1h", tokens.cache_write_1h);
  json.field("output", tokens.output).field("reasoning", tokens.reasoning);
  json.field("audio", tokens.audio).field("image", tokens.image);
  json.field("source", observability::token_source_name(tokens.source)).end_object();
}

void write_money(JsonWriter& json, std::string_view name, const std::optional<Money>& money) {
  if (money) {
    json.field(name, money->nano_usd);
  } else {
    json.null_field(name);
  }
}

void write_attempts(JsonWriter& json, const RequestRecord& r) {
  json.key("attempts").begin_array();
  for (const observability::Attempt& attempt : r.attempts) {
    json.begin_object().field("target", attempt.target).field("upstream", attempt.upstream);
    json.field("status", attempt.status).optional_field("error", attempt.error);
    json.field("duration_ms", attempt.duration_ms).end_object();
  }
  json.end_array();
}

// Who asked, where it was tried, and what the cache and the prices made of it.
void write_settlement(JsonWriter& json, const RequestRecord& r) {
  json.optional_field("key", r.key).optional_field("key_id", r.key_id).optional_field("group", r.group);
  json.optional_field("target", r.target);
  write_attempts(json, r);
  json.field("cache", observability::cache_outcome_name(r.cache));
  write_money(json, "saved_nano_usd", r.saved);
  json.optional_field("price_version", r.price_version);
}

// The members of a summary, without the braces.
void write_summary(JsonWriter& json, const RequestRecord& r) {
  json.field("id", r.id.text()).field("started_at_us", r.started_at.us);
  if (r.first_token_at) {
    json.field("first_token_at_us", r.first_token_at->us);
  } else {
    json.null_field("first_token_at_us");
  }
  json.field("ended_at_us", r.ended_at.us).field("endpoint", r.endpoint).field("model", r.model);
  json.optional_field("route", r.route).optional_field("upstream", r.upstream);
  json.optional_field("upstream_model", r.upstream_model);
  json.optional_field("upstream_request_id", r.upstream_request_id);
  write_model_version(json, r);
  json.field("stream", r.stream).field("status", r.status).optional_field("finish_reason", r.finish_reason);
  write_error(json, r);
  write_tokens(json, r.tokens);
  write_money(json, "cost_nano_usd", r.cost);
  json.optional_field("feature", r.feature).optional_field("user", r.user).key("metadata").begin_object();
  for (const auto& [name, value] : r.metadata) json.field(name, value);
  json.end_object().field("client_disconnected", r.client_disconnected);
  write_settlement(json, r);
}

void write_body(JsonWriter& json, std::string_view name, const std::string& body) {
  if (!body.empty() && parse_json(body)) {
    json.raw_field(name, body);
  } else {
    json.optional_field(name, body);
  }
}

void write_number(JsonWriter& json, std::string_view name, std::optional<double> number) {
  if (number) {
    json.field(name, *number);
  } else {
    json.null_field(name);
  }
}

std::optional<double> p50(const std::optional<Percentiles>& p) {
  return p ? std::optional(p->p50_ms) : std::nullopt;
}
std::optional<double> p95(const std::optional<Percentiles>& p) {
  return p ? std::optional(p->p95_ms) : std::nullopt;
}

void write_percentiles(JsonWriter& json, std::string_view name, const std::optional<Percentiles>& p) {
  json.key(name).begin_object();
  write_number(json, "p50", p50(p));
  write_number(json, "p95", p95(p));
  json.end_object();
}

void write_totals(JsonWriter& json, const RequestTotals& totals) {
  json.field("requests", totals.requests).field("errors", totals.errors);
  json.field("cancelled", totals.cancelled);
  json.field("input_tokens", totals.input_tokens).field("output_tokens", totals.output_tokens);
  json.field("cost_nano_usd", totals.cost.nano_usd);
}

void write_model(JsonWriter& json, const ModelInfo& model) {
  json.begin_object().field("name", model.name).field("kind", registry::model_kind_name(model.kind));
  json.optional_field("version", model.version).optional_field("digest", model.digest);
  json.optional_field("licence", model.licence);
  if (model.digest.empty()) {
    json.null_field("size_bytes");
  } else {
    json.field("size_bytes", model.size_bytes);
  }
  json.optional_field("source", model.source).optional_field("upstream", model.upstream);
  json.field("status", kModelStatusNames[static_cast<size_t>(model.status)]).end_object();
}

}  // namespace

std::string request_summary_json(const RequestRecord& record) {
  JsonWriter json;
  json.begin_object();
  write_summary(json, record);
  return json.end_object().take();
}

std::string request_detail_json(const RequestRecord& record) {
  JsonWriter json;
  json.begin_object();
  write_summary(json, record);
  write_body(json, "input", record.input);
  json.field("input_truncated", record.input_truncated);
  write_body(json, "output", record.output);
  return json.field("output_truncated", record.output_truncated).end_object().take();
}

std::string request_page_json(const observability::RequestPage& page) {
  JsonWriter json;
  json.begin_object().key("requests").begin_array();
  for (const RequestRecord& record : page.requests) {
    json.begin_object();
    write_summary(json, record);
    json.end_object();
  }
  return json.end_array().optional_field("next_cursor", page.next_cursor).end_object().take();
}

std::string stats_json(const observability::StatsSummary& summary) {
  JsonWriter json;
  json.begin_object().field("window_s", summary.window_s).field("requests", summary.totals.requests);
  json.field("errors", summary.totals.errors).field("cancelled", summary.totals.cancelled);
  json.field("requests_per_s", summary.requests_per_s);
  json.field("tokens_per_s", summary.tokens_per_s).field("cost_nano_usd", summary.totals.cost.nano_usd);
  write_percentiles(json, "ttft_ms", summary.ttft);
  write_percentiles(json, "latency_ms", summary.latency);
  json.key("series").begin_array();
  for (const observability::StatsPoint& point : summary.series) {
    json.begin_object().field("t_us", point.at.us);
    write_totals(json, point.totals);
    write_number(json, "ttft_p50_ms", p50(point.ttft));
    write_number(json, "ttft_p95_ms", p95(point.ttft));
    json.end_object();
  }
  json.end_array().key("by_model").begin_array();
  for (const observability::ModelStats& model : summary.by_model) {
    json.begin_object().field("model", model.model);
    write_totals(json, model.totals);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

std::string version_json(const VersionInfo& version) {
  JsonWriter json;
  json.begin_object().field("version", version.version).field("commit", version.commit);
  json.field("compiler", version.compiler).field("started_at_us", version.started_at.us);
  return json.end_object().take();
}

std::string models_json(const std::vector<ModelInfo>& models) {
  JsonWriter json;
  json.begin_object().key("models").begin_array();
  for (const ModelInfo& model : models) write_model(json, model);
  return json.end_array().end_object().take();
}

HealthStatus overall_health(const std::vector<HealthPart>& parts) {
  auto stops_everything = [](const HealthPart& part) {
    return part.role == PartRole::kEssential && part.status == HealthStatus::kDown;
  };
  auto is_ok = [](const HealthPart& part) { return part.status == HealthStatus::kOk; };
  if (std::ranges::any_of(parts, stops_everything)) return HealthStatus::kDown;
  return std::ranges::all_of(parts, is_ok) ? HealthStatus::kOk : HealthStatus::kDegraded;
}

std::string_view health_status_name(HealthStatus status) { return kHealthNames[static_cast<size_t>(status)]; }

std::string health_json(const std::vector<HealthPart>& parts, int64_t uptime_s) {
  JsonWriter json;
  json.begin_object().field("status", health_status_name(overall_health(parts))).field("uptime_s", uptime_s);
  json.key("parts").begin_array();
  for (const HealthPart& part : parts) {
    json.begin_object().field("name", part.name).field("status", health_status_name(part.status));
    json.field("detail", part.detail).end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace penstock::api::native
