#pragma once

#include <span>
#include <string_view>
#include <utility>

// How instrumentations name what MLflow shows, as data.
namespace penstock::traces {

// Attribute names, tried in order. A '#' in one stands for a number: "gen_ai.prompt.#.content".
using Names = std::span<const std::string_view>;
using Kinds = std::span<const std::pair<std::string_view, std::string_view>>;

struct Convention {
  Names kind_names{};
  Kinds kinds{};  // value -> MLflow's span type
  Names input_tokens{};
  Names output_tokens{};
  Names total_tokens{};
  Names cache_read_tokens{};
  Names cache_write_tokens{};
  Names inputs{};
  Names outputs{};
  Names models{};
  Names providers{};
  Names tools{};
  std::string_view message_format{};  // for MLflow's UI, where one of `marks` is there
  Names marks{};                      // names, or beginnings that end in '.'
};

// Where prompts and answers stand in events instead of attributes.
struct EventConvention {
  std::string_view event;
  std::string_view attribute;
  bool is_output = false;
};

// In the order in which they are asked.
std::span<const Convention> conventions();
std::span<const EventConvention> event_conventions();

}  // namespace penstock::traces
