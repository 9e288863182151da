#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace penstock::engine {

// The word pieces of a BERT model and how text is prepared for them, as libllama's tokeniser "bert" wants it.
struct BertVocabulary {
  static constexpr size_t kFileBytesMax = 64 << 20;

  // By id. A piece that begins a word starts with U+2581; pieces that continue one have lost their "##";
  // control tokens stand as they are: "[CLS]".
  std::vector<std::string> tokens;
  std::vector<int32_t> types;  // llama_token_type of each
  bool lowercase = true;
  bool strip_accents = true;

  uint32_t pad = 0;
  uint32_t unknown = 0;
  uint32_t begin = 0;      // [CLS]
  uint32_t separator = 0;  // [SEP]
  uint32_t mask = 0;
};

// From tokenizer.json (WordPiece with BERT's normaliser and pre-tokeniser), else from vocab.txt with
// tokenizer_config.json. `size` is what the weights are made for: a shorter vocabulary is filled up with
// unused tokens, a longer one is kInvalidArgument. Other errors as in import_safetensors.h.
Result<BertVocabulary> read_bert_vocabulary(const std::filesystem::path& folder, int64_t size);

}  // namespace penstock::engine
