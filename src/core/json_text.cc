#include "core/json_text.h"

#include <boost/json.hpp>

#include "core/json_writer.h"

namespace penstock {
namespace {

class Renderer {
 public:
  explicit Renderer(JsonLayout layout) : indented_(layout == JsonLayout::kIndented) {}

  void render(const Json& value) {
    if (const JsonObject* object = value.if_object()) return render_members(*object);
    if (const JsonArray* array = value.if_array()) return render_elements(*array);
    if (value.is_string()) return append_json_string(out_, value.get_string());
    if (value.is_double()) return append_json_number(out_, value.get_double());
    out_ += boost::json::serialize(value);
  }

  std::string take() { return std::move(out_); }

 private:
  void render_members(const JsonObject& object) {
    begin('{');
    for (const auto& member : object) {
      separate();
      append_json_string(out_, member.key());
      out_ += indented_ ? ": " : ":";
      render(member.value());
    }
    end('}');
  }

  void render_elements(const JsonArray& array) {
    begin('[');
    for (const Json& element : array) {
      separate();
      render(element);
    }
    end(']');
  }

  void begin(char bracket) {
    out_ += bracket;
    ++depth_;
  }

  void end(char bracket) {
    bool empty = out_.back() == '[' || out_.back() == '{';
    --depth_;
    if (!empty) line();
    out_ += bracket;
  }

  // Called before each part: a comma unless it is the first.
  void separate() {
    char last = out_.back();
    if (last != '[' && last != '{') out_ += ',';
    line();
  }

  void line() {
    if (indented_) out_.append("\n").append(depth_ * 2, ' ');
  }

  std::string out_;
  size_t depth_ = 0;
  bool indented_;
};

}  // namespace

std::string json_text(const Json& value, JsonLayout layout) {
  Renderer renderer(layout);
  renderer.render(value);
  return renderer.take();
}

}  // namespace penstock
