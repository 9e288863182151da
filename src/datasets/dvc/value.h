#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::datasets::dvc {

// A value of YAML 1.2's core schema or of JSON, with what a YAML text said besides: comments and blank lines,
// so that an updated file keeps them. Members keep their order.
struct Value {
  enum class Kind : uint8_t { kNull, kBool, kInteger, kFloat, kString, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text{};  // a string's characters, a number as written, "true" or "false"
  std::vector<std::pair<std::string, Value>> members{};
  std::vector<Value> items{};

  // Layout of a YAML text, ignored by comparison.
  int line = 0;          // where its key or dash stands, from 1; 0 if it was not read
  std::string remark{};  // from the '#' at the end of this value's line; empty if none
  size_t remark_column = 0;
  std::string below{};   // whole comment and blank lines that follow that line, each with its line end
  std::string above{};   // of a document: those before its first line
  char block_style = 0;  // '|' or '>' if the string stood as a block scalar

  static Value string(std::string_view text) { return {.kind = Kind::kString, .text = std::string(text)}; }
  static Value integer(int64_t number) { return {.kind = Kind::kInteger, .text = std::to_string(number)}; }
  static Value boolean(bool flag) { return {.kind = Kind::kBool, .text = flag ? "true" : "false"}; }
  static Value list() { return {.kind = Kind::kList}; }
  static Value map() { return {.kind = Kind::kMap}; }

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_string() const { return kind == Kind::kString; }
  bool is_true() const { return kind == Kind::kBool && text == "true"; }

  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  // The text of a scalar member; empty if there is none.
  std::string_view text_at(std::string_view key) const;
  int64_t integer_at(std::string_view key, int64_t fallback = -1) const;
  // Replaces the member or puts it at the end.
  Value& set(std::string key, Value value);
  void remove(std::string_view key);

  // Equal as data: kinds, scalars, items in order, members in any order.
  bool operator==(const Value& other) const;
};

// Makes `target` equal to `source` as data, keeping `target`'s order, comments and styles wherever the shapes
// agree: new members go to the end, a list whose length changed is replaced whole. So does DVC update its
// files.
void apply_changes(const Value& source, Value& target);

// JSON as Python's json.dumps writes it: ", " and ": ", characters beyond ASCII escaped. `sorted`: members by
// key.
enum class MemberOrder : uint8_t { kAsIs, kSorted };
std::string python_json(const Value& value, MemberOrder order = MemberOrder::kAsIs);
void append_python_string(std::string& out, std::string_view text);

}  // namespace penstock::datasets::dvc
