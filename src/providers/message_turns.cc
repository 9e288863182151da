#include "providers/message_turns.h"

#include <vector>

#include "core/json_writer.h"
#include "providers/json_walk.h"

namespace penstock::providers {
namespace {

// Content of one chat message: a plain string while it is one text, a list of parts otherwise, because simple
// servers read only strings. Of tools and instructions they read nothing else, so there texts are joined.
class Content {
 public:
  void add_text(std::string_view raw, std::string_view cache_mark) {
    JsonWriter json;
    json.begin_object().field("type", "text").raw_field("text", raw);
    if (!cache_mark.empty()) json.raw_field("cache_control", cache_mark);
    json.end_object();
    bool joins = cache_mark.empty() && texts_ == parts_.size();
    add(json.take());
    if (!joins) return;
    ++texts_;
    text_.append(texts_ == 1 ? "" : R"(\n)").append(raw.substr(1, raw.size() - 2));
  }
  void add(std::string part) { parts_.push_back(std::move(part)); }

  bool empty() const { return parts_.empty(); }
  std::string json() const {
    if (parts_.empty()) return R"("")";
    if (parts_.size() == 1 && texts_ == 1) return joined();
    std::string list = "[";
    for (const std::string& part : parts_) list.append(list.size() == 1 ? "" : ",").append(part);
    return list + "]";
  }
  // The same, but all texts as one wherever there is nothing else.
  std::string plain_json() const { return texts_ == parts_.size() ? joined() : json(); }

 private:
  std::string joined() const { return "\"" + text_ + "\""; }

  std::vector<std::string> parts_;
  std::string text_;  // escaped; of the first `texts_` parts
  size_t texts_ = 0;
};

class Reader {
 public:
  explicit Reader(const ProviderType& type) : type_(type) { json_.begin_array(); }

  Result<void> instructions(std::string_view raw) {
    if (raw.empty() || raw == "null" || raw == R"("")") return {};
    Content content;
    if (raw.starts_with('"')) {
      content.add_text(raw, "");
    } else {
      RETURN_IF_ERROR(for_each_object(raw, "system", [&](const JsonFields& block, const std::string& path) {
        return text(block, path, content);
      }));
    }
    if (content.empty()) return {};
    json_.begin_object().field("role", "system").raw_field("content", content.plain_json()).end_object();
    return {};
  }

  Result<void> message(const JsonFields& message, const std::string& path) {
    std::string role = text_or_empty(message, "role");
    std::string_view raw = message.raw("content");
    if (role != "user" && role != "assistant" && role != "system") {
      return invalid(path + ".role", "must be user or assistant");
    }
    if (raw.starts_with('"')) {
      Content content;
      content.add_text(raw, "");
      write(role, content);
      return {};
    }
    if (role == "assistant") return assistant(raw, path + ".content");
    return user(role, raw, path + ".content");
  }

  MessageTurns take() {
    json_.end_array();
    return {json_.take(), std::move(dropped_)};
  }

 private:
  void write(std::string_view role, const Content& content) {
    json_.begin_object().field("role", role).raw_field("content", content.json()).end_object();
  }

  std::string_view cache_mark(const JsonFields& block) {
    std::string_view mark = given(block, "cache_control");
    if (mark.empty() || type_.takes_cache_control) return mark;
    return {};  // caches of other providers need no marks, so nothing is lost
  }

  Result<void> text(const JsonFields& block, const std::string& path, Content& to) {
    std::string_view raw = block.raw("text");
    if (!raw.starts_with('"')) return invalid(path + ".text", "must be a string");
    to.add_text(raw, cache_mark(block));
    return {};
  }

  Result<void> user(std::string_view role, std::string_view raw, const std::string& path) {
    Content content;
    RETURN_IF_ERROR(for_each_object(raw, path, [&](const JsonFields& block, const std::string& where) {
      return text_or_empty(block, "type") == "tool_result" ? tool_result(block, where, content)
                                                           : part(block, where, content);
    }));
    if (!content.empty()) write(role, content);
    return {};
  }

  Result<void> part(const JsonFields& block, const std::string& path, Content& to) {
    std::string type = text_or_empty(block, "type");
    if (type == "text") return text(block, path, to);
    if (type == "image") return image(block, path, to);
    if (type == "document") return document(block, path, to);
    if (type == "search_result") {
      return for_each_object(
          block.raw("content"), path + ".content",
          [&](const JsonFields& inner, const std::string& where) { return text(inner, where, to); });
    }
    return invalid(path + ".type", "is '" + type + "', which this upstream cannot read");
  }

  Result<void> image(const JsonFields& block, const std::string& path, Content& to) {
    ASSIGN_OR_RETURN(std::string url, address(block, path));
    JsonWriter json;
    json.begin_object()
        .field("type", "image_url")
        .key("image_url")
        .begin_object()
        .field("url", url)
        .end_object();
    if (auto mark = cache_mark(block); !mark.empty()) json.raw_field("cache_control", mark);
    json.end_object();
    to.add(json.take());
    return {};
  }

