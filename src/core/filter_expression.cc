#include "core/filter_expression.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace penstock {
namespace {

// What stands in a filter, as sqlparse, which MLflow reads it with, cuts it.
struct Token {
  enum class Kind : uint8_t { kWord, kKeyword, kText, kInteger, kReal, kOperator, kList, kOther };
  Kind kind = Kind::kOther;
  std::string_view text;
};
using Kind = Token::Kind;

constexpr std::array<std::string_view, 10> kKeywords = {"AND",  "OR",   "NOT",   "IN",    "IS",
                                                        "NULL", "LIKE", "ILIKE", "RLIKE", "BETWEEN"};

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return begins_word(c) || is_digit(c) || c == '$' || c == '#' || c == '@'; }
bool is_operator(char c) { return std::string_view("=!<>").contains(c); }

// The length of a quoted part that `text` begins with, both quotes included; 0 if it is not closed. A doubled
// quote does not end it.
size_t quoted_length(std::string_view text) {
  char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote != '`') {
      ++i;
      continue;
    }
    if (text[i] != quote) continue;
    if (i + 1 < text.size() && text[i + 1] == quote && quote != '`') {
      ++i;
      continue;
    }
    return i + 1;
  }
  return 0;
}

// Parts joined by dots: a.b, a.`b c`, "a b". Also what only looks like one, such as a-b: kOther.
Token identifier(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '`' || text[at] == '"') {
      size_t length = quoted_length(text.substr(at));
      if (length == 0) return {Kind::kOther, text};
      at += length;
    } else if (begins_word(text[at]) || (at > 0 && continues_word(text[at]))) {
      while (at < text.size() && continues_word(text[at])) ++at;
    } else {
      break;
    }
    if (at == text.size() || text[at] != '.') break;
    ++at;
  }
  if (at < text.size() && std::string_view("+-*/%").contains(text[at])) {
    while (at < text.size() && !is_space(text[at]) && !is_operator(text[at])) ++at;
    return {Kind::kOther, text.substr(0, at)};
  }
  std::string_view word = text.substr(0, at);
  bool keyword = std::ranges::find(kKeywords, to_upper(word)) != kKeywords.end();
  return {keyword ? Kind::kKeyword : Kind::kWord, word};
}

Token number(std::string_view text) {
  size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
  Kind kind = Kind::kInteger;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at < text.size() && text[at] == '.') {
    kind = Kind::kReal;
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
    if (exponent < text.size() && is_digit(text[exponent])) {
      kind = Kind::kReal;
      at = exponent;
      while (at < text.size() && is_digit(text[at])) ++at;
    }
  }
  return {kind, text.substr(0, at)};
}

bool begins_number(std::string_view text) {
  size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
  if (at < text.size() && text[at] == '.') ++at;
  return at < text.size() && is_digit(text[at]);
}

Token list(std::string_view text) {
  size_t at = 1;
  while (at < text.size() && text[at] != ')') {
    bool quote = text[at] == '\'' || text[at] == '"';
    size_t length = quote ? quoted_length(text.substr(at)) : 1;
    if (length == 0) return {Kind::kOther, text};
    at += length;
  }
  return at < text.size() ? Token{Kind::kList, text.substr(0, at + 1)} : Token{Kind::kOther, text};
}

Token next_token(std::string_view text) {
  char c = text[0];
  if (c == '\'') {
    size_t length = quoted_length(text);
    return length == 0 ? Token{Kind::kOther, text} : Token{Kind::kText, text.substr(0, length)};
  }
  if (c == '(') return list(text);
  if (is_operator(c)) {
    size_t at = 1;
    while (at < text.size() && is_operator(text[at])) ++at;
    return {Kind::kOperator, text.substr(0, at)};
  }
  if (begins_number(text)) return number(text);
  if (begins_word(c) || c == '`' || c == '"') return identifier(text);
  return {Kind::kOther, text.substr(0, 1)};
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  while (!text.empty()) {
    if (is_space(text[0])) {
      text.remove_prefix(1);
      continue;
    }
    Token token = next_token(text);
    text.remove_prefix(token.text.size());
    tokens.push_back(token);
  }
  return tokens;
}

