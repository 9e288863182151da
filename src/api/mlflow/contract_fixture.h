#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "access/access_store.h"
#include "access/directory.h"
#include "api/mlflow/contract.h"
#include "core/json.h"
#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "http/answer_recorder.h"
#include "http/router.h"
#include "storage/database/database.h"

// For tests of routes of MLflow's contract: a router with them, called without a server.
namespace penstock::api::mlflow {

class ContractFixture : public testing::Test {
 protected:
  void SetUp() override {
    access_database_ =
        database::Database::open_sqlite({.path = files_.path() / "access.db"}, access::migrations()).value();
    directory_ = std::make_unique<access::Directory>(access::AccessConfig{}, *access_database_, clock_,
                                                     access::Anonymous::kOwner);
    ASSERT_TRUE(directory_->reload());
    add_contract(contract());
  }

  Contract contract() { return {.router = router_, .directory = *directory_}; }

  http::AnswerRecorder call(std::string_view method, std::string_view target, std::string_view body = {},
                            std::string_view content_type = "application/json") {
    Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.body = body;
    request.principal = principal_;
    if (!content_type.empty()) request.headers.add("content-type", std::string(content_type));
    http::AnswerRecorder answer;
    run_task(router_.handle(request, answer));
    return answer;
  }

  // The answer's document; fails the test unless it has this status and is JSON.
  Json answer(std::string_view method, std::string_view target, std::string_view body = {},
              int status = 200) {
    http::AnswerRecorder got = call(method, target, body);
    EXPECT_EQ(got.head.status, status) << target << ": " << got.body;
    auto json = parse_json(got.body);
    EXPECT_TRUE(json) << got.body;
    return json ? *json : Json();
  }

  // "INVALID_PARAMETER_VALUE: message" of a refused call.
  std::string refusal(std::string_view method, std::string_view target, std::string_view body = {}) {
    http::AnswerRecorder got = call(method, target, body);
    EXPECT_GE(got.head.status, 400) << target << ": " << got.body;
    Json json = parse_json(got.body).value_or(Json());
    return std::string(string_at(json, "error_code")) + ": " + std::string(string_at(json, "message"));
  }

  TemporaryDirectory files_;
  ManualClock clock_;
  std::unique_ptr<database::Database> access_database_;
  std::unique_ptr<access::Directory> directory_;
  http::Router router_;
  std::string principal_;  // who calls: "" is the owner
};

}  // namespace penstock::api::mlflow
