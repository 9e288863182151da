#include "datasets/dvc/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

bool same_family(const Value& a, const Value& b) {
  return (a.is_map() && b.is_map()) || (a.is_list() && b.is_list());
}

// `value` in the place of `target`, whose comments stay.
void replace(Value& target, const Value& value) {
  Value next = value;
  next.remark = std::move(target.remark);
  next.remark_column = target.remark_column;
  next.below = std::move(target.below);
  next.above = std::move(target.above);
  target = std::move(next);
}

void change(const Value& source, Value& target) {
  if (same_family(source, target)) {
    apply_changes(source, target);
  } else if (!(source == target)) {
    replace(target, source);
  }
}

// One code point of well-formed UTF-8, its length in `length`; a byte that is part of none stands for itself
// as Python's surrogateescape has it.
char32_t code_point(std::string_view text, size_t& length) {
  length = utf8_sequence_length(text);
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  switch (length) {
    case 1:
      return byte(0);
    case 2:
      return static_cast<char32_t>((byte(0) & 0x1F) << 6 | (byte(1) & 0x3F));
    case 3:
      return static_cast<char32_t>((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    case 4:
      return static_cast<char32_t>((byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                                   (byte(3) & 0x3F));
    default:
      length = 1;
      return 0xDC00 + byte(0);
  }
}

void append_escaped(std::string& out, char32_t c) {
  if (c < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<uint32_t>(c));
    return;
  }
  uint32_t rest = static_cast<uint32_t>(c) - 0x10000;
  fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10),
                 0xDC00 + (rest & 0x3FF));
}

void append_json(std::string& out, const Value& value, MemberOrder order) {
  switch (value.kind) {
    case Value::Kind::kNull:
      out += "null";
      return;
    case Value::Kind::kBool:
    case Value::Kind::kInteger:
    case Value::Kind::kFloat:
      out += value.text;
      return;
    case Value::Kind::kString:
      append_python_string(out, value.text);
      return;
    case Value::Kind::kList:
      out += '[';
      for (size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ", ";
        append_json(out, value.items[i], order);
      }
      out += ']';
      return;
    case Value::Kind::kMap:
      break;
  }
  std::vector<const std::pair<std::string, Value>*> members;
  for (const auto& member : value.members) members.push_back(&member);
  if (order == MemberOrder::kSorted)
    std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->first); });
  out += '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ", ";
    append_python_string(out, members[i]->first);
    out += ": ";
    append_json(out, members[i]->second, order);
  }
  out += '}';
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  auto found =
      std::ranges::find(members, key, [](const auto& member) { return std::string_view(member.first); });
  return found == members.end() ? nullptr : &found->second;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

std::string_view Value::text_at(std::string_view key) const {
  const Value* found = find(key);
  return found == nullptr || found->is_map() || found->is_list() ? std::string_view() : found->text;
}

int64_t Value::integer_at(std::string_view key, int64_t fallback) const {
  return parse_int(text_at(key)).value_or(fallback);
}

Value& Value::set(std::string key, Value value) {
  if (Value* found = find(key); found != nullptr) {
    replace(*found, value);
    return *found;
  }
  return members.emplace_back(std::move(key), std::move(value)).second;
}

void Value::remove(std::string_view key) {
  std::erase_if(members, [&](const auto& member) { return member.first == key; });
}

bool Value::operator==(const Value& other) const {
  if (kind != other.kind || text != other.text || items != other.items) return false;
  if (members.size() != other.members.size()) return false;
  return std::ranges::all_of(members, [&](const auto& member) {
    const Value* found = other.find(member.first);
    return found != nullptr && *found == member.second;
  });
}

void apply_changes(const Value& source, Value& target) {
  if (source.is_list()) {
    if (source.items.size() != target.items.size()) {
      target.items = source.items;
      return;
    }
    for (size_t i = 0; i < source.items.size(); ++i) change(source.items[i], target.items[i]);
    return;
  }
  for (const auto& [key, value] : source.members) {
    if (Value* found = target.find(key); found != nullptr) {
      change(value, *found);
    } else {
      target.members.emplace_back(key, value);
    }
  }
  std::erase_if(target.members, [&](const auto& member) { return source.find(member.first) == nullptr; });
}

void append_python_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    size_t length = 1;
    char32_t c = code_point(text, length);
    text.remove_prefix(length);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (c >= 0x20 && c < 0x7F) {
          out += static_cast<char>(c);
        } else {
          append_escaped(out, c);
        }
    }
  }
  out += '"';
}

std::string python_json(const Value& value, MemberOrder order) {
  std::string out;
  append_json(out, value, order);
  return out;
}

}  // namespace penstock::datasets::dvc