bool is_keyword(const Token& token, std::string_view word) {
  return token.kind == Kind::kKeyword && to_upper(token.text) == word;
}

bool is_value(const Token& token) {
  return token.kind != Kind::kKeyword && token.kind != Kind::kOperator && token.kind != Kind::kOther;
}

// A word comparing one value with another, or a sign.
bool compares(const Token& token) {
  return token.kind == Kind::kOperator || is_keyword(token, "LIKE") || is_keyword(token, "ILIKE") ||
         is_keyword(token, "RLIKE");
}

std::string_view unquoted(std::string_view text) {
  bool quoted = text.size() >= 2 && text.front() == text.back() && std::string_view("`'\"").contains(text[0]);
  return quoted ? text.substr(1, text.size() - 2) : text;
}

void set_identifier(std::string_view written, std::string& entity, std::string& key) {
  size_t dot =
      written.starts_with('`') || written.starts_with('"') ? std::string_view::npos : written.find('.');
  if (dot == std::string_view::npos) {
    key = unquoted(written);
    return;
  }
  entity = unquoted(written.substr(0, dot));
  key = unquoted(written.substr(dot + 1));
}

Error ill_formed_list() {
  return Error::invalid(
      "filter",
      "While parsing a list in the query, expected a non-empty list of string values, but got "
      "ill-formed list.");
}

Result<FilterValue> list_value(std::string_view written) {
  FilterValue value{.kind = FilterValue::Kind::kList, .written = std::string(written)};
  std::string_view inside = written.substr(1, written.size() - 2);
  for (bool more = false; !trim(inside).empty(); more = true) {
    while (is_space(inside[0])) inside.remove_prefix(1);
    if (more) {
      if (inside[0] != ',') return Failure(ill_formed_list());
      inside.remove_prefix(1);
      if (trim(inside).empty()) break;  // a trailing comma
      while (is_space(inside[0])) inside.remove_prefix(1);
    }
    bool quoted = inside[0] == '\'' || inside[0] == '"';
    size_t length = quoted ? quoted_length(inside) : std::min(inside.find(','), inside.size());
    if (length == 0 || value.items.size() == kFilterListMax) return Failure(ill_formed_list());
    value.only_texts = value.only_texts && quoted;
    value.items.emplace_back(quoted ? unquoted(inside.substr(0, length)) : trim(inside.substr(0, length)));
    inside.remove_prefix(length);
  }
  return value;
}

Result<FilterValue> value_of(const Token& token) {
  std::string written(token.text);
  switch (token.kind) {
    case Kind::kText:
      return FilterValue{.kind = FilterValue::Kind::kText, .written = written};
    case Kind::kInteger:
      return FilterValue{.kind = FilterValue::Kind::kInteger, .written = written};
    case Kind::kReal:
      return FilterValue{.kind = FilterValue::Kind::kReal, .written = written};
    case Kind::kList:
      return list_value(token.text);
    default: {
      bool quoted = written.size() >= 2 && written.front() == '"' && written.back() == '"';
      return FilterValue{.kind = quoted ? FilterValue::Kind::kText : FilterValue::Kind::kWord,
                         .written = written};
    }
  }
}

// One comparison at the front of `tokens`: how many tokens it takes, 0 if there is none.
struct Shape {
  size_t length = 0;
  std::string comparator;
  size_t value = 0;  // which of them is the value; 0: none
};

