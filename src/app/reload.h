#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/audit.h"
#include "api/native/config_control.h"
#include "app/file_watch.h"
#include "app/reload_parts.h"
#include "app/settings.h"
#include "core/clock.h"
#include "storage/database/database.h"

namespace penstock::app {

// What a server works by, and where it came from.
struct Configuration {
  std::filesystem::path file;         // empty: defaults alone
  std::optional<std::string> listen;  // of the command line; goes before the file's
  std::string text;                   // of the file
  Settings settings;
};

// Reads `file`; see load_settings.
Result<Configuration> load_configuration(std::filesystem::path file, std::optional<std::string> listen,
                                         const Environment& environment);

// What Reload stands on; all of it outlives it.
struct ReloadServices {
  database::Database& database;
  access::Audit& audit;
  const Clock& clock;
  Environment environment = process_environment();
};

// The configuration of the running server: changed as a whole, from its file or through the API, with every
// state that took effect kept in the database. Thread-safe; blocking unless said otherwise.
class Reload : public api::native::ConfigControl {
 public:
  static constexpr int64_t kPollMs = 250;  // how often the file is looked at

  // Parts take a change in their order, so those that can fail come first.
  Reload(Configuration configuration, std::vector<ConfigPart> parts, ReloadServices services);
  ~Reload() override;

  // Records what the server was started with, and watches its file from now on. Once.
  void start();
  // Ends the watch; what a person asks for still works.
  void stop();

  // Reads the file again, whatever it holds (SIGHUP). The log says how it went.
  void reload_file();

  // Why the file as it stands now is not in effect; empty: it is. Never waits: for event loops.
  std::string problem() const;

  api::native::RunningConfig running() override;
  std::string schema() override;
  api::native::ConfigCheck check(const std::string& text) override;
  Result<api::native::ConfigApplied> apply(const api::native::ConfigChange& change,
                                           const access::Actor& actor) override;
  Result<api::native::ConfigApplied> undo(std::optional<int64_t> base_version,
                                          const access::Actor& actor) override;
  Result<api::native::ConfigApplied> reload(const access::Actor& actor) override;
  Result<std::vector<gateway::ConfigVersion>> versions(int64_t below, int64_t limit) override;
  Result<gateway::ConfigVersion> version(int64_t number) override;

 private:
  // A change on its way.
  struct Change {
    gateway::ConfigVersion version;      // as it will be recorded; its number comes last
    std::optional<access::Actor> actor;  // who is audited; nobody for changes of the file
  };

  // What stands below `changing_` calls is its holder's.
  Result<Settings> read(const std::string& text) const;
  Result<Settings> read_and_check(const std::string& text) const;
  Result<void> take(const Settings& settings);
  Result<void> check_base(std::optional<int64_t> base_version) const;
  Result<void> check_file_unchanged() const;
  Result<api::native::ConfigApplied> load_file(std::optional<access::Actor> actor);
  Result<api::native::ConfigApplied> write_file(Change change);
  Result<api::native::ConfigApplied> put_into_effect(Change change, Settings settings);
  Result<int64_t> record(const Change& change);
  void record_start();
  void record_late();
  void file_changed();
  void set_running(const Change& change, Settings settings);
  void set_problem(std::string problem);

  const std::filesystem::path file_;
  const std::optional<std::string> listen_;
  const std::string server_;
  const Settings started_with_;
  const std::vector<ConfigPart> parts_;
  const ReloadServices services_;

  std::mutex changing_;             // held by whoever changes something, from the first look to the last
  Settings settings_;               // in effect
  int64_t previous_ = 0;            // where an undo leads
  std::vector<Change> unrecorded_;  // took effect while the database could not be written

  mutable std::mutex mutex_;  // of what is read meanwhile; short
  api::native::RunningConfig running_;

  std::unique_ptr<FileWatch> watch_;
};

}  // namespace penstock::app
