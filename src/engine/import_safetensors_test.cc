#include "engine/import_safetensors.h"

#include <gtest/gtest.h>
#include <llama.h>
#include <unistd.h>

#include <cmath>
#include <future>
#include <numeric>

#include "core/clock.h"
#include "core/text.h"
#include "engine/embedder.h"
#include "engine/gguf_reader.h"
#include "engine/hangul.h"
#include "engine/model.h"
#include "engine/model_info.h"
#include "engine/staged_file.h"
#include "engine/test_embedder.h"

namespace penstock::engine {
namespace {

constexpr int kWidth = 384;

// all-MiniLM-L6-v2 as imported, asked through libllama not through the scheduler.
class ImportedMiniLm {
 public:
  explicit ImportedMiniLm(WeightType type) {
    const auto file = folder_.path() / "minilm.gguf";
    auto imported = import_safetensors({.folder = PENSTOCK_EMBEDDER_SOURCE, .output = file, .type = type});
    EXPECT_TRUE(imported) << imported.error().message;
    model_ = Model::load(file).value();
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 1;
    params.embeddings = true;
    context_.reset(llama_init_from_model(model_->raw(), params));
  }

  const Model& model() const { return *model_; }

  std::vector<float> embed(std::string_view sentence) {
    std::vector<Token> tokens = model_->tokenize(sentence, Framing::kAdded, SpecialTokens::kAsText).value();
    llama_batch batch = llama_batch_get_one(tokens.data(), static_cast<int32_t>(tokens.size()));
    EXPECT_EQ(llama_encode(context_.get(), batch), 0);
    const float* vector = llama_get_embeddings_seq(context_.get(), 0);
    return {vector, vector + kWidth};
  }

 private:
  struct Free {
    void operator()(llama_context* context) const { llama_free(context); }
  };
  TemporaryDirectory folder_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<llama_context, Free> context_;
};

double cosine(std::span<const float> a, std::span<const float> b) {
  const double product = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double lengths = std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                         std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
  return product / std::sqrt(lengths);
}

double lowest_cosine_to_the_reference(WeightType type) {
  const std::filesystem::path data = PENSTOCK_ENGINE_TESTDATA;
  const std::string text = read_text(data / "minilm_sentences.txt");
  const std::string bytes = read_text(data / "minilm_reference.f32");
  std::vector<std::string_view> sentences = split(text, '\n');
  EXPECT_EQ(sentences.back(), "");
  sentences.pop_back();
  EXPECT_EQ(sentences.size(), 100);
  std::vector<float> reference(bytes.size() / sizeof(float));
  std::memcpy(reference.data(), bytes.data(), bytes.size());
  EXPECT_EQ(reference.size(), sentences.size() * kWidth);

  ImportedMiniLm minilm(type);
  double lowest = 1;
  for (size_t i = 0; i < sentences.size(); ++i) {
    const std::span wanted = std::span(reference).subspan(i * kWidth, kWidth);
    const double similarity = cosine(minilm.embed(sentences[i]), wanted);
    EXPECT_GT(similarity, 0.9999) << sentences[i];
    lowest = std::min(lowest, similarity);
  }
  return lowest;
}

TEST(ImportSafetensors, EmbedsAHundredSentencesLikeTheReferenceImplementation) {
  EXPECT_GT(lowest_cosine_to_the_reference(WeightType::kF16), 0.9999);
}

TEST(ImportSafetensors, EmbedsCloserToTheReferenceWithF32Weights) {
  EXPECT_GT(lowest_cosine_to_the_reference(WeightType::kF32), 0.999995);
}

TEST(ImportSafetensors, GivesTheModelWhatTheEngineAsksFor) {
  ImportedMiniLm minilm(WeightType::kF16);
  EXPECT_EQ(minilm.model().kind(), ModelKind::kEmbedder);
  EXPECT_EQ(minilm.model().context_trained(), 512);
  EXPECT_EQ(minilm.model().embedding_size(), kWidth);
  EXPECT_EQ(minilm.model().metadata("penstock.embedding.normalize"), "true");
}

TEST(DecomposeHangul, SplitsSyllablesAndKeepsTheRest) {
  EXPECT_EQ(decompose_hangul("\u{AC00}\u{AC01}\u{D7A3} a\u{E9}\u{1F600}"),
            "\u{1100}\u{1161}\u{1100}\u{1161}\u{11A8}\u{1112}\u{1175}\u{11C2} a\u{E9}\u{1F600}");
  EXPECT_EQ(decompose_hangul("\xEA\xB0"), "\xEA\xB0") << "a sequence cut short";
  EXPECT_EQ(decompose_hangul(""), "");
}

class ImportOfTinyEmbedder : public ::testing::Test {
 protected:
  Result<void> import(WeightType type = WeightType::kF16) {
    tiny_.write(folder_);
    return import_safetensors({.folder = folder_, .output = output_, .type = type});
  }
  // Expects a refusal whose message has all of the parts, and that nothing was left behind.
  void expect_refused(std::initializer_list<std::string_view> parts,
                      ErrorCode code = ErrorCode::kInvalidArgument) {
    auto imported = import();
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code, code) << imported.error().message;
    for (std::string_view part : parts) {
      EXPECT_TRUE(imported.error().message.contains(part)) << part << " in: " << imported.error().message;
    }
    for (const auto& entry : std::filesystem::directory_iterator(temporary_.path())) {
      EXPECT_EQ(entry.path(), folder_) << "left behind";
    }
  }
  void replace(std::string& text, std::string_view from, std::string_view to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }

