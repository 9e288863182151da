#include <iostream>

#include "app/commands/commands.h"
#include "app/litellm_import.h"
#include "core/file.h"
#include "core/json_writer.h"

namespace penstock::app {
namespace {

constexpr size_t kFileBytesMax = 4 << 20;

void print_notes(const LitellmImport& imported, const std::string& file) {
  for (const ImportNote& note : imported.notes) {
    std::cerr << file << ":" << note.line << ": " << import_note_name(note.kind) << ": " << note.setting
              << ": " << note.message << "\n";
  }
}

std::string report_json(const LitellmImport& imported) {
  JsonWriter json;
  json.begin_object().field("yaml", imported.yaml).key("notes").begin_array();
  for (const ImportNote& note : imported.notes) {
    json.begin_object().field("line", note.line).field("kind", import_note_name(note.kind));
    json.field("setting", note.setting).field("message", note.message).end_object();
  }
  return json.end_array().end_object().take();
}

Result<void> import(const Arguments& arguments) {
  const std::string& file = arguments.positional()[0];
  ASSIGN_OR_RETURN(std::string text, read_file(file, kFileBytesMax));
  ASSIGN_OR_RETURN(LitellmImport imported, import_litellm(text, file));
  if (arguments.has("json")) {
    std::cout << report_json(imported) << "\n";
    return {};
  }
  print_notes(imported, file);
  if (!arguments.has("output")) {
    std::cout << imported.yaml;
    return {};
  }
  std::string output = arguments.text("output");
  RETURN_IF_ERROR(replace_file(output, imported.yaml));
  std::cerr << "written: " << output << ", with " << imported.notes.size()
            << " setting(s) that are not as they were\n";
  return {};
}

ExitCode run(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which file? penstock import litellm config.yaml -o penstock.yaml"));
    return ExitCode::kUsage;
  }
  Result<void> imported = import(arguments);
  if (imported) return ExitCode::kOk;
  fail(imported.error());
  return imported.error().code == ErrorCode::kInvalidArgument ? ExitCode::kInvalid : ExitCode::kFailed;
}

}  // namespace

Command import_litellm_command() {
  return {
      .name = "import litellm",
      .summary = "Make a penstock.yaml of LiteLLM's config.yaml",
      .positional = "FILE",
      .positional_max = 1,
      .flags = {{"output", "FILE", "Where to write it (default: standard output)"},
                {"json", "", "As one JSON object: the text, and what is not as it was"}},
      .details =
          "Models, targets, weights, time-outs, retries, fallbacks, prices and the master key are carried\n"
          "over. Every other setting is named on standard error and at the end of the result, by line.\n"
          "Secrets are never copied: the result names environment variables for them.",
      .examples =
          "  penstock import litellm config.yaml -o penstock.yaml\n"
          "  penstock config check penstock.yaml",
      .run = run};
}

}  // namespace penstock::app
