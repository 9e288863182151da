#include "registry/registry_schema.h"

#include <array>

namespace penstock::registry {
namespace {

constexpr std::string_view kCreateVersions = R"sql(
CREATE TABLE registry_versions (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  licence TEXT NOT NULL,
  source TEXT NOT NULL,
  tags TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  PRIMARY KEY (kind, name, number),
  UNIQUE (kind, name, digest)
) STRICT)sql";

// Versions get an entry above them and tags of their own rows. The only tag so far says what a model is for.
constexpr std::string_view kVersionGraph = R"sql(
ALTER TABLE registry_versions RENAME TO registry_versions_of_1;
CREATE TABLE registry_entries (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  updated_at_us INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;
CREATE TABLE registry_entry_tags (
  entry_id INTEGER NOT NULL REFERENCES registry_entries (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (entry_id, key)
) STRICT;
CREATE TABLE registry_versions (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES registry_entries (id),
  number INTEGER NOT NULL,
  digest TEXT,
  size_bytes INTEGER NOT NULL,
  licence TEXT NOT NULL,
  source TEXT NOT NULL,
  location TEXT NOT NULL,
  description TEXT,
  run_id TEXT NOT NULL,
  run_link TEXT NOT NULL,
  model_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  status_message TEXT NOT NULL,
  stage TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  updated_at_us INTEGER NOT NULL,
  deleted_at_us INTEGER,
  UNIQUE (entry_id, number)
) STRICT;
CREATE INDEX registry_versions_by_digest ON registry_versions (entry_id, digest);
CREATE INDEX registry_versions_by_stage ON registry_versions (entry_id, stage, number)
  WHERE deleted_at_us IS NULL;
CREATE INDEX registry_versions_by_run ON registry_versions (run_id);
CREATE INDEX registry_versions_by_update ON registry_versions (updated_at_us);
CREATE TABLE registry_version_tags (
  version_id INTEGER NOT NULL REFERENCES registry_versions (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (version_id, key)
) STRICT;
CREATE INDEX registry_version_tags_by_key ON registry_version_tags (key, version_id);
INSERT INTO registry_entries (kind, name, description, created_at_us, updated_at_us)
  SELECT kind, name, '', MIN(created_at_us), MAX(created_at_us) FROM registry_versions_of_1
  GROUP BY kind, name ORDER BY kind, name;
INSERT INTO registry_versions (entry_id, number, digest, size_bytes, licence, source, location, run_id,
    run_link, model_id, status, status_message, stage, created_by, created_at_us, updated_at_us)
  SELECT e.id, v.number, v.digest, v.size_bytes, v.licence, v.source, '', '', '', '', 0, '', 'None', '',
    v.created_at_us, v.created_at_us
  FROM registry_versions_of_1 AS v JOIN registry_entries AS e ON e.kind = v.kind AND e.name = v.name
  ORDER BY e.id, v.number;
INSERT INTO registry_version_tags (version_id, key, value)
  SELECT n.id, 'task', CASE o.tags WHEN '{"task":"embedding"}' THEN 'embedding' ELSE 'chat' END
  FROM registry_versions AS n JOIN registry_entries AS e ON e.id = n.entry_id
  JOIN registry_versions_of_1 AS o ON o.kind = e.kind AND o.name = e.name AND o.number = n.number
  WHERE o.tags = '{"task":"embedding"}' OR o.tags = '{"task":"chat"}';
DROP TABLE registry_versions_of_1)sql";

constexpr std::string_view kAliases = R"sql(
CREATE TABLE registry_aliases (
  entry_id INTEGER NOT NULL REFERENCES registry_entries (id),
  alias TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (entry_id, alias)
) STRICT;
CREATE TABLE registry_alias_moves (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  alias TEXT NOT NULL,
  from_number INTEGER,
  to_number INTEGER,
  moved_at_us INTEGER NOT NULL,
  moved_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  undoes INTEGER
) STRICT;
CREATE INDEX registry_alias_moves_by_alias ON registry_alias_moves (entry_id, alias, id);
CREATE TABLE registry_rules (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name_pattern TEXT NOT NULL,
  alias_pattern TEXT NOT NULL,
  role TEXT NOT NULL,
  gate_tag TEXT NOT NULL,
  gate_value TEXT NOT NULL,
  gate_check TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE registry_checks (
  version_id INTEGER NOT NULL REFERENCES registry_versions (id),
  name TEXT NOT NULL,
  passed INTEGER NOT NULL,
  detail TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  PRIMARY KEY (version_id, name)
) STRICT)sql";

constexpr std::string_view kLineage = R"sql(
CREATE TABLE registry_lineage_nodes (
  id INTEGER PRIMARY KEY,
  node TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE registry_lineage_edges (
  from_id INTEGER NOT NULL,
  to_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (from_id, to_id, role)
) STRICT;
CREATE INDEX registry_lineage_edges_by_to ON registry_lineage_edges (to_id, from_id, role, at_us);
CREATE TABLE registry_lineage_facets (
  node_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  json TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (node_id, name)
) STRICT)sql";

constexpr std::string_view kWebhooks = R"sql(
CREATE TABLE registry_webhooks (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  active INTEGER NOT NULL,
  created_at_us INTEGER NOT NULL,
  updated_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE registry_webhook_events (
  webhook_id TEXT NOT NULL REFERENCES registry_webhooks (id),
  entity TEXT NOT NULL,
  action TEXT NOT NULL,
  PRIMARY KEY (webhook_id, entity, action)
) STRICT;
CREATE INDEX registry_webhook_events_by_event ON registry_webhook_events (entity, action);
CREATE TABLE registry_webhook_deliveries (
  id INTEGER PRIMARY KEY,
  webhook_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  tries INTEGER NOT NULL,
  due_at_us INTEGER NOT NULL,
  created_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX registry_webhook_deliveries_by_due ON registry_webhook_deliveries (due_at_us))sql";

constexpr std::array<database::Migration, 5> kMigrations = {{
    {1, "registry versions", kCreateVersions},
    {55, "registry entries, versions and tags", kVersionGraph},
    {56, "registry aliases and promotion rules", kAliases},
    {57, "registry lineage", kLineage},
    {58, "registry webhooks", kWebhooks},
}};

}  // namespace

std::span<const database::Migration> migrations() { return kMigrations; }

}  // namespace penstock::registry