  TemporaryDirectory temporary_;
  std::filesystem::path folder_ = temporary_.path() / "tiny";
  std::filesystem::path output_ = temporary_.path() / "tiny.gguf";
  TinyEmbedder tiny_;
};

TEST_F(ImportOfTinyEmbedder, KeepsNormsBiasesAndSmallTablesAsF32) {
  ASSERT_TRUE(import());
  const GgufHead head = read_gguf_head(output_).value();
  EXPECT_EQ(head.tensors.size(), 21);
  for (const GgufHead::Tensor& tensor : head.tensors) {
    const bool table = tensor.name == "position_embd.weight" || tensor.name == "token_types.weight";
    EXPECT_EQ(tensor.type, tensor.shape.size() == 2 && !table ? "f16" : "f32") << tensor.name;
  }
}

TEST_F(ImportOfTinyEmbedder, MarksWordBeginningsAndFillsTheVocabularyUp) {
  ASSERT_TRUE(import());
  auto model = Model::load(output_).value();
  EXPECT_EQ(model->vocabulary_size(), 9);
  EXPECT_EQ(model->tokenize("Waters", Framing::kAdded, SpecialTokens::kAsText).value(),
            (std::vector<Token>{2, 5, 6, 3}));
}

TEST_F(ImportOfTinyEmbedder, ReadsTokenizerJsonBeforeVocabTxt) {
  tiny_.tokenizer_json = R"({"normalizer":{"type":"BertNormalizer","lowercase":false},"pre_tokenizer":)"
                         R"({"type":"BertPreTokenizer"},)"
                         R"("added_tokens":[{"id":8,"content":"[PAD]"}],"model":{"type":"WordPiece",)"
                         R"("continuing_subword_prefix":"##",)"
                         R"("vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"[MASK]":3,"Water":4,"##s":5}}})";
  ASSERT_TRUE(import());
  auto model = Model::load(output_).value();
  auto tokens = [&](std::string_view text) {
    return model->tokenize(text, Framing::kAdded, SpecialTokens::kAsText).value();
  };
  EXPECT_EQ(tokens("Waters"), (std::vector<Token>{1, 4, 5, 2}));
  EXPECT_EQ(tokens("waters"), (std::vector<Token>{1, 0, 2})) << "case counts";
}

