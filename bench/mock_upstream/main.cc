// An upstream on this machine that speaks the OpenAI and Anthropic protocols, does what the model's name says
// (behaviour.h, fault.h), and keeps a ledger of what it sent. For tests and benchmarks.
#include <unistd.h>

#include <cstdio>
#include <span>
#include <string_view>

#include "bench/mock_upstream/server.h"
#include "core/text.h"

namespace penstock::bench {
namespace {

constexpr std::string_view kUsage =
    "Usage: mock_upstream [--port N] [--port-file FILE] [--events N] [--pace-ms N] [--no-ledger]\n"
    "                     [--refuse-key KEY] [--lifetime-s N]\n"
    "  --port N        where to listen on 127.0.0.1 (default: a free port)\n"
    "  --port-file F   file that gets the port once it listens\n"
    "  --events N      tokens of an answer whose max_tokens allows it (default 50)\n"
    "  --pace-ms N     time between the events of a stream (default 0: all at once)\n"
    "  --no-ledger     do not keep what was asked and answered (GET /ledger, DELETE /ledger)\n"
    "  --refuse-key K  answers 401 to who shows this key\n"
    "  --lifetime-s N  ends by itself after this time (default 1800)\n";

constexpr int64_t kLifetimeS = 1800;

struct Arguments {
  ServerOptions server;
  std::string port_file;
  int64_t lifetime_s = kLifetimeS;
};

Result<Arguments> parse(std::span<char*> words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view name = words[i];
    if (name == "--no-ledger") {
      arguments.server.keep_ledger = false;
      continue;
    }
    const std::string_view text = i + 1 < words.size() ? words[++i] : "";
    const auto number = parse_int(text);
    if (name == "--port-file" && !text.empty()) {
      arguments.port_file = text;
    } else if (name == "--refuse-key" && !text.empty()) {
      arguments.server.refused_key = text;
    } else if (name == "--port" && number) {
      arguments.server.port = static_cast<uint16_t>(*number);
    } else if (name == "--events" && number) {
      arguments.server.tokens = *number;
    } else if (name == "--pace-ms" && number) {
      arguments.server.pace_us = *number * 1000;
    } else if (name == "--lifetime-s" && number) {
      arguments.lifetime_s = *number;
    } else {
      return Failure(
          Error::invalid(std::string(name), "unknown option or wrong value: " + std::string(name)));
    }
  }
  return arguments;
}

int fail(const Error& error) {
  std::fprintf(stderr, "mock_upstream: %s\n%s", error.message.c_str(), kUsage.data());
  return 2;
}

int run(std::span<char*> words) {
  const Result<Arguments> arguments = parse(words);
  if (!arguments) return fail(arguments.error());
  ::alarm(static_cast<unsigned>(arguments->lifetime_s));
  const auto server = Server::start(arguments->server);
  if (!server) return fail(server.error());
  if (!arguments->port_file.empty()) {
    const auto written = write_port_file(arguments->port_file, (*server)->port());
    if (!written) return fail(written.error());
  }
  (*server)->run();
  return 0;
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) { return penstock::bench::run(std::span(argv, argc).subspan(1)); }
