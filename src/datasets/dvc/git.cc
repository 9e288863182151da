#include "datasets/dvc/git.h"
#include "datasets/dvc/whole_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/file.h"
#include "core/program.h"
#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIndexBytesMax = size_t{1} << 30;
constexpr size_t kIgnoreBytesMax = 16 << 20;
constexpr size_t kFilesPerCall = 500;  // arguments of one git call

void read_rules(const fs::path& file, std::vector<IgnoreRule>& into) {
  Result<std::string> text = read_file(file, kIgnoreBytesMax);
  if (!text) return;
  for (std::string_view line : split(*text, '\n')) {
    if (auto rule = IgnoreRule::parse(line, "")) into.push_back(std::move(*rule));
  }
}

// .git is a folder, or in a worktree or submodule a file that names it.
fs::path git_folder_of(const fs::path& root) {
  fs::path dot_git = root / ".git";
  if (fs::is_directory(dot_git)) return dot_git;
  Result<std::string> text = read_file(dot_git, 4096);
  if (!text || !text->starts_with("gitdir:")) return dot_git;
  return (root / std::string(trim(std::string_view(*text).substr(7)))).lexically_normal();
}

uint32_t big_endian(std::string_view bytes, size_t at) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])); };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

// As DVC escapes them; it leaves backslashes alone.
std::string escaped_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("[]!*#?").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

// The paths of a Git index of version 2, 3 or 4 (gitformat-index(5)).
Result<std::vector<std::string>> index_paths(std::string_view bytes, const fs::path& file) {
  constexpr size_t kEntryHead = 62;
  std::vector<std::string> paths;
  auto bad = [&] {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = file.string() + ": not a Git index"});
  };
  if (bytes.size() < 12 || !bytes.starts_with("DIRC")) return bad();
  uint32_t version = big_endian(bytes, 4);
  if (version < 2 || version > 4) return bad();
  size_t at = 12;
  std::string previous;
  for (uint32_t count = big_endian(bytes, 8); count > 0; --count) {
    size_t start = at;
    if (bytes.size() < at + kEntryHead + 2) return bad();
    at += kEntryHead;
    bool extended = (static_cast<unsigned char>(bytes[start + 60]) & 0x40) != 0;
    if (extended && version > 2) at += 2;
    size_t kept = 0;
    if (version == 4) {
      size_t strip = 0;
      bool more = true;
      for (bool first = true; more && at < bytes.size(); first = false) {
        auto byte = static_cast<unsigned char>(bytes[at++]);
        strip = (first ? 0 : (strip + 1) << 7) | (byte & 0x7FU);
        more = (byte & 0x80) != 0;
      }
      if (strip > previous.size()) return bad();
      kept = previous.size() - strip;
    }
    size_t end = bytes.find('\0', at);
    if (end == std::string_view::npos) return bad();
    previous = previous.substr(0, kept).append(bytes.substr(at, end - at));
    at = version == 4 ? end + 1 : start + (end - start + 8) / 8 * 8;
    paths.push_back(previous);
  }
  return paths;
}

}  // namespace

Git::Git(fs::path root, fs::path git_folder, std::vector<IgnoreRule> rules)
    : root_(std::move(root)),
      git_folder_(std::move(git_folder)),
      ignore_(root_, ".gitignore", std::move(rules)) {}

std::unique_ptr<Git> Git::find(const Environment& environment, const fs::path& folder) {
  for (fs::path at = folder;; at = at.parent_path()) {
    std::error_code ignored;
    if (fs::exists(at / ".git", ignored)) {
      fs::path git_folder = git_folder_of(at);
      std::vector<IgnoreRule> rules;
      read_rules(environment.user_config() / "git" / "ignore", rules);
      read_rules(git_folder / "info" / "exclude", rules);
      return std::unique_ptr<Git>(new Git(at, git_folder, std::move(rules)));
    }
    if (at == at.root_path()) return nullptr;
  }
}

std::optional<std::string> Git::relative(const fs::path& path) const {
  std::string text = path.string();
  std::string root = root_.string();
  if (text == root) return "";
  if (root != "/") root += '/';
  if (!text.starts_with(root)) return std::nullopt;
  return text.substr(root.size());
}

bool Git::ignores(const fs::path& path, bool is_folder) {
  std::optional<std::string> inside = relative(path);
  return inside && !inside->empty() && ignore_.ignores(*inside, is_folder);
}

Result<void> Git::load_index() const {
  if (index_) return {};
  Result<std::string> bytes = read_file(git_folder_ / "index", kIndexBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
    index_.emplace();
    return {};
  }
  if (!bytes) return Failure(std::move(bytes).error());
  ASSIGN_OR_RETURN(index_, index_paths(*bytes, git_folder_ / "index"));
  return {};
}

Result<bool> Git::tracks(const fs::path& path) const {
  RETURN_IF_ERROR(load_index());
  std::optional<std::string> inside = relative(path);
  if (!inside) return false;
  if (std::ranges::binary_search(*index_, *inside)) return true;
  auto below = std::ranges::lower_bound(*index_, *inside + "/");
  return below != index_->end() && below->starts_with(*inside + "/");
}