TEST_F(ImportOfTinyEmbedder, AcceptsTheTaskPrefixAndDropsUnusedHeads) {
  std::map<std::string, TinyEmbedder::Tensor> prefixed;
  for (const auto& [name, tensor] : tiny_.tensors) prefixed["bert." + name] = tensor;
  prefixed["cls.predictions.bias"] = {{9}};
  tiny_.tensors = prefixed;
  EXPECT_TRUE(import());
}

TEST_F(ImportOfTinyEmbedder, TakesPoolingByTheFirstTokenAndAbsentModules) {
  tiny_.pooling = R"({"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false})";
  ASSERT_TRUE(import());
  EXPECT_EQ(read_gguf_head(output_)->integer("bert.pooling_type"), LLAMA_POOLING_TYPE_CLS);
  EXPECT_EQ(read_gguf_head(output_)->boolean("penstock.embedding.normalize"), true);
  std::filesystem::remove(folder_ / "modules.json");
  tiny_.modules.clear();
  ASSERT_TRUE(import());
  EXPECT_EQ(read_gguf_head(output_)->integer("bert.pooling_type"), LLAMA_POOLING_TYPE_MEAN);
  EXPECT_EQ(read_gguf_head(output_)->boolean("penstock.embedding.normalize"), false);
}

TEST_F(ImportOfTinyEmbedder, VectorsAreScaledToLengthOneOnlyWhereItsAuthorSaysSo) {
  auto length = [&] {
    EngineMetrics metrics;
    auto model = Model::load(output_).value();
    auto embedder = Embedder::create(*model, {}, metrics, system_clock()).value();
    std::promise<double> squares;
    auto done = [&](Result<std::vector<Embedding>> vectors) {
      double sum = 0;
      for (float value : vectors.value().at(0)) sum += static_cast<double>(value) * value;
      squares.set_value(sum);
    };
    EXPECT_TRUE(embedder->submit({{2, 5, 3}}, 0, done));
    return std::sqrt(squares.get_future().get());
  };
  ASSERT_TRUE(import());
  EXPECT_NEAR(length(), 1, 1e-3);
  std::filesystem::remove(folder_ / "modules.json");
  tiny_.modules.clear();
  ASSERT_TRUE(import());
  EXPECT_NEAR(length(), std::sqrt(8 * 0.25), 1e-2);  // each element is the last layer's bias, 0.5
}

TEST_F(ImportOfTinyEmbedder, WhatAKilledImportLeftIsRemovedAndNothingElse) {
  constexpr pid_t kNobody = 1 << 22;  // above the kernel's largest process number
  const auto own = std::to_string(getpid());
  std::filesystem::create_directories(folder_);
  for (const std::string& name : {"m.gguf." + std::to_string(kNobody) + "-1.new", "m.gguf." + own + "-1.new",
                                  std::string("notes.new"), std::string("m.gguf.x-1.new")}) {
    write_text(folder_ / name, "x");
  }
  remove_abandoned(folder_);
  EXPECT_FALSE(std::filesystem::exists(folder_ / ("m.gguf." + std::to_string(kNobody) + "-1.new")));
  for (const std::string& name :
       {"m.gguf." + own + "-1.new", std::string("notes.new"), std::string("m.gguf.x-1.new")}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
  }
}

TEST_F(ImportOfTinyEmbedder, ReplacesAnExistingOutput) {
  write_text(output_, "old");
  ASSERT_TRUE(import());
  EXPECT_EQ(inspect_model(output_)->architecture, "bert");
}

TEST_F(ImportOfTinyEmbedder, NamesAMissingTensor) {
  tiny_.tensors.erase("encoder.layer.0.output.dense.bias");
  expect_refused({"model.safetensors", "encoder.layer.0.output.dense.bias", "missing"});
}

TEST_F(ImportOfTinyEmbedder, NamesAnUnknownTensor) {
  tiny_.tensors["classifier.weight"] = {{2, 8}};
  expect_refused({"model.safetensors", "classifier.weight"});
}

TEST_F(ImportOfTinyEmbedder, NamesATensorOfAnotherShape) {
  tiny_.tensors["encoder.layer.0.intermediate.dense.weight"].shape = {8, 16};
  expect_refused({"encoder.layer.0.intermediate.dense.weight", "[8, 16]", "[16, 8]"});
}

