#include "http/router.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace penstock::http {
namespace {

constexpr size_t kParamsMax = 16;

[[noreturn]] void reject(std::string_view pattern, const char* why) {
  std::fprintf(stderr, "route '%.*s': %s\n", static_cast<int>(pattern.size()), pattern.data(), why);
  std::abort();
}

// "/a/b" -> "a", then "/b"; the path must begin with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// A body that came with its head, or that the server has read already.
class WholeBody final : public BodyStream {
 public:
  explicit WholeBody(std::string& body) : body_(body), length_(static_cast<int64_t>(body.size())) {}
  Task<Result<void>> read(std::string& piece) override {
    piece = std::exchange(body_, {});
    co_return Result<void>{};
  }
  std::optional<int64_t> length() const override { return length_; }

 private:
  std::string& body_;
  int64_t length_;
};

Task<> handle_whole(const Handler& handler, Request& request, ResponseStream& out) {
  WholeBody body(request.body);
  request.stream = &body;
  co_await handler(request, out);
  request.stream = nullptr;
}

}  // namespace

struct Router::Node {
  struct Method {
    std::string name;
    Handler handler;
    std::vector<std::string> params;            // names by position
    std::optional<int64_t> streamed_bytes_max;  // of one that takes its body as a stream
  };
  // The values found on the way down; views into the path.
  struct Match {
    const Node* node = nullptr;
    std::array<std::string_view, kParamsMax> values;
    size_t count = 0;
  };

  std::string segment;                       // of a text node
  std::vector<std::unique_ptr<Node>> texts;  // sorted by segment
  std::unique_ptr<Node> param;
  std::unique_ptr<Node> rest;
  std::vector<Method> methods;

  const Method* method(std::string_view name) const {
    auto found = std::ranges::find(methods, name, &Method::name);
    return found == methods.end() ? nullptr : &*found;
  }
  Node& text_child(std::string_view name);
  const Node* find_text(std::string_view name) const;
  bool find(std::string_view path, Match& match) const;
  std::string allowed() const;
};

Router::Node& Router::Node::text_child(std::string_view name) {
  auto at =
      std::ranges::lower_bound(texts, name, {}, [](const auto& n) { return std::string_view(n->segment); });
  if (at == texts.end() || (*at)->segment != name) {
    at = texts.insert(at, std::make_unique<Node>());
    (*at)->segment = name;
  }
  return **at;
}

const Router::Node* Router::Node::find_text(std::string_view name) const {
  auto at =
      std::ranges::lower_bound(texts, name, {}, [](const auto& n) { return std::string_view(n->segment); });
  return at != texts.end() && (*at)->segment == name ? at->get() : nullptr;
}

// Depth is bounded by the longest pattern.
bool Router::Node::find(std::string_view path, Match& match) const {
  if (path.empty()) {
    match.node = this;
    return !methods.empty();
  }
  std::string_view after = path;
  std::string_view segment = next_segment(after);
  if (const Node* text = find_text(segment); text != nullptr && text->find(after, match)) return true;
  if (param && !segment.empty()) {
    match.values[match.count++] = segment;
    if (param->find(after, match)) return true;
    --match.count;
  }
  if (rest && path.size() > 1) {
    match.values[match.count++] = path.substr(1);
    match.node = rest.get();
    return true;
  }
  return false;
}

std::string Router::Node::allowed() const {
  std::string list;
  for (const Method& entry : methods) list += entry.name + ", ";
  if (method("GET") != nullptr && method("HEAD") == nullptr) list += "HEAD, ";
  if (method("OPTIONS") == nullptr) list += "OPTIONS, ";
  list.resize(list.size() - 2);
  return list;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  add_route(method, pattern, std::move(handler), std::nullopt);
}

void Router::add_streaming(std::string_view method, std::string_view pattern, int64_t body_bytes_max,
                           Handler handler) {
  auto with_stream = [handler = std::move(handler)](Request& request, ResponseStream& out) {
    return request.stream != nullptr ? handler(request, out) : handle_whole(handler, request, out);
  };
  add_route(method, pattern, std::move(with_stream), body_bytes_max);
}

