#include <iostream>

#include "app/commands/commands.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/json_fields.h"
#include "core/json_writer.h"

#include <unistd.h>

namespace penstock::app {
namespace {

struct Turn {
  std::string role;
  std::string content;
};

std::string chat_body(const std::string& model, const std::vector<Turn>& turns, const Arguments& arguments) {
  JsonWriter json;
  json.begin_object().field("model", model).field("stream", true);
  if (arguments.has("max-tokens")) json.raw_field("max_tokens", arguments.text("max-tokens"));
  if (arguments.has("temperature")) json.raw_field("temperature", arguments.text("temperature"));
  json.key("messages").begin_array();
  for (const Turn& turn : turns) {
    json.begin_object().field("role", turn.role).field("content", turn.content).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

// The text that one chunk adds.
std::string delta_of(std::string_view data) {
  auto chunk = parse_json(data);
  const Json* choices = chunk ? find(*chunk, "choices") : nullptr;
  if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) return {};
  const Json* delta = find(choices->get_array()[0], "delta");
  return delta == nullptr ? std::string() : std::string(string_at(*delta, "content"));
}

Result<std::string> answer(ServerClient& server, const std::string& body) {
  std::string text;
  RETURN_IF_ERROR(server.events("POST", "/v1/chat/completions", body, [&](const http::SseEvent& event) {
    if (event.data == "[DONE]") return false;
    std::string piece = delta_of(event.data);
    std::cout << piece << std::flush;
    text += piece;
    return true;
  }));
  std::cout << "\n";
  return text;
}

// The model that was asked for, else the first that the server offers for chat.
Result<std::string> choose_model(ServerClient& server, const Arguments& arguments) {
  if (arguments.has("model")) return arguments.text("model");
  ASSIGN_OR_RETURN(Json models, server.get("/api/v1/models"));
  const Json* list = find(models, "models");
  if (list != nullptr && list->is_array()) {
    for (const Json& model : list->get_array()) {
      if (string_at(model, "kind") == "chat") return std::string(string_at(model, "name"));
    }
  }
  return Failure(Error::invalid("model", "the server has no chat model of its own; name one with --model"));
}

Result<void> converse(ServerClient& server, const std::string& model, const Arguments& arguments) {
  std::vector<Turn> turns;
  if (arguments.has("system")) turns.push_back({"system", arguments.text("system")});
  std::string line;
  bool person = is_terminal(STDIN_FILENO);
  if (person) std::cout << styled(model + "; an empty line or Ctrl-D ends the conversation\n", Style::kDim);
  while (true) {
    if (person) std::cout << styled("> ", Style::kBold) << std::flush;
    if (!std::getline(std::cin, line) || line.empty()) return {};
    turns.push_back({"user", line});
    ASSIGN_OR_RETURN(std::string text, answer(server, chat_body(model, turns, arguments)));
    turns.push_back({"assistant", std::move(text)});
  }
}

ExitCode run_chat(const Arguments& arguments) {
  auto server = ServerClient::create(arguments);
  if (!server) return fail(server.error());
  auto model = choose_model(**server, arguments);
  if (!model) return fail(model.error());
  if (arguments.positional().empty()) {
    Result<void> ended = converse(**server, *model, arguments);
    return ended ? ExitCode::kOk : fail(ended.error());
  }
  std::vector<Turn> turns;
  if (arguments.has("system")) turns.push_back({"system", arguments.text("system")});
  turns.push_back({"user", arguments.positional()[0]});
  auto text = answer(**server, chat_body(*model, turns, arguments));
  return text ? ExitCode::kOk : fail(text.error());
}

}  // namespace

Command chat_command() {
  return {.name = "chat",
          .summary = "Chat with a model of the running server",
          .positional = "[PROMPT]",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag,
                    {"model", "NAME", "Model to ask (default: the server's first chat model)"},
                    {"system", "TEXT", "System message"},
                    {"max-tokens", "N", "Longest answer, in tokens"},
                    {"temperature", "X", "Randomness, 0 to 2"}},
          .details = "With a prompt: prints its answer. Without: a conversation, a line at a time.",
          .examples =
              "  penstock chat 'Name three rivers.'\n"
              "  penstock chat --model smollm2-135m-instruct --system 'Answer in one word.'",
          .run = run_chat};
}

}  // namespace penstock::app
