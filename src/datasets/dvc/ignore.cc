#include "datasets/dvc/ignore.h"

#include "core/file.h"
#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kIgnoreBytesMax = 16 << 20;

// Of "[...]" at the beginning of `glob`: its length, and whether `c` is in it. Length 0: it is no set.
size_t set_length(std::string_view glob, char c, bool& inside) {
  size_t at = 1;
  bool negated = at < glob.size() && (glob[at] == '!' || glob[at] == '^');
  if (negated) ++at;
  inside = false;
  for (size_t first = at; at < glob.size(); ++at) {
    if (glob[at] == ']' && at > first) {
      inside = inside != negated;
      return at + 1;
    }
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    char low = glob[at];
    char high = low;
    if (at + 2 < glob.size() && glob[at + 1] == '-' && glob[at + 2] != ']') {
      high = glob[at + 2];
      at += 2;
    }
    inside |= low <= c && c <= high;
  }
  return 0;
}

// One step of `glob` that takes one character; 0 where it does not fit.
size_t step(std::string_view glob, char c) {
  if (c == '/') return glob[0] == '/' ? 1 : 0;
  if (glob[0] == '?') return 1;
  if (glob[0] == '[') {
    bool inside = false;
    size_t length = set_length(glob, c, inside);
    if (length > 0) return inside ? length : 0;
  }
  if (glob[0] == '\\' && glob.size() > 1) return glob[1] == c ? 2 : 0;
  return glob[0] == c ? 1 : 0;
}

}  // namespace

// Goes back to the last star only, and to the last double star where that fails: linear in practice, and
// bounded by the product of the lengths.
bool glob_matches(std::string_view glob, std::string_view text) {
  struct Retry {
    size_t glob = std::string_view::npos;
    size_t text = 0;
  };
  Retry star;
  Retry stars;
  size_t g = 0;
  size_t t = 0;
  while (true) {
    if (g < glob.size() && glob[g] == '*') {
      bool doubled = glob.substr(g).starts_with("**") && (g == 0 || glob[g - 1] == '/') &&
                     (g + 2 == glob.size() || glob[g + 2] == '/');
      if (doubled) {
        g += g + 2 < glob.size() ? 3 : 2;  // "**/" may be empty
        if (g == glob.size()) return t < text.size();
        stars = {g, t};
        star = {};
      } else {
        while (g < glob.size() && glob[g] == '*') ++g;
        star = {g, t};
      }
      continue;
    }
    if (t == text.size() && g == glob.size()) return true;
    size_t length = t < text.size() && g < glob.size() ? step(glob.substr(g), text[t]) : 0;
    if (length > 0) {
      g += length;
      ++t;
    } else if (star.glob != std::string_view::npos && star.text < text.size() && text[star.text] != '/') {
      g = star.glob;
      t = ++star.text;
    } else if (stars.glob != std::string_view::npos) {
      size_t slash = text.find('/', stars.text);
      if (slash == std::string_view::npos) return false;
      star = {};
      g = stars.glob;
      t = stars.text = slash + 1;
    } else {
      return false;
    }
  }
}

std::string_view parent_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string out(folder);
  if (!out.empty()) out += '/';
  return out.append(name);
}

std::optional<IgnoreRule> IgnoreRule::parse(std::string_view line, std::string_view folder) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  if (line.empty() || line[0] == '#') return std::nullopt;
  IgnoreRule rule{.folder = std::string(folder)};
  if (line[0] == '!') {
    rule.keeps = true;
    line.remove_prefix(1);
  }
  rule.folders_only = line.ends_with('/');
  while (line.ends_with('/')) line.remove_suffix(1);
  rule.anchored = line.contains('/');
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  rule.glob = line;
  return rule;
}

bool IgnoreRule::matches(std::string_view path, bool is_folder) const {
  if (folders_only && !is_folder) return false;
  if (!folder.empty()) {
    if (!path.starts_with(folder) || path.size() <= folder.size() || path[folder.size()] != '/') return false;
    path.remove_prefix(folder.size() + 1);
  }
  if (!anchored) {
    size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  }
  return glob_matches(glob, path);
}

IgnoreTree::IgnoreTree(std::filesystem::path root, std::string file_name, std::vector<IgnoreRule> rules)
    : root_(std::move(root)), file_name_(std::move(file_name)), first_(std::move(rules)) {}

const std::vector<IgnoreRule>& IgnoreTree::rules_in(std::string_view folder) {
  if (auto found = by_folder_.find(folder); found != by_folder_.end()) return found->second;
  std::vector<IgnoreRule> rules;
  std::filesystem::path file = root_ / folder / file_name_;
  if (Result<std::string> text = read_file(file, kIgnoreBytesMax)) {
    size_t number = 0;
    for (std::string_view line : split(*text, '\n')) {
      ++number;
      std::optional<IgnoreRule> rule = IgnoreRule::parse(line, folder);
      if (!rule) continue;
      rule->source =
          joined(folder, file_name_) + ":" + std::to_string(number) + ":" + std::string(trim(line));
      rules.push_back(std::move(*rule));
    }
  }
  return by_folder_.emplace(folder, std::move(rules)).first->second;
}

const IgnoreRule* IgnoreTree::rule_of(std::string_view path, bool is_folder) {
  for (std::string_view folder = parent_of(path);; folder = parent_of(folder)) {
    const std::vector<IgnoreRule>& rules = rules_in(folder);
    for (size_t i = rules.size(); i-- > 0;) {
      if (rules[i].matches(path, is_folder)) return &rules[i];
    }
    if (folder.empty()) break;
  }
  for (size_t i = first_.size(); i-- > 0;) {
    if (first_[i].matches(path, is_folder)) return &first_[i];
  }
  return nullptr;
}

const IgnoreRule* IgnoreTree::ignoring(std::string_view path, bool is_folder) {
  for (size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    bool last = slash == std::string_view::npos;
    const IgnoreRule* rule = rule_of(path.substr(0, slash), last ? is_folder : true);
    if (rule != nullptr && !rule->keeps) return rule;
    if (last) return nullptr;
  }
}

}  // namespace penstock::datasets::dvc
