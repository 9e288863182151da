#include "engine/quantize.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "engine/import_safetensors.h"
#include "engine/kl_divergence.h"
#include "engine/model_info.h"
#include "engine/test_embedder.h"

namespace penstock::engine {
namespace {

class Quantize : public ::testing::Test {
 protected:
  // The chat model in another format, made once per test program.
  static std::filesystem::path chat_model_as(Quantization type) {
    static TemporaryDirectory folder;
    const auto file = folder.path() / quantization_name(type);
    if (!std::filesystem::exists(file)) {
      auto report = quantize(
          {.input = PENSTOCK_CHAT_MODEL, .output = file, .type = type, .requantize = Requantize::kAllowed});
      EXPECT_TRUE(report) << report.error().message;
    }
    return file;
  }
  bool holds_nothing_but(const std::filesystem::path& file) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path() != file) return false;
    }
    return true;
  }

  TemporaryDirectory folder_;
  std::filesystem::path output_ = folder_.path() / "out.gguf";
};

TEST_F(Quantize, NamesFormatsBothWays) {
  for (const char* name : {"f16", "q8_0", "q5_0", "q5_k_m", "q4_0", "q4_1", "q4_k_m"}) {
    EXPECT_EQ(quantization_name(parse_quantization(name).value()), name);
  }
  EXPECT_EQ(parse_quantization("Q4_K_M").value(), Quantization::kQ4_K_M);
  EXPECT_TRUE(parse_quantization("q3").error().message.contains("q4_k_m"));
}

TEST_F(Quantize, MakesEightBitWeightsHalfAsLargeAsF16) {
  const auto f16 = chat_model_as(Quantization::kF16);
  auto report = quantize({.input = f16, .output = output_, .type = Quantization::kQ8_0});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->input_tensors, (std::map<std::string, int64_t>{{"f16", 211}, {"f32", 61}}));
  EXPECT_EQ(report->output_tensors, (std::map<std::string, int64_t>{{"f32", 61}, {"q8_0", 211}}));
  EXPECT_NEAR(static_cast<double>(report->output_bytes) / static_cast<double>(report->input_bytes), 0.53,
              0.02);
  EXPECT_EQ(report->output_bytes, inspect_model(output_)->size_bytes);
  EXPECT_EQ(inspect_model(output_)->quantization, "Q8_0");
}

TEST_F(Quantize, WorksForEmbeddersAndInPlace) {
  ASSERT_TRUE(import_safetensors({.folder = PENSTOCK_EMBEDDER_SOURCE, .output = output_}));
  auto report = quantize({.input = output_, .output = output_, .type = Quantization::kQ8_0});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_LT(report->output_bytes, report->input_bytes * 6 / 10);
  EXPECT_TRUE(inspect_model(output_)->is_embedding);
}

TEST_F(Quantize, RefusesWeightsThatAreQuantisedAlready) {
  auto report = quantize({.input = PENSTOCK_CHAT_MODEL, .output = output_});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(report.error().message.contains("quantised already")) << report.error().message;
  EXPECT_TRUE(holds_nothing_but({}));
}

TEST_F(Quantize, RefusesWhatIsNoModel) {
  EXPECT_EQ(quantize({.input = folder_.path() / "absent", .output = output_}).error().code,
            ErrorCode::kNotFound);
  const auto input = folder_.path() / "in.gguf";
  write_text(input, "GGUF, or so it says");
  EXPECT_EQ(quantize({.input = input, .output = output_}).error().code, ErrorCode::kCorrupt);
  TinyEmbedder().write(folder_.path() / "tiny");
  ASSERT_TRUE(import_safetensors({.folder = folder_.path() / "tiny", .output = input}));
  std::string bytes = read_text(input);
  write_text(input, bytes.replace(bytes.find("attn_q.weight"), 6, "attn_x"));  // a tensor is missing
  EXPECT_EQ(quantize({.input = input, .output = output_}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(quantize({.input = input, .output = output_, .threads = 0}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(output_));
}

// The kernel refuses to let the file grow, as it does on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(Quantize, LeavesNothingBehindWhenTheDiskIsFull) {
  const auto f16 = chat_model_as(Quantization::kF16);
  Result<QuantizeReport> report = QuantizeReport{};
  {
    FileSizeLimit limit(8 << 20);
    report = quantize({.input = f16, .output = output_, .type = Quantization::kQ8_0});
  }
  ASSERT_FALSE(report);
  EXPECT_TRUE(report.error().message.contains("could not write")) << report.error().message;
  EXPECT_TRUE(holds_nothing_but({}));
}

TEST_F(Quantize, IsFurtherFromTheOriginalWithFewerBits) {
  const auto f16 = chat_model_as(Quantization::kF16);
  std::vector<double> progress;
  auto eight =
      compare_models(f16, chat_model_as(Quantization::kQ8_0),
                     {.tokens_max = 128, .progress = [&](double done) { progress.push_back(done); }});
  auto four = compare_models(f16, chat_model_as(Quantization::kQ4_0), {.tokens_max = 128});
  ASSERT_TRUE(eight) << eight.error().message;
  ASSERT_TRUE(four) << four.error().message;
  EXPECT_EQ(eight->tokens, 127);
  EXPECT_EQ(progress, (std::vector<double>{64.0 / 127, 1}));
  EXPECT_GT(eight->mean_kl, 0);
  EXPECT_LT(eight->mean_kl, 0.01);
  EXPECT_GT(four->mean_kl, 10 * eight->mean_kl);
  EXPECT_GT(eight->top1_agreement, 0.9);
  EXPECT_LT(four->top1_agreement, eight->top1_agreement);
  for (const DivergenceReport& report : {*eight, *four}) {
    EXPECT_LE(report.mean_kl, report.p99_kl);
    EXPECT_LE(report.p99_kl, report.max_kl);
    EXPECT_GT(report.perplexity_candidate, 1);
    EXPECT_LT(report.perplexity_reference, 100);
  }
}

TEST_F(Quantize, FindsNoDivergenceOfAModelFromItself) {
  auto same = compare_models(PENSTOCK_CHAT_MODEL, PENSTOCK_CHAT_MODEL, {.tokens_max = 32});
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->tokens, 31);
  EXPECT_LT(same->max_kl, 1e-9);
  EXPECT_EQ(same->top1_agreement, 1);
  EXPECT_EQ(same->perplexity_reference, same->perplexity_candidate);
}

TEST_F(Quantize, ComparesOnlyModelsThatWriteTheSameTokens) {
  ASSERT_TRUE(import_safetensors({.folder = PENSTOCK_EMBEDDER_SOURCE, .output = output_}));
  EXPECT_TRUE(compare_models(PENSTOCK_CHAT_MODEL, output_).error().message.contains("embeds"));
  EXPECT_EQ(compare_models(PENSTOCK_CHAT_MODEL, PENSTOCK_CHAT_MODEL, {.text = ""}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(compare_models(PENSTOCK_CHAT_MODEL, PENSTOCK_CHAT_MODEL, {.tokens_max = -1}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(compare_models(PENSTOCK_CHAT_MODEL, PENSTOCK_CHAT_MODEL, {.threads = 0}).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace penstock::engine
