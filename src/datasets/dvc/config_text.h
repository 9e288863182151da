#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace penstock::datasets::dvc {

// A DVC configuration file: sections of options, as the INI dialect of Python's configobj has them.
struct ConfigText {
  using Options = std::vector<std::pair<std::string, std::string>>;
  struct Section {
    std::string kind;    // "core", "cache", "remote", ...; lower case
    std::string name{};  // of a remote: what stands in quotes
    Options options{};   // names lower case; a list's elements are joined by ','
  };
  std::vector<Section> sections{};

  // kInvalidArgument names `file` and the line.
  static Result<ConfigText> parse(std::string_view text, std::string_view file);
  // As DVC writes it: plain sections first, then the named ones; options indented by four columns; no
  // comments.
  std::string text() const;

  const Section* find(std::string_view kind, std::string_view name = {}) const;
  std::string get(std::string_view kind, std::string_view name, std::string_view option) const;
  bool has(std::string_view kind, std::string_view name, std::string_view option) const;
  void set(std::string_view kind, std::string_view name, std::string_view option, std::string value);
  // False if it was not there.
  bool unset(std::string_view kind, std::string_view name, std::string_view option);
  bool remove(std::string_view kind, std::string_view name);
};

}  // namespace penstock::datasets::dvc