void Router::add_route(std::string_view method, std::string_view pattern, Handler handler,
                       std::optional<int64_t> streamed_bytes_max) {
  if (!pattern.starts_with('/')) reject(pattern, "does not begin with '/'");
  Node* node = root_.get();
  std::vector<std::string> params;
  for (std::string_view path = pattern; !path.empty();) {
    std::string_view segment = next_segment(path);
    if (!segment.starts_with('{')) {
      if (segment.find_first_of("{}") != std::string_view::npos)
        reject(pattern, "has a brace inside a segment");
      node = &node->text_child(segment);
      continue;
    }
    bool rest = segment.ends_with("...}");
    if (!segment.ends_with('}')) reject(pattern, "has an unclosed brace");
    if (rest && !path.empty()) reject(pattern, "goes on after its rest parameter");
    params.emplace_back(segment.substr(1, segment.size() - (rest ? 5 : 2)));
    if (params.back().empty() || params.size() > kParamsMax)
      reject(pattern, "has an unnamed or too many parameters");
    auto& child = rest ? node->rest : node->param;
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  if (node->method(method) != nullptr) reject(pattern, "is there twice");
  node->methods.push_back({std::string(method), std::move(handler), std::move(params), streamed_bytes_max});
}

void Router::shape(std::string_view prefix, ErrorShape shape) {
  auto at = std::ranges::find_if(shapes_, [&](const Shape& s) { return s.prefix.size() < prefix.size(); });
  shapes_.insert(at, Shape{std::string(prefix), std::move(shape)});
}

void Router::fallback(Handler handler) { fallback_ = std::move(handler); }

void Router::guard(Guard guard) { guard_ = std::move(guard); }

void Router::second_guard(SecondGuard guard) { second_guard_ = std::move(guard); }

const Router::Shape* Router::shape_of(std::string_view path) const {
  auto found = std::ranges::find_if(shapes_, [&](const Shape& s) { return path.starts_with(s.prefix); });
  return found == shapes_.end() ? nullptr : &*found;
}

Response Router::error(std::string_view path, const Error& error) const {
  const Shape* shape = shape_of(path);
  return shape != nullptr ? shape->shape(error) : native_error(error);
}

Task<> Router::handle(Request& request, ResponseStream& out) const {
  Node::Match match;
  bool found = request.path.starts_with('/') && root_->find(request.path, match);
  if (!found && fallback_ && shape_of(request.path) == nullptr) co_return co_await fallback_(request, out);
  if (guard_) {
    Result<void> admitted = guard_(request);
    if (!admitted && second_guard_) admitted = co_await second_guard_(request, std::move(admitted).error());
    if (!admitted) {
      co_await out.send(error(request.path, admitted.error()));
      co_return;
    }
  }
  if (!found && request.path != "*") {
    Error unknown = Error::not_found("there is nothing at " + request.method + " " + request.path);
    co_await out.send(error(request.path, unknown));
    co_return;
  }
  const Node::Method* method = found ? match.node->method(request.method) : nullptr;
  if (method == nullptr && found && request.method == "HEAD") method = match.node->method("GET");
  if (method != nullptr) {
    request.params.reserve(match.count);
    for (size_t i = 0; i < match.count; ++i) request.params.emplace_back(method->params[i], match.values[i]);
    co_return co_await method->handler(request, out);
  }
  std::string allowed = found ? match.node->allowed() : "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  Error refused{.code = ErrorCode::kMethodNotAllowed,
                .message = request.path + " allows " + allowed + ", not " + request.method};
  Response response = request.method == "OPTIONS" ? Response{{204, {}}, ""} : error(request.path, refused);
  response.head.headers.set("allow", std::move(allowed));
  co_await out.send(std::move(response));
}

Handler Router::handler() const {
  return [this](Request& request, ResponseStream& out) { return handle(request, out); };
}

std::function<std::optional<int64_t>(const Request&)> Router::streamed_body() const {
  return [this](const Request& request) -> std::optional<int64_t> {
    Node::Match match;
    if (!request.path.starts_with('/') || !root_->find(request.path, match)) return std::nullopt;
    const Node::Method* method = match.node->method(request.method);
    return method == nullptr ? std::nullopt : method->streamed_bytes_max;
  };
}

PathErrorShape Router::error_shape() const {
  return [this](std::string_view path, const Error& problem) { return error(path, problem); };
}

}  // namespace penstock::http
