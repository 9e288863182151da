#include "providers/chat_turns.h"

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"
#include "providers/json_walk.h"

namespace penstock::providers {
namespace {

// Adds blocks to a JSON list of messages, a new message whenever the role changes.
class Turns {
 public:
  void add(std::string_view role, std::string_view block) {
    if (role == role_) {
      json_.raw(block);
      return;
    }
    close();
    role_ = role;
    json_.begin_object().field("role", role).key("content").begin_array().raw(block);
  }

  // Empty if nothing was added.
  std::string take() {
    if (role_.empty()) return {};
    close();
    return "[" + json_.take() + "]";
  }

 private:
  void close() {
    if (!role_.empty()) json_.end_array().end_object();
  }

  std::string role_;
  JsonWriter json_;
};

void keep_cache_mark(const JsonFields& from, JsonWriter& to) {
  if (auto mark = given(from, "cache_control"); !mark.empty()) to.raw_field("cache_control", mark);
}

std::string text_block(std::string_view raw_text, const JsonFields& from) {
  JsonWriter json;
  json.begin_object().field("type", "text").raw_field("text", raw_text);
  keep_cache_mark(from, json);
  json.end_object();
  return json.take();
}

struct DataUri {
  std::string_view media_type;
  std::string_view data;  // base64
};

std::optional<DataUri> parse_data_uri(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kEncoding = ";base64,";
  if (!url.starts_with(kScheme)) return std::nullopt;
  size_t comma = url.find(kEncoding);
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view type = url.substr(kScheme.size(), comma - kScheme.size());
  return DataUri{type.substr(0, type.find(';')), url.substr(comma + kEncoding.size())};
}

// An image or document block around {"type": "base64"|"url", ...}.
Result<std::string> source_block(std::string_view url, const JsonFields& part, const std::string& path) {
  constexpr std::string_view kImages[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
  JsonWriter json;
  json.begin_object();
  if (auto data = parse_data_uri(url)) {
    bool image = std::ranges::find(kImages, data->media_type) != std::end(kImages);
    if (!image && data->media_type != "application/pdf") {
      return invalid(path,
                     "is of a kind that this upstream does not read; it takes jpeg, png, gif, webp and pdf");
    }
    json.field("type", image ? "image" : "document").key("source").begin_object();
    json.field("type", "base64").field("media_type", data->media_type).field("data", data->data);
  } else if (url.starts_with("https://") || url.starts_with("http://")) {
    json.field("type", "image").key("source").begin_object().field("type", "url").field("url", url);
  } else {
    return invalid(path, "must be an http(s) address or a base64 data: URI");
  }
  json.end_object();
  keep_cache_mark(part, json);
  json.end_object();
  return json.take();
}

Result<std::string> image_block(const JsonFields& part, const std::string& path) {
  std::string url = text_or_empty(part, "image_url");
  if (auto image = part.object("image_url"); image && *image) url = text_or_empty(**image, "url");
  return source_block(url, part, path + ".image_url");
}

Result<std::string> file_block(const JsonFields& part, const std::string& path) {
  auto file = part.object("file");
  if (!file || !*file) return invalid(path + ".file", "must be an object");
  std::string data = text_or_empty(**file, "file_data");
  if (data.empty())
    return invalid(path + ".file.file_data", "must be given: stored files are not shared between providers");
  return source_block(data, part, path + ".file.file_data");
}

// Anthropic refuses empty text blocks, so they are left out.
bool is_empty_text(std::string_view raw) { return raw.empty() || raw == R"("")" || raw == "null"; }

// Anthropic takes letters, digits, '_' and '-' in the ids of calls; some models' calls have others.
std::string tool_id(std::string id) {
  auto taken = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  for (char& c : id) c = taken(c) ? c : '_';
  return id;
}

class Reader {
 public:
  Result<void> message(const JsonFields& message, const std::string& path) {
    std::string role = text_or_empty(message, "role");
    if (role == "system" || role == "developer") return instructions(message, path);
    if (role == "user") return content(message, "user", path);
    if (role == "assistant") return assistant(message, path);
    if (role == "tool" || role == "function") return tool_result(message, path);
    return invalid(path + ".role", "must be one of system, developer, user, assistant, tool");
  }

  Result<ChatTurns> take() {
    ChatTurns turns;
    turns.messages = turns_.take();
    if (turns.messages.empty()) return invalid("messages", "must have a message that is no instruction");
    turns.system = system_.empty() ? std::string() : "[" + system_ + "]";
    turns.unsigned_tool_calls = unsigned_tool_calls_;
    return turns;
  }

 private:
  // Calls add(block) for each part of a message's content, which is text, a list of parts or null.
  template <class Add>
  static Result<void> for_each_block(const JsonFields& message, const std::string& path, Add&& add) {
    std::string_view raw = message.raw("content");
    if (is_empty_text(raw)) return {};
    if (raw.starts_with('"')) {
      add(text_block(raw, message));
      return {};
    }
    return for_each_object(raw, path + ".content",
                           [&](const JsonFields& part, const std::string& where) -> Result<void> {
                             ASSIGN_OR_RETURN(std::string block, part_block(part, where));
                             if (!block.empty()) add(std::move(block));
                             return {};
                           });
  }

  static Result<std::string> part_block(const JsonFields& part, const std::string& path) {
    std::string type = text_or_empty(part, "type");
    if (type == "text" || type == "refusal") {
      std::string_view raw = part.raw(type);
      if (!raw.starts_with('"') && !is_empty_text(raw)) return invalid(path + "." + type, "must be a string");
      return is_empty_text(raw) ? std::string() : text_block(raw, part);
    }
    if (type == "image_url") return image_block(part, path);
    if (type == "file") return file_block(part, path);
    return invalid(path + ".type", "is '" + type + "', which this upstream cannot read");
  }

  Result<void> instructions(const JsonFields& message, const std::string& path) {
    return for_each_block(message, path, [this](std::string_view block) {
      system_.append(system_.empty() ? "" : ",").append(block);
    });
  }

  Result<void> content(const JsonFields& message, std::string_view role, const std::string& path) {
    return for_each_block(message, path, [&](std::string_view block) { turns_.add(role, block); });
  }

  Result<void> assistant(const JsonFields& message, const std::string& path) {
    bool has_thinking = false;
    if (auto raw = given(message, "thinking_blocks"); !raw.empty()) {
      RETURN_IF_ERROR(for_each_object(raw, path + ".thinking_blocks",
                                      [&](const JsonFields& block, const std::string&) -> Result<void> {
                                        has_thinking = add_thinking(block) || has_thinking;
                                        return {};
                                      }));
    }
    RETURN_IF_ERROR(content(message, "assistant", path));
    unsigned_tool_calls_ = false;
    if (auto raw = given(message, "tool_calls"); !raw.empty()) {
      unsigned_tool_calls_ = !has_thinking;
      RETURN_IF_ERROR(
          for_each_object(raw, path + ".tool_calls",
                          [this](const JsonFields& call, const std::string& where) -> Result<void> {
                            return tool_call(call, text_or_empty(call, "id"), where);
                          }));
    }
    if (auto raw = given(message, "function_call"); !raw.empty()) {
      unsigned_tool_calls_ = !has_thinking;
      ASSIGN_OR_RETURN(auto call, message.object("function_call"));
      std::string id = "call_" + text_or_empty(*call, "name");
      return function_call(*call, id, path + ".function_call");
    }
    return {};
  }

  // Only what Anthropic signed itself can go back to it.
  bool add_thinking(const JsonFields& block) {
    std::string type = text_or_empty(block, "type");
    bool is_signed = type == "thinking" && !text_or_empty(block, "signature").empty();
    if (!is_signed && type != "redacted_thinking") return false;
    JsonWriter json;
    json.begin_object().field("type", type);
    for (std::string_view member : {"thinking", "signature", "data"}) {
      if (auto raw = given(block, member); !raw.empty()) json.raw_field(member, raw);
    }
    json.end_object();
    turns_.add("assistant", json.text());
    return true;
  }

  Result<void> tool_call(const JsonFields& call, std::string_view id, const std::string& path) {
    auto function = call.object("function");
    if (!function || !*function)
      return invalid(path + ".function", "must be an object: only functions can be called here");
    return function_call(**function, id, path + ".function");
  }

  Result<void> function_call(const JsonFields& function, std::string_view id, const std::string& path) {
    std::string arguments = text_or_empty(function, "arguments");
    if (trim(arguments).empty()) arguments = "{}";
    if (!JsonFields::parse(arguments, "arguments"))
      return invalid(path + ".arguments", "must be a JSON object as text");
    JsonWriter json;
    json.begin_object().field("type", "tool_use").field("id", tool_id(std::string(id)));
    json.field("name", text_or_empty(function, "name")).raw_field("input", trim(arguments)).end_object();
    turns_.add("assistant", json.text());
    return {};
  }

  Result<void> tool_result(const JsonFields& message, const std::string& path) {
    std::string id = text_or_empty(message, "tool_call_id");
    if (id.empty()) id = "call_" + text_or_empty(message, "name");  // the older `function` role has no id
    JsonWriter content;
    content.begin_array();
    RETURN_IF_ERROR(for_each_block(message, path, [&](std::string_view block) { content.raw(block); }));
    content.end_array();
    JsonWriter json;
    json.begin_object().field("type", "tool_result").field("tool_use_id", tool_id(std::move(id)));
    std::string_view raw = message.raw("content");
    json.raw_field("content", raw.starts_with('"') ? raw : std::string_view(content.text()));
    keep_cache_mark(message, json);
    json.end_object();
    turns_.add("user", json.text());
    return {};
  }

  Turns turns_;
  std::string system_;
  bool unsigned_tool_calls_ = false;
};

}  // namespace

Result<ChatTurns> read_chat_turns(std::string_view raw) {
  Reader reader;
  RETURN_IF_ERROR(for_each_object(raw, "messages", [&](const JsonFields& message, const std::string& path) {
    return reader.message(message, path);
  }));
  return reader.take();
}

}  // namespace penstock::providers
