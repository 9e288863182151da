#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/accounts.h"
#include "access/audit.h"
#include "access/directory.h"
#include "access/keys.h"
#include "access/oidc.h"
#include "api/native/config_control.h"
#include "core/blocking_pool.h"
#include "core/clock.h"
#include "core/result.h"
#include "gateway/gateway.h"
#include "observability/live_requests.h"
#include "observability/metrics.h"
#include "observability/request_log.h"
#include "observability/request_stats.h"
#include "registry/models.h"

namespace penstock::api::native {

enum class HealthStatus : uint8_t { kOk, kStarting, kDegraded, kDown };

// Whether the server is down when this part is, or only degraded.
enum class PartRole : uint8_t { kEssential, kOptional };

// One part of the running server: "journal", "database", "engine smollm2".
struct HealthPart {
  std::string name;
  HealthStatus status = HealthStatus::kOk;
  std::string detail;  // for a person: what is wrong and what helps; may be empty
  PartRole role = PartRole::kEssential;
};

// Knows how the parts are. Implemented by app/. Called on event loops: thread-safe and quick.
class HealthSource {
 public:
  virtual ~HealthSource() = default;
  virtual std::vector<HealthPart> parts() = 0;
};

enum class ModelStatus : uint8_t { kReady, kStarting, kFailed, kRemote };

// A model that can be asked for, or could be if it had not failed.
struct ModelInfo {
  std::string name;
  registry::ModelKind kind = registry::ModelKind::kChat;
  std::string version{};  // these five are empty (0) for what is not in the registry
  std::string digest{};
  std::string licence{};
  int64_t size_bytes = 0;
  std::string source{};
  std::string upstream{};
  ModelStatus status = ModelStatus::kReady;
};

// Merges the registry with what the engines and the configuration say. Implemented by app/. Called on the
// blocking pool: thread-safe.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  virtual Result<std::vector<ModelInfo>> models() = 0;
};

struct VersionInfo {
  std::string version;   // "0.1.0"
  std::string commit;    // full hash; empty when built outside of a checkout
  std::string compiler;  // "clang 19.1.7"
  Timestamp started_at;
};

struct CostServices;      // cost_handlers.h
struct RegistryServices;  // registry_handlers.h

// What the handlers stand on; all of it outlives the router.
struct NativeServices {
  ConfigControl& config;
  std::function<std::shared_ptr<const gateway::Setup>()> gateway_setup;  // thread-safe
  const observability::RequestLog& log;
  observability::LiveRequests& live;  // end() it before the server drains, or its watchers hold the server up
  const observability::RequestStats& stats;
  const observability::RequestMetrics& metrics;
  HealthSource& health;
  ModelSource& models;
  const VersionInfo& version;
  BlockingPool& pool;  // for reads of journal and registry
  const Clock& clock;
  access::Directory& directory;
  access::Audit& audit;
  access::Keys& keys;
  access::Accounts& accounts;
  CostServices& costs;
  RegistryServices& registry;
  access::Oidc* oidc = nullptr;  // null: no identity provider is configured
};

}  // namespace penstock::api::native
