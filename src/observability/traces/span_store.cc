#include "observability/traces/span_store.h"

#include <utility>

#include "core/text.h"
#include "observability/traces/translation.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr size_t kColumnBytesMax = 1024;  // of a name in a column; the content keeps all of it

constexpr std::string_view kWrite =
    "INSERT INTO trace_spans (trace, span_id, parent_id, name, type, status, start_ns, end_ns, model, "
    "provider,"
    " usage, cost, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (trace, span_id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,"
    " type = excluded.type, status = excluded.status, start_ns = excluded.start_ns, end_ns = excluded.end_ns,"
    " model = excluded.model, provider = excluded.provider, usage = excluded.usage, cost = excluded.cost,"
    " content = excluded.content";
constexpr std::string_view kAmounts =
    "SELECT span_id, parent_id, usage, cost FROM trace_spans WHERE trace = $1";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM trace_spans WHERE trace = $1";
constexpr std::string_view kContents =
    "SELECT content FROM trace_spans WHERE trace = $1"
    " ORDER BY CASE WHEN parent_id = '' THEN 0 ELSE 1 END, start_ns, id LIMIT $2 OFFSET $3";

std::string column(std::string_view text) { return std::string(utf8_prefix(text, kColumnBytesMax)); }

std::string text_attribute(const Span& span, std::string_view key) {
  const std::string* json = find_attribute(span.attributes, key);
  if (json == nullptr || !json->starts_with('"')) return {};
  std::string text = plain_text(*json);
  return text.contains('\0') ? std::string() : column(text);
}

std::string json_attribute(const Span& span, std::string_view key) {
  const std::string* json = find_attribute(span.attributes, key);
  return json == nullptr || !json->starts_with('{') ? std::string() : *json;
}

Value null_if_empty(const std::string& text) { return text.empty() ? Value() : Value(text); }

SpanAmounts amounts_in(const Row& row, int column, AmountKind kind) {
  SpanAmounts span{std::string(row.text(0)), std::string(row.text(1)), std::nullopt};
  if (!row.is_null(column)) span.amounts = parse_amounts(kind, row.text(column));
  return span;
}

}  // namespace

SpanRow make_span_row(const Span& span) {
  return {.span_id = span.span_id,
          .parent_id = span.parent_id,
          .name = column(span.name),
          .type = text_attribute(span, kSpanTypeKey),
          .status = std::string(status_name(span.status)),
          .start_ns = span.start_ns,
          .end_ns = span.end_ns,
          .model = text_attribute(span, kModelKey),
          .provider = text_attribute(span, kProviderKey),
          .usage = json_attribute(span, kUsageKey),
          .cost = json_attribute(span, kCostKey),
          .content = span_content(span)};
}

Result<void> write_span(Connection& connection, int64_t trace, const SpanRow& span) {
  const Value values[] = {trace,
                          span.span_id,
                          span.parent_id,
                          span.name,
                          span.type,
                          span.status,
                          span.start_ns,
                          span.end_ns,
                          null_if_empty(span.model),
                          null_if_empty(span.provider),
                          null_if_empty(span.usage),
                          null_if_empty(span.cost),
                          span.content};
  RETURN_IF_ERROR(connection.execute(kWrite, values));
  return {};
}

Result<StoredAmounts> read_amounts(Connection& connection, int64_t trace) {
  StoredAmounts amounts;
  const Value values[] = {trace};
  RETURN_IF_ERROR(connection.query(kAmounts, values, [&](const Row& row) {
    amounts.tokens.push_back(amounts_in(row, 2, AmountKind::kTokens));
    amounts.costs.push_back(amounts_in(row, 3, AmountKind::kCost));
    return true;
  }));
  return amounts;
}

Result<int64_t> count_spans(Connection& connection, int64_t trace) {
  int64_t count = 0;
  const Value values[] = {trace};
  RETURN_IF_ERROR(connection.query(kCount, values, [&](const Row& row) {
    count = row.integer(0);
    return false;
  }));
  return count;
}

Result<std::vector<std::string>> read_contents(Connection& connection, int64_t trace, int64_t offset,
                                               int64_t contents_max) {
  std::vector<std::string> contents;
  const Value values[] = {trace, contents_max, offset};
  RETURN_IF_ERROR(connection.query(kContents, values, [&](const Row& row) {
    contents.emplace_back(row.text(0));
    return true;
  }));
  return contents;
}

}  // namespace penstock::traces