  // The http(s) address or data: URI of a source.
  Result<std::string> address(const JsonFields& block, const std::string& path) {
    ASSIGN_OR_RETURN(auto source, block.object("source"));
    std::string type = source ? text_or_empty(*source, "type") : std::string();
    if (type == "url") return text_or_empty(*source, "url");
    if (type == "base64") {
      return "data:" + text_or_empty(*source, "media_type") + ";base64," + text_or_empty(*source, "data");
    }
    return invalid(path + ".source.type",
                   "must be base64 or url: stored files are not shared between providers");
  }

  Result<void> document(const JsonFields& block, const std::string& path, Content& to) {
    ASSIGN_OR_RETURN(auto source, block.object("source"));
    std::string type = source ? text_or_empty(*source, "type") : std::string();
    if (type == "text") {
      to.add_text(source->has("data") ? source->raw("data") : R"("")", cache_mark(block));
      return {};
    }
    if (type == "content") {
      std::string_view content = source->raw("content");
      if (content.starts_with('"')) {
        to.add_text(content, cache_mark(block));
        return {};
      }
      return for_each_object(
          content, path + ".source.content",
          [&](const JsonFields& inner, const std::string& where) { return part(inner, where, to); });
    }
    if (type != "base64")
      return invalid(path + ".source.type", "must be base64, text or content for this upstream");
    ASSIGN_OR_RETURN(std::string data, address(block, path));
    std::string title = text_or_empty(block, "title");
    JsonWriter json;
    json.begin_object().field("type", "file").key("file").begin_object();
    json.field("filename", title.empty() ? "document.pdf" : title).field("file_data", data);
    json.end_object().end_object();
    to.add(json.take());
    return {};
  }

  Result<void> tool_result(const JsonFields& block, const std::string& path, Content& after) {
    Content content;
    std::string_view raw = given(block, "content");
    if (raw.starts_with('"')) {
      content.add_text(raw, "");
    } else if (!raw.empty()) {
      RETURN_IF_ERROR(
          for_each_object(raw, path + ".content", [&](const JsonFields& inner, const std::string& where) {
            bool is_text = text_or_empty(inner, "type") == "text";
            return part(inner, where, is_text ? content : after);
          }));
    }
    if (block.raw("is_error") == "true") dropped_.insert("messages.content.is_error");
    json_.begin_object().field("role", "tool").field("tool_call_id", text_or_empty(block, "tool_use_id"));
    json_.raw_field("content", content.plain_json()).end_object();
    return {};
  }

  Result<void> assistant(std::string_view raw, const std::string& path) {
    std::string said;       // escaped
    std::string reasoning;  // escaped
    JsonWriter calls;
    RETURN_IF_ERROR(
        for_each_object(raw, path, [&](const JsonFields& block, const std::string& where) -> Result<void> {
          std::string type = text_or_empty(block, "type");
          if (type == "text") {
            append_escaped(said, block.raw("text"));
          } else if (type == "tool_use") {
            write_tool_call(block, calls);
          } else if (type == "thinking" && !type_.reasoning_history.empty()) {
            append_escaped(reasoning, block.raw("thinking"));
          } else if (type.empty()) {
            return invalid(where + ".type", "must be given");
          } else {
            dropped_.insert("messages.content." + type);
          }
          return {};
        }));
    json_.begin_object().field("role", "assistant");
    bool calls_only = said.empty() && !calls.text().empty();
    json_.raw_field("content", calls_only ? "null" : "\"" + said + "\"");
    if (!reasoning.empty()) json_.raw_field(type_.reasoning_history, "\"" + reasoning + "\"");
    if (!calls.text().empty()) json_.raw_field("tool_calls", "[" + calls.text() + "]");
    json_.end_object();
    return {};
  }

  static void append_escaped(std::string& to, std::string_view raw) {
    if (raw.size() > 2 && raw.starts_with('"')) to += raw.substr(1, raw.size() - 2);
  }

  void write_tool_call(const JsonFields& block, JsonWriter& calls) const {
    std::string_view input = given(block, "input");
    calls.begin_object().field("id", text_or_empty(block, "id")).field("type", "function");
    calls.key("function").begin_object().field("name", text_or_empty(block, "name"));
    calls.field("arguments", input.empty() ? std::string_view("{}") : input).end_object();
    if (!type_.call_extra.empty()) calls.raw_field("extra_content", type_.call_extra);
    calls.end_object();
  }

  const ProviderType& type_;
  JsonWriter json_;
  std::set<std::string> dropped_;
};

}  // namespace

Result<MessageTurns> read_message_turns(std::string_view system, std::string_view messages,
                                        const ProviderType& type) {
  Reader reader(type);
  RETURN_IF_ERROR(reader.instructions(system));
  RETURN_IF_ERROR(for_each_object(
      messages, "messages",
      [&](const JsonFields& message, const std::string& path) { return reader.message(message, path); }));
  return reader.take();
}

}  // namespace penstock::providers
