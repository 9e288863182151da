#include "app/reload.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "app/restart_only.h"
#include "core/file.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "core/text.h"
#include "core/text_diff.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;
using api::native::ConfigApplied;
using api::native::ConfigChange;
using api::native::ConfigCheck;
using api::native::ConfigProblem;
using api::native::RunningConfig;
using database::Connection;
using gateway::ConfigSource;
using gateway::ConfigVersion;

constexpr size_t kUnrecordedMax = 100;

// Names a server among those that share a database.
std::string server_name(const fs::path& file) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host.data()) + ":" +
         (file.empty() ? "" : fs::absolute(file).lexically_normal().string());
}

Error conflict(std::string message, std::string reason) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message), .reason = std::move(reason)};
}

std::string version_label(int64_t number) { return "version " + std::to_string(number); }

// "penstock.yaml:12:5: models.fast: ..." apart.
ConfigProblem read_problem(std::string_view line, std::string_view file) {
  ConfigProblem problem;
  std::string_view rest = line;
  if (rest.starts_with(file) && rest.substr(file.size()).starts_with(":")) {
    rest.remove_prefix(file.size() + 1);
    for (int64_t* number : {&problem.line, &problem.column}) {
      size_t end = rest.find(':');
      auto value = end == std::string_view::npos ? std::nullopt : parse_int(rest.substr(0, end));
      if (!value) break;
      *number = *value;
      rest.remove_prefix(end + 1);
    }
  }
  problem.message = trim(rest);
  return problem;
}

std::vector<ConfigProblem> read_problems(const Error& error, std::string_view file) {
  std::vector<ConfigProblem> problems;
  for (std::string_view line : split(error.message, '\n')) problems.push_back(read_problem(line, file));
  return problems;
}

Result<std::string> read_config_text(const fs::path& file) { return read_file(file, kConfigBytesMax); }

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// What the audit journal says of a version.
std::string audited(int64_t number, std::string_view comment, std::string_view diff) {
  JsonWriter json;
  json.begin_object().field("version", number);
  if (!comment.empty()) json.field("comment", comment);
  if (!diff.empty()) json.field("diff", diff);
  return json.end_object().take();
}

}  // namespace

Result<Configuration> load_configuration(fs::path file, std::optional<std::string> listen,
                                         const Environment& environment) {
  Configuration configuration{.file = std::move(file), .listen = std::move(listen)};
  if (!configuration.file.empty()) {
    ASSIGN_OR_RETURN(configuration.text, read_config_text(configuration.file));
    ASSIGN_OR_RETURN(configuration.settings,
                     read_settings(configuration.text, configuration.file.string(), environment));
  }
  if (configuration.listen) configuration.settings.listen = {*configuration.listen};
  return configuration;
}

Reload::Reload(Configuration configuration, std::vector<ConfigPart> parts, ReloadServices services)
    : file_(std::move(configuration.file)),
      listen_(std::move(configuration.listen)),
      server_(server_name(file_)),
      started_with_(configuration.settings),
      parts_(std::move(parts)),
      services_(std::move(services)),
      settings_(std::move(configuration.settings)),
      running_{
          .file = file_.string(), .text = std::move(configuration.text), .since = services_.clock.now()} {}

Reload::~Reload() = default;

void Reload::start() {
  record_start();
  if (!file_.empty()) watch_ = std::make_unique<FileWatch>(file_, kPollMs, [this] { file_changed(); });
}

void Reload::stop() { watch_.reset(); }

std::string Reload::problem() const {
  std::lock_guard lock(mutex_);
  return running_.problem;
}

RunningConfig Reload::running() {
  std::lock_guard lock(mutex_);
  return running_;
}

