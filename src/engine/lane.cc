#include "engine/lane.h"

#include <fmt/format.h>
#include <ggml-cpu.h>
#include <llama.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <limits>

#include "core/log.h"
#include "engine/model.h"

namespace penstock::engine {
namespace {

constexpr int32_t kCellsStep = 256;  // libllama pads contexts to this
// Idle time of a compute thread before it sleeps, 0 to 100. Spinning threads beside a busy gateway cost a
// factor of ten.
constexpr uint32_t kThreadPolling = 10;

int32_t padded(int32_t tokens) { return (tokens + kCellsStep - 1) / kCellsStep * kCellsStep; }

}  // namespace

struct Lane::State {
  ~State() {
    llama_free(context);
    if (pool != nullptr) ggml_threadpool_free(pool);
  }

  llama_context* context = nullptr;
  ggml_threadpool* pool = nullptr;

  // The step, as parallel arrays for llama_batch.
  std::vector<llama_token> tokens;
  std::vector<llama_pos> positions;
  std::vector<llama_seq_id> slots;
  std::vector<llama_seq_id*> slot_pointers;
  std::vector<int32_t> slot_counts;
  std::vector<int8_t> outputs;

  llama_batch batch() {
    slot_pointers.clear();
    for (llama_seq_id& slot : slots) slot_pointers.push_back(&slot);
    slot_counts.assign(slots.size(), 1);
    return {.n_tokens = static_cast<int32_t>(tokens.size()),
            .token = tokens.data(),
            .embd = nullptr,
            .pos = positions.data(),
            .n_seq_id = slot_counts.data(),
            .seq_id = slot_pointers.data(),
            .logits = outputs.data()};
  }
  void empty_step() {
    tokens.clear();
    positions.clear();
    slots.clear();
    outputs.clear();
  }
};

Lane::Lane(const Model& model, LaneOptions options, std::unique_ptr<State> state)
    : model_(model), options_(options), state_(std::move(state)), slots_(options.slots) {
  for (int32_t slot = options.slots - 1; slot >= 0; --slot) free_slots_.push_back(slot);
}

Lane::~Lane() = default;

Result<std::unique_ptr<Lane>> Lane::create(const Model& model, LaneOptions options) {
  if (options.slots < 1 || options.slots > kSlotsMax || options.window_tokens < 1) {
    return Failure(
        Error::invalid("slots", fmt::format("a lane has 1 to {} slots of at least one token", kSlotsMax)));
  }
  const bool shared = options.memory == LaneMemory::kShared;
  options.window_tokens = padded(options.window_tokens);
  options.cells =
      shared ? std::max(padded(options.cells), options.window_tokens) : options.slots * options.window_tokens;
  llama_context_params params = llama_context_default_params();
  params.n_ctx = options.cells;
  params.n_seq_max = options.slots;
  params.kv_unified = shared;
  params.n_batch = params.n_ubatch = options.step_tokens_max;
  params.n_outputs_max = options.step_outputs_max;
  params.n_threads = params.n_threads_batch = options.threads;
  params.no_perf = true;
  auto state = std::make_unique<State>();
  try {
    state->context = llama_init_from_model(model.raw(), params);
  } catch (const std::exception& thrown) {
    log_error("libllama could not create a context", {{"reason", thrown.what()}});
  }
  if (state->context == nullptr) {
    return Failure(Error::unavailable(fmt::format(
        "no context of {} tokens for this model: not enough memory, or libllama's log lines say why",
        options.cells)));
  }
  if (options.threads > 1) {
    ggml_threadpool_params pool = ggml_threadpool_params_default(options.threads);
    pool.poll = kThreadPolling;
    state->pool = ggml_threadpool_new(&pool);
    llama_attach_threadpool(state->context, state->pool, state->pool);
  }
  return std::unique_ptr<Lane>(new Lane(model, options, std::move(state)));
}

std::optional<int32_t> Lane::take_slot() {
  if (free_slots_.empty()) return std::nullopt;
  const int32_t slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot].taken = true;
  return slot;
}

void Lane::release_slot(int32_t slot) {
  forget(slot);
  slots_[slot].taken = false;
  free_slots_.insert(std::ranges::upper_bound(free_slots_, slot, std::greater()), slot);
}

void Lane::forget(int32_t slot) {
  llama_memory_seq_rm(llama_get_memory(state_->context), slot, -1, -1);
  Slot& s = slots_[slot];
  cells_used_ -= s.length - (s.prefix ? s.prefix->length : 0);
  if (s.prefix && s.prefix.use_count() == 1) cells_used_ -= s.prefix->length;
  s.prefix.reset();
  s.length = 0;
}

