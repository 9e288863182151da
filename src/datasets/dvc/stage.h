#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "datasets/dvc/hash_state.h"
#include "datasets/dvc/manifest.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

// What names the content of an output or a dependency: "md5" for files and folders here, "etag" or "checksum"
// for what lies elsewhere.
struct ContentHash {
  std::string id{};  // empty: not known yet
  HashKind kind = HashKind::kBytes;
  std::string elsewhere_key{};  // "etag" or "checksum"
  std::string elsewhere{};
  std::optional<int64_t> bytes{};
  std::optional<int64_t> files{};  // of a folder
  bool executable = false;

  bool is_folder() const { return is_directory_id(id); }
  bool same_content(const ContentHash& other) const { return id == other.id && kind == other.kind; }
  // Reads md5, size, nfiles, isexec, hash, etag and checksum of an entry; the members that it took are
  // removed.
  static ContentHash take(Value& entry);
  // Puts them before `path` in DVC's order.
  void write(Value& entry) const;
};

struct Output {
  std::string path{};  // as its file says it: relative to the stage's folder, or absolute, or a URL
  ContentHash hash{};
  bool cached = true;
  bool pushed = true;
  bool persists = false;
  std::string remote{};
  std::optional<Value> metric{};  // present and not false: it is one
  std::optional<Value> plot{};
  Value rest = Value::map();  // desc, type, labels, meta, fs_config: kept in order

  static Output read(Value entry);
  Value write() const;
};

// Where an imported output came from.
struct SourceRepo {
  std::string url{};
  std::string rev{};          // as the user named it
  std::string rev_lock{};     // the commit
  Value rest = Value::map();  // config, remote
};

struct Dependency {
  std::string path{};
  ContentHash hash{};
  std::optional<SourceRepo> repo{};
  Value rest = Value::map();  // db, fs_config, files: kept

  static Dependency read(Value entry);
  Value write() const;
};

// Parameters of one file: names, and in dvc.lock their values.
struct ParamsOf {
  std::string file{};
  std::vector<std::string> names{};  // empty: all
  Value values = Value::map();
};

// One .dvc file, or one stage of a dvc.yaml.
struct Stage {
  std::filesystem::path file{};  // absolute
  std::string name{};            // of a dvc.yaml's stage; empty for a .dvc file
  std::string work_folder{};     // "wdir": relative to the file's folder; empty: that folder
  std::string md5{};             // of the stage itself, for imports
  std::string description{};
  Value meta{};
  bool frozen = false;
  bool always_changed = false;
  Value command{};  // null, a string, or a list of strings
  std::vector<Dependency> dependencies{};
  std::vector<ParamsOf> params{};
  std::vector<Output> outputs{};
  std::optional<Value> text{};   // what the file said, so that an update keeps comments
  bool command_changed = false;  // dvc.yaml and dvc.lock differ
  bool locked = false;           // dvc.lock knows it

  bool is_pipeline() const { return !name.empty(); }
  bool is_import() const { return !is_pipeline() && dependencies.size() == 1 && outputs.size() == 1; }
  bool is_repo_import() const { return is_import() && dependencies[0].repo.has_value(); }
  std::filesystem::path folder() const;
  std::filesystem::path path_of(std::string_view path) const;  // absolute, of an output or dependency
  // MD5 over the stage's own content, as DVC stores it in imports; empty where DVC stores none.
  std::string own_md5() const;
};

// A .dvc file. Errors name the file and what is wrong.
Result<Stage> read_stage_file(const std::filesystem::path& path, std::string_view text);
// Its new text: what changed is changed, comments and order stay.
std::string stage_file_text(const Stage& stage);
Result<void> write_stage_file(const Stage& stage);

}  // namespace penstock::datasets::dvc