Shape shape_of(std::span<const Token> tokens) {
  if (tokens.size() >= 3 && compares(tokens[1]) && is_value(tokens[2]) && tokens[0].kind != Kind::kKeyword &&
      tokens[0].kind != Kind::kOperator && tokens[0].kind != Kind::kList) {
    return {.length = 3, .comparator = to_upper(tokens[1].text), .value = 2};
  }
  if (tokens.empty() || tokens[0].kind != Kind::kWord) return {};
  auto keyword = [&](size_t i, std::string_view word) {
    return i < tokens.size() && is_keyword(tokens[i], word);
  };
  auto list = [&](size_t i) { return i < tokens.size() && tokens[i].kind == Kind::kList; };
  if (keyword(1, "IN") && list(2)) return {.length = 3, .comparator = "IN", .value = 2};
  if (keyword(1, "NOT") && keyword(2, "IN") && list(3))
    return {.length = 4, .comparator = "NOT IN", .value = 3};
  if (keyword(1, "IS") && keyword(2, "NULL")) return {.length = 3, .comparator = "IS NULL"};
  if (keyword(1, "IS") && keyword(2, "NOT") && keyword(3, "NULL")) {
    return {.length = 4, .comparator = "IS NOT NULL"};
  }
  return {};
}

Result<FilterClause> clause_of(std::span<const Token> tokens, const Shape& shape) {
  if (tokens[0].kind != Kind::kWord) {
    return Failure(Error::invalid("filter", "Invalid comparison clause. Expected 'Identifier' found '" +
                                                std::string(tokens[0].text) + "'"));
  }
  FilterClause clause{.entity = {}, .key = {}, .comparator = shape.comparator, .value = {}};
  set_identifier(tokens[0].text, clause.entity, clause.key);
  if (shape.value > 0) {
    ASSIGN_OR_RETURN(clause.value, value_of(tokens[shape.value]));
  }
  return clause;
}

// Two neighbouring words are one thing to sqlparse: a name with an alias.
std::string shown_invalid(std::span<const Token> invalid, InvalidClauses shown) {
  std::string quote = shown == InvalidClauses::kQuoted ? "'" : "";
  std::string list;
  bool alias = false;
  for (size_t i = 0; i < invalid.size(); ++i) {
    alias = !alias && i > 0 && invalid[i].kind == Kind::kWord && invalid[i - 1].kind == Kind::kWord;
    if (alias) {
      list.resize(list.size() - quote.size());
      list += ' ';
    } else {
      list += list.empty() ? quote : ", " + quote;
    }
    list.append(invalid[i].text).append(quote);
  }
  return list;
}

}  // namespace

Result<std::vector<FilterClause>> parse_filter(std::string_view filter, InvalidClauses shown) {
  if (filter.size() > kFilterBytesMax || !is_valid_utf8(filter)) {
    return Failure(Error::invalid("filter", "The filter must be valid UTF-8 of at most " +
                                                std::to_string(kFilterBytesMax) + " bytes."));
  }
  std::vector<Token> tokens = tokens_of(filter);
  auto semicolon = std::ranges::find(tokens, ";", &Token::text);
  if (semicolon != tokens.end() && semicolon + 1 != tokens.end()) {
    return Failure(Error::invalid("filter", "Search filter contained multiple expression '" +
                                                std::string(filter) + "'. Provide AND-ed expression list."));
  }
  std::vector<std::pair<std::span<const Token>, Shape>> found;
  std::vector<Token> invalid;
  for (std::span<const Token> rest = tokens; !rest.empty();) {
    Shape shape = shape_of(rest);
    if (shape.length > 0) {
      found.emplace_back(rest, shape);
    } else if (!is_keyword(rest[0], "AND")) {
      invalid.push_back(rest[0]);
    }
    rest = rest.subspan(std::max<size_t>(shape.length, 1));
  }
  if (!invalid.empty()) {
    return Failure(
        Error::invalid("filter", "Invalid clause(s) in filter string: " + shown_invalid(invalid, shown)));
  }
  if (found.size() > kFilterClausesMax) {
    return Failure(Error::invalid(
        "filter", "A filter may have at most " + std::to_string(kFilterClausesMax) + " comparisons."));
  }
  std::vector<FilterClause> clauses;
  for (const auto& [at, shape] : found) {
    ASSIGN_OR_RETURN(clauses.emplace_back(), clause_of(at, shape));
  }
  return clauses;
}