std::string Reload::schema() {
  Json schema = json_schema(settings_schema());
  schema.as_object()["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  return to_json(schema);
}

Result<Settings> Reload::read(const std::string& text) const {
  ASSIGN_OR_RETURN(Settings settings, read_settings(text, file_.string(), services_.environment));
  if (listen_) settings.listen = {*listen_};
  return settings;
}

Result<Settings> Reload::read_and_check(const std::string& text) const {
  ASSIGN_OR_RETURN(Settings settings, read(text));
  for (const ConfigPart& part : parts_) {
    if (part.check) RETURN_IF_ERROR(part.check(settings));
  }
  return settings;
}

ConfigCheck Reload::check(const std::string& text) {
  RunningConfig now = running();
  ConfigCheck check{.base_version = now.version,
                    .diff = unified_diff(now.text, text, version_label(now.version), "new")};
  Result<Settings> settings = read_and_check(text);
  if (settings) {
    check.needs_restart = needs_restart(started_with_, *settings);
  } else {
    check.problems = read_problems(settings.error(), file_.string());
  }
  return check;
}

// All parts or, where one refuses, none.
Result<void> Reload::take(const Settings& settings) {
  for (size_t i = 0; i < parts_.size(); ++i) {
    Result<void> taken = parts_[i].take(settings);
    if (taken) continue;
    while (i-- > 0) {
      if (Result<void> back = parts_[i].take(settings_); !back)
        log_error("a part of the server keeps a refused configuration", {{"why", back.error().message}});
    }
    return taken;
  }
  return {};
}

Result<void> Reload::check_base(std::optional<int64_t> base_version) const {
  if (!base_version || *base_version == running_.version) return {};
  return Failure(conflict("another change came between: " + version_label(running_.version) +
                              " is in effect, and this one was made from " + version_label(*base_version) +
                              ". Look at what differs, and try again",
                          "version_conflict"));
}

Result<void> Reload::check_file_unchanged() const {
  if (file_.empty()) {
    return Failure(
        conflict("the server was started without a configuration file, so there is none to change; "
                 "start it with --config FILE, or write DATA/penstock.yaml and start it again",
                 "no_file"));
  }
  ASSIGN_OR_RETURN(std::string text, read_config_text(file_));
  if (text == running_.text) return {};
  return Failure(conflict(file_.string() + " was changed by hand and is not what is in effect (" +
                              version_label(running_.version) +
                              "); reload it, or put it back, before it is changed from here",
                          "file_changed"));
}

Result<ConfigApplied> Reload::apply(const ConfigChange& change, const access::Actor& actor) {
  std::lock_guard changing(changing_);
  record_late();
  RETURN_IF_ERROR(check_base(change.base_version));
  return write_file({.version = {.previous = running_.version,
                                 .source = ConfigSource::kApi,
                                 .comment = change.comment,
                                 .text = change.text},
                     .actor = actor});
}

Result<ConfigApplied> Reload::undo(std::optional<int64_t> base_version, const access::Actor& actor) {
  std::lock_guard changing(changing_);
  record_late();
  RETURN_IF_ERROR(check_base(base_version));
  if (previous_ == 0) {
    return Failure(conflict(
        "there is nothing to undo: " + version_label(running_.version) + " is the first of this server",
        "nothing_to_undo"));
  }
  ASSIGN_OR_RETURN(ConfigVersion earlier, version(previous_));
  return write_file({.version = {.previous = earlier.previous,
                                 .source = ConfigSource::kUndo,
                                 .comment = "as " + version_label(earlier.number),
                                 .text = std::move(earlier.text)},
                     .actor = actor});
}

// Puts the change into the file first: what is in effect is what the next start finds.
Result<ConfigApplied> Reload::write_file(Change change) {
  RETURN_IF_ERROR(check_file_unchanged());
  ASSIGN_OR_RETURN(Settings settings, read_and_check(change.version.text));
  std::error_code failure;
  fs::path target = fs::canonical(file_, failure);  // a link stays one
  if (failure) return Failure(Error::from_errno(failure.value(), "cannot find " + file_.string()));
  RETURN_IF_ERROR(replace_file(target, change.version.text));
  auto applied = put_into_effect(std::move(change), std::move(settings));
  if (applied) return applied;
  if (Result<void> back = replace_file(target, running_.text); !back) {
    log_error("the file holds a configuration that was refused", {{"why", back.error().message}});
  }
  return applied;
}

Result<ConfigApplied> Reload::reload(const access::Actor& actor) {
  std::lock_guard changing(changing_);
  return load_file(actor);
}

Result<ConfigApplied> Reload::load_file(std::optional<access::Actor> actor) {
  record_late();
  if (file_.empty())
    return Failure(conflict("the server was started without a configuration file", "no_file"));
  auto load = [&]() -> Result<ConfigApplied> {
    ASSIGN_OR_RETURN(std::string text, read_config_text(file_));
    ASSIGN_OR_RETURN(Settings settings, read_and_check(text));
    return put_into_effect(
        {.version = {.previous = running_.version, .source = ConfigSource::kFile, .text = std::move(text)},
         .actor = std::move(actor)},
        std::move(settings));
  };
  Result<ConfigApplied> applied = load();
  set_problem(applied ? std::string() : applied.error().message);
  return applied;
}

// Takes the settings and records where they come from. What a person does must be recorded, or it is not
// done; what the file says takes effect and is recorded as soon as that is possible.
Result<ConfigApplied> Reload::put_into_effect(Change change, Settings settings) {
  bool changed = change.version.text != running_.text;
  change.version.at = services_.clock.now();
  change.version.server = server_;
  if (change.actor) change.version.actor = change.actor->id;
  if (!changed) change.version.number = running_.version;
  RETURN_IF_ERROR(take(settings));
  if (changed || change.actor) {
    Result<int64_t> number = record(change);
    if (!number && change.actor) {
      if (Result<void> back = take(settings_); !back)
        log_error("a part of the server keeps a refused configuration", {{"why", back.error().message}});
      return Failure(std::move(number).error());
    }
    change.version.number = number.value_or(0);
    if (!number) {
      log_warn("the configuration is in effect but not recorded yet", {{"why", number.error().message}});
      if (unrecorded_.size() < kUnrecordedMax) unrecorded_.push_back(change);
    }
  }
  if (!changed) {
    settings_ = std::move(settings);  // its secrets may be others
  } else {
    set_running(change, std::move(settings));
  }
  log_info("configuration loaded", {{"version", running_.version},
                                    {"by", change.version.actor},
                                    {"from", gateway::config_source_name(change.version.source)},
                                    {"changed", changed},
                                    {"needs_restart", joined(running_.needs_restart)}});
  return ConfigApplied{
      .version = running_.version, .changed = changed, .needs_restart = running_.needs_restart};
}

// In one transaction with its audit record. The number is the running one's where nothing changed.
Result<int64_t> Reload::record(const Change& change) {
  int64_t number = change.version.number;
  std::string diff = unified_diff(running_.text, change.version.text, version_label(running_.version), "new");
  auto work = [&](Connection& connection) -> Result<void> {
    number = change.version.number;
    if (number == 0) {
      ASSIGN_OR_RETURN(number, gateway::add_config_version(connection, change.version));
    }
    if (!change.actor) return {};
    std::string_view verb = change.version.source == ConfigSource::kApi    ? "apply"
                            : change.version.source == ConfigSource::kUndo ? "undo"
                                                                           : "reload";
    return services_.audit.record(connection, {.actor = *change.actor,
                                               .action = "config." + std::string(verb),
                                               .object = "config:" + std::to_string(number),
                                               .before = audited(running_.version, {}, {}),
                                               .after = audited(number, change.version.comment, diff)});
  };
  RETURN_IF_ERROR(services_.database.write_now(work));
  return number;
}

// A server that starts with the text that it had goes on with its version.
void Reload::record_start() {
  std::lock_guard changing(changing_);
  Change change{
      .version = {
          .server = server_, .at = running_.since, .source = ConfigSource::kStart, .text = running_.text}};
  std::optional<ConfigVersion> newest;
  auto read = services_.database.read_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(newest, gateway::newest_config_version(connection, server_));
    return {};
  });
  if (read && newest && newest->text == running_.text) {
    change.version.number = newest->number;
    change.version.previous = newest->previous;
  } else {
    if (newest) change.version.previous = newest->number;
    Result<int64_t> number = record(change);
    if (!number) unrecorded_.push_back(change);
    change.version.number = number.value_or(0);
  }
  set_running(change, settings_);
}

