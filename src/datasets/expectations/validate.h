#pragma once

#include <string>
#include <vector>

#include "core/units.h"
#include "datasets/expectations/question.h"
#include "datasets/expectations/suite.h"

namespace penstock::datasets {

// What became of one expectation of a suite.
struct ExpectationResult {
  bool success = false;
  JsonObject result{};
  std::string exception{};  // why it could not be judged; empty as a rule
};

struct Validation {
  DataFile file;
  std::vector<ExpectationResult> results{};  // in the suite's order
  size_t statements = 0;                     // of SQL, scans of the file among them
};

// Judges every expectation of a suite on a file, in as few scans as its questions allow (metrics.h). An
// expectation that cannot be judged (no such column, wrong arguments, a type that does not fit) has failed
// and says why. Errors: the file is not there or malformed, memory does not suffice, cancelled.
Result<Validation> validate(duckdb::Connection& connection, const FileOptions& file, const Suite& suite,
                            const ResultFormat& format);

// Whether all have succeeded.
bool succeeded(const Validation& validation);

// As Great Expectations 1.x writes the result of a validation.
Json validation_document(const Suite& suite, const Validation& validation, Timestamp at);

}  // namespace penstock::datasets
