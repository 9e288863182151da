#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "datasets/dvc/yaml_quotes.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kWidth = 80;  // ruamel.yaml's best_width
constexpr size_t kNoFolding = std::string_view::npos;
constexpr size_t kSimpleKeyMax = 128;  // its MAX_SIMPLE_KEY_LENGTH

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// The next character's bytes.
std::string_view character(std::string_view text) {
  return text.substr(0, std::max<size_t>(1, utf8_sequence_length(text)));
}

bool is_printable(std::string_view c) {
  if (c.size() == 1) return (c[0] >= 0x20 && c[0] <= 0x7E) || c[0] == '\n';
  if (c == "\xEF\xBB\xBF" || c == "\xEF\xBF\xBE" || c == "\xEF\xBF\xBF") return false;
  // U+0085 and U+00A0 on; the C1 controls between are not.
  return c.size() > 2 || c == "\xC2\x85" || c >= std::string_view("\xC2\xA0");
}

bool is_break(std::string_view c) {
  return c == "\n" || c == "\xC2\x85" || c == "\xE2\x80\xA8" || c == "\xE2\x80\xA9";
}

bool is_space_or_break(std::string_view rest) {
  return rest.empty() || rest[0] == '\0' || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' ||
         is_break(character(rest));
}

// Which styles can carry a text: YAML 1.2 section 7.3, decided as ruamel.yaml decides.
struct Styles {
  bool plain = true;
  bool single_quoted = true;
  bool multiline = false;
};

Styles styles_of(std::string_view text) {
  if (text.empty()) return {};
  bool indicators = text.starts_with("---") || text.starts_with("...");
  bool special = false;
  bool breaks = false;
  bool break_space = false;
  bool space_break = false;
  bool after_space = true;
  char previous = 0;  // ' ' or '\n', or neither
  for (size_t at = 0; at < text.size();) {
    std::string_view c = character(text.substr(at));
    bool before_space = is_space_or_break(text.substr(at + c.size()));
    if (at == 0) {
      indicators |= std::string_view("#,[]{}&*!|>'\"%@`").contains(c[0]);
      indicators |= before_space && std::string_view("?:-").contains(c[0]);
    } else {
      indicators |= (c == ":" && before_space) || (c == "#" && after_space);
    }
    breaks |= is_break(c);
    special |= !is_printable(c) || utf8_sequence_length(c) == 0;
    break_space |= c == " " && previous == '\n';
    space_break |= is_break(c) && previous == ' ';
    previous = c == " " ? ' ' : is_break(c) ? '\n' : 0;
    after_space = is_space_or_break(c);
    at += c.size();
  }
  std::string_view first = character(text);
  bool edges = first == " " || is_break(first) || previous != 0;
  return {.plain = !indicators && !special && !breaks && !edges && !break_space && !space_break,
          .single_quoted = !special && !break_space && !space_break,
          .multiline = breaks};
}

