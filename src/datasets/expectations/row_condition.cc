#include "datasets/expectations/row_condition.h"

#include <array>
#include <cctype>
#include <vector>

#include "core/text.h"
#include "datasets/expectations/question.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

constexpr size_t kDepthMax = 64;
constexpr size_t kConditionBytesMax = 64 << 10;

Error wrong(const std::string& what) { return Error::invalid("row_condition", "row_condition: " + what); }

Result<const Column*> column_of(const DataFile& file, std::string_view name) {
  if (const Column* found = file.find(name)) return found;
  return Failure(wrong("there is no column '" + std::string(name) + "'"));
}

// pandas' comparisons with a missing value are false, but != is true.
Result<std::string> compare(const Column& column, std::string_view op, const Json& value) {
  std::string name = identifier(column.name);
  bool equality = op == "==" || op == "!=";
  std::optional<std::string> sql = comparable(value, column.kind);
  bool dated = column.kind == Kind::kDate || column.kind == Kind::kTimestamp;
  if (dated && value.is_string()) {
    sql = "CAST(" + literal(std::string_view(value.get_string())) + " AS TIMESTAMP)";
  }
  if (!sql && !equality && value.is_number() && column.kind == Kind::kInteger) {
    sql = literal(value.to_number<double>());
  }
  if (!sql) {
    if (equality) return std::string(op == "==" ? "false" : "true");
    return Failure(wrong("column '" + column.name + "' cannot be compared with " + to_json(value)));
  }
  if (op == "!=") return "coalesce(" + name + " <> " + *sql + ", true)";
  return "coalesce(" + name + " " + std::string(op == "==" ? "=" : op) + " " + *sql + ", false)";
}

std::string contained(const Column& column, const std::vector<Json>& values, std::string_view op) {
  std::string list = comparable_list(values, column.kind);
  std::string in =
      list.empty() ? "false" : "coalesce(" + identifier(column.name) + " IN " + list + ", false)";
  return op == "in" ? in : "(NOT " + in + ")";
}

