#include "access/audit.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json_writer.h"
#include "core/log.h"

namespace penstock::access {
namespace {

using database::Connection;
using database::Value;

constexpr std::string_view kSelectHead = "SELECT records, hash FROM audit_heads WHERE chain = $1";
constexpr std::string_view kSelectChains = "SELECT chain FROM audit_heads ORDER BY chain";
constexpr std::string_view kSetHead = R"sql(
INSERT INTO audit_heads (chain, records, hash) VALUES ($1, $2, $3)
ON CONFLICT (chain) DO UPDATE SET records = excluded.records, hash = excluded.hash)sql";

constexpr std::string_view kGap = "audit.gap";
constexpr int64_t kScanBytes = 8 << 20;
constexpr size_t kDocumentBytesMax = 1 << 20;

// What the database says of a chain's end.
struct Anchor {
  int64_t records = 0;
  std::string hash;
};

Result<std::optional<Anchor>> anchor_of(database::Database& database, const std::string& chain) {
  std::optional<Anchor> anchor;
  RETURN_IF_ERROR(database.read_now([&](Connection& connection) {
    const std::array<Value, 1> values = {chain};
    return connection.query(kSelectHead, values, [&](const database::Row& row) {
      anchor = Anchor{.records = row.integer(0), .hash = std::string(row.text(1))};
      return false;
    });
  }));
  return anchor;
}

Result<std::vector<std::string>> anchored_chains(database::Database& database) {
  std::vector<std::string> chains;
  RETURN_IF_ERROR(database.read_now([&](Connection& connection) {
    return connection.query(kSelectChains, {}, [&](const database::Row& row) {
      chains.emplace_back(row.text(0));
      return true;
    });
  }));
  return chains;
}

bool action_matches(std::string_view wanted, std::string_view action) {
  if (wanted.empty() || wanted == action) return true;
  return wanted.ends_with('.') && action.starts_with(wanted);
}

bool matches(const AuditQuery& query, const AuditRecord& record) {
  if (!query.actor.empty() && query.actor != record.event.actor.id) return false;
  if (!query.object.empty() && query.object != record.event.object) return false;
  if (query.since && record.at < *query.since) return false;
  if (query.until && record.at >= *query.until) return false;
  return action_matches(query.action, record.event.action);
}

// Follows the chain record by record.
class ChainCheck {
 public:
  explicit ChainCheck(AuditVerdict& verdict) : verdict_(verdict) {}

  void visit(const journal::Record& entry) {
    auto record = decode_audit(entry.payload);
    std::string place = "after record " + std::to_string(sequence_) + ": ";
    if (!record) return find(place + record.error().message);
    if (sequence_ == 0) chain_ = record->id.text();
    if (entry.id != record->id || entry.at != record->at)
      find(place + "id or time differ from the journal's");
    if (record->sequence != sequence_ + 1) {
      find(place + "comes record " + std::to_string(record->sequence));
    }
    if (record->previous != verdict_.head) find(place + "the next one does not follow it");
    if (record->event.action == kGap) {
      find(place + "the journal's end was not where the database said; " + record->event.after);
    }
    if (anchor_ && record->sequence == anchor_->records && record->hash.hex() != anchor_->hash) {
      find("record " + std::to_string(record->sequence) + " is not the one that the database names");
    }
    sequence_ = record->sequence;
    verdict_.head = record->hash;
    ++verdict_.records;
  }

  void expect(std::optional<Anchor> anchor) { anchor_ = std::move(anchor); }
  const std::string& chain() const { return chain_; }

  void finish() {
    if (!anchor_ && verdict_.records > 0) return find("the database does not know this chain");
    if (anchor_ && sequence_ < anchor_->records) {
      find("records after " + std::to_string(sequence_) + " are missing: the database knows of " +
           std::to_string(anchor_->records));
    }
  }

  void find(std::string finding) {
    if (verdict_.findings.size() < Audit::kFindingsMax) verdict_.findings.push_back(std::move(finding));
  }

 private:
  AuditVerdict& verdict_;
  std::optional<Anchor> anchor_;
  std::string chain_;
  int64_t sequence_ = 0;
};

}  // namespace

Audit::Audit(journal::Journal& journal, database::Database& database, const Clock& clock, Random& random)
    : journal_(journal), database_(database), clock_(clock), random_(random) {}

Result<std::unique_ptr<Audit>> Audit::open(journal::Journal& journal, database::Database& database,
                                           const Clock& clock, Random& random, Sharing sharing) {
  std::unique_ptr<Audit> audit(new Audit(journal, database, clock, random));
  ASSIGN_OR_RETURN(std::optional<AuditRecord> newest, audit->newest());
  RETURN_IF_ERROR(newest ? audit->resume(*newest) : audit->begin(sharing));
  return audit;
}

// A database of one server that knows a chain, and a journal that holds nothing: somebody took it away.
Result<void> Audit::begin(Sharing sharing) {
  ASSIGN_OR_RETURN(std::vector<std::string> others, anchored_chains(database_));
  AuditEvent event{.actor = {.id = "system"}, .action = "audit.begin", .object = "audit"};
  RETURN_IF_ERROR(database_.write_now([&](Connection& connection) { return record(connection, event); }));
  if (sharing == Sharing::kShared || others.empty()) return {};
  ASSIGN_OR_RETURN(std::optional<Anchor> lost, anchor_of(database_, others.back()));
  return append_gap(0, lost ? lost->records : 0, lost ? std::string_view(lost->hash) : std::string_view());
}

