#pragma once

#include <filesystem>
#include <memory>

#include "app/settings.h"
#include "core/file.h"
#include "registry/models.h"
#include "storage/blobs/blobs.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::app {

// Where everything durable is kept unless --data says otherwise: $XDG_DATA_HOME/penstock or
// ~/.local/share/penstock.
std::filesystem::path default_data_directory();

// The rows: on the PostgreSQL server that the configuration names, else in DATA/penstock.db. Schema up to
// date.
Result<std::unique_ptr<database::Database>> open_database(const std::filesystem::path& data,
                                                          const gateway::StateConfig& state);

// The rows and the blobs of a data directory, and the registry on them: what commands need beside a running
// server.
struct Registry {
  std::unique_ptr<database::Database> database;
  std::unique_ptr<blobs::Blobs> blobs;
  std::unique_ptr<registry::Models> models;

  static Result<Registry> open(const std::filesystem::path& data, const gateway::StateConfig& state);
};

// All three stores. One server at a time owns a data directory.
struct Stores {
  UniqueFd lock;
  Registry registry;
  std::unique_ptr<journal::Journal> requests;

  static Result<Stores> open(const std::filesystem::path& data, const Settings& settings);
};

// DATA/run, or a private directory below /tmp where that path is too long for a socket's name.
Result<std::filesystem::path> socket_directory(const std::filesystem::path& data);

}  // namespace penstock::app
