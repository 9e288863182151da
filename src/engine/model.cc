#include "engine/model.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <mutex>
#include <system_error>

#include "core/digest.h"
#include "core/log.h"
#include "core/text.h"
#include "engine/hangul.h"

namespace penstock::engine {
namespace {

// Part of the fingerprint: raised when a change of the engine can change its output for the same weights.
constexpr std::string_view kOutputVersion = "penstock-engine 1";
constexpr size_t kFingerprintSamples = 16;
constexpr size_t kFingerprintSampleBytes = 64 << 10;

void forward_log(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_WARN && level != GGML_LOG_LEVEL_ERROR) return;
  std::string_view line = trim(text);
  if (line.empty()) return;
  log(level == GGML_LOG_LEVEL_ERROR ? LogLevel::kError : LogLevel::kWarn, line, {{"source", "libllama"}});
}

Result<std::string> fingerprint_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code failed;
  const uint64_t size = std::filesystem::file_size(file, failed);
  if (!in || failed) return Failure(Error::not_found(fmt::format("cannot read {}", file.string())));
  Hasher hasher;
  auto add = [&](std::string_view text) { hasher.update(std::as_bytes(std::span(text))); };
  add(kOutputVersion);
  add(llama_version());
  add(std::to_string(size));
  std::string sample(kFingerprintSampleBytes, '\0');
  const uint64_t last = size > sample.size() ? size - sample.size() : 0;
  for (size_t i = 0; i < kFingerprintSamples; ++i) {
    in.seekg(static_cast<std::streamoff>(last / (kFingerprintSamples - 1) * i));
    in.read(sample.data(), static_cast<std::streamsize>(sample.size()));
    add(std::string_view(sample).substr(0, static_cast<size_t>(in.gcount())));
    in.clear();
  }
  return "fp_" + hasher.finish().hex().substr(0, 12);
}

}  // namespace

void initialize_llama() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(forward_log, nullptr);
    llama_backend_init();
  });
}

Model::Model(llama_model* model) : model_(model), vocabulary_(llama_model_get_vocab(model)) {}

Model::~Model() { llama_model_free(model_); }

Result<std::unique_ptr<Model>> Model::load(const std::filesystem::path& file) {
  initialize_llama();
  ASSIGN_OR_RETURN(std::string print, fingerprint_of(file));
  llama_model_params params = llama_model_default_params();
  llama_model* raw = llama_model_load_from_file(file.c_str(), params);
  if (raw == nullptr) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = fmt::format("{} is not a model that libllama can load; its log lines above say why",
                                     file.string())});
  }
  std::unique_ptr<Model> model(new Model(raw));
  model->fingerprint_ = std::move(print);
  RETURN_IF_ERROR(model->read_kind());
  model->read_pieces();
  return model;
}

Result<void> Model::read_kind() {
  const std::string architecture = metadata("general.architecture");
  const std::string pooling = metadata(architecture + ".pooling_type");
  const bool causal = metadata(architecture + ".attention.causal") != "false";
  if (pooling == std::to_string(LLAMA_POOLING_TYPE_RANK)) {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented, .message = "rerankers are not served by this engine"});
  }
  const bool pools = !pooling.empty() && pooling != std::to_string(LLAMA_POOLING_TYPE_NONE);
  kind_ = pools || !causal ? ModelKind::kEmbedder : ModelKind::kGenerator;
  if (kind_ == ModelKind::kGenerator && !llama_model_has_decoder(model_)) {
    return Failure(
        Error{.code = ErrorCode::kNotImplemented,
              .message = fmt::format("architecture {} neither generates nor embeds", architecture)});
  }
  return {};
}

void Model::read_pieces() {
  const int32_t count = llama_vocab_n_tokens(vocabulary_);
  pieces_.resize(count);
  std::array<char, 256> buffer;
  for (Token token = 0; token < count; ++token) {
    std::string& piece = pieces_[token];
    int32_t length = llama_token_to_piece(vocabulary_, token, buffer.data(), buffer.size(), 0, true);
    if (length >= 0) {
      piece.assign(buffer.data(), length);
      continue;
    }
    piece.resize(-length);
    llama_token_to_piece(vocabulary_, token, piece.data(), -length, 0, true);
  }
}

int32_t Model::context_trained() const { return llama_model_n_ctx_train(model_); }

int32_t Model::embedding_size() const { return llama_model_n_embd_out(model_); }

int64_t Model::kv_bytes_per_token() const {
  const int64_t heads = std::max(1, llama_model_n_head(model_));
  const int64_t width = int64_t{llama_model_n_embd(model_)} / heads * llama_model_n_head_kv(model_);
  constexpr int64_t kKeyAndValue = 2;
  constexpr int64_t kF16Bytes = 2;
  return kKeyAndValue * kF16Bytes * width * llama_model_n_layer(model_);
}

std::string Model::metadata(const std::string& key) const {
  std::array<char, 256> buffer;
  const int32_t length = llama_model_meta_val_str(model_, key.c_str(), buffer.data(), buffer.size());
  if (length < 0) return {};
  if (static_cast<size_t>(length) < buffer.size()) return {buffer.data(), static_cast<size_t>(length)};
  std::string text(static_cast<size_t>(length) + 1, '\0');
  llama_model_meta_val_str(model_, key.c_str(), text.data(), text.size());
  text.pop_back();
  return text;
}

Result<std::vector<Token>> Model::tokenize(std::string_view text, Framing framing,
                                           SpecialTokens specials) const {
  std::string decomposed;
  if (llama_vocab_type(vocabulary_) == LLAMA_VOCAB_TYPE_WPM) text = decomposed = decompose_hangul(text);
  constexpr size_t kFrameTokens = 8;
  if (text.size() > std::numeric_limits<int32_t>::max() - kFrameTokens) {
    return Failure(Error{.code = ErrorCode::kTooLarge, .message = "the text is too long to be tokenised"});
  }
  const bool framed = framing == Framing::kAdded;
  const bool parsed = specials == SpecialTokens::kParsed;
  const auto length = static_cast<int32_t>(text.size());
  std::vector<Token> tokens(text.size() / 3 + kFrameTokens);
  int32_t count = llama_tokenize(vocabulary_, text.data(), length, tokens.data(),
                                 static_cast<int32_t>(tokens.size()), framed, parsed);
  if (count < 0 && count != std::numeric_limits<int32_t>::min()) {
    tokens.resize(-count);
    count = llama_tokenize(vocabulary_, text.data(), length, tokens.data(), -count, framed, parsed);
  }
  if (count < 0)
    return Failure(Error{.code = ErrorCode::kTooLarge, .message = "the text has too many tokens"});
  tokens.resize(count);
  return tokens;
}

std::string_view Model::piece(Token token) const {
  if (token < 0 || token >= vocabulary_size()) return {};
  return pieces_[token];
}

bool Model::is_control(Token token) const { return llama_vocab_is_control(vocabulary_, token); }

bool Model::ends_text(Token token) const { return llama_vocab_is_eog(vocabulary_, token); }

}  // namespace penstock::engine