struct Token {
  enum class Kind : uint8_t { kEnd, kName, kText, kNumber, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text{};
};

Result<std::vector<Token>> tokenize(std::string_view text) {
  std::vector<Token> out;
  constexpr std::array<std::string_view, 15> kSymbols = {"==", "!=", "<=", ">=", "<", ">", "(", ")",
                                                         "[",  "]",  ",",  "&",  "|", "~", "."};
  while (!(text = trim(text)).empty()) {
    char first = text[0];
    size_t end = 1;
    if (first == '"' || first == '\'' || first == '`') {
      end = text.find(first, 1);
      if (end == std::string_view::npos) return Failure(wrong("a quotation mark is not closed"));
      out.push_back(
          {first == '`' ? Token::Kind::kName : Token::Kind::kText, std::string(text.substr(1, end - 1))});
      text.remove_prefix(end + 1);
      continue;
    }
    if (std::isdigit(static_cast<unsigned char>(first)) || first == '-' || first == '+') {
      end = text.find_first_not_of("0123456789.eE+-", 1);
      out.push_back({Token::Kind::kNumber, std::string(text.substr(0, end))});
    } else if (std::isalpha(static_cast<unsigned char>(first)) || first == '_' || (first & 0x80) != 0) {
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_' ||
                                   (text[end] & 0x80) != 0)) {
        ++end;
      }
      out.push_back({Token::Kind::kName, std::string(text.substr(0, end))});
    } else {
      auto symbol = std::ranges::find_if(kSymbols, [&](std::string_view s) { return text.starts_with(s); });
      if (symbol == kSymbols.end())
        return Failure(wrong("'" + std::string(1, first) + "' is not understood"));
      out.push_back({Token::Kind::kSymbol, std::string(*symbol)});
      end = symbol->size();
    }
    text.remove_prefix(std::min(end, text.size()));
  }
  out.emplace_back();
  return out;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const DataFile& file) : tokens_(std::move(tokens)), file_(file) {}

  Result<std::string> parse() {
    ASSIGN_OR_RETURN(std::string sql, alternatives(0));
    if (peek().kind != Token::Kind::kEnd) return Failure(wrong("'" + peek().text + "' is not expected"));
    return sql;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  bool take(std::string_view text) {
    if (peek().kind == Token::Kind::kText || peek().text != text) return false;
    ++at_;
    return true;
  }
  Result<void> expect(std::string_view text) {
    if (take(text)) return {};
    return Failure(wrong("'" + std::string(text) + "' is missing before '" + peek().text + "'"));
  }

  Result<std::string> alternatives(size_t depth) {
    ASSIGN_OR_RETURN(std::string sql, conjunction(depth));
    while (take("or") || take("|")) {
      ASSIGN_OR_RETURN(std::string right, conjunction(depth));
      sql = "(" + sql + " OR " + right + ")";
    }
    return sql;
  }

  Result<std::string> conjunction(size_t depth) {
    ASSIGN_OR_RETURN(std::string sql, negation(depth));
    while (take("and") || take("&")) {
      ASSIGN_OR_RETURN(std::string right, negation(depth));
      sql = "(" + sql + " AND " + right + ")";
    }
    return sql;
  }

  Result<std::string> negation(size_t depth) {
    if (depth > kDepthMax) return Failure(wrong("it is nested too deeply"));
    if (take("not") || take("~")) {
      ASSIGN_OR_RETURN(std::string sql, negation(depth + 1));
      return "(NOT " + sql + ")";
    }
    if (take("(")) {
      ASSIGN_OR_RETURN(std::string sql, alternatives(depth + 1));
      RETURN_IF_ERROR(expect(")"));
      return sql;
    }
    return comparison();
  }

  Result<const Column*> column() {
    if (peek().kind != Token::Kind::kName) {
      return Failure(wrong("a column's name is expected instead of '" + peek().text + "'"));
    }
    std::string name = tokens_[at_++].text;
    if (name == "col" && take("(")) {
      name = tokens_[at_++].text;
      RETURN_IF_ERROR(expect(")"));
    }
    return column_of(file_, name);
  }

  Result<Json> value() {
    const Token& token = peek();
    if (take("date")) {
      RETURN_IF_ERROR(expect("("));
      ASSIGN_OR_RETURN(Json inner, value());
      RETURN_IF_ERROR(expect(")"));
      return inner;
    }
    ++at_;
    switch (token.kind) {
      case Token::Kind::kText:
        return Json(boost::json::string(token.text));
      case Token::Kind::kNumber:
        if (auto whole = parse_int(token.text)) return Json(*whole);
        if (auto number = parse_number(token.text)) return Json(*number);
        break;
      case Token::Kind::kName:
        if (token.text == "True" || token.text == "False") return Json(token.text == "True");
        break;
      default:
        break;
    }
    --at_;
    return Failure(wrong("a number, a text, True or False is expected instead of '" + token.text + "'"));
  }

  Result<std::string> comparison() {
    ASSIGN_OR_RETURN(const Column* left, column());
    std::string name = identifier(left->name);
    if (take(".")) {
      bool absent = peek().text == "isnull" || peek().text == "isna";
      if (!absent && peek().text != "notnull" && peek().text != "notna") {
        return Failure(wrong("'." + peek().text + "' is not understood: .isnull() and .notnull() are"));
      }
      ++at_;
      RETURN_IF_ERROR(expect("("));
      RETURN_IF_ERROR(expect(")"));
      return "(" + name + (absent ? " IS NULL)" : " IS NOT NULL)");
    }
    bool negated = take("not");
    if (take("in")) return membership(*left, negated ? "not in" : "in");
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!take(op)) continue;
      ASSIGN_OR_RETURN(Json right, value());
      return compare(*left, op, right);
    }
    if (left->kind == Kind::kBoolean) return "coalesce(" + name + ", false)";
    return Failure(wrong("a comparison is expected instead of '" + peek().text + "'"));
  }

  Result<std::string> membership(const Column& left, std::string_view op) {
    RETURN_IF_ERROR(expect("["));
    std::vector<Json> values;
    while (!take("]")) {
      ASSIGN_OR_RETURN(Json element, value());
      values.push_back(std::move(element));
      if (!take(",")) {
        RETURN_IF_ERROR(expect("]"));
        break;
      }
    }
    return contained(left, values, op);
  }

  std::vector<Token> tokens_;
  const DataFile& file_;
  size_t at_ = 0;
};

