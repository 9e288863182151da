#include "core/filter_expression.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace penstock {
namespace {

std::string shown(const FilterClause& clause) {
  return clause.entity + "|" + clause.key + "|" + clause.comparator + "|" + clause.value.written;
}

// "entity|key|comparator|value; ..." or the error.
std::string parsed(std::string_view filter) {
  auto clauses = parse_filter(filter, InvalidClauses::kQuoted);
  if (!clauses) return clauses.error().message;
  std::string out;
  for (const FilterClause& clause : *clauses) out.append(out.empty() ? "" : "; ").append(shown(clause));
  return out;
}

std::string ordered(std::string_view order) {
  auto clause = parse_order_by(order);
  if (!clause) return clause.error().message;
  return clause->entity + "|" + clause->key + (clause->ascending ? "|asc" : "|desc");
}

TEST(FilterExpression, ReadsWhatMlflowReads) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("metrics.acc > 0.9"), "metrics|acc|>|0.9");
  EXPECT_EQ(parsed("metrics.`a b` > 1e-3"), "metrics|a b|>|1e-3");
  EXPECT_EQ(parsed("params.\"a b\" like \"x%\""), "params|a b|LIKE|\"x%\"");
  EXPECT_EQ(parsed("tags.mlflow.user = 'x'"), "tags|mlflow.user|=|'x'");
  EXPECT_EQ(parsed("tags.`mlflow.parentRunId` = '1' AND"), "tags|mlflow.parentRunId|=|'1'");
  EXPECT_EQ(parsed("run_id IN ('a', 'b')"), "|run_id|IN|('a', 'b')");
  EXPECT_EQ(parsed("run_id not in ('A')"), "|run_id|NOT IN|('A')");
  EXPECT_EQ(parsed("status = 'RUNNING' and start_time > 5"), "|status|=|'RUNNING'; |start_time|>|5");
  EXPECT_EQ(parsed("metrics.a > 1 metrics.b > 2"), "metrics|a|>|1; metrics|b|>|2");
  EXPECT_EQ(parsed("tags.a IS NULL AND params.b IS NOT NULL"), "tags|a|IS NULL|; params|b|IS NOT NULL|");
  EXPECT_EQ(parsed("metrics.a > -1"), "metrics|a|>|-1");
  EXPECT_EQ(parsed("params.x = 'it''s'"), "params|x|=|'it''s'");
  EXPECT_EQ(parsed("metrics.a <> 1"), "metrics|a|<>|1");
}

TEST(FilterExpression, RefusesWhatMlflowRefusesInItsWords) {
  EXPECT_EQ(parsed("metrics.acc > 0.9 OR metrics.x < 1"), "Invalid clause(s) in filter string: 'OR'");
  EXPECT_EQ(parsed("foo bar"), "Invalid clause(s) in filter string: 'foo bar'");
  EXPECT_EQ(parsed("metrics.acc >"), "Invalid clause(s) in filter string: 'metrics.acc', '>'");
  EXPECT_EQ(parsed("(metrics.a > 1)"), "Invalid clause(s) in filter string: '(metrics.a > 1)'");
  EXPECT_EQ(parsed("NOT metrics.a > 1"), "Invalid clause(s) in filter string: 'NOT'");
  EXPECT_EQ(parsed("run_id IN 'a'"), "Invalid clause(s) in filter string: 'run_id', 'IN', ''a''");
  EXPECT_EQ(parsed("tags.a BETWEEN 'a' AND 'b'"),
            "Invalid clause(s) in filter string: 'tags.a', 'BETWEEN', ''a'', ''b''");
  EXPECT_EQ(parsed("1 = 1"), "Invalid comparison clause. Expected 'Identifier' found '1'");
  EXPECT_EQ(parsed("metrics.a-b > 1"),
            "Invalid comparison clause. Expected 'Identifier' found 'metrics.a-b'");
  EXPECT_EQ(
      parsed("metrics.a = 1;metrics.b=2"),
      "Search filter contained multiple expression 'metrics.a = 1;metrics.b=2'. Provide AND-ed expression "
      "list.");
  EXPECT_EQ(parse_filter("a = 'x' OR b = 'y'").error().message, "Invalid clause(s) in filter string: OR");
}

TEST(FilterExpression, ValuesAreCheckedByWhoeverKnowsTheirTypes) {
  auto value = [](std::string_view filter) { return parse_filter(filter).value().front().value; };
  EXPECT_EQ(filter_text(value("a = 'x'"), "").value(), "x");
  EXPECT_EQ(filter_text(value("a = 5"), "Got value ").error().message, "Got value 5");
  EXPECT_EQ(filter_text(value("a = abc"), "").error().message,
            "Parameter value is either not quoted or unidentified quote types used for string value abc. Use "
            "either single or double quotes.");
  EXPECT_EQ(filter_number(value("a > -1.5e2"), "").value(), -150);
  EXPECT_EQ(filter_number(value("a > 'x'"), "Found ").error().message, "Found 'x'");
  EXPECT_EQ(filter_list(value("a IN ('x', \"y\",)")).value(), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(filter_list(value("a IN ()")).error().message.ends_with("but got empty list"));
  EXPECT_TRUE(filter_list(value("a IN (1)")).error().message.ends_with("different type in list: (1,)"));
  EXPECT_TRUE(filter_list(value("a IN ('a', 1)")).error().message.ends_with("in list: ('a', 1)"));
}

TEST(FilterExpression, ReadsOrders) {
  EXPECT_EQ(ordered("metrics.acc DESC"), "metrics|acc|desc");
  EXPECT_EQ(ordered("metrics.`a b` asc"), "metrics|a b|asc");
  EXPECT_EQ(ordered("start_time"), "|start_time|asc");
  EXPECT_EQ(ordered(""), "Invalid order_by clause ''. Could not be parsed.");
  EXPECT_EQ(ordered("metrics.a DESC x"), "Invalid order_by clause 'metrics.a DESC x'. Could not be parsed.");
  EXPECT_EQ(ordered("metrics.a FOO"), "Invalid ordering key in order_by clause 'metrics.a FOO'.");
}

TEST(FilterExpression, NamesWhatIsAllowed) {
  constexpr std::string_view kAllowed[] = {"=", "!="};
  FilterClause clause{.entity = "params", .key = "a", .comparator = ">", .value = {}};
  EXPECT_EQ(check_comparator(clause, kAllowed).error().message,
            "Invalid comparator '>' not one of '{'=', '!='}'");
  EXPECT_EQ(invalid_key("attribute", "x", kAllowed).message,
            "Invalid attribute key 'x' specified. Valid keys are '{'=', '!='}'");
  EXPECT_EQ(escaped_like("a%~_"), "a%~~_");
}

TEST(FilterExpression, ReadsAnyTextWithoutHarm) {
  SeededRandom random(20261125);
  constexpr std::string_view kPieces[] = {"metrics", ".",  "`", "'",  "\"", "(",    ")",   ",", " ",  "AND",
                                          "IN",      "IS", "=", "!=", "1",  "-2.5", "NOT", ";", "\\", "é"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (uint64_t n = random.next_u64() % 12; n > 0; --n)
      text += kPieces[random.next_u64() % std::size(kPieces)];
    std::ignore = parse_filter(text);
    std::ignore = parse_order_by(text);
  }
}

}  // namespace
}  // namespace penstock
