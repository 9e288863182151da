#include <fmt/format.h>

#include <map>

#include "core/text.h"
#include "datasets/dvc/yaml_scalars.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

bool is_gap(std::string_view line) {
  std::string_view text = trim(line);
  return text.empty() || text.starts_with('#');
}

bool is_dash(std::string_view text) {
  return text == "-" || text.starts_with("- ") || text.starts_with("-\t");
}

// What the text says between its values, by the line that it belongs to.
struct Notes {
  struct Note {
    std::string remark;
    size_t column = 0;
    std::string below;
  };
  std::map<int, Note> by_line;
  std::string above;

  void attach(Value& value, int line) {
    auto found = by_line.find(line);
    if (found == by_line.end()) return;
    value.remark = std::move(found->second.remark);
    value.remark_column = found->second.column;
    value.below = std::move(found->second.below);
    by_line.erase(found);
  }

  void spread(Value& value) {
    for (auto& [key, member] : value.members) {
      attach(member, member.line);
      spread(member);
    }
    for (Value& item : value.items) {
      if (!item.is_map() && !item.is_list()) attach(item, item.line);
      spread(item);
    }
  }
};

// A recursive descent over lines. `row_` and `column_` are where the next token stands.
class Reader {
 public:
  Reader(std::string_view text, std::string_view file, YamlLimits limits) : file_(file), limits_(limits) {
    for (std::string_view line : split(text, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      lines_.push_back(line);
    }
    if (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
  }

  Result<Value> document() {
    skip_gaps();
    if (row_ < lines_.size() && trim(lines_[row_]) == "---") next_line();
    Value value = Value::map();
    if (row_ < lines_.size()) {
      ASSIGN_OR_RETURN(value, node(0, 0));
    }
    if (row_ < lines_.size() && trim(lines_[row_]) != "...") return Failure(error("cannot read this"));
    value.above = std::move(notes_.above);
    notes_.spread(value);
    return value;
  }

 private:
  Error error(std::string_view what) const {
    return Error::invalid("", fmt::format("{} line {}: {}", file_, row_ + 1, what));
  }

  std::string_view rest() const { return lines_[row_].substr(std::min(column_, lines_[row_].size())); }

  // To the first line with content, remembering what stands between.
  void skip_gaps() {
    for (; row_ < lines_.size() && is_gap(lines_[row_]); ++row_) {
      std::string& into = content_line_ == 0 ? notes_.above : notes_.by_line[content_line_].below;
      into.append(lines_[row_]).append("\n");
    }
    if (row_ < lines_.size()) {
      column_ = indent_of(lines_[row_]);
      content_line_ = static_cast<int>(row_) + 1;
    }
  }

  void next_line() {
    ++row_;
    skip_gaps();
  }

  // After a value: only a remark may follow on its line.
  Result<void> end_line(size_t column) {
    std::string_view line = lines_[row_];
    size_t mark = line.find_first_not_of(" \t", std::min(column, line.size()));
    if (mark != kNone && (line[mark] != '#' || (mark > 0 && line[mark - 1] != ' ' && line[mark - 1] != '\t')))
      return Failure(error("unexpected text after a value"));
    if (mark != kNone) {
      Notes::Note& note = notes_.by_line[content_line_];
      note.remark = std::string(trim(line.substr(mark)));
      note.column = mark;
    }
    next_line();
    return {};
  }

  // The value at the cursor; its lines stand at `indent` or deeper.
  Result<Value> node(size_t indent, int depth) {
    if (depth > limits_.depth_max) return Failure(error("nested too deeply"));
    if (rest().starts_with('\t')) return Failure(error("a tab in the indentation"));
    if (is_dash(rest())) return list(column_, depth);
    if (key_end(rest()) != kNone) return map(column_, depth);
    return inline_value(indent, depth);
  }

  // What follows an empty "key:" or "-": a deeper node, or nothing. `column` is the key's or the dash's.
  Result<Value> nested(size_t column, bool list_at_column, int depth) {
    if (row_ >= lines_.size()) return Value{};
    if (column_ > column) return node(column + 1, depth);
    if (list_at_column && column_ == column && is_dash(rest())) return list(column, depth);
    return Value{};
  }

  Result<Value> list(size_t column, int depth) {
    Value out = Value::list();
    while (row_ < lines_.size() && column_ == column && is_dash(rest())) {
      int line = content_line_;
      size_t start = lines_[row_].find_first_not_of(" \t", column + 1);
      Value item;
      if (start == kNone || lines_[row_][start] == '#') {
        RETURN_IF_ERROR(end_line(column + 1));
        ASSIGN_OR_RETURN(item, nested(column, false, depth + 1));
      } else {
        column_ = start;
        ASSIGN_OR_RETURN(item, node(column + 1, depth + 1));
      }
      item.line = line;
      out.items.push_back(std::move(item));
    }
    return out;
  }

  Result<Value> map(size_t column, int depth) {
    Value out = Value::map();
    Value merged = Value::map();  // weaker than the map's own members, wherever "<<" stands
    while (row_ < lines_.size() && column_ == column && !is_dash(rest())) {
      int line = content_line_;
      size_t end = key_end(rest());
      if (end == kNone) return Failure(error("expected 'key: value'"));
      ASSIGN_OR_RETURN(std::string key, key_text(rest().substr(0, end)));
      size_t after = column + end + 1;
      size_t start = lines_[row_].find_first_not_of(" \t", std::min(after, lines_[row_].size()));
      Value value;
      if (start == kNone || lines_[row_][start] == '#') {
        RETURN_IF_ERROR(end_line(after));
        ASSIGN_OR_RETURN(value, nested(column, true, depth + 1));
      } else {
        column_ = start;
        ASSIGN_OR_RETURN(value, inline_value(column + 1, depth + 1));
      }
      value.line = line;
      if (key == "<<") {
        merge(merged, value);
      } else {
        if (out.find(key) != nullptr) return Failure(error("the key '" + key + "' stands twice"));
        out.members.emplace_back(std::move(key), std::move(value));
      }
    }
    if (row_ < lines_.size() && column_ > column) return Failure(error("unexpected indentation"));
    merge(out, merged);
    return out;
  }

  static void merge(Value& into, const Value& from) {
    for (const Value& item : from.items) merge(into, item);
    for (const auto& [key, value] : from.members) {
      if (into.find(key) == nullptr) into.members.emplace_back(key, value);
    }
  }

  Result<std::string> key_text(std::string_view text) {
    text = trim(text);
    if (text.empty() || (text[0] != '"' && text[0] != '\'')) return std::string(text);
    ScalarScan scan(text);
    ASSIGN_OR_RETURN(Value value, located(scan.quoted()));
    return value.text;
  }

  template <class T>
  Result<T> located(Result<T> result) const {
    if (!result) return Failure(error(result.error().message));
    return result;
  }

  // A value that begins on its key's line. Lines that go on with it are at `indent` or deeper.
  Result<Value> inline_value(size_t indent, int depth) {
    char first = rest().front();
    if (first == '&') return anchored(indent, depth);
    if (first == '*') return alias();
    if (first == '!') return Failure(error("tags are not supported"));
    if (first == '|' || first == '>') return block_scalar(indent);
    if (first == '"' || first == '\'' || first == '[' || first == '{') return delimited(depth);
    return plain(indent);
  }

  Result<Value> anchored(size_t indent, int depth) {
    size_t end = std::min(rest().find_first_of(" \t"), rest().size());
    std::string name(rest().substr(1, end - 1));
    size_t key_column = indent == 0 ? 0 : indent - 1;
    size_t start = lines_[row_].find_first_not_of(" \t", column_ + end);
    Value value;
    if (start == kNone || lines_[row_][start] == '#') {
      RETURN_IF_ERROR(end_line(column_ + end));
      ASSIGN_OR_RETURN(value, nested(key_column, true, depth));
    } else {
      column_ = start;
      ASSIGN_OR_RETURN(value, inline_value(indent, depth));
    }
    anchors_[name] = value;
    return value;
  }

  Result<Value> alias() {
    size_t end = std::min(rest().find_first_of(" \t,]}"), rest().size());
    auto found = anchors_.find(rest().substr(1, end - 1));
    if (found == anchors_.end()) return Failure(error("no such anchor"));
    RETURN_IF_ERROR(end_line(column_ + end));
    return found->second;
  }

  // Quoted scalars and flow collections, which may go on over lines.
  Result<Value> delimited(int depth) {
    std::string text(rest());
    size_t last = row_;
    for (;; ++last) {
      ScalarScan scan(text, &anchors_, limits_.depth_max - depth);
      Result<Value> value = scan.value();
      if (value) {
        size_t line_start = text.rfind('\n', scan.position() == 0 ? 0 : scan.position() - 1);
        size_t offset = row_ == last ? column_ : 0;
        size_t column = offset + scan.position() - (line_start == kNone ? 0 : line_start + 1);
        row_ = last;
        RETURN_IF_ERROR(end_line(column));
        return value;
      }
      if (!scan.wants_more() || last + 1 >= lines_.size()) return located(std::move(value));
      text.append("\n").append(lines_[last + 1]);
    }
  }

  Result<Value> plain(size_t indent) {
    if (key_end(rest()) != kNone) return Failure(error("': ' within a plain value: quote it"));
    std::string text;
    size_t breaks = 0;
    while (true) {
      std::string_view line = rest();
      size_t end = plain_end(line);
      if (!text.empty()) text.append(breaks > 0 ? std::string(breaks, '\n') : " ");
      text.append(trim(line.substr(0, end)));
      bool remark = end < line.size();
      size_t next = row_ + 1;
      breaks = 0;
      for (; next < lines_.size() && trim(lines_[next]).empty(); ++next) ++breaks;
      bool goes_on = !remark && indent > 0 && next < lines_.size() && indent_of(lines_[next]) >= indent &&
                     !trim(lines_[next]).starts_with('#');
      if (!goes_on) {
        RETURN_IF_ERROR(end_line(column_ + end));
        break;
      }
      row_ = next;
      column_ = indent_of(lines_[row_]);
      if (key_end(rest()) != kNone) return Failure(error("a key within a plain scalar: quote the text"));
    }
    return plain_value(text);
  }

  Result<Value> block_scalar(size_t indent) {
    std::string_view header = rest().substr(0, std::min(rest().find_first_of(" \t#"), rest().size()));
    Value value = Value::string("");
    value.block_style = header[0];
    char chomp = header.ends_with('-') ? '-' : header.ends_with('+') ? '+' : 0;
    std::vector<std::string_view> body;
    size_t row = row_ + 1;
    size_t width = 0;
    for (; row < lines_.size(); ++row) {
      bool blank = trim(lines_[row]).empty();
      if (!blank && indent_of(lines_[row]) < std::max<size_t>(indent, 1)) break;
      if (!blank && width == 0) width = indent_of(lines_[row]);
      body.push_back(lines_[row].substr(std::min(width, lines_[row].size())));
    }
    value.text = block_text(body, header[0], chomp);
    RETURN_IF_ERROR(end_line_of_block(header.size(), row));
    return value;
  }

  Result<void> end_line_of_block(size_t header, size_t after) {
    size_t mark = lines_[row_].find('#', column_ + header);
    if (mark != kNone) {
      Notes::Note& note = notes_.by_line[content_line_];
      note.remark = std::string(trim(lines_[row_].substr(mark)));
      note.column = mark;
    }
    row_ = after;
    skip_gaps();
    return {};
  }

  std::string_view file_;
  YamlLimits limits_;
  std::vector<std::string_view> lines_;
  size_t row_ = 0;
  size_t column_ = 0;
  int content_line_ = 0;
  Notes notes_;
  Anchors anchors_;
};

}  // namespace

Result<Value> read_yaml(std::string_view text, std::string_view file, YamlLimits limits) {
  if (text.size() > limits.bytes_max) {
    return Failure(Error{
        .code = ErrorCode::kTooLarge,
        .message = fmt::format("{} has {} bytes, at most {} are read", file, text.size(), limits.bytes_max)});
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Reader(text, file, limits).document();
}

}  // namespace penstock::datasets::dvc