Result<OrderClause> parse_order_by(std::string_view order) {
  auto unreadable = [&] {
    std::string shown(utf8_prefix(order, 1024));
    return Failure(
        Error::invalid("order_by", "Invalid order_by clause '" + shown + "'. Could not be parsed."));
  };
  if (order.size() > kFilterBytesMax || !is_valid_utf8(order)) return unreadable();
  std::vector<Token> tokens = tokens_of(order);
  if (tokens.empty() || tokens.size() > 2 || tokens[0].kind != Kind::kWord) return unreadable();
  OrderClause clause;
  set_identifier(tokens[0].text, clause.entity, clause.key);
  if (tokens.size() == 1) return clause;
  std::string direction = to_upper(tokens[1].text);
  if (direction != "ASC" && direction != "DESC") {
    return Failure(
        Error::invalid("order_by", "Invalid ordering key in order_by clause '" + std::string(order) + "'."));
  }
  clause.ascending = direction == "ASC";
  return clause;
}

Result<std::string> filter_text(const FilterValue& value, std::string_view expected) {
  if (value.kind == FilterValue::Kind::kText) return std::string(unquoted(value.written));
  if (value.kind == FilterValue::Kind::kWord) {
    return Failure(Error::invalid(
        "filter", "Parameter value is either not quoted or unidentified quote types used for string value " +
                      value.written + ". Use either single or double quotes."));
  }
  return Failure(Error::invalid("filter", std::string(expected) + value.written));
}

Result<double> filter_number(const FilterValue& value, std::string_view expected) {
  bool number = value.kind == FilterValue::Kind::kInteger || value.kind == FilterValue::Kind::kReal;
  std::string_view written = value.written;
  if (written.starts_with('+')) written.remove_prefix(1);
  auto parsed = number ? parse_number(written) : std::nullopt;
  if (parsed) return *parsed;
  return Failure(Error::invalid("filter", std::string(expected) + value.written));
}

Result<std::vector<std::string>> filter_list(const FilterValue& value) {
  constexpr std::string_view kWhile = "While parsing a list in the query, expected ";
  if (value.kind != FilterValue::Kind::kList) {
    return Failure(
        Error::invalid("filter", "Expected a list of quoted string values. Got value " + value.written));
  }
  if (value.items.empty()) {
    return Failure(Error::invalid(
        "filter", std::string(kWhile) + "a non-empty list of string values, but got empty list"));
  }
  if (value.only_texts) return value.items;
  std::string shown = value.written;
  if (value.items.size() == 1 && !shown.contains(',')) shown.insert(shown.size() - 1, ",");
  return Failure(
      Error::invalid("filter", std::string(kWhile) +
                                   "string value, punctuation, or whitespace, but got different type "
                                   "in list: " +
                                   shown));
}

Result<void> check_comparator(const FilterClause& clause, std::span<const std::string_view> allowed) {
  if (std::ranges::find(allowed, clause.comparator) != allowed.end()) return {};
  return Failure(Error::invalid(
      "filter", "Invalid comparator '" + clause.comparator + "' not one of '" + python_set(allowed) + "'"));
}

Error invalid_key(std::string_view kind, std::string_view key, std::span<const std::string_view> valid) {
  std::string message = "Invalid " + std::string(kind) + " key '" + std::string(key);
  return Error::invalid("filter", message + "' specified. Valid keys are '" + python_set(valid) + "'");
}

std::string python_set(std::span<const std::string_view> names) {
  std::string out = "{";
  for (std::string_view name : names) out.append(out.size() == 1 ? "'" : ", '").append(name).append("'");
  return out + "}";
}

std::string escaped_like(std::string_view pattern) {
  std::string out;
  for (char c : pattern) {
    if (c == '~') out += '~';
    out += c;
  }
  return out;
}

}  // namespace penstock
