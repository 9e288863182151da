#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/mlflow_source.h"
#include "core/clock.h"
#include "core/result.h"
#include "registry/version.h"
#include "storage/blobs/blobs.h"
#include "storage/database/database.h"

namespace penstock::app {

// What an import took over, and what was there from an earlier one.
struct MlflowImported {
  int64_t experiments = 0;
  int64_t runs = 0;
  int64_t runs_there = 0;
  int64_t points = 0;  // of metrics
  int64_t params = 0;
  int64_t tags = 0;
  int64_t logged_models = 0;
  int64_t models = 0;
  int64_t versions = 0;
  int64_t files = 0;
  int64_t bytes = 0;               // of files
  std::vector<std::string> notes;  // what is not as it was, a line each
  std::vector<LeftOut> left_out;
};

// Where it goes, and how.
struct MlflowImportTarget {
  database::Database& database;
  blobs::Blobs& blobs;
  std::filesystem::path base;       // that relative artifact locations start from
  std::filesystem::path artifacts;  // where the files of "mlflow-artifacts:/" lie; empty: unknown
  const Clock& clock;
  std::function<void(const MlflowImported&)> progress;  // after each run
};

// Takes a store of MLflow over. Each run is one transaction with its files, so an import that is broken off
// goes on where it was when it is started again. What has been written is read back and compared: numbers of
// params, tags and points, and the digest of each file. kCorrupt where they differ. Blocking.
//
// Experiments keep their names and get new ids; runs and logged models keep theirs. An experiment of a name
// that is there already is added to.
class MlflowImport {
 public:
  MlflowImport(MlflowSource& source, MlflowImportTarget target)
      : source_(source), target_(std::move(target)) {}

  Result<MlflowImported> run();

 private:
  struct StoredFile {
    std::string path;  // below its root
    blobs::BlobInfo blob;
    std::string content;  // of a small one
    bool inlined = false;
  };

  Result<std::string> take_experiment(const tracking::Experiment& experiment);
  Result<void> take_runs(const tracking::Experiment& experiment, const std::string& id);
  Result<void> take_run(SourceRun source, const std::string& experiment_id);
  Result<void> write_run(database::Connection& connection, const SourceRun& source,
                         const std::string& experiment_id, const std::vector<StoredFile>& files);
  Result<void> check_run(database::Connection& connection, const SourceRun& source);
  Result<void> take_logged_models(const tracking::Experiment& experiment, const std::string& id);
  Result<void> take_models();  // mlflow_import_models.cc
  Result<void> take_model(const SourceModel& model);
  Result<bool> write_model(database::Connection& connection, const SourceModel& model);
  Result<void> write_version(database::Connection& connection, const registry::Entry& entry,
                             const SourceVersion& from);

  // Takes all files below an artifact location into the blobs; none, with a note, where they are not here.
  Result<std::vector<StoredFile>> take_files(const std::string& location, const std::string& of);
  Result<StoredFile> take_file(const std::filesystem::path& file, std::string path);
  Result<void> write_files(database::Connection& connection, const std::vector<StoredFile>& files,
                           const std::string& uri);
  std::filesystem::path local_path(const std::string& location) const;  // empty: not here
  // A location of the old store as one of ours; itself where it is under no root that was taken over.
  std::string moved(const std::string& location) const;
  void note(std::string text) { done_.notes.push_back(std::move(text)); }

  MlflowSource& source_;
  MlflowImportTarget target_;
  MlflowImported done_;
  std::map<std::string, std::string, std::greater<>> roots_;  // old location -> ours, longest prefixes first
};

}  // namespace penstock::app
