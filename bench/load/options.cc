#include "bench/load/options.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "core/text.h"

namespace penstock::bench {

const std::string_view kLoadUsage =
    "Usage: load --port N --body FILE [--path /v1/...] [--header 'name: value']...\n"
    "            [--connections N] [--rate N] (--requests N | --seconds N) [--warm-up-s N]\n"
    "Repeats one POST on keep-alive connections to 127.0.0.1, each waiting for its answer before it asks "
    "again. With\n"
    "--rate, N requests a second are begun whatever is answered, and waited for from the time that they were "
    "due (an\n"
    "open loop); while all connections are busy they queue. Prints what came back as one line of JSON. Reads "
    "streams event by event. '@N@' in the body becomes the "
    "request's\n"
    "number, so that no cache answers.\n";

namespace {

constexpr int64_t kUsPerS = 1'000'000;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure(Error::not_found("cannot read " + path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// False: no such option, or a value that is not of its type.
bool set_number(LoadOptions& options, std::string_view name, std::optional<int64_t> number) {
  if (!number) return false;
  if (name == "--port") {
    options.port = static_cast<uint16_t>(*number);
  } else if (name == "--connections") {
    options.connections = *number;
  } else if (name == "--rate") {
    options.rate = static_cast<double>(*number);
  } else if (name == "--requests") {
    options.requests = *number;
  } else if (name == "--seconds") {
    options.duration_us = *number * kUsPerS;
  } else if (name == "--warm-up-s") {
    options.warm_up_us = *number * kUsPerS;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<LoadOptions> LoadOptions::parse(std::span<char*> words) {
  LoadOptions options;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string_view name = words[i];
    const std::string value = words[i + 1];
    if (name == "--body") {
      ASSIGN_OR_RETURN(options.body, read_file(value));
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--header") {
      options.headers.push_back(value);
    } else if (!set_number(options, name, parse_int(value))) {
      return Failure(
          Error::invalid(std::string(name), "unknown option or wrong value: " + std::string(name)));
    }
  }
  const bool ends = options.requests > 0 || options.duration_us > 0;
  if (words.size() % 2 != 0 || options.port == 0 || !ends || options.connections < 1) {
    return Failure(
        Error::invalid("", "--port, and --requests or --seconds, are needed; each option has a value"));
  }
  return options;
}

}  // namespace penstock::bench
