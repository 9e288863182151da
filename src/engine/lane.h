#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"

namespace penstock::engine {

class Model;

// How a lane keeps keys and values. Split: every slot has cells of its own, so that a step costs what its
// sequences are long. Shared: all slots draw from one pool, so that one may be long, but every step looks at
// all cells in use.
enum class LaneMemory : uint8_t { kSplit, kShared };

struct LaneOptions {
  LaneMemory memory = LaneMemory::kShared;
  int32_t slots = 1;              // sequences at once, at most Lane::kSlotsMax
  int32_t window_tokens = 0;      // the longest sequence; rounded up to a multiple of 256
  int32_t cells = 0;              // of a shared lane, likewise; a split one has slots * window_tokens
  int32_t step_tokens_max = 512;  // in one step
  int32_t step_outputs_max = 64;  // of those, the ones whose logits are wanted
  int32_t threads = 1;
};

enum class StepOutcome : uint8_t {
  kDone,
  kFull,    // no cells left for it: nothing has changed
  kFailed,  // all slots are empty now
};

// A libllama context whose sequences are called slots: computes steps of many sequences at once. Everything
// that would make libllama abort the process is refused here first. One thread.
class Lane {
 public:
  static constexpr int32_t kSlotsMax = 256;  // LLAMA_MAX_SEQ
  enum class Output : uint8_t { kNone, kLogits };

  // kUnavailable when there is not enough memory. `model` must outlive the lane.
  static Result<std::unique_ptr<Lane>> create(const Model& model, LaneOptions options);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  const LaneOptions& options() const { return options_; }
  int32_t cells_used() const { return cells_used_; }
  // For all slots together, beside the step; a split lane's slots are limited by their window only.
  int32_t cells_free() const;

  // The lowest free slot: a split lane computes a range of slots without gaps faster.
  std::optional<int32_t> take_slot();
  int32_t slots_free() const { return static_cast<int32_t>(free_slots_.size()); }
  // Forgets the slot's tokens and frees it.
  void release_slot(int32_t slot);
  // Tokens computed and kept.
  int32_t length(int32_t slot) const { return slots_[slot].length; }
  // How many more tokens the window leaves the slot, beside those that are in the step.
  int32_t room(int32_t slot) const;

  // Makes the empty slot `to` hold what `from` holds; without a copy where the memory is shared. False: no
  // room.
  bool fork(int32_t from, int32_t to);

  // Moves the sequence of the highest slot to the lowest free one below it, if there is one (then frees the
  // former).
  struct Move {
    int32_t from;
    int32_t to;
  };
  std::optional<Move> close_gap();

  // Puts the next token of a slot into the step: slots in ascending order. Returns the row of its logits, for
  // logits(). kInternal, and nothing changes, for what does not fit: a bug of the caller.
  Result<int32_t> add(int32_t slot, Token token, Output output);
  int32_t step_tokens() const;
  int32_t step_outputs() const { return outputs_; }
  // Computes the step and empties it.
  StepOutcome run();
  // Of a row of the step just run; lives until the next.
  std::span<const float> logits(int32_t row) const;

 private:
  // Cells that several slots of a shared lane use together.
  struct Prefix {
    int32_t length;
  };
  struct Slot {
    int32_t length = 0;
    int32_t pending = 0;  // in the step
    bool taken = false;
    std::shared_ptr<const Prefix> prefix;
  };
  struct State;

  Lane(const Model& model, LaneOptions options, std::unique_ptr<State> state);
  void forget(int32_t slot);
  bool copy_cells(int32_t from, int32_t to);
  void commit_step();
  void clear();

  const Model& model_;
  LaneOptions options_;
  std::unique_ptr<State> state_;
  std::vector<Slot> slots_;
  std::vector<int32_t> free_slots_;  // descending
  int32_t cells_used_ = 0;
  int32_t outputs_ = 0;
};

}  // namespace penstock::engine