int32_t Lane::room(int32_t slot) const {
  return options_.window_tokens - slots_[slot].length - slots_[slot].pending;
}

int32_t Lane::cells_free() const {
  if (options_.memory == LaneMemory::kSplit) return std::numeric_limits<int32_t>::max();
  return options_.cells - cells_used_ - step_tokens();
}

bool Lane::fork(int32_t from, int32_t to) {
  Slot& source = slots_[from];
  Slot& target = slots_[to];
  const bool shareable =
      options_.memory == LaneMemory::kShared && (!source.prefix || source.prefix->length == source.length);
  if (!shareable) return copy_cells(from, to);
  llama_memory_seq_cp(llama_get_memory(state_->context), from, to, -1, -1);
  if (!source.prefix) source.prefix = std::make_shared<const Prefix>(source.length);
  target.prefix = source.prefix;
  target.length = source.length;
  return true;
}

bool Lane::copy_cells(int32_t from, int32_t to) {
  if (options_.memory == LaneMemory::kShared && slots_[from].length > options_.cells - cells_used_)
    return false;
  try {
    std::vector<uint8_t> bytes(llama_state_seq_get_size(state_->context, from));
    const size_t size = llama_state_seq_get_data(state_->context, bytes.data(), bytes.size(), from);
    if (size == 0 || llama_state_seq_set_data(state_->context, bytes.data(), size, to) == 0) return false;
  } catch (const std::exception& thrown) {
    log_error("libllama could not copy a sequence", {{"reason", thrown.what()}});
    return false;
  }
  slots_[to].length = slots_[from].length;
  cells_used_ += slots_[to].length;
  return true;
}

std::optional<Lane::Move> Lane::close_gap() {
  if (options_.memory == LaneMemory::kShared || free_slots_.empty()) return std::nullopt;
  int32_t highest = options_.slots - 1;
  while (highest >= 0 && !slots_[highest].taken) --highest;
  const int32_t lowest_free = free_slots_.back();
  if (lowest_free > highest || !copy_cells(highest, lowest_free)) return std::nullopt;
  take_slot();
  release_slot(highest);
  return Move{.from = highest, .to = lowest_free};
}

Result<int32_t> Lane::add(int32_t slot, Token token, Output output) {
  State& step = *state_;
  const bool wanted = output == Output::kLogits;
  if (slot < 0 || slot >= options_.slots || !slots_[slot].taken)
    return Failure(Error::internal("no such slot"));
  if (token < 0 || token >= model_.vocabulary_size()) return Failure(Error::internal("no such token"));
  if (room(slot) < 1 || cells_free() < 1) return Failure(Error::internal("the slot is full"));
  if (step_tokens() >= options_.step_tokens_max || (wanted && outputs_ >= options_.step_outputs_max)) {
    return Failure(Error::internal("the step is full"));
  }
  if (!step.slots.empty() && slot < step.slots.back()) return Failure(Error::internal("slots out of order"));
  const int32_t row = step_tokens();
  step.tokens.push_back(token);
  step.positions.push_back(slots_[slot].length + slots_[slot].pending);
  step.slots.push_back(slot);
  step.outputs.push_back(wanted ? 1 : 0);
  outputs_ += wanted ? 1 : 0;
  ++slots_[slot].pending;
  return row;
}

int32_t Lane::step_tokens() const { return static_cast<int32_t>(state_->tokens.size()); }

StepOutcome Lane::run() {
  int32_t status = 0;
  try {
    status = state_->tokens.empty() ? 0 : llama_decode(state_->context, state_->batch());
  } catch (const std::exception& thrown) {
    log_error("libllama threw while it computed a step", {{"reason", thrown.what()}});
    status = -2;
  }
  if (status == 0) commit_step();
  for (Slot& slot : slots_) slot.pending = 0;
  state_->empty_step();
  outputs_ = 0;
  if (status == 0) return StepOutcome::kDone;
  if (status == 1) return StepOutcome::kFull;
  log_error("libllama could not compute a step", {{"status", status}});
  clear();
  return StepOutcome::kFailed;
}

void Lane::commit_step() {
  for (Slot& slot : slots_) slot.length += slot.pending;
  cells_used_ += step_tokens();
}

void Lane::clear() {
  llama_memory_clear(llama_get_memory(state_->context), false);
  for (Slot& slot : slots_) {
    slot.length = 0;
    slot.prefix.reset();
  }
  cells_used_ = 0;
}

std::span<const float> Lane::logits(int32_t row) const {
  const float* logits = llama_get_logits_ith(state_->context, row);
  if (logits == nullptr) return {};
  return {logits, static_cast<size_t>(model_.vocabulary_size())};
}

}  // namespace penstock::engine
