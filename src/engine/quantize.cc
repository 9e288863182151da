#include "engine/quantize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <llama.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "engine/gguf_reader.h"
#include "engine/model.h"
#include "engine/staged_file.h"

namespace penstock::engine {
namespace {

constexpr int kThreadsMax = 256;

struct Format {
  std::string_view name;
  llama_ftype file_type;
};

// By Quantization.
constexpr std::array kFormats = {
    Format{"f16", LLAMA_FTYPE_MOSTLY_F16},       Format{"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    Format{"q5_0", LLAMA_FTYPE_MOSTLY_Q5_0},     Format{"q5_k_m", LLAMA_FTYPE_MOSTLY_Q5_K_M},
    Format{"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},     Format{"q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
    Format{"q4_k_m", LLAMA_FTYPE_MOSTLY_Q4_K_M},
};
static_assert(kFormats.size() == static_cast<size_t>(Quantization::kQ4_K_M) + 1);

const Format& format_of(Quantization type) { return kFormats[static_cast<size_t>(type)]; }

std::map<std::string, int64_t> count_types(const GgufHead& head) {
  std::map<std::string, int64_t> counts;
  for (const GgufHead::Tensor& tensor : head.tensors) ++counts[tensor.type];
  return counts;
}

Result<void> check_input(const GgufHead& head, const QuantizeOptions& options) {
  if (head.integer("split.count").value_or(1) > 1) {
    return Failure(Error::invalid(
        "", fmt::format("{} is one of several parts of a model: merge them first", options.input.string())));
  }
  if (options.requantize == Requantize::kAllowed) return {};
  const auto quantized = std::ranges::find(head.tensors, true, &GgufHead::Tensor::quantized);
  if (quantized == head.tensors.end()) return {};
  return Failure(Error::invalid(
      "", fmt::format("{}: its weights are quantised already ({} is {}); start from F16 or F32, or allow it "
                      "with --requantize",
                      options.input.string(), quantized->name, quantized->type)));
}

Error write_failure(const std::filesystem::path& file) {
  std::error_code unknown;
  const auto space = std::filesystem::space(file.parent_path().empty() ? "." : file.parent_path(), unknown);
  constexpr uintmax_t kNearlyFullBytes = 1 << 20;
  if (!unknown && space.available < kNearlyFullBytes) {
    return {.code = ErrorCode::kStorageFull,
            .message = fmt::format("no space left to write {}", file.string())};
  }
  return Error::internal(
      fmt::format("libllama could not write {}; its log lines above may say why", file.string()));
}

}  // namespace

std::string_view quantization_name(Quantization type) { return format_of(type).name; }

Result<Quantization> parse_quantization(std::string_view name) {
  const auto found = std::ranges::find(kFormats, to_lower(name), &Format::name);
  if (found != kFormats.end()) return static_cast<Quantization>(found - kFormats.begin());
  std::vector<std::string_view> names;
  for (const Format& format : kFormats) names.push_back(format.name);
  return Failure(Error::invalid(
      "type", fmt::format("\"{}\" is no weight format; known are {}", name, fmt::join(names, ", "))));
}

Result<QuantizeReport> quantize(const QuantizeOptions& options) {
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return Failure(Error::invalid("threads", fmt::format("threads must be from 1 to {}", kThreadsMax)));
  }
  ASSIGN_OR_RETURN(const GgufHead input, read_gguf_head(options.input));
  RETURN_IF_ERROR(check_input(input, options));
  // What libllama can load it can quantise; on a model that is not whole its quantiser would abort.
  RETURN_IF_ERROR(Model::load(options.input));

  StagedFile staged(options.output);
  llama_model_quantize_params params = llama_model_quantize_default_params();
  params.nthread = options.threads;
  params.ftype = format_of(options.type).file_type;
  params.allow_requantize = options.requantize == Requantize::kAllowed;
  if (llama_model_quantize(options.input.c_str(), staged.path().c_str(), &params) != 0) {
    return Failure(write_failure(staged.path()));
  }
  // libllama does not notice every failed write; a file cut short is noticed here.
  Result<GgufHead> output = read_gguf_head(staged.path());
  if (!output) return Failure(write_failure(staged.path()));
  RETURN_IF_ERROR(staged.publish());
  return QuantizeReport{.input_bytes = input.file_bytes,
                        .output_bytes = output->file_bytes,
                        .input_tensors = count_types(input),
                        .output_tensors = count_types(*output)};
}

}  // namespace penstock::engine
