#include "engine/bert_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/text.h"

namespace penstock::engine {
namespace {

using Names = std::pair<std::string_view, std::string_view>;

constexpr Names kTables[] = {
    {"embeddings.word_embeddings", "token_embd"},
    {"embeddings.position_embeddings", "position_embd"},
    {"embeddings.token_type_embeddings", "token_types"},
    {"embeddings.LayerNorm", "token_embd_norm"},
};

// Of layer N: encoder.layer.N.<first> and blk.N.<second>.
constexpr Names kLayerParts[] = {
    {"attention.self.query", "attn_q"},
    {"attention.self.key", "attn_k"},
    {"attention.self.value", "attn_v"},
    {"attention.output.dense", "attn_output"},
    {"attention.output.LayerNorm", "attn_output_norm"},
    {"intermediate.dense", "ffn_up"},
    {"output.dense", "ffn_down"},
    {"output.LayerNorm", "layer_output_norm"},
};

constexpr std::string_view kUnused[] = {"pooler.", "cls.", "embeddings.position_ids",
                                        "embeddings.token_type_ids"};

std::optional<std::string_view> look_up(std::span<const Names> names, std::string_view name) {
  auto found = std::ranges::find(names, name, &Names::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string> bert_tensor_name(std::string_view name) {
  if (name.starts_with("bert.")) name.remove_prefix(5);
  if (std::ranges::any_of(kUnused, [&](std::string_view prefix) { return name.starts_with(prefix); }))
    return "";
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view kind = name.substr(dot + 1);
  if (kind == "gamma") kind = "weight";  // TensorFlow's names
  if (kind == "beta") kind = "bias";
  if (kind != "weight" && kind != "bias") return std::nullopt;
  std::string_view part = name.substr(0, dot);
  if (auto table = look_up(kTables, part)) return fmt::format("{}.{}", *table, kind);

  constexpr std::string_view kLayer = "encoder.layer.";
  if (!part.starts_with(kLayer)) return std::nullopt;
  part.remove_prefix(kLayer.size());
  const size_t end = part.find('.');
  if (end == std::string_view::npos || !parse_int(part.substr(0, end))) return std::nullopt;
  auto layer_part = look_up(kLayerParts, part.substr(end + 1));
  if (!layer_part) return std::nullopt;
  return fmt::format("blk.{}.{}.{}", part.substr(0, end), *layer_part, kind);
}

bool is_position_table(std::string_view gguf_name) {
  return gguf_name.starts_with("position_embd.") || gguf_name.starts_with("token_types.");
}

std::string bert_piece(std::string_view token) {
  constexpr std::string_view kContinued = "##";
  if (token.starts_with(kContinued)) return std::string(token.substr(kContinued.size()));
  return "\xE2\x96\x81" + std::string(token);  // U+2581
}

bool is_bert_control_token(std::string_view token) {
  return std::ranges::any_of(kBertSpecialTokens, [&](const auto& entry) { return entry.first == token; });
}

}  // namespace penstock::engine