void Reload::record_late() {
  while (!unrecorded_.empty()) {
    Change& change = unrecorded_.front();
    Result<int64_t> number = record(change);
    if (!number) return;
    bool is_running = unrecorded_.size() == 1 && running_.version == 0;
    if (is_running) {
      std::lock_guard lock(mutex_);
      running_.version = *number;
      previous_ = change.version.previous;
    }
    unrecorded_.erase(unrecorded_.begin());
    if (!unrecorded_.empty()) unrecorded_.front().version.previous = *number;
  }
}

// The watch saw it. Most often it was ourselves.
void Reload::file_changed() {
  {
    std::lock_guard changing(changing_);
    Result<std::string> text = read_config_text(file_);
    if (text && *text == running_.text && running_.problem.empty()) return;
  }
  reload_file();
}

void Reload::reload_file() {
  std::lock_guard changing(changing_);
  Result<ConfigApplied> applied = load_file(std::nullopt);
  if (!applied) {
    log_error("the configuration file cannot be used; what is in effect stays so",
              {{"file", file_.string()}, {"problems", applied.error().message}});
  }
}

void Reload::set_running(const Change& change, Settings settings) {
  settings_ = std::move(settings);
  previous_ = change.version.previous;
  std::lock_guard lock(mutex_);
  running_.version = change.version.number;
  running_.text = change.version.text;
  running_.since = change.version.at;
  running_.needs_restart = needs_restart(started_with_, settings_);
  running_.problem.clear();
}

void Reload::set_problem(std::string problem) {
  std::lock_guard lock(mutex_);
  running_.problem = std::move(problem);
}

Result<std::vector<ConfigVersion>> Reload::versions(int64_t below, int64_t limit) {
  std::vector<ConfigVersion> found;
  auto read = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(found, gateway::list_config_versions(connection, below, limit));
    return {};
  };
  RETURN_IF_ERROR(services_.database.read_now(read));
  return found;
}

Result<ConfigVersion> Reload::version(int64_t number) {
  ConfigVersion found;
  auto read = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(found, gateway::get_config_version(connection, number));
    return {};
  };
  RETURN_IF_ERROR(services_.database.read_now(read));
  return found;
}

}  // namespace penstock::app
