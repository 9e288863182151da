#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <thread>

#include "app/commands/commands.h"
#include "app/data_directory.h"
#include "app/terminal.h"
#include "core/json_writer.h"
#include "engine/kl_divergence.h"
#include "engine/quantize.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

int threads_of(const Arguments& arguments) {
  int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  return static_cast<int>(arguments.integer("threads", cores, 1, 1024).value_or(cores));
}

// A file, or else the weights of a registered model.
Result<fs::path> input_of(const Arguments& arguments) {
  const std::string& given = arguments.positional()[0];
  std::error_code ignored;
  if (fs::exists(given, ignored)) return fs::path(given);
  if (!registry::check_name(given)) return Failure(Error::not_found("there is no file " + given));
  ASSIGN_OR_RETURN(Registry registry, open_registry(arguments));
  ASSIGN_OR_RETURN(registry::RegisteredModel model, registry.models->find(given));
  return model.path;
}

void show_progress(double done) {
  if (is_terminal(2))
    std::cerr << fmt::format("\rcomparing {:3.0f} %", done * 100) << (done >= 1 ? "\n" : "") << std::flush;
}

void print_tensors(const engine::QuantizeReport& report) {
  for (const auto& [type, count] : report.output_tensors)
    std::cout << fmt::format("  {:<10}{:>5} tensors\n", type, count);
}

void print(const engine::QuantizeReport& report, const engine::DivergenceReport& divergence) {
  double change =
      100.0 * (static_cast<double>(report.output_bytes) / static_cast<double>(report.input_bytes) - 1);
  std::cout << fmt::format("size        {} -> {} ({:.1f} % {})\n", bytes_text(report.input_bytes),
                           bytes_text(report.output_bytes), std::abs(change),
                           change < 0 ? "smaller" : "larger");
  print_tensors(report);
  std::cout << fmt::format(
      "divergence  mean {:.5f}, p99 {:.5f}, max {:.5f} nats per token over {} tokens\n"
      "agreement   {:.1f} % same most likely token\n"
      "perplexity  {:.3f} -> {:.3f}\n",
      divergence.mean_kl, divergence.p99_kl, divergence.max_kl, divergence.tokens,
      100 * divergence.top1_agreement, divergence.perplexity_reference, divergence.perplexity_candidate);
}

void print_json(const engine::QuantizeReport& report, const engine::DivergenceReport& divergence) {
  JsonWriter json;
  json.begin_object().field("input_bytes", report.input_bytes).field("output_bytes", report.output_bytes);
  json.key("output_tensors").begin_object();
  for (const auto& [type, count] : report.output_tensors) json.field(type, count);
  json.end_object().field("tokens", divergence.tokens).field("mean_kl", divergence.mean_kl);
  json.field("p99_kl", divergence.p99_kl).field("max_kl", divergence.max_kl);
  json.field("top1_agreement", divergence.top1_agreement);
  json.field("perplexity_reference", divergence.perplexity_reference);
  json.field("perplexity_candidate", divergence.perplexity_candidate).end_object();
  std::cout << json.text() << "\n";
}

Result<void> quantize(const Arguments& arguments) {
  ASSIGN_OR_RETURN(fs::path input, input_of(arguments));
  ASSIGN_OR_RETURN(engine::Quantization type, engine::parse_quantization(arguments.text("to", "q4_k_m")));
  fs::path output = arguments.positional()[1];
  engine::QuantizeOptions options{
      .input = input,
      .output = output,
      .type = type,
      .requantize = arguments.has("requantize") ? engine::Requantize::kAllowed : engine::Requantize::kRefused,
      .threads = threads_of(arguments)};
  ASSIGN_OR_RETURN(engine::QuantizeReport report, engine::quantize(options));
  engine::DivergenceOptions compare{.threads = threads_of(arguments), .progress = show_progress};
  ASSIGN_OR_RETURN(engine::DivergenceReport divergence, engine::compare_models(input, output, compare));
  arguments.has("json") ? print_json(report, divergence) : print(report, divergence);
  return {};
}

ExitCode run(const Arguments& arguments) {
  if (arguments.positional().size() != 2) {
    fail(Error::invalid("", "which files? penstock models quantize INPUT OUTPUT.gguf --to q4_k_m"));
    return ExitCode::kUsage;
  }
  Result<void> done = quantize(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

}  // namespace

Command models_quantize_command() {
  return {
      .name = "models quantize",
      .summary = "Write a model with fewer bits per weight, and measure what that loses",
      .positional = "INPUT OUTPUT.gguf",
      .positional_max = 2,
      .flags = {{"to", "TYPE", "f16, q8_0, q5_0, q5_k_m, q4_0, q4_1 or q4_k_m (default q4_k_m)"},
                {"requantize", "", "Allow an input that is quantised already (errors add up)"},
                {"threads", "N", "Threads that compute (default: all cores but one)"},
                kDataFlag,
                kConfigFlag,
                {"json", "", "As one JSON object"}},
      .details =
          "INPUT is a GGUF file or the name of a registered model. The report compares both models token by\n"
          "token on a page of English: KL divergence, agreement and perplexity.",
      .examples =
          "  penstock models quantize model-f16.gguf model-q4.gguf --to q4_k_m\n"
          "  penstock models quantize smollm2-135m-instruct small.gguf --to q4_0 --requantize",
      .run = run};
}

}  // namespace penstock::app
