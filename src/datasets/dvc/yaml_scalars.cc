#include "datasets/dvc/yaml_scalars.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

size_t quoted_end(std::string_view line) {
  char quote = line[0];
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && quote == '"') {
      ++i;
    } else if (line[i] == quote) {
      if (quote == '\'' && i + 1 < line.size() && line[i + 1] == '\'') {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return kNone;
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// A line break within a quoted scalar: one becomes a space, n become n - 1; spaces around them go.
void fold(std::string_view text, size_t& at, std::string& out) {
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
  size_t breaks = 0;
  for (; at < text.size() && is_space(text[at]); ++at) breaks += text[at] == '\n';
  out.append(breaks > 1 ? std::string(breaks - 1, '\n') : " ");
}

}  // namespace

size_t key_end(std::string_view line) {
  if (line.empty()) return kNone;
  size_t from = 0;
  if (line[0] == '"' || line[0] == '\'') {
    from = quoted_end(line);
    if (from == kNone) return kNone;
    size_t colon = line.find_first_not_of(' ', from);
    if (colon == kNone || line[colon] != ':') return kNone;
    return colon + 1 == line.size() || is_space(line[colon + 1]) ? colon : kNone;
  }
  if (std::string_view("[]{},#&*!|>%@`").contains(line[0])) return kNone;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && i > 0 && is_space(line[i - 1])) return kNone;
    if (line[i] == ':' && (i + 1 == line.size() || is_space(line[i + 1]))) return i;
  }
  return kNone;
}

size_t plain_end(std::string_view line) {
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '#' && is_space(line[i - 1])) return i;
  }
  return line.size();
}

Value plain_value(std::string_view text) {
  Value value{.kind = plain_kind(text), .text = std::string(text)};
  if (value.kind == Value::Kind::kNull) value.text.clear();
  if (value.kind == Value::Kind::kBool) value.text = to_lower(text);
  return value;
}

std::string block_text(const std::vector<std::string_view>& lines, char style, char chomp) {
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = trim(lines[i]).empty() ? std::string_view() : lines[i];
    bool folds = style == '>' && i > 0 && !text.empty() && text.back() == '\n' && !line.empty() &&
                 !line.starts_with(' ') && !trim(lines[i - 1]).empty() && !lines[i - 1].starts_with(' ');
    if (folds) text.back() = ' ';
    text.append(line).append("\n");
  }
  if (chomp == '+') return text;
  while (text.ends_with('\n')) text.pop_back();
  if (chomp != '-' && !text.empty()) text += '\n';
  return text;
}

Error ScalarScan::failed(std::string_view what, bool ended) {
  wants_more_ = ended;
  return Error::invalid("", std::string(what));
}

void ScalarScan::skip_space() {
  while (at_ < text_.size()) {
    if (is_space(text_[at_])) {
      ++at_;
    } else if (text_[at_] == '#' && at_ > 0 && is_space(text_[at_ - 1])) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

bool ScalarScan::take(char c) {
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

Result<Value> ScalarScan::value() {
  skip_space();
  if (at_ >= text_.size()) return Failure(failed("the text ends within a value", true));
  if (depth_left_-- <= 0) return Failure(failed("nested too deeply", false));
  char first = text_[at_];
  Result<Value> out = first == '"' || first == '\'' ? quoted()
                      : first == '['                ? list()
                      : first == '{'                ? map()
                                                    : plain();
  ++depth_left_;
  return out;
}

Result<Value> ScalarScan::quoted() {
  char quote = text_[at_++];
  Value value = Value::string("");
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == quote) {
      ++at_;
      if (quote == '"' || !take('\'')) return value;
      value.text += '\'';
    } else if (c == '\n') {
      fold(text_, at_, value.text);
    } else if (c == '\\' && quote == '"') {
      RETURN_IF_ERROR(escape(value.text));
    } else {
      value.text += c;
      ++at_;
    }
  }
  return Failure(failed("the text ends within quotes", true));
}

Result<void> ScalarScan::escape(std::string& out) {
  if (at_ + 1 >= text_.size()) return Failure(failed("the text ends within quotes", true));
  char c = text_[at_ + 1];
  at_ += 2;
  constexpr std::string_view kNames = "0abt\tnvfre \"/\\N_LP";
  constexpr uint32_t kCodes[] = {0,    7,   8,   9,   9,    10,   11,   12,     13,
                                 0x1B, ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
  if (size_t at = kNames.find(c); at != kNone) {
    append_utf8(out, kCodes[at]);
    return {};
  }
  if (c == '\n') {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return {};
  }
  size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  uint32_t code = 0;
  std::string_view number = text_.substr(std::min(at_, text_.size()), digits);
  auto parsed = std::from_chars(number.data(), number.data() + number.size(), code, 16);
  if (digits == 0 || number.size() < digits || parsed.ptr != number.data() + digits || code > 0x10FFFF)
    return Failure(failed("an unknown escape in quotes", false));
  at_ += digits;
  append_utf8(out, code);
  return {};
}

Result<Value> ScalarScan::list() {
  Value out = Value::list();
  ++at_;
  while (true) {
    skip_space();
    if (take(']')) return out;
    ASSIGN_OR_RETURN(Value item, value());
    out.items.push_back(std::move(item));
    skip_space();
    if (!take(',') && !(at_ < text_.size() && text_[at_] == ']'))
      return Failure(failed("expected ',' or ']'", at_ >= text_.size()));
  }
}

Result<Value> ScalarScan::map() {
  Value out = Value::map();
  ++at_;
  while (true) {
    skip_space();
    if (take('}')) return out;
    ASSIGN_OR_RETURN(Value key, value());
    Value member;
    skip_space();
    if (take(':')) {
      skip_space();
      if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') {
        ASSIGN_OR_RETURN(member, value());
      }
    }
    out.set(key.text, std::move(member));
    skip_space();
    if (!take(',') && !(at_ < text_.size() && text_[at_] == '}'))
      return Failure(failed("expected ',' or '}'", at_ >= text_.size()));
  }
}

Result<Value> ScalarScan::plain() {
  size_t start = at_;
  while (at_ < text_.size()) {
    char c = text_[at_];
    bool spaced = at_ + 1 >= text_.size() || is_space(text_[at_ + 1]) ||
                  std::string_view(",[]{}").contains(text_[at_ + 1]);
    if (std::string_view(",[]{}\n").contains(c) || (c == ':' && spaced)) break;
    if (c == '#' && at_ > start && is_space(text_[at_ - 1])) break;
    ++at_;
  }
  std::string_view text = trim(text_.substr(start, at_ - start));
  if (text.empty()) return Failure(failed("a value is missing", at_ >= text_.size()));
  if (text[0] == '*' && anchors_ != nullptr) {
    auto found = anchors_->find(text.substr(1));
    if (found == anchors_->end()) return Failure(failed("no such anchor", false));
    return found->second;
  }
  return plain_value(text);
}

}  // namespace penstock::datasets::dvc
