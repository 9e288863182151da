#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "core/result.h"
#include "core/units.h"
#include "observability/request_record.h"
#include "storage/journal/journal.h"

namespace penstock::gateway {

// What is being spent: an `open` frame before an upstream is written to, `checkpoint` frames while a long
// answer streams (docs/formats/spend_journal.md). The settle is the request's record in the journal
// `requests`. What a dead process left open is settled by recover_spend(). Thread-safe; the journal outlives
// it.
class SpendJournal {
 public:
  // A checkpoint is due after so much of an answer.
  static constexpr int64_t kCheckpointTokens = 64;
  static constexpr int64_t kCheckpointUs = 1'000'000;

  SpendJournal(journal::Journal& journal, const Clock& clock);
  ~SpendJournal();  // every Entry is gone

  // One request whose spending is open.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept;
    Entry& operator=(Entry&& other) noexcept;
    // Unless settled() was called, recovery at the next start looks for the request's record.
    ~Entry();

    // Whether the answer has grown enough since the last frame. `output_tokens` so far; monotonic time.
    bool checkpoint_due(int64_t output_tokens, int64_t now_us) const {
      return output_tokens - tokens_ >= kCheckpointTokens ||
             (output_tokens > tokens_ && now_us - at_us_ >= kCheckpointUs);
    }
    // What is to be billed if the process dies now.
    Result<void> checkpoint(const TokenCounts& tokens, std::optional<Money> cost);
    // Another upstream is about to be written to: `record` replaces what `open` said.
    Result<void> reopen(const observability::RequestRecord& record);
    // The request's record has been written.
    void settled();

   private:
    friend class SpendJournal;
    struct Live;
    SpendJournal* journal_ = nullptr;
    Live* live_ = nullptr;
    int64_t tokens_ = 0;
    int64_t at_us_ = 0;
  };

  // Once it has returned, the request is billed whatever happens to the process. `record` holds what is known
  // so far; its `tokens` and `cost` are what is to be billed if the process dies now (the estimated input);
  // its bodies are not kept. Quick enough for an event loop.
  Result<Entry> open(const observability::RequestRecord& record);

  // Writes down from where on recovery has to read. Every few seconds; nothing to do is done at once.
  Result<void> mark();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::gateway
