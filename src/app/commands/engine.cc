#include "app/commands/commands.h"
#include "engine/engine_server.h"

namespace penstock::app {
namespace {

Result<engine::EngineOptions> options_of(const Arguments& arguments) {
  engine::EngineOptions options;
  if (!arguments.has("model")) return Failure(Error::invalid("model", "--model FILE.gguf is missing"));
  options.model = arguments.text("model");
  options.model_name = arguments.text("name");
  options.listen = arguments.text("listen", "127.0.0.1:8081");
  options.port_file = arguments.text("port-file");
  ASSIGN_OR_RETURN(int64_t threads, arguments.integer("threads", options.threads, 1, 1024));
  ASSIGN_OR_RETURN(int64_t sequences, arguments.integer("sequences", options.sequences_max, 1, 256));
  ASSIGN_OR_RETURN(int64_t context, arguments.integer("context", options.context_tokens, 0, 1 << 20));
  ASSIGN_OR_RETURN(int64_t queue, arguments.integer("queue", options.queue_max, 1, 100'000));
  ASSIGN_OR_RETURN(int64_t parent, arguments.integer("parent", 0, 0, INT32_MAX));
  options.threads = static_cast<int>(threads);
  options.sequences_max = static_cast<int>(sequences);
  options.context_tokens = static_cast<int>(context);
  options.queue_max = static_cast<int>(queue);
  options.parent_pid = static_cast<int>(parent);
  return options;
}

ExitCode run(const Arguments& arguments) {
  Result<engine::EngineOptions> options = options_of(arguments);
  if (!options) return fail(options.error());
  Result<void> served = engine::run_engine(*options);
  return served ? ExitCode::kOk : fail(served.error());
}

}  // namespace

Command engine_command() {
  return {
      .name = "engine",
      .summary = "Serve one model over the OpenAI API (penstock serve starts these by itself)",
      .positional = {},
      .positional_max = 0,
      .flags = {{"model", "FILE", "Model to load, a GGUF file"},
                {"name", "NAME", "Name to serve it under (default: the model's own)"},
                {"listen", "ADDRESS", "unix:PATH or HOST:PORT (default 127.0.0.1:8081)"},
                {"threads", "N", "Threads that compute (default 1)"},
                {"sequences", "N", "Answers generated at once"},
                {"context", "N", "Tokens of one prompt and its answer"},
                {"queue", "N", "Requests that may wait; one more is answered 429"},
                {"port-file", "FILE", "Write the port there once requests are answered"},
                {"parent", "PID", "End when that process, our parent, ends"}},
      .details =
          "Serves /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models, /health and /metrics.",
      .examples =
          "  penstock engine --model SmolLM2-135M-Instruct.Q4_1.gguf --listen 127.0.0.1:8081\n"
          "  penstock engine --model model.gguf --listen unix:/run/engine.sock --threads 8",
      .run = run};
}

}  // namespace penstock::app
