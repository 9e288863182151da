#include "datasets/dvc/config_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

Error bad(std::string_view file, size_t line, std::string_view what) {
  return Error::invalid("", fmt::format("{} line {}: {}", file, line, what));
}

bool is_named_kind(std::string_view kind) { return kind == "remote" || kind == "machine" || kind == "db"; }

// 'remote "name"' and remote "name": both spellings are read.
ConfigText::Section section_of(std::string_view head) {
  head = trim(head);
  if (head.size() > 1 && (head[0] == '\'' || head[0] == '"') && head.back() == head[0])
    head = head.substr(1, head.size() - 2);
  std::string lower = to_lower(head);
  size_t open = head.find('"');
  std::string kind(trim(std::string_view(lower).substr(0, open)));
  if (open != std::string_view::npos && head.ends_with('"') && head.size() > open + 1 && is_named_kind(kind))
    return {.kind = kind, .name = lower.substr(open + 1, head.size() - open - 2)};
  return {.kind = lower};
}

// A value with its quotes taken off; a list's elements joined by ','. A '#' outside of quotes begins a
// comment.
std::string value_of(std::string_view text) {
  std::string out;
  text = trim(text);
  std::string piece;
  bool quoted = false;
  auto finish = [&] { out += quoted ? piece : std::string(trim(piece)); };
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if ((c == '"' || c == '\'') && trim(piece).empty() && !quoted) {
      size_t end = text.find(c, i + 1);
      if (end != std::string_view::npos) {
        piece = text.substr(i + 1, end - i - 1);
        quoted = true;
        i = end;
        continue;
      }
    }
    if (c == '#') break;
    if (c == ',') {
      finish();
      out += ',';
      piece.clear();
      quoted = false;
    } else if (!quoted) {
      piece += c;
    }
  }
  finish();
  return out;
}

// configobj's rule: quotes where white space, '#', ',' or a quote would change the meaning.
std::string quoted(const std::string& value) {
  if (value.empty()) return "\"\"";
  bool edge = value.front() == ' ' || value.back() == ' ' || value.front() == '\'' || value.front() == '"';
  if (!edge && value.find_first_of(",#\t\n") == std::string::npos) return value;
  return value.contains('"') ? "'" + value + "'" : "\"" + value + "\"";
}

auto matches(std::string_view kind, std::string_view name) {
  return [=](const ConfigText::Section& section) { return section.kind == kind && section.name == name; };
}

}  // namespace

Result<ConfigText> ConfigText::parse(std::string_view text, std::string_view file) {
  ConfigText config;
  size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      size_t end = line.rfind(']');
      if (end == std::string_view::npos) return Failure(bad(file, number, "']' is missing"));
      config.sections.push_back(section_of(line.substr(1, end - 1)));
      continue;
    }
    size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Failure(bad(file, number, "expected 'option = value'"));
    if (config.sections.empty()) return Failure(bad(file, number, "an option before the first [section]"));
    config.sections.back().options.emplace_back(to_lower(trim(line.substr(0, equals))),
                                                value_of(line.substr(equals + 1)));
  }
  return config;
}

std::string ConfigText::text() const {
  std::string out;
  auto write = [&](const Section& section) {
    if (section.options.empty() && section.name.empty()) return;
    if (section.name.empty()) {
      out += "[" + section.kind + "]\n";
    } else {
      out += "['" + section.kind + " \"" + section.name + "\"']\n";
    }
    for (const auto& [option, value] : section.options) out += "    " + option + " = " + quoted(value) + "\n";
  };
  for (const Section& section : sections) {
    if (section.name.empty()) write(section);
  }
  for (std::string_view kind : {"remote", "machine", "db"}) {
    for (const Section& section : sections) {
      if (!section.name.empty() && section.kind == kind) write(section);
    }
  }
  return out;
}

const ConfigText::Section* ConfigText::find(std::string_view kind, std::string_view name) const {
  auto found = std::ranges::find_if(sections, matches(kind, name));
  return found == sections.end() ? nullptr : &*found;
}

bool ConfigText::has(std::string_view kind, std::string_view name, std::string_view option) const {
  const Section* section = find(kind, name);
  return section != nullptr &&
         std::ranges::any_of(section->options, [&](const auto& o) { return o.first == option; });
}

std::string ConfigText::get(std::string_view kind, std::string_view name, std::string_view option) const {
  const Section* section = find(kind, name);
  if (section == nullptr) return {};
  for (const auto& [key, value] : section->options) {
    if (key == option) return value;
  }
  return {};
}

void ConfigText::set(std::string_view kind, std::string_view name, std::string_view option,
                     std::string value) {
  auto found = std::ranges::find_if(sections, matches(kind, name));
  if (found == sections.end())
    found = sections.insert(sections.end(), {.kind = std::string(kind), .name = std::string(name)});
  for (auto& [key, old] : found->options) {
    if (key == option) {
      old = std::move(value);
      return;
    }
  }
  found->options.emplace_back(option, std::move(value));
}

bool ConfigText::unset(std::string_view kind, std::string_view name, std::string_view option) {
  auto found = std::ranges::find_if(sections, matches(kind, name));
  return found != sections.end() &&
         std::erase_if(found->options, [&](const auto& entry) { return entry.first == option; }) > 0;
}

bool ConfigText::remove(std::string_view kind, std::string_view name) {
  return std::erase_if(sections, matches(kind, name)) > 0;
}

}  // namespace penstock::datasets::dvc
