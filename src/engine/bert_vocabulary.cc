#include "engine/bert_vocabulary.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <array>

#include "core/file.h"
#include "core/text.h"
#include "engine/model_folder.h"

namespace penstock::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kContinuation = "##";
constexpr std::string_view kWordBegin = "\xE2\x96\x81";  // U+2581

struct Special {
  std::string_view text;
  uint32_t BertVocabulary::* id;
};

constexpr std::array kSpecials = {
    Special{"[PAD]", &BertVocabulary::pad},   Special{"[UNK]", &BertVocabulary::unknown},
    Special{"[CLS]", &BertVocabulary::begin}, Special{"[SEP]", &BertVocabulary::separator},
    Special{"[MASK]", &BertVocabulary::mask},
};

// The pieces as the file has them, by id; where the file leaves an id out, empty.
using Pieces = std::vector<std::string>;

Result<void> place(Pieces& pieces, const fs::path& file, std::string_view piece, int64_t id) {
  const bool fits = id >= 0 && id < static_cast<int64_t>(pieces.size());
  if (!fits || piece.empty() || piece.contains('\0')) {
    return Failure(
        Error::invalid("", fmt::format("{}: token \"{}\" with id {}: empty, or beyond the {} rows of "
                                       "the model's embedding table",
                                       file.string(), piece, id, pieces.size())));
  }
  std::string& there = pieces[static_cast<size_t>(id)];
  if (!there.empty() && there != piece) {
    return Failure(Error::invalid("", fmt::format("{}: tokens \"{}\" and \"{}\" have the same id {}",
                                                  file.string(), there, piece, id)));
  }
  there = piece;
  return {};
}

Result<void> expect(const fs::path& file, std::string_view what, std::string_view found,
                    std::string_view expected) {
  if (found == expected) return {};
  return Failure(Error::invalid(
      "", fmt::format("{}: {} is \"{}\", only \"{}\" is supported", file.string(), what, found, expected)));
}

const Json& member(const Json& object, std::string_view key) {
  static const Json kNothing;
  const Json* found = find(object, key);
  return found == nullptr ? kNothing : *found;
}

Result<Pieces> read_tokenizer_json(const fs::path& file, BertVocabulary& made, size_t size) {
  ASSIGN_OR_RETURN(const Json document, read_json_object(file, BertVocabulary::kFileBytesMax));
  const Json& model = member(document, "model");
  const Json& normalizer = member(document, "normalizer");
  RETURN_IF_ERROR(expect(file, "model.type", string_at(model, "type"), "WordPiece"));
  RETURN_IF_ERROR(expect(file, "model.continuing_subword_prefix",
                         string_at(model, "continuing_subword_prefix"), kContinuation));
  RETURN_IF_ERROR(expect(file, "normalizer.type", string_at(normalizer, "type"), "BertNormalizer"));
  RETURN_IF_ERROR(expect(file, "pre_tokenizer.type", string_at(member(document, "pre_tokenizer"), "type"),
                         "BertPreTokenizer"));
  if (!bool_at(normalizer, "handle_chinese_chars", true)) {
    return Failure(Error::invalid(
        "",
        fmt::format("{}: normalizer.handle_chinese_chars is false, which is not supported", file.string())));
  }
  made.lowercase = bool_at(normalizer, "lowercase", true);
  made.strip_accents = bool_at(normalizer, "strip_accents", made.lowercase);

  Pieces pieces(size);
  const Json& vocabulary = member(model, "vocab");
  if (!vocabulary.is_object()) {
    return Failure(Error::invalid("", file.string() + ": model.vocab is missing or not an object"));
  }
  for (const auto& [piece, id] : vocabulary.get_object()) {
    RETURN_IF_ERROR(place(pieces, file, piece, id.is_int64() ? id.get_int64() : -1));
  }
  if (const Json& added = member(document, "added_tokens"); added.is_array()) {
    for (const Json& token : added.get_array()) {
      RETURN_IF_ERROR(place(pieces, file, string_at(token, "content"), int_at(token, "id", -1)));
    }
  }
  return pieces;
}

Result<Pieces> read_vocab_txt(const fs::path& file, BertVocabulary& made, size_t size) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file, BertVocabulary::kFileBytesMax));
  const fs::path settings = file.parent_path() / "tokenizer_config.json";
  if (std::error_code ignored; fs::exists(settings, ignored)) {
    ASSIGN_OR_RETURN(const Json document, read_json_object(settings, BertVocabulary::kFileBytesMax));
    made.lowercase = bool_at(document, "do_lower_case", true);
    made.strip_accents = bool_at(document, "strip_accents", made.lowercase);
  }
  Pieces pieces(size);
  std::string_view rest = text;
  for (int64_t id = 0; !rest.empty(); ++id) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    RETURN_IF_ERROR(place(pieces, file, line, id));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return pieces;
}

Result<void> find_specials(const Pieces& pieces, const fs::path& file, BertVocabulary& made) {
  for (const Special& special : kSpecials) {
    const auto found = std::ranges::find(pieces, special.text);
    if (found == pieces.end()) {
      return Failure(
          Error::invalid("", fmt::format("{}: the token {} is missing", file.string(), special.text)));
    }
    made.*special.id = static_cast<uint32_t>(found - pieces.begin());
  }
  return {};
}

void add_token(BertVocabulary& made, const std::string& piece) {
  if (piece.empty()) {
    made.tokens.push_back(fmt::format("[PAD{}]", made.tokens.size()));
    made.types.push_back(LLAMA_TOKEN_TYPE_UNUSED);
  } else if (std::ranges::find(kSpecials, piece, &Special::text) != kSpecials.end()) {
    made.tokens.push_back(piece);
    made.types.push_back(LLAMA_TOKEN_TYPE_CONTROL);
  } else {
    const bool continues = piece.starts_with(kContinuation) && piece.size() > kContinuation.size();
    made.tokens.push_back(continues ? piece.substr(kContinuation.size()) : std::string(kWordBegin) + piece);
    made.types.push_back(LLAMA_TOKEN_TYPE_NORMAL);
  }
}

}  // namespace

Result<BertVocabulary> read_bert_vocabulary(const fs::path& folder, int64_t size) {
  BertVocabulary made;
  std::error_code ignored;
  const bool has_json = fs::exists(folder / "tokenizer.json", ignored);
  const fs::path file = folder / (has_json ? "tokenizer.json" : "vocab.txt");
  const auto count = static_cast<size_t>(size);
  ASSIGN_OR_RETURN(const Pieces pieces,
                   has_json ? read_tokenizer_json(file, made, count) : read_vocab_txt(file, made, count));
  RETURN_IF_ERROR(find_specials(pieces, file, made));
  made.tokens.reserve(pieces.size());
  made.types.reserve(pieces.size());
  for (const std::string& piece : pieces) add_token(made, piece);
  return made;
}

}  // namespace penstock::engine
