#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// Appends `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD, so the result is always
// valid.
void append_json_string(std::string& out, std::string_view text);

// `text` as a JSON string.
std::string json_quoted(std::string_view text);

// Appends the shortest text that reads back as `value`; NaN and infinities, which JSON lacks, become null.
void append_json_number(std::string& out, double value);

// Writes JSON into one string without building a document. Commas are put in by itself.
//   JsonWriter json;
//   json.begin_object().field("id", id).field("stream", true).key("usage").begin_object()...
// Not checked: that begin and end match. Thread rule: one thread.
class JsonWriter {
 public:
  explicit JsonWriter(size_t bytes_expected = 256) { out_.reserve(bytes_expected); }

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ':';
    fresh_ = true;
    return *this;
  }

  JsonWriter& value(std::string_view text) {
    comma();
    append_json_string(out_, text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::integral auto number) { return raw(std::to_string(number)); }
  JsonWriter& value(double number) {
    comma();
    append_json_number(out_, number);
    return *this;
  }
  JsonWriter& null() { return raw("null"); }

  // `json` is JSON text already.
  JsonWriter& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  JsonWriter& null_field(std::string_view name) { return key(name).null(); }
  JsonWriter& raw_field(std::string_view name, std::string_view json) { return key(name).raw(json); }
  // null when empty
  JsonWriter& optional_field(std::string_view name, std::string_view text) {
    return text.empty() ? null_field(name) : field(name, text);
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void comma() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }
  JsonWriter& open(char bracket) {
    comma();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }

  std::string out_;
  bool fresh_ = true;  // nothing stands before the next value at this level
};

}  // namespace penstock
