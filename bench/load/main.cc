#include <cstdio>
#include <span>

#include "bench/load/client.h"

namespace penstock::bench {
namespace {

int fail(const Error& error) {
  std::fprintf(stderr, "load: %s\n%s", error.message.c_str(), kLoadUsage.data());
  return 2;
}

int run(std::span<char*> words) {
  const Result<LoadOptions> options = LoadOptions::parse(words);
  if (!options) return fail(options.error());
  const Result<Report> report = Client::run(*options);
  if (!report) return fail(report.error());
  std::puts(report->json().c_str());
  return report->requests + report->events > 0 ? 0 : 1;
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) { return penstock::bench::run(std::span(argv, argc).subspan(1)); }