Result<void> Audit::resume(const AuditRecord& newest) {
  ASSIGN_OR_RETURN(std::string chain, chain_of_journal());
  ASSIGN_OR_RETURN(std::optional<Anchor> anchor, anchor_of(database_, chain));
  head_ = {.chain = chain, .records = newest.sequence, .hash = newest.hash};
  bool ahead = anchor && newest.sequence > anchor->records;  // a transaction that did not end
  bool same = anchor && newest.sequence == anchor->records && newest.hash.hex() == anchor->hash;
  if (ahead || same) return {};
  return append_gap(newest.sequence, anchor ? anchor->records : 0,
                    anchor ? std::string_view(anchor->hash) : std::string_view());
}

Result<void> Audit::append_gap(int64_t found, int64_t expected, std::string_view expected_hash) {
  log_error("audit journal: its end is not where the database says; see penstock audit verify",
            {{"records", found}, {"expected", expected}});
  JsonWriter json;
  json.begin_object().field("found_records", found).field("expected_records", expected);
  json.field("expected_hash", expected_hash).end_object();
  AuditEvent event{
      .actor = {.id = "system"}, .action = std::string(kGap), .object = "audit", .after = json.take()};
  return database_.write_now([&](Connection& connection) { return record(connection, event); });
}

Result<std::optional<AuditRecord>> Audit::newest() const {
  std::optional<AuditRecord> newest;
  std::optional<journal::Position> before;
  do {
    ASSIGN_OR_RETURN(before, journal_.scan_backwards(before, kScanBytes, [&](const auto&, const auto& entry) {
      auto record = decode_audit(entry.payload);
      if (record) newest = std::move(*record);
      return !newest;
    }));
  } while (before && !newest);
  return newest;
}

Result<std::string> Audit::chain_of_journal() const {
  std::string chain;
  RETURN_IF_ERROR(journal_.scan({}, 1, [&](const auto&, const auto& entry) {
    chain = entry.id.text();
    return false;
  }));
  return chain;
}

Result<void> Audit::record(Connection& connection, const AuditEvent& event) {
  if (event.before.size() + event.after.size() > kDocumentBytesMax) {
    return Failure(Error{.code = ErrorCode::kTooLarge, .message = "the change is too large to be recorded"});
  }
  std::lock_guard lock(mutex_);
  AuditRecord record{.sequence = head_.records + 1,
                     .id = Uuid::v7(clock_, random_),
                     .at = clock_.now(),
                     .event = event,
                     .previous = head_.hash};
  std::string payload = encode(record);
  ASSIGN_OR_RETURN(AuditRecord written, decode_audit(payload));
  RETURN_IF_ERROR(journal_.append({.id = record.id, .at = record.at, .payload = std::move(payload)}));
  if (head_.chain.empty()) head_.chain = record.id.text();
  head_.records = record.sequence;
  head_.hash = written.hash;
  const std::array<Value, 3> values = {head_.chain, head_.records, head_.hash.hex()};
  RETURN_IF_ERROR(connection.execute(kSetHead, values));
  return {};
}

Task<Result<void>> Audit::record(AuditEvent event) {
  std::function<Result<void>(Connection&)> work = [this, event = std::move(event)](Connection& connection) {
    return record(connection, event);
  };
  co_return co_await database_.write<void>(std::move(work));
}

Result<AuditPage> Audit::list(const AuditQuery& query) const {
  if (query.limit < 1 || query.limit > kPageMax) {
    return Failure(Error::invalid("limit", "'limit' must be between 1 and " + std::to_string(kPageMax)));
  }
  std::optional<journal::Position> before;
  if (!query.cursor.empty()) {
    before = journal::Position::parse(query.cursor);
    if (!before)
      return Failure(Error::invalid("cursor", "'cursor' must be the next_cursor of an earlier page"));
  }
  AuditPage page;
  auto visit = [&](const journal::Position&, const journal::Record& entry) {
    auto record = decode_audit(entry.payload);
    if (record && matches(query, *record)) page.records.push_back(std::move(*record));
    return page.records.size() < static_cast<size_t>(query.limit);
  };
  ASSIGN_OR_RETURN(auto next, journal_.scan_backwards(before, kPageScanBytesMax, visit));
  if (next) page.next_cursor = next->text();
  return page;
}

// The anchor is read first: records that come meanwhile lie behind it.
Result<AuditVerdict> Audit::verify() const {
  AuditVerdict verdict;
  ChainCheck check(verdict);
  ASSIGN_OR_RETURN(std::string chain, chain_of_journal());
  ASSIGN_OR_RETURN(std::optional<Anchor> anchor, anchor_of(database_, chain));
  check.expect(std::move(anchor));
  std::optional<journal::Position> from = journal::Position{};
  while (from) {
    ASSIGN_OR_RETURN(from, journal_.scan(*from, kScanBytes, [&](const auto&, const auto& entry) {
      check.visit(entry);
      return true;
    }));
  }
  check.finish();
  for (const Error& damage : journal_.damage()) check.find(damage.message);
  return verdict;
}

}  // namespace penstock::access
