#include "datasets/dvc/link_journal.h"

#include <fmt/format.h>

#include "core/file.h"
#include "core/json.h"
#include "core/md5.h"
#include "core/text.h"
#include "datasets/dvc/value.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kJournalBytesMax = 64 << 20;

}  // namespace

LinkJournal LinkJournal::load(std::filesystem::path file) {
  LinkJournal journal;
  journal.file_ = std::move(file);
  Result<std::string> text = read_file(journal.file_, kJournalBytesMax);
  Result<Json> entries = text ? parse_json(*text) : Result<Json>(Json());
  if (!entries || !entries->is_object()) return journal;
  for (const auto& [path, mark] : entries->as_object()) {
    if (mark.is_string()) journal.entries_[path] = std::string(mark.as_string());
  }
  return journal;
}

void LinkJournal::record(const std::string& path, std::string mark) {
  std::string& old = entries_[path];
  if (old == mark) return;
  old = std::move(mark);
  changed_ = true;
}

void LinkJournal::forget(const std::string& path) { changed_ |= entries_.erase(path) > 0; }

Result<void> LinkJournal::save() const {
  if (!changed_) return {};
  Value value = Value::map();
  for (const auto& [path, mark] : entries_) value.members.emplace_back(path, Value::string(mark));
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  return write_text_file(file_, python_json(value));
}

std::string LinkJournal::mark_of(const FileStamp& stamp, const std::vector<FoundFile>& files) {
  if (!stamp.is_folder()) return fmt::format("{} {}", stamp.inode, stamp.mtime_ns);
  Md5Hasher hasher;
  for (const FoundFile& file : files) {
    std::string line = fmt::format("{}\t{}\t{}\n", file.path, file.stamp.inode, file.stamp.mtime_ns);
    hasher.update(std::as_bytes(std::span(line)));
  }
  return hex(hasher.finish());
}

std::string LinkJournal::mark_of(WorkTree& tree, const std::filesystem::path& path) {
  std::optional<FileStamp> stamp = FileStamp::of(path);
  if (!stamp) return {};
  if (!stamp->is_folder()) return mark_of(*stamp, {});
  Result<std::vector<FoundFile>> files = tree.files_below(path);
  return files ? mark_of(*stamp, *files) : std::string();
}

}  // namespace penstock::datasets::dvc
