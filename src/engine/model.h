#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"

struct llama_model;
struct llama_vocab;

namespace penstock::engine {

enum class ModelKind : uint8_t { kGenerator, kEmbedder };

// Whether text like "<|im_end|>" is read as the control token of that name: only in what a template wrote.
enum class SpecialTokens : uint8_t { kAsText, kParsed };

// Whether the tokens that the model wants around every text (BOS, CLS, SEP) are added.
enum class Framing : uint8_t { kNone, kAdded };

// The weights and vocabulary of one GGUF file, mapped into memory. Immutable: any thread.
class Model {
 public:
  // Reads the file and everything that depends on the vocabulary only. kNotFound, kCorrupt for what libllama
  // cannot load (the reason is in the log), kNotImplemented for kinds that the engine does not serve
  // (rerankers).
  static Result<std::unique_ptr<Model>> load(const std::filesystem::path& file);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  ModelKind kind() const { return kind_; }
  int32_t context_trained() const;
  int32_t vocabulary_size() const { return static_cast<int32_t>(pieces_.size()); }
  int64_t kv_bytes_per_token() const;  // of the key and value cache in F16, over all layers
  int32_t embedding_size() const;
  std::string metadata(const std::string& key) const;  // as text; empty if absent

  // Identifies weights and engine build: "fp_" and 12 hex digits. From samples of the file, so no proof of
  // integrity.
  const std::string& fingerprint() const { return fingerprint_; }

  // Too long for 32-bit counts is kTooLarge.
  Result<std::vector<Token>> tokenize(std::string_view text, Framing framing, SpecialTokens specials) const;
  // The bytes that a token stands for, not always whole UTF-8; control tokens have their name. Unknown ids
  // are empty.
  std::string_view piece(Token token) const;
  bool is_control(Token token) const;
  bool ends_text(Token token) const;  // end of text, of turn or of message

  llama_model* raw() const { return model_; }
  const llama_vocab* vocabulary() const { return vocabulary_; }

 private:
  explicit Model(llama_model* model);
  Result<void> read_kind();
  void read_pieces();

  llama_model* model_;
  const llama_vocab* vocabulary_;
  ModelKind kind_ = ModelKind::kGenerator;
  std::string fingerprint_;
  std::vector<std::string> pieces_;
};

// Sends libllama's log lines to ours (warnings and errors) and starts its back ends; called by load(). Once
// per process.
void initialize_llama();

}  // namespace penstock::engine
