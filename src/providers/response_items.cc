#include "providers/response_items.h"

#include <vector>

#include "core/json_writer.h"
#include "providers/json_walk.h"

namespace penstock::providers {
namespace {

Failure absent(std::string field, std::string_view what) {
  std::string message = "'" + field + "' " + std::string(what);
  return Failure(
      Error{.code = ErrorCode::kNotImplemented, .message = std::move(message), .field = std::move(field)});
}

// The assistant's message that is being put together from items.
struct Answer {
  std::string content;  // escaped text
  std::string calls;    // JSON, comma between
  std::string thoughts;
  bool begun = false;
};

class Reader {
 public:
  explicit Reader(const ProviderType& type) : type_(type) { json_.begin_array(); }

  void instructions(std::string_view raw) {
    if (raw.starts_with('"')) write("system", raw);
  }

  Result<void> input(std::string_view raw) {
    if (raw.starts_with('"')) {
      write("user", raw);
      return {};
    }
    return for_each_object(raw, "input", [this](const JsonFields& item, const std::string& path) {
      return this->item(item, path);
    });
  }

  std::string take() {
    end_answer();
    json_.end_array();
    return json_.take();
  }

 private:
  Result<void> item(const JsonFields& item, const std::string& path) {
    std::string type = text_or_empty(item, "type");
    if (type.empty() || type == "message") return message(item, path);
    if (type == "function_call") return function_call(item, path);
    if (type == "function_call_output") return function_output(item, path);
    if (type == "reasoning") return reasoning(item, path);
    if (type == "item_reference") {
      return absent(path + ".type",
                    "refers to a stored item; this gateway stores no responses: send the item itself");
    }
    return absent(path + ".type",
                  "is '" + type + "'; messages, function calls and reasoning are understood here");
  }

  Result<void> message(const JsonFields& item, const std::string& path) {
    std::string role = text_or_empty(item, "role");
    if (role == "developer") role = "system";
    if (role != "user" && role != "assistant" && role != "system") {
      return invalid(path + ".role", "must be one of user, assistant, system, developer");
    }
    if (role == "assistant") return said(item.raw("content"), path + ".content");
    ASSIGN_OR_RETURN(std::string content, parts(item.raw("content"), path + ".content"));
    write(role, content);
    return {};
  }

  // Text of the assistant's: several in a row are messages of their own.
  Result<void> said(std::string_view raw, const std::string& path) {
    if (!answer_.content.empty() || !answer_.calls.empty()) end_answer();
    answer_.begun = true;
    if (raw.starts_with('"')) {
      append_escaped(answer_.content, raw);
      return {};
    }
    return for_each_object(
        raw, path, [this](const JsonFields& part, const std::string& where) -> Result<void> {
          std::string type = text_or_empty(part, "type");
          if (type == "refusal") {
            append_escaped(answer_.content, part.raw("refusal"));
          } else if (part.has("text")) {
            append_escaped(answer_.content, part.raw("text"));
          } else {
            return invalid(where + ".type", "is '" + type + "', which an assistant's message cannot hold");
          }
          return {};
        });
  }

  Result<void> function_call(const JsonFields& item, const std::string& path) {
    std::string name = text_or_empty(item, "name");
    if (name.empty()) return invalid(path + ".name", "must be given");
    JsonWriter call;
    call.begin_object().field("id", text_or_empty(item, "call_id")).field("type", "function");
    call.key("function").begin_object().field("name", name);
    call.field("arguments", text_or_empty(item, "arguments")).end_object();
    if (!type_.call_extra.empty()) call.raw_field("extra_content", type_.call_extra);
    call.end_object();
    answer_.calls.append(answer_.calls.empty() ? "" : ",").append(call.text());
    answer_.begun = true;
    return {};
  }

  Result<void> function_output(const JsonFields& item, const std::string& path) {
    end_answer();
    ASSIGN_OR_RETURN(std::string content, parts(item.raw("output"), path + ".output"));
    json_.begin_object().field("role", "tool").field("tool_call_id", text_or_empty(item, "call_id"));
    json_.raw_field("content", content).end_object();
    return {};
  }

