#include "providers/native_request.h"

#include <algorithm>

#include "core/json_writer.h"

namespace penstock::providers {
namespace {

// {"include_usage":true} added to what the client gave, so that a stream tells its tokens.
std::string with_usage(const JsonFields& fields) {
  std::string_view given = fields.raw("stream_options");
  if (!given.starts_with('{')) return R"({"include_usage":true})";
  auto options = JsonFields::of_valid(given);
  if (!options) return R"({"include_usage":true})";
  return json_with(given, *options, "include_usage", "true");
}

// The native body, member by member: the changed ones, and those that the type refuses left out.
class Adaptation {
 public:
  Adaptation(const ProviderType& type, Operation operation, const JsonFields& fields, std::string_view model)
      : type_(type), operation_(operation), fields_(fields), model_(model) {}

  // Is the client's request right as it is?
  bool is_identity() const {
    auto asked = fields_.string("model");
    if (!asked || *asked != model_ || needs_usage()) return false;
    return std::ranges::all_of(fields_.members(), [&](const JsonFields::Member& member) {
      return name_there(member.name) == member.name;
    });
  }

  // Bytes that need no change stay as they are, white space and repeated members included.
  TranslatedRequest write(std::string_view body) const {
    TranslatedRequest request;
    std::string& out = request.body;
    out.reserve(body.size() + model_.size() + kAddedBytes);
    size_t done = body.find('{') + 1;
    out.append(body.substr(0, done));
    bool first = true;
    for (const JsonFields::Member& member : fields_.members()) {
      size_t value = static_cast<size_t>(member.raw.data() - body.data());
      std::string_view before = body.substr(done, value - done);  // the comma, the name, the colon
      done = value + member.raw.size();
      std::string_view name = name_there(member.name);
      if (name.empty()) {
        if (member.name != "stream_options" && !member.raw.starts_with("null")) request.drop(member.name);
        continue;
      }
      if (first) before.remove_prefix(before.find('"'));
      first = false;
      if (name != member.name) {
        out.append(before.substr(0, before.find('"'))).append(json_quoted(name)).append(":");
      } else {
        out.append(before);
      }
      append_value(out, member);
    }
    if (!fields_.has("model")) {  // where the contract has one of its own choice
      out.append(first ? "" : ",").append(R"("model":)").append(json_quoted(model_));
      first = false;
    }
    if (needs_usage() && !fields_.has("stream_options")) {
      out.append(first ? "" : ",").append(R"("stream_options":)").append(with_usage(fields_));
    }
    out.append(body.substr(done));
    return request;
  }

 private:
  static constexpr size_t kAddedBytes = 64;  // about what is put in

  void append_value(std::string& out, const JsonFields::Member& member) const {
    if (member.name == "model") {
      append_json_string(out, model_);
    } else if (member.name == "stream_options" && needs_usage()) {
      out.append(with_usage(fields_));
    } else {
      out.append(member.raw);
    }
  }

  bool needs_usage() const {
    if (!type_.takes_stream_options || !is_openai_text() || fields_.raw("stream") != "true") return false;
    auto options = fields_.object("stream_options");
    return !options || !*options || (*options)->raw("include_usage") != "true";
  }

  bool is_openai_text() const {
    return operation_ == Operation::kChat || operation_ == Operation::kCompletions;
  }

  // What the type calls a field; empty: it refuses it, or has it already under its own name.
  std::string_view name_there(std::string_view name) const {
    if (!is_openai_text()) return name;
    if (name == "stream_options" && !type_.takes_stream_options) return {};
    if (std::ranges::find(type_.refused_fields, name) != type_.refused_fields.end()) return {};
    for (const Rename& rename : type_.renamed_fields) {
      if (name == rename.from) return fields_.has(rename.to) ? std::string_view{} : rename.to;
    }
    bool by_model = type_.reasoning_effort == ReasoningEffort::kReasoningModels;
    if (by_model && name == "max_tokens" && operation_ == Operation::kChat &&
        is_openai_reasoning_model(model_)) {
      return fields_.has("max_completion_tokens") ? std::string_view{} : "max_completion_tokens";
    }
    return name;
  }

  const ProviderType& type_;
  Operation operation_;
  const JsonFields& fields_;
  std::string_view model_;
};

}  // namespace

TranslatedRequest adapt_request(const ProviderType& type, Operation operation, std::string_view body,
                                const JsonFields& fields, std::string_view upstream_model) {
  Adaptation adaptation(type, operation, fields, upstream_model);
  return adaptation.is_identity() ? TranslatedRequest{} : adaptation.write(body);
}

}  // namespace penstock::providers
