#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "storage/duckdb/duckdb.h"

namespace penstock::datasets {

using Row = std::vector<duckdb::Value>;

// Whether a CSV file is not what its first rows, or its name, made of it.
bool is_csv_error(const Error& error);

// What expectations want to know of a data file, gathered so that many of them cost one scan.
//
// Who evaluates asks; what is not known yet is noted (nullptr) and computed by the next run_round(), after
// which the same questions are asked again. Aggregates over one relation become one statement, so a suite
// needs as many scans as its longest chain of questions (two as a rule: counts, then whatever the counts make
// necessary), plus one per set of grouping columns. Equal questions are computed once. Thread rule: one.
class Metrics {
 public:
  explicit Metrics(duckdb::Connection& connection) : connection_(connection) {}

  // The value of an SQL aggregate over a relation: "data", or a name that groups() gave, or a subquery.
  Result<const duckdb::Value*> scalar(const std::string& relation, const std::string& expression);

  // A table of the distinct combinations of `columns` (SQL expressions, called k0, k1, ...) and how often
  // each occurs (n), over the rows of `data` where `condition` holds (empty: all).
  Result<const std::string*> groups(const std::vector<std::string>& columns, const std::string& condition);

  // The rows of a SELECT that gives at most `rows_max`, by its LIMIT.
  Result<const std::vector<Row>*> list(const std::string& select, size_t rows_max);

  // A table of the values (`value`) of a grouping's first column that `judge` rejects, made at once and once
  // for each `check`, which names the judge.
  using Judge = std::function<Result<bool>(std::string_view)>;
  Result<std::string> rejected(const std::string& table, const std::string& check, const Judge& judge);

  // Computes what was asked since the last round. Failing questions keep their error for whoever asks again;
  // the result is an error only if nothing can be computed any more (cancelled, out of memory, no such file).
  Result<void> run_round();

  size_t open_questions() const;
  size_t statements() const { return statements_; }  // run so far

 private:
  template <class T>
  struct Answer {
    bool known = false;
    Result<T> value{};
  };
  using Scalars = std::map<std::string, Answer<duckdb::Value>>;  // by expression
  struct Grouping {
    std::string select;
    Answer<std::string> table;
  };
  struct List {
    size_t rows_max = 0;
    Answer<std::vector<Row>> rows;
  };

  Result<duckdb::Rows> run(const std::string& sql);
  Result<void> run_scalars(const std::string& relation, Scalars& scalars);
  Result<void> run_batch(const std::string& relation, const std::vector<Scalars::value_type*>& batch);
  Result<void> run_groups();
  Result<void> run_lists();
  Result<std::string> make_rejected(const std::string& table, const Judge& judge);

  duckdb::Connection& connection_;
  std::map<std::string, Scalars> scalars_;               // by relation
  std::map<std::string, Grouping> groupings_;            // by what is grouped
  std::map<std::string, List> lists_;                    // by select
  std::map<std::string, Result<std::string>> rejected_;  // by table and check
  size_t statements_ = 0;
};

}  // namespace penstock::datasets