  Result<void> reasoning(const JsonFields& item, const std::string& path) {
    if (!answer_.content.empty() || !answer_.calls.empty()) end_answer();
    std::string signature = text_or_empty(item, "encrypted_content");
    if (signature.empty()) return {};  // unsigned thoughts are of use to nobody
    std::string text;                  // escaped
    if (auto summary = given(item, "summary"); !summary.empty()) {
      RETURN_IF_ERROR(for_each_object(summary, path + ".summary",
                                      [&](const JsonFields& part, const std::string&) -> Result<void> {
                                        append_escaped(text, part.raw("text"));
                                        return {};
                                      }));
    }
    JsonWriter thought;
    thought.begin_object().field("type", "thinking").raw_field("thinking", "\"" + text + "\"");
    thought.field("signature", signature).end_object();
    answer_.thoughts.append(answer_.thoughts.empty() ? "" : ",").append(thought.text());
    answer_.begun = true;
    return {};
  }

  // User, system and tool content as a chat's: a string, or a list of parts.
  static Result<std::string> parts(std::string_view raw, const std::string& path) {
    if (raw.starts_with('"')) return std::string(raw);
    JsonWriter json;
    json.begin_array();
    std::string only_text;
    size_t count = 0;
    RETURN_IF_ERROR(
        for_each_object(raw, path, [&](const JsonFields& part, const std::string& where) -> Result<void> {
          std::string type = text_or_empty(part, "type");
          only_text = ++count == 1 && type.ends_with("text") ? std::string(part.raw("text")) : std::string();
          return write_part(part, type, where, json);
        }));
    json.end_array();
    return only_text.empty() ? json.take() : only_text;
  }

  static Result<void> write_part(const JsonFields& part, std::string_view type, const std::string& path,
                                 JsonWriter& json) {
    if (type == "input_text" || type == "output_text" || type == "text") {
      if (!part.raw("text").starts_with('"')) return invalid(path + ".text", "must be a string");
      json.begin_object().field("type", "text").raw_field("text", part.raw("text")).end_object();
      return {};
    }
    if (!given(part, "file_id").empty() || !given(part, "file_url").empty()) {
      return absent(path, "names a stored file or an address; send its content in file_data or image_url");
    }
    if (type == "input_image") {
      json.begin_object().field("type", "image_url").key("image_url").begin_object();
      json.field("url", text_or_empty(part, "image_url"));
      if (auto detail = given(part, "detail"); !detail.empty()) json.raw_field("detail", detail);
      json.end_object().end_object();
      return {};
    }
    if (type == "input_file") {
      json.begin_object().field("type", "file").key("file").begin_object();
      if (auto name = given(part, "filename"); !name.empty()) json.raw_field("filename", name);
      json.field("file_data", text_or_empty(part, "file_data")).end_object().end_object();
      return {};
    }
    return invalid(path + ".type",
                   "is '" + std::string(type) + "'; it must be input_text, input_image or input_file");
  }

  static void append_escaped(std::string& to, std::string_view raw) {
    if (raw.size() > 2 && raw.starts_with('"')) to += raw.substr(1, raw.size() - 2);
  }

  void write(std::string_view role, std::string_view content) {
    end_answer();
    json_.begin_object().field("role", role).raw_field("content", content).end_object();
  }

  void end_answer() {
    if (!answer_.begun) return;
    json_.begin_object().field("role", "assistant");
    bool calls_only = answer_.content.empty() && !answer_.calls.empty();
    json_.raw_field("content", calls_only ? "null" : "\"" + answer_.content + "\"");
    if (!answer_.thoughts.empty()) json_.raw_field("thinking_blocks", "[" + answer_.thoughts + "]");
    if (!answer_.calls.empty()) json_.raw_field("tool_calls", "[" + answer_.calls + "]");
    json_.end_object();
    answer_ = {};
  }

  const ProviderType& type_;
  JsonWriter json_;
  Answer answer_;
};

}  // namespace

Result<std::string> read_response_items(std::string_view instructions, std::string_view input,
                                        const ProviderType& type) {
  Reader reader(type);
  reader.instructions(instructions);
  RETURN_IF_ERROR(reader.input(input));
  return reader.take();
}

}  // namespace penstock::providers