Result<std::string> parse_text(std::string_view text, const DataFile& file) {
  if (text.size() > kConditionBytesMax) return Failure(wrong("it is over 64 KiB"));
  ASSIGN_OR_RETURN(std::vector<Token> tokens, tokenize(text));
  return Parser(std::move(tokens), file).parse();
}

Result<std::string> parse_object(const Json& condition, const DataFile& file, size_t depth);

Result<std::string> parse_members(const Json& condition, const DataFile& file, size_t depth,
                                  std::string_view joint) {
  const Json* members = find(condition, "conditions");
  if (members == nullptr || !members->is_array() || members->get_array().empty()) {
    return Failure(wrong("'conditions' must be a list"));
  }
  std::string sql;
  for (const Json& member : members->get_array()) {
    ASSIGN_OR_RETURN(std::string part, parse_object(member, file, depth + 1));
    sql.append(sql.empty() ? "(" : joint).append(part);
  }
  return sql + ")";
}

Result<std::string> parse_comparison(const Json& condition, const Column& column) {
  std::string_view op = string_at(condition, "operator");
  const Json* parameter = find(condition, "parameter");
  if (parameter == nullptr) return Failure(wrong("'parameter' is missing"));
  if (op == "IN" || op == "NOT_IN") {
    if (!parameter->is_array()) return Failure(wrong("'parameter' of IN must be a list"));
    std::vector<Json> values(parameter->get_array().begin(), parameter->get_array().end());
    return contained(column, values, op == "IN" ? "in" : "not in");
  }
  constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<", "<=", ">", ">="};
  if (std::ranges::find(kOperators, op) == kOperators.end()) {
    return Failure(wrong("'" + std::string(op) + "' is no operator"));
  }
  return compare(column, op, *parameter);
}

Result<std::string> parse_object(const Json& condition, const DataFile& file, size_t depth) {
  if (depth > kDepthMax) return Failure(wrong("it is nested too deeply"));
  std::string_view type = string_at(condition, "type");
  if (type == "and") return parse_members(condition, file, depth, " AND ");
  if (type == "or") return parse_members(condition, file, depth, " OR ");
  if (type == "pass_through") return parse_text(string_at(condition, "pass_through_filter"), file);
  const Json* column = find(condition, "column");
  if (column == nullptr) return Failure(wrong("'" + std::string(type) + "' is no type of condition"));
  std::string_view name =
      column->is_string() ? std::string_view(column->get_string()) : string_at(*column, "name");
  ASSIGN_OR_RETURN(const Column* found, column_of(file, name));
  if (type == "nullity") {
    return "(" + identifier(found->name) + (bool_at(condition, "is_null") ? " IS NULL)" : " IS NOT NULL)");
  }
  return parse_comparison(condition, *found);
}

}  // namespace

Result<std::string> parse_row_condition(const Json& condition, const DataFile& file) {
  if (condition.is_null()) return std::string();
  if (condition.is_string()) return parse_text(condition.get_string(), file);
  if (condition.is_object()) return parse_object(condition, file, 0);
  return Failure(wrong("must be a text or a condition object"));
}

}  // namespace penstock::datasets
