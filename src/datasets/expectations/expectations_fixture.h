#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/temporary_directory.h"
#include "datasets/expectations/validate.h"

namespace penstock::datasets {

// For tests: a directory for data files, and a connection that reads them.
class ExpectationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = duckdb::Connection::open({.memory_bytes_max = 256 << 20, .threads = 2});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    connection_ = std::move(*opened);
  }

  std::string write(const std::string& name, std::string_view text) {
    std::string path = (directory_.path() / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // Writes what a SELECT gives as Parquet.
  std::string write_parquet(const std::string& name, const std::string& select) {
    std::string path = (directory_.path() / name).string();
    auto done = connection_->run("COPY (" + select + ") TO " + duckdb::literal(path) + " (FORMAT parquet)");
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
    return path;
  }

  // The results of one expectation, given as JSON, in the detail of its result_format (SUMMARY without one).
  ExpectationResult judge(const std::string& path, const std::string& type, const std::string& kwargs) {
    auto parsed = parse_json(kwargs);
    EXPECT_TRUE(parsed.has_value()) << kwargs;
    Suite suite{.expectations = {{.type = type, .kwargs = parsed->get_object()}}};
    auto validation = validate(*connection_, {.path = path}, suite, {});
    EXPECT_TRUE(validation.has_value()) << (validation ? "" : validation.error().message);
    return validation ? validation->results.at(0) : ExpectationResult{};
  }

  TemporaryDirectory directory_;
  std::unique_ptr<duckdb::Connection> connection_;
};

}  // namespace penstock::datasets
