#include "datasets/dvc/hash_state.h"

#include <cstring>

namespace penstock::datasets::dvc {
namespace {

constexpr std::string_view kMagic = "penstock dvc st1";
constexpr size_t kFileBytesMax = size_t{2} << 30;
constexpr int64_t kGrainNs = 20'000'000;  // of a file system's clock, with room
constexpr size_t kRecordsMin = 4096;      // below, outdated records don't matter

uint64_t fnv1a(uint64_t hash, std::string_view bytes) {
  for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}
constexpr uint64_t kSeed = 0xcbf29ce484222325;

}  // namespace

struct HashState::Record {
  uint64_t key;
  Entry entry;
  uint64_t check;

  uint64_t checksum() const {
    return fnv1a(kSeed, {reinterpret_cast<const char*>(this), offsetof(Record, check)});
  }
};

HashState::HashState(HashState&& other) noexcept
    : file_(std::move(other.file_)),
      entries_(std::move(other.entries_)),
      fresh_(std::move(other.fresh_)),
      records_in_file_(other.records_in_file_) {}

uint64_t HashState::key_of(std::string_view path, Kind kind) {
  return fnv1a(kSeed + static_cast<uint64_t>(kind), path);
}

HashState HashState::load(std::filesystem::path file) {
  HashState state(std::move(file));
  Result<std::string> bytes = read_file(state.file_, kFileBytesMax);
  if (!bytes || !bytes->starts_with(kMagic)) return state;
  std::string_view rest = std::string_view(*bytes).substr(kMagic.size());
  state.records_in_file_ = rest.size() / sizeof(Record);
  state.entries_.reserve(state.records_in_file_);
  for (; rest.size() >= sizeof(Record); rest.remove_prefix(sizeof(Record))) {
    Record record;
    std::memcpy(&record, rest.data(), sizeof(Record));
    if (record.check == record.checksum()) state.entries_.insert_or_assign(record.key, record.entry);
  }
  return state;
}

std::optional<Md5> HashState::find(std::string_view path, const FileStamp& stamp, Kind kind) const {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(key_of(path, kind));
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.inode != stamp.inode || entry.mtime_ns != stamp.mtime_ns || entry.bytes != stamp.bytes)
    return std::nullopt;
  return entry.md5;
}

void HashState::put(std::string_view path, const FileStamp& stamp, const Md5& md5, Kind kind) {
  uint64_t key = key_of(path, kind);
  std::lock_guard lock(mutex_);
  entries_.insert_or_assign(key, Entry{stamp.inode, stamp.mtime_ns, stamp.bytes, md5});
  fresh_.push_back(key);
}

Result<void> HashState::save(int64_t now_ns) {
  std::lock_guard lock(mutex_);
  bool rewrite = records_in_file_ + fresh_.size() > std::max(kRecordsMin, 2 * entries_.size());
  if (fresh_.empty()) return {};
  std::string bytes;
  auto append = [&](uint64_t key, const Entry& entry) {
    if (entry.mtime_ns > now_ns - kGrainNs) return;
    Record record{key, entry, 0};
    record.check = record.checksum();
    bytes.append(reinterpret_cast<const char*>(&record), sizeof(Record));
  };
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  if (rewrite) {
    for (const auto& [key, entry] : entries_) append(key, entry);
    fresh_.clear();
    return replace_file(file_, std::string(kMagic) + bytes);
  }
  for (uint64_t key : fresh_) append(key, entries_.at(key));
  fresh_.clear();
  bool exists = std::filesystem::exists(file_, ignored);
  ASSIGN_OR_RETURN(AppendFile out, exists ? AppendFile::open(file_) : AppendFile::create(file_));
  // What a killed process left of a record would shift all that follow.
  int64_t torn =
      out.size() <= static_cast<int64_t>(kMagic.size())
          ? out.size()
          : (out.size() - static_cast<int64_t>(kMagic.size())) % static_cast<int64_t>(sizeof(Record));
  if (torn > 0 && out.size() != static_cast<int64_t>(kMagic.size()))
    RETURN_IF_ERROR(out.truncate(out.size() - torn));
  return out.append({out.size() == 0 ? kMagic : std::string_view(), bytes});
}

}  // namespace penstock::datasets::dvc