TEST_F(ImportOfTinyEmbedder, RefusesNumbersThatF16CannotHold) {
  tiny_.tensors["embeddings.word_embeddings.weight"].value = 1e6F;
  expect_refused({"token_embd.weight", "too large for F16"});
  EXPECT_TRUE(import(WeightType::kF32));
}

TEST_F(ImportOfTinyEmbedder, RefusesNumbersThatAreNotFinite) {
  tiny_.tensors["embeddings.LayerNorm.bias"].value = std::nanf("");
  expect_refused({"token_embd_norm.bias", "not finite"});
}

TEST_F(ImportOfTinyEmbedder, RefusesWhatLibllamasBertDoesNotCompute) {
  const std::string config = tiny_.config;
  for (auto [from, to] :
       {std::pair{R"("bert")", R"("roberta")"}, std::pair{R"("gelu")", R"("relu")"},
        std::pair{R"("hidden_act")", R"("position_embedding_type":"relative_key","hidden_act")"},
        std::pair{R"("hidden_act")", R"("is_decoder":true,"hidden_act")"},
        std::pair{R"("num_attention_heads":2)", R"("num_attention_heads":3)"},
        std::pair{R"("hidden_size":8)", R"("hidden_size":-8)"},
        std::pair{R"("hidden_size":8)", R"("hidden_size":1e9)"},
        std::pair{R"("hidden_size":8)", R"("layer_norm_eps":-1,"hidden_size":8)"}}) {
    tiny_.config = config;
    replace(tiny_.config, from, to);
    expect_refused({"config.json"});
  }
}

TEST_F(ImportOfTinyEmbedder, RefusesOtherPoolingsAndFurtherLayers) {
  const std::string modules = tiny_.modules;
  replace(tiny_.modules, "models.Normalize", "models.Dense");
  expect_refused({"modules.json", "Dense"});
  tiny_.modules = modules;
  replace(tiny_.modules, R"("1_Pooling")", R"("../1_Pooling")");
  expect_refused({"modules.json", "../1_Pooling"});
  tiny_.modules = modules;
  for (const char* pooling : {"{}", R"({"pooling_mode_max_tokens":true})", R"({"pooling_mode":"lasttoken"})",
                              R"({"pooling_mode_mean_tokens":true,"pooling_mode_cls_token":true})",
                              R"({"pooling_mode_mean_tokens":true,"word_embedding_dimension":4})"}) {
    tiny_.pooling = pooling;
    expect_refused({"1_Pooling/config.json"});
  }
}

TEST_F(ImportOfTinyEmbedder, RefusesVocabulariesThatDoNotFit) {
  const std::string vocabulary = tiny_.vocab_txt;
  tiny_.vocab_txt = vocabulary + "a\nb\nc\n";
  expect_refused({"vocab.txt", "\"c\""});
  tiny_.vocab_txt = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n\n";
  expect_refused({"vocab.txt", "empty"});
  tiny_.vocab_txt = "[PAD]\n[UNK]\n[CLS]\nwater\n[MASK]\n";
  expect_refused({"vocab.txt", "[SEP]"});
  tiny_.tokenizer_json = R"({"model":{"type":"BPE"}})";
  expect_refused({"tokenizer.json", "model.type", "BPE"});
}

TEST_F(ImportOfTinyEmbedder, NamesAnAbsentFile) {
  tiny_.write(folder_);
  std::filesystem::remove(folder_ / "model.safetensors");
  auto imported = import_safetensors({.folder = folder_, .output = output_});
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(imported.error().message.contains("model.safetensors")) << imported.error().message;
}

TEST_F(ImportOfTinyEmbedder, SaysWhenTheOutputFolderIsAbsent) {
  tiny_.write(folder_);
  auto imported =
      import_safetensors({.folder = folder_, .output = temporary_.path() / "absent" / "tiny.gguf"});
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace penstock::engine