class Writer {
 public:
  std::string document(const Value& value) {
    out_ = value.above;
    if (value.is_map() && !value.members.empty()) {
      map(value, 0);
    } else if (value.is_list() && !value.items.empty()) {
      list(value, 0);
    } else {
      flow_or_scalar(value, 0);
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  void put(std::string_view text) {
    out_ += text;
    size_t line = text.rfind('\n');
    column_ = line == std::string_view::npos ? column_ + characters(text) : characters(text.substr(line + 1));
  }

  void new_line(size_t indent) {
    out_ += '\n';
    out_.append(indent, ' ');
    column_ = indent;
  }

  // Ends a value's line with what it said besides.
  void end_line(const Value& value) {
    if (!value.remark.empty()) {
      put(std::string(value.remark_column > column_ ? value.remark_column - column_ : 1, ' '));
      put(value.remark);
    }
    if (!out_.ends_with('\n')) out_ += '\n';
    out_ += value.below;
    column_ = 0;
  }

  void map(const Value& value, size_t indent, bool at_dash = false) {
    for (const auto& [key, member] : value.members) {
      if (!std::exchange(at_dash, false)) put(std::string(indent, ' '));
      key_text(key, indent);
      bool nested_map = member.is_map() && !member.members.empty();
      bool nested_list = member.is_list() && !member.items.empty();
      if (!nested_map && !nested_list) {
        flow_or_scalar(member, indent);
      }
      end_line(member);
      if (nested_map) map(member, indent + 2);
      if (nested_list) list(member, indent);
    }
  }

  void list(const Value& value, size_t indent) {
    for (const Value& item : value.items) {
      put(std::string(indent, ' ') + "-");
      if (item.is_map() && !item.members.empty()) {
        put(" ");
        map(item, indent + 2, true);
      } else if (item.is_list() && !item.items.empty()) {
        put(" ");
        nested_list(item, indent + 2);
      } else {
        flow_or_scalar(item, indent);
        end_line(item);
      }
    }
  }

  // "- - a": the inner list's first dash stands on the outer one's line.
  void nested_list(const Value& value, size_t indent) {
    std::string inner;
    Writer writer;
    writer.list(value, indent);
    inner = std::move(writer.out_);
    inner.erase(0, indent);
    put(inner);
    column_ = 0;
  }

  void key_text(std::string_view key, size_t indent) {
    Styles styles = styles_of(key);
    bool simple = characters(key) < kSimpleKeyMax && !styles.multiline;
    if (!simple) put("? ");
    if (styles.plain && !plain_would_change(key)) {
      put(key);
    } else {
      quoted(key, indent, styles, true);
    }
    if (!simple) new_line(indent);
    put(":");
  }

  void flow_or_scalar(const Value& value, size_t indent) {
    using Kind = Value::Kind;
    switch (value.kind) {
      case Kind::kNull:
        return;
      case Kind::kMap:
        put(" {}");
        return;
      case Kind::kList:
        put(" []");
        return;
      case Kind::kString:
        string(value, indent);
        return;
      default:
        put(" ");
        put(value.text);
    }
  }

  void string(const Value& value, size_t indent) {
    Styles styles = styles_of(value.text);
    if (value.block_style != 0 && !value.text.empty()) return block(value, indent + 2);
    if (styles.plain && !plain_would_change(value.text)) {
      put(" ");
      plain(value.text, indent + 2);
    } else {
      put(" ");
      quoted(value.text, indent + 2, styles, false);
    }
  }

  void block(const Value& value, size_t indent) {
    std::string_view text = value.text;
    put(fmt::format(" {}", value.block_style));
    if (!text.ends_with('\n')) put("-");
    if (text.ends_with("\n\n")) put("+");
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (std::string_view line : split(text, '\n')) {
      new_line(line.empty() ? 0 : indent);
      put(line);
    }
  }

  // Folds at single spaces once the line is full; a word that would not fit gets a line of its own.
  void plain(std::string_view text, size_t indent) {
    size_t at = 0;
    while (at < text.size()) {
      size_t end = std::min(text.find(' ', at), text.size());
      std::string_view word = text.substr(at, end - at);
      if (characters(word) + column_ > kWidth && column_ > indent) new_line(indent);
      put(word);
      size_t next = std::min(text.find_first_not_of(' ', end), text.size());
      if (next == end) break;
      if (next - end == 1 && column_ >= kWidth) {
        new_line(indent);
      } else {
        put(text.substr(end, next - end));
      }
      at = next;
    }
  }

  void quoted(std::string_view text, size_t indent, const Styles& styles, bool is_key) {
    bool doubled =
        !styles.single_quoted || text.contains('\'') || text.contains('\n') || (is_key && styles.multiline);
    if (doubled) {
      put(double_quoted(text, column_, indent, is_key ? kNoFolding : kWidth));
    } else {
      single_quoted(text, indent, is_key);
    }
  }

  void single_quoted(std::string_view text, size_t indent, bool is_key) {
    put("'");
    for (size_t at = 0; at < text.size();) {
      size_t spaces = std::min(text.find_first_not_of(' ', at), text.size()) - at;
      if (spaces == 1 && column_ > kWidth && !is_key && at > 0 && at + 1 < text.size()) {
        new_line(indent);
        at += 1;
        continue;
      }
      size_t end = spaces > 0 ? at + spaces : std::min(text.find(' ', at), text.size());
      put(text.substr(at, end - at));
      at = end;
    }
    put("'");
  }

  std::string out_;
  size_t column_ = 0;
};

}  // namespace

std::string write_yaml(const Value& document) { return Writer().document(document); }

}  // namespace penstock::datasets::dvc