Result<std::vector<std::string>> Git::untracked() const {
  ASSIGN_OR_RETURN(std::string out, run({"ls-files", "--others", "--exclude-standard", "-z"}));
  std::vector<std::string> paths;
  for (std::string_view path : split(out, '\0')) {
    if (!path.empty()) paths.emplace_back(path);
  }
  return paths;
}

Result<bool> Git::add_ignore_line(const fs::path& path, bool is_folder) {
  if (!relative(path)) {
    return Failure(Error::invalid(
        "", fmt::format("'{}' is outside of git repository '{}'", path.string(), root_.string())));
  }
  if (ignores(path, is_folder)) return false;
  fs::path file = path.parent_path() / ".gitignore";
  Result<std::string> old = read_file(file, kIgnoreBytesMax);
  if (!old && old.error().code != ErrorCode::kNotFound) return Failure(std::move(old).error());
  std::string text = old ? *old : std::string();
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += escaped_line("/" + path.filename().string()) + "\n";
  RETURN_IF_ERROR(write_text_file(file, text));
  ignore_.reload();
  return true;
}

Result<bool> Git::remove_ignore_line(const fs::path& path) {
  fs::path file = path.parent_path() / ".gitignore";
  Result<std::string> old = read_file(file, kIgnoreBytesMax);
  if (!old) return false;
  std::string entry = "/" + path.filename().string();
  std::string text;
  for (std::string_view rest = *old; !rest.empty();) {
    size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end);
    if (trim(line) != trim(entry)) text += line;
  }
  ignore_.reload();
  if (text.empty()) {
    std::error_code failure;
    fs::remove(file, failure);
    return false;
  }
  if (text != *old) RETURN_IF_ERROR(write_text_file(file, text));
  return true;
}

Result<std::string> Git::run_in(const fs::path& folder, std::vector<std::string> arguments) {
  std::string what = arguments.empty() ? std::string() : arguments[0];
  ASSIGN_OR_RETURN(ProgramOutput said,
                   run_program({.program = "git", .arguments = std::move(arguments), .folder = folder}));
  if (said.exit_status != 0)
    return Failure(Error::not_found(fmt::format("git {}: {}", what, trim(said.errors))));
  return std::move(said.out);
}

Result<std::string> Git::run(std::vector<std::string> arguments) const {
  return run_in(root_, std::move(arguments));
}

Result<std::vector<std::string>> Git::lines(std::vector<std::string> arguments) const {
  ASSIGN_OR_RETURN(std::string out, run(std::move(arguments)));
  std::vector<std::string> found;
  for (std::string_view line : split(out, '\n')) {
    if (!line.empty()) found.emplace_back(line);
  }
  return found;
}

Result<std::string> Git::resolve(std::string_view revision) const {
  Result<std::string> id =
      run({"rev-parse", "--verify", "--quiet", "--end-of-options", std::string(revision) + "^{commit}"});
  if (!id) return Failure(Error::not_found(fmt::format("unknown Git revision '{}'", revision)));
  return std::string(trim(*id));
}

Result<std::vector<CommittedFile>> Git::files_of(std::string_view commit) const {
  ASSIGN_OR_RETURN(std::string out, run({"ls-tree", "-r", "-l", "-z", std::string(commit)}));
  std::vector<CommittedFile> files;
  for (std::string_view line : split(out, '\0')) {
    size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    std::vector<std::string_view> head;
    for (std::string_view word : split(line.substr(0, tab), ' ')) {
      if (!word.empty()) head.push_back(word);
    }
    if (head.size() < 4 || head[1] != "blob") continue;
    files.push_back({.path = std::string(line.substr(tab + 1)),
                     .blob = std::string(head[2]),
                     .bytes = static_cast<size_t>(parse_int(head[3]).value_or(0))});
  }
  return files;
}

// `git show` writes blobs one after the other; their lengths say where each ends.
Result<std::vector<std::string>> Git::read(const std::vector<CommittedFile>& files) const {
  std::vector<std::string> contents;
  for (size_t from = 0; from < files.size(); from += kFilesPerCall) {
    size_t to = std::min(files.size(), from + kFilesPerCall);
    std::vector<std::string> arguments = {"show", "--no-textconv"};
    for (size_t i = from; i < to; ++i) arguments.push_back(files[i].blob);
    ASSIGN_OR_RETURN(std::string out, run(std::move(arguments)));
    std::string_view rest = out;
    for (size_t i = from; i < to; ++i) {
      if (rest.size() < files[i].bytes) return Failure(Error::internal("git show left something out"));
      contents.emplace_back(rest.substr(0, files[i].bytes));
      rest.remove_prefix(files[i].bytes);
    }
  }
  return contents;
}

Result<std::vector<std::string>> Git::branches() const {
  return lines({"for-each-ref", "--format=%(refname:short)", "refs/heads"});
}
Result<std::vector<std::string>> Git::tags() const {
  return lines({"for-each-ref", "--format=%(refname:short)", "refs/tags"});
}
Result<std::vector<std::string>> Git::all_commits() const { return lines({"rev-list", "--all"}); }

Result<void> Git::stage(const std::vector<fs::path>& paths) const {
  std::vector<std::string> arguments = {"add", "--"};
  for (const fs::path& path : paths) arguments.push_back(path.string());
  RETURN_IF_ERROR(run(std::move(arguments)));
  index_.reset();
  return {};
}

}  // namespace penstock::datasets::dvc
